// The records of a module: how they come, how they begin to count, how they go (SEMANTICS 4).
#ifndef RECOUNT_IMPL_FAST_MODULE_RECORDS_H_
#define RECOUNT_IMPL_FAST_MODULE_RECORDS_H_

#include "impl/fast/machine.h"

namespace recount::fast {

// Stage `records`: they appear, DISABLED.
void CreateRecords(Machine& m, ModuleId id);
// Stage `enable`: they count from here on; then the cached module filters, dead or not.
void EnableModule(Machine& m, ModuleId id);
// All records of the module go, and with them what filters knew of them.
void ReleaseModule(Machine& m, ModuleId id);
// So do those of the init text of `image`, which lies at `base`.
void FreeInitText(Machine& m, Cell base, const Module& image);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_MODULE_RECORDS_H_
