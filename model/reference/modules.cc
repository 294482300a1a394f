#include "model/reference/modules.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "model/check.h"
#include "model/reference/faults.h"
#include "model/reference/kprobes.h"
#include "model/reference/module_events.h"
#include "model/reference/module_records.h"

namespace recount::reference {
namespace {

Stage After(Stage stage) { return static_cast<Stage>(static_cast<int>(stage) + 1); }

// The end of a module, from any stage: whoever knows it hears of it, then it is gone.
void Remove(State& state, ModuleId module, Stage failed) {
  TellGoing(state, module, failed);
  ForgetBreakpoints(state, module);
  state.modules[Index(module)] = {};
}

// What a stage does that was not made to fail. 0 or a negative rc.
int RunStage(State& state, ModuleId id, Stage stage) {
  ModuleView& module = state.modules[Index(id)];
  switch (stage) {
    case Stage::kRecords:
      return StageRecords(state, id);
    case Stage::kFormation:
      module.state = ModuleState::kComing;
      return 0;
    case Stage::kEnable:
      StageEnable(state, id);
      return 0;
    case Stage::kComing:
      return StageComing(state, id, std::nullopt);
    case Stage::kLive:
      module.state = ModuleState::kLive;
      StageLive(state, id);
      return 0;
    case Stage::kFreeInit:
      StageFreeInit(state, id);
      return 0;
    case Stage::kLayout:
    case Stage::kUnformed:
      RECOUNT_CHECK(false && "Begin() runs these");
      return 0;
    case Stage::kPercpu:
    case Stage::kSymbols:
    case Stage::kArgs:
    case Stage::kParams:
    case Stage::kSysfs:
    case Stage::kElf:
    case Stage::kInitAlloc:
    case Stage::kInit:
      return 0;  // nothing we see
  }
  return 0;
}

// The stages `layout` and `unformed`.
Errno Begin(State& state, const LoadBegin& op) {
  const Errno laid_out = StageResult(state, Stage::kLayout, op.failure);
  if (laid_out != Errno::kOk) return laid_out;
  ModuleView& module = state.modules[Index(op.module)];
  if (module.state == ModuleState::kLive) return Errno::kExist;
  // The loader would wait for the other load; nothing else runs, so the wait is interrupted.
  if (module.state != ModuleState::kAbsent) return Errno::kRestartSys;
  if (OverlapsAPresentModule(state, op.module, op.slot)) return Errno::kNoMem;
  module = {.state = ModuleState::kUnformed, .slot = op.slot, .next = Stage::kPercpu};
  ForgetBreakpoints(state, op.module);  // its text is new
  return Errno::kOk;
}

// The stage that is next: 0 or a negative rc. REQUIRES: a load is under way.
int RunNextStage(State& state, ModuleId id, std::optional<Errno> failure) {
  ModuleView& module = state.modules[Index(id)];
  const Stage stage = module.next;
  RECOUNT_CHECK(stage != Stage::kLayout);
  Errno asked = Errno::kOk;
  if (CanFail(stage)) asked = StageResult(state, stage, failure);
  int rc = Rc(asked);
  if (asked == Errno::kOk) {
    rc = RunStage(state, id, stage);
  } else if (stage == Stage::kComing) {
    rc = StageComing(state, id, asked);  // livepatch refuses
  }
  if (rc != 0) {
    Remove(state, id, stage);  // before stage `records` there is nothing to release
    return rc;
  }
  module.next = stage == Stage::kFreeInit ? Stage::kLayout : After(stage);
  return 0;
}

// With what was logged meanwhile.
Outcome Returned(State& state, int rc) {
  Outcome outcome;
  outcome.rc = rc;
  outcome.log = std::exchange(state.log, {});
  return outcome;
}

}  // namespace

Outcome Apply(State& state, const LoadBegin& op) { return Outcome::Error(Begin(state, op)); }

Outcome Apply(State& state, const LoadStep& op) {
  const ModuleView& module = state.modules[Index(op.module)];
  if (module.state == ModuleState::kAbsent) return Outcome::Error(Errno::kNoEnt);
  if (module.next == Stage::kLayout) return Outcome::Error(Errno::kExist);
  return Returned(state, RunNextStage(state, op.module, op.failure));
}

Outcome Apply(State& state, const Load& op) {
  // The failure asked for, as each stage in turn sees it.
  const auto failure_at = [&](Stage stage) -> std::optional<Errno> {
    if (op.failure && op.failure->stage == stage) return op.failure->error;
    return std::nullopt;
  };
  int rc = Rc(
      Begin(state, {.module = op.module, .slot = op.slot, .failure = failure_at(Stage::kLayout)}));
  const ModuleView& module = state.modules[Index(op.module)];
  while (rc == 0 && module.next != Stage::kLayout) {
    rc = RunNextStage(state, op.module, failure_at(module.next));
  }
  return Returned(state, rc);
}

Outcome Apply(State& state, const Unload& op) {
  const ModuleView& module = state.modules[Index(op.module)];
  switch (module.state) {
    case ModuleState::kAbsent:
    case ModuleState::kUnformed:
      return Outcome::Error(Errno::kNoEnt);
    case ModuleState::kComing:
      return Outcome::Error(Errno::kBusy);
    case ModuleState::kLive:
      // The loader holds a reference until its last stage is over.
      if (module.next != Stage::kLayout) return Outcome::Error(Errno::kAgain);
      break;
  }
  Remove(state, op.module, Stage::kFreeInit);
  return Returned(state, 0);
}

Outcome Apply(State& state, const FreeInit&) {
  if (state.globals.core_init_freed) return Outcome::Ok();
  KillInCoreInitText(state);
  state.globals.core_init_freed = true;
  FreeCoreInitText(state);
  return Outcome::Ok();
}

}  // namespace recount::reference
