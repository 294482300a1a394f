// One patched function: its klp_ops, and the stack of replacements behind it (SEMANTICS 12 "klp
// ops", "Patching function", "Unpatching").
#ifndef RECOUNT_MODEL_REFERENCE_LIVEPATCH_STACK_H_
#define RECOUNT_MODEL_REFERENCE_LIVEPATCH_STACK_H_

#include "model/errno.h"
#include "model/reference/state.h"

namespace recount::reference {

// Puts `patch` on the stack of `function`. REQUIRES: the function's image is present.
Errno PatchFunction(State& state, PatchId patch, FunctionId function);

bool IsPatched(const State& state, PatchId patch, FunctionId function);

// Takes `patch` off the stack of `function`, if it is on it.
void TakeOffStack(State& state, PatchId patch, FunctionId function);
// Gives back the ops of `function` when its stack is empty.
void DropEmptyStack(State& state, FunctionId function);
// Both.
inline void UnpatchFunction(State& state, PatchId patch, FunctionId function) {
  TakeOffStack(state, patch, function);
  DropEmptyStack(state, function);
}

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_LIVEPATCH_STACK_H_
