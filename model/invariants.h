// What must hold of any View, whoever made it: a table of {id, sentence, predicate}.
//
// These are stated over Views and Outcomes alone, from definitions, without the reference: when
// both sides of a lockstep run are wrong in the same way, this is what still speaks. What notifiers
// were told before is no part of a View; it is kept in announcements.h.
#ifndef RECOUNT_MODEL_INVARIANTS_H_
#define RECOUNT_MODEL_INVARIANTS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/announcements.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// Who traces a record, by the definitions of SEMANTICS 2, read off a View's hashes.
struct TracedBy {
  std::uint32_t ops = 0;   // a bit for each ops that traces the record, in the order of OpsId
  std::uint8_t count = 0;  // how many bits that is
  bool regs = false;       // one of them saves registers
  bool owned = false;      // by an IPMODIFY ops
};
// One for each record of the View, in its order. Several invariants speak of it, so it is recounted
// once a step; `traced` is reused.
void Recount(const View& view, std::vector<TracedBy>* traced);

// One step, as an invariant sees it. `before` is the View ahead of the operation.
struct Observation {
  const World& world;
  const Profile& profile;
  const Op& op;
  const Outcome& outcome;
  const View& before;
  const View& after;
  bool unchanged;                    // before == after
  std::span<const TracedBy> traced;  // Recount(after)
  const Announcements& told;         // by the operations before this one
};

struct Invariant {
  // What it speaks of: one View alone, so that it need not be asked again while nothing changes; or
  // the operation, its answer and what came before.
  enum class Of : std::uint8_t { kView, kStep };
  std::string_view id;  // "I1"
  Of of;
  std::string_view sentence;  // what holds
  // nullopt when it holds, else what does not: "alpha_read: count 1, recounted 0".
  std::optional<std::string> (*broken)(const Observation&);
};

std::span<const Invariant> Invariants();

}  // namespace recount

#endif  // RECOUNT_MODEL_INVARIANTS_H_
