// Ops: their flags, registering and unregistering, and the sysctl (SEMANTICS 6).
#ifndef RECOUNT_IMPL_FAST_REGISTRATION_H_
#define RECOUNT_IMPL_FAST_REGISTRATION_H_

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

Errno SetOpsFlags(Machine& m, const SetOps& op);
// Also of livepatch's ops.
Errno RegisterOps(Machine& m, OpsId id);
Errno UnregisterOps(Machine& m, OpsId id);
Errno SetFtraceEnabled(Machine& m, bool on);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_REGISTRATION_H_
