// What must hold of any View, whoever made it: a table of {id, sentence, predicate}.
//
// These are stated over the View alone, from definitions, without the reference: when both sides of
// a lockstep run are wrong in the same way, this is what still speaks.
#ifndef RECOUNT_MODEL_INVARIANTS_H_
#define RECOUNT_MODEL_INVARIANTS_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// One step, as an invariant sees it. `before` is the View ahead of the operation.
struct Observation {
  const World& world;
  const Profile& profile;
  const Op& op;
  const Outcome& outcome;
  const View& before;
  const View& after;
};

struct Invariant {
  std::string_view id;        // "I1"
  std::string_view sentence;  // what holds
  // nullopt when it holds, else what does not: "alpha_read: count 1, recounted 0".
  std::optional<std::string> (*broken)(const Observation&);
};

std::span<const Invariant> Invariants();

}  // namespace recount

#endif  // RECOUNT_MODEL_INVARIANTS_H_
