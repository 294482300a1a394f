// Livepatches: what they replace, enabling and disabling, and modules that come and go
// (SEMANTICS 12).
#ifndef RECOUNT_IMPL_FAST_LIVEPATCH_H_
#define RECOUNT_IMPL_FAST_LIVEPATCH_H_

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

Errno DefinePatch(Machine& m, const SetPatch& op);
Errno EnableLivepatch(Machine& m, PatchId patch);
Errno DisableLivepatch(Machine& m, PatchId patch);

// Module `id` comes: livepatch may bind to it, and every enabled patch is applied to it. An error
// refuses the module.
Errno LivepatchComing(Machine& m, ModuleId id);
void LivepatchGoing(Machine& m, ModuleId id);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_LIVEPATCH_H_
