// Boot, phase by phase, and what cannot be done before it is through (SEMANTICS 15, "Phases").
#ifndef RECOUNT_IMPL_FAST_BOOT_H_
#define RECOUNT_IMPL_FAST_BOOT_H_

#include "impl/fast/machine.h"
#include "model/errno.h"
#include "model/op.h"

namespace recount::fast {

// The operation is -EAGAIN, and does nothing. REQUIRES: phase is not `running`, in which nothing is
// too early.
bool IsTooEarly(const Machine& m, const Op& op);

// Phase `sorted`: a call site begins at `cell`, which is the core's.
bool IsCallSite(const Machine& m, Cell cell);

// `boot`: the phase ends, and the next begins.
Errno BootOn(Machine& m);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_BOOT_H_
