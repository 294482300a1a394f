// Livepatches: enabled, disabled, and following the modules they patch (SEMANTICS 12).
#ifndef RECOUNT_MODEL_REFERENCE_LIVEPATCH_H_
#define RECOUNT_MODEL_REFERENCE_LIVEPATCH_H_

#include "model/errno.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"
#include "model/view.h"

namespace recount::reference {

// l<n> as an ops, and back.
constexpr OpsId LivepatchOpsId(std::size_t n) {
  return OpsId{static_cast<std::uint8_t>(kOpsCount + n)};
}
// Makes livepatch's ops what they are for ever.
void BootLivepatch(State& state);

// klp_module_coming(): an error refuses the module. klp_module_going().
Errno KlpComing(State& state, ModuleId module);
void KlpGoing(State& state, ModuleId module);

// Whose replacement runs when livepatch's `ops` is called.
// REQUIRES: it is one of livepatch's, with a stack.
PatchId NewestPatch(const State& state, OpsId ops);

void ObserveLivepatch(const State& state, LivepatchView* view);

Outcome Apply(State& state, const SetPatch& op);
Outcome Apply(State& state, const EnablePatch& op);
Outcome Apply(State& state, const DisablePatch& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_LIVEPATCH_H_
