// The judge's eyes: how two Outcomes or two Views differ.
#ifndef RECOUNT_HARNESS_COMPARE_H_
#define RECOUNT_HARNESS_COMPARE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

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
// Globals first, then records, ops, modules, ledger: the field nearest the cause comes first. At
// most `most` of them; empty when the Views are equal.
std::vector<Difference> ViewDifferences(const World& world, const View& expected,
                                        const View& actual, std::size_t most);
// The first of them.
std::optional<Difference> CompareViews(const World& world, const View& expected,
                                       const View& actual);

}  // namespace recount

#endif  // RECOUNT_HARNESS_COMPARE_H_
