// Modules come and go, stage by stage (SEMANTICS 4, from "load_begin" on).
#ifndef RECOUNT_MODEL_REFERENCE_MODULES_H_
#define RECOUNT_MODEL_REFERENCE_MODULES_H_

#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

Outcome Apply(State& state, const Load& op);
Outcome Apply(State& state, const LoadBegin& op);
Outcome Apply(State& state, const LoadStep& op);
Outcome Apply(State& state, const Unload& op);
Outcome Apply(State& state, const FreeInit& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_MODULES_H_
