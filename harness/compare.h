// The judge's eyes: the first difference between two Outcomes or two Views.
#ifndef RECOUNT_HARNESS_COMPARE_H_
#define RECOUNT_HARNESS_COMPARE_H_

#include <optional>
#include <string>

#include "model/op.h"
#include "model/outcome.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

struct Difference {
  std::string field;     // "outcome.rc", "records[alpha_read].count", "ops[o2].filter"
  std::string expected;  // the oracle's value, as text
  std::string actual;    // the subject's
  friend bool operator==(const Difference&, const Difference&) = default;
};

std::optional<Difference> CompareOutcomes(const World& world, const Op& op, const Outcome& expected,
                                          const Outcome& actual);
// Globals first, then records, ops, modules, ledger: the field nearest the cause comes first.
std::optional<Difference> CompareViews(const World& world, const View& expected,
                                       const View& actual);

}  // namespace recount

#endif  // RECOUNT_HARNESS_COMPARE_H_
