// The reference as functions over a State: where it begins, what an operation makes of it, and how
// it looks.
#ifndef RECOUNT_MODEL_REFERENCE_STEP_H_
#define RECOUNT_MODEL_REFERENCE_STEP_H_

#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/reference/state.h"
#include "model/view.h"
#include "model/world.h"

namespace recount::reference {

// Just after boot (SEMANTICS 1, last paragraph).
State InitialState(WorldPtr world, const Profile& profile);

// REQUIRES: every id in `op` exists in the State's world.
Outcome Step(State& state, const Op& op);

// Overwrites `view`, reusing its buffers (SEMANTICS 9).
void Observe(const State& state, View* view);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_STEP_H_
