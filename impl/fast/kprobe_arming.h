// Arming and disarming a probed address: on one of the two ops that kprobes share, or by a
// breakpoint (SEMANTICS 14).
#ifndef RECOUNT_IMPL_FAST_KPROBE_ARMING_H_
#define RECOUNT_IMPL_FAST_KPROBE_ARMING_H_

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

Errno Arm(Machine& m, ProbedAddress* entry);
// Nothing when it is not armed.
Errno Disarm(Machine& m, ProbedAddress* entry);
// From kp to kpi. On an error nothing has changed. REQUIRES: it is armed on kp.
Errno MoveToIpmodify(Machine& m, ProbedAddress* entry);

// The code at the address goes, and the entry, too, when it has no probe.
void Kill(Machine& m, ProbedAddress* entry);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_KPROBE_ARMING_H_
