// The jumps that a worker puts in the place of breakpoints, and takes off again (SEMANTICS 16).
#ifndef RECOUNT_MODEL_REFERENCE_OPTPROBES_H_
#define RECOUNT_MODEL_REFERENCE_OPTPROBES_H_

#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// A probe alone, off ftrace and new: it passes `kprobe_alloc`, and becomes what a jump can be for.
void PrepareJump(State& state, ProbedAddress* entry);

// *Optimised if it may be*, and that of every entry whose jump would cover `address`.
void OptimizeIfItMay(State& state, ProbedAddress* entry);
void OptimizeBefore(State& state, Address address);

// The jump of `entry`, which is not armed any more, is taken off: by the worker, or at once.
void TakeJumpOff(State& state, ProbedAddress* entry);
// *Forced*: a breakpoint is there instead, if anything. An unused entry stays until DropUnused().
void ForceJumpOff(State& state, ProbedAddress* entry);
// That of every entry whose jump covers `address`.
void ForceJumpsOver(State& state, Address address);

// Entries without probes, whose jump is gone, leave the table.
void DropUnused(State& state);
// What the worker does.
void RunOptimizer(State& state);

Outcome Apply(State& state, const Optimize& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_OPTPROBES_H_
