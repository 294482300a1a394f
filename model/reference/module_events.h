// Who hears of a module, and in which order (SEMANTICS 11): ftrace, livepatch and the notifiers of
// the module chain, by direct calls or all through the chain.
#ifndef RECOUNT_MODEL_REFERENCE_MODULE_EVENTS_H_
#define RECOUNT_MODEL_REFERENCE_MODULE_EVENTS_H_

#include <optional>

#include "model/errno.h"
#include "model/reference/state.h"

namespace recount::reference {

// As boot leaves the module chain: in load path `chain` ftrace and livepatch are on it.
void BootModuleChain(State& state);

// The stages `records`, `enable`, `coming`, `live` and `free_init`. Those that can fail return 0 or
// a negative rc. `refusal` is a failure that was asked for or injected.
int StageRecords(State& state, ModuleId module);
void StageEnable(State& state, ModuleId module);
int StageComing(State& state, ModuleId module, std::optional<Errno> refusal);
void StageLive(State& state, ModuleId module);
void StageFreeInit(State& state, ModuleId module);

// The end of a module: whoever has to hears GOING, and its records are released. `stage` is the one
// that failed; kFreeInit for an unload.
void TellGoing(State& state, ModuleId module, Stage stage);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_MODULE_EVENTS_H_
