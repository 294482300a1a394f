// The phases of boot (SEMANTICS 15).
#ifndef RECOUNT_MODEL_REFERENCE_BOOT_H_
#define RECOUNT_MODEL_REFERENCE_BOOT_H_

#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// Whether the operation has to wait for a later phase.
bool IsTooEarly(const State& state, const Op& op);

Outcome Apply(State& state, const Boot& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_BOOT_H_
