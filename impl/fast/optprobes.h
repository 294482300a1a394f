// Jumps in the place of breakpoints, which a worker puts in and takes off (SEMANTICS 16).
//
// Each entry of the kprobe table knows how far its jump has come; those that wait for the worker
// stand in a list of the table as well, so that it goes to them and to nobody else. How many jumps
// there are in any state is counted: while there is none, and in a profile that has none, arming
// looks for no neighbour. A neighbour is found in the tree of addresses, at most four bytes away.
#ifndef RECOUNT_IMPL_FAST_OPTPROBES_H_
#define RECOUNT_IMPL_FAST_OPTPROBES_H_

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

// The probe of `entry` has just come, and is the only one. It passes kprobe_alloc.
void PrepareJump(Machine& m, ProbedAddress* entry);
// Where nothing speaks against it `entry` is queued for a jump, or keeps the one that was to go.
void OptimizeIfItMay(Machine& m, ProbedAddress* entry);
// `address` is in nobody's way any more.
void OptimizeBefore(Machine& m, Address address);

// `entry` is not armed any more: its jump waits to be taken off, or never comes.
void LetJumpGo(Machine& m, ProbedAddress* entry);
// A breakpoint is in the place of the jump, at once.
void ForceJumpOff(Machine& m, ProbedAddress* entry);
// That of every entry whose jump is over `address`; who was unused leaves the table.
void ForceJumpsOver(Machine& m, Address address);
// The code at the address went, and what was written there with it; an unused entry goes, too.
void ForgetJump(Machine& m, ProbedAddress* entry);

// The worker runs once.
void RunOptimizer(Machine& m);
// `optimize`: the same, where there are jumps.
Errno OptimizeKprobes(Machine& m);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_OPTPROBES_H_
