#include "model/reference/repair.h"

#include "model/check.h"
#include "model/reference/chains.h"
#include "model/reference/early_kprobes.h"
#include "model/reference/faults.h"
#include "model/reference/notifiers.h"
#include "model/reference/patching.h"

namespace recount::reference {
namespace {

bool IsRepairable(const State& state) {
  return state.profile.patch_failure == Profile::PatchFailure::kRepairable;
}

// Whether the site holds what ftrace believes, and takes what is written.
bool TryOnce(State& state, const Record& record) {
  if (Fails(state, FaultPoint::kVerify)) return false;
  if (HasJump(state, record.ip)) return false;
  return !IsRepairable(state) || !Fails(state, FaultPoint::kWrite);
}

bool AskForRepair(State& state, const Record& record) {
  const ModuleId module = state.world->function(record.function).module;
  const Callee callee = [&state, &record, module](Entry entry, Event event) -> Answer {
    if (entry == kKprobeFixEntry) return LiftJump(state, record.ip) ? kNotifyStop : kNotifyDone;
    return RunScript(state, entry, event, module);
  };
  const CallResult result = Call(state.chains, state.chains.First(Chain::kTryFix),
                                 Direction::kForward, Event::kFix, kNoLimit, callee);
  return IsFixed(result.answer);
}

}  // namespace

bool ChangeSite(State& state, Record* record, const Site& site) {
  RECOUNT_CHECK(!state.globals.dead);
  bool done = TryOnce(state, *record);
  if (!done && IsRepairable(state) && AskForRepair(state, *record)) {
    done = TryOnce(state, *record);
  }
  if (!done) {
    Die(state);
    return false;
  }
  record->site = site;
  return true;
}

}  // namespace recount::reference
