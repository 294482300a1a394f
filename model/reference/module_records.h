// The records of a module, as its load goes on and ends (SEMANTICS 4). Who calls these, the loader
// or the notifier chain, is a matter of the load path (module_events.h).
#ifndef RECOUNT_MODEL_REFERENCE_MODULE_RECORDS_H_
#define RECOUNT_MODEL_REFERENCE_MODULE_RECORDS_H_

#include "model/reference/state.h"

namespace recount::reference {

// A module that overlaps another that is present cannot be placed there.
bool OverlapsAPresentModule(const State& state, ModuleId module, SlotId slot);

// ftrace_module_enable(), and the cached module filters that waited for it.
void EnableModule(State& state, ModuleId module);
// ftrace_free_mem() of the module's init text.
void FreeInitText(State& state, ModuleId module);
// ftrace_release_mod(): nothing when dead.
void ReleaseModule(State& state, ModuleId module);
// The core's init text goes.
void FreeCoreInitText(State& state);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_MODULE_RECORDS_H_
