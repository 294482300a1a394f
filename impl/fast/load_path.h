// Who tells ftrace, livepatch and the notifiers about a module, and in which order (SEMANTICS 11).
//
// On load path `direct` the loader calls ftrace and livepatch, then the module chain. On `chain`
// the two are the first entries of the module chain, and the loader calls nothing else.
#ifndef RECOUNT_IMPL_FAST_LOAD_PATH_H_
#define RECOUNT_IMPL_FAST_LOAD_PATH_H_

#include <optional>

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

// Puts kprobes on the module chain, and ftrace and livepatch when they belong there. The chain is
// empty.
void SetUpModuleChain(Machine& m);

// What is announced, or done instead of that, in the stages that take part. An error fails the
// stage, and what had been announced before has been taken back; then the module can be forgotten.
Errno AnnounceRecords(Machine& m, ModuleId id);
void AnnounceEnable(Machine& m, ModuleId id);
// `failure`: one that is asked for or injected; livepatch refuses the module with it.
Errno AnnounceComing(Machine& m, ModuleId id, Errno failure);
void AnnounceLive(Machine& m, ModuleId id);
void AnnounceFreeInit(Machine& m, ModuleId id);

// `formation` failed.
void WithdrawUnformed(Machine& m, ModuleId id);
// The stage `failed`, one behind `coming`, did; or (nullopt) the module is unloaded.
void WithdrawComing(Machine& m, ModuleId id, std::optional<Stage> failed);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_LOAD_PATH_H_
