// Modules: loading in stages, failing at one, unloading, and the core's init text (SEMANTICS 4).
#ifndef RECOUNT_IMPL_FAST_LOADER_H_
#define RECOUNT_IMPL_FAST_LOADER_H_

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

Errno LoadModule(Machine& m, const Load& op);
Errno BeginLoad(Machine& m, const LoadBegin& op);
Errno StepLoad(Machine& m, const LoadStep& op);
Errno UnloadModule(Machine& m, const Unload& op);
Errno FreeCoreInit(Machine& m);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_LOADER_H_
