// Ops: their flags, registering them, the sysctl, and who is called when a function runs
// (SEMANTICS 6).
#ifndef RECOUNT_MODEL_REFERENCE_TRACING_H_
#define RECOUNT_MODEL_REFERENCE_TRACING_H_

#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// Init text that has been freed, of the core or of a module that is present.
bool IsGoneInitText(const State& state, FunctionId function);

Outcome Apply(State& state, const SetOps& op);
Outcome Apply(State& state, const Register& op);
Outcome Apply(State& state, const Unregister& op);
Outcome Apply(State& state, const FtraceEnabled& op);
Outcome Apply(State& state, const Hit& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_TRACING_H_
