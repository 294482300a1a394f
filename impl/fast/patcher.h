// The patch pass: brings current bits and sites of the touched records up to date (SEMANTICS 3).
#ifndef RECOUNT_IMPL_FAST_PATCHER_H_
#define RECOUNT_IMPL_FAST_PATCHER_H_

#include "impl/fast/machine.h"

namespace recount::fast {

// What was touched is patched when the sysctl is on, and forgotten either way.
void PatchTouched(Machine& m);
// The pass of `ftrace_enabled`: every record, also when the new value is 0.
void PatchAll(Machine& m);
// One record of a module that is being enabled, by the sysctl `on`: flags first in every profile
// but `repairable`.
// False: verifying failed and ftrace is dead.
bool PatchNew(Machine& m, RecordId record, bool on);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_PATCHER_H_
