#include "model/reference/modules.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "model/check.h"
#include "model/reference/cached_filters.h"
#include "model/reference/faults.h"
#include "model/reference/filters.h"
#include "model/reference/patching.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

Stage After(Stage stage) { return static_cast<Stage>(static_cast<int>(stage) + 1); }

struct Range {
  Address begin = 0;
  Address end = 0;
};

// A module without functions takes the room of one.
Range ImageRange(const World& world, ModuleId module, SlotId slot) {
  const Address begin = world.SlotAddress(slot);
  const Address functions = std::max<Address>(world.module(module).count, 1);
  return {begin, begin + functions * World::kFunctionStride};
}

Range InitRange(const Module& image, Address base) {
  return {base + Address{image.init_begin} * World::kFunctionStride,
          base + Address{image.init_end} * World::kFunctionStride};
}

bool OverlapsAPresentModule(const State& state, ModuleId module, SlotId slot) {
  const World& world = *state.world;
  const Range mine = ImageRange(world, module, slot);
  for (std::size_t i = 0; i < state.modules.size(); ++i) {
    if (state.modules[i].state == ModuleState::kAbsent) continue;
    const Range other = ImageRange(world, ModuleId(i), state.modules[i].slot);
    if (mine.begin < other.end && other.begin < mine.end) return true;
  }
  return false;
}

// The end of a module, from any stage: its records and then it is gone.
void Remove(State& state, ModuleId module) {
  ClearEntries(state, ReleaseGroups(state, module));
  state.modules[Index(module)] = {};
}

// Stage `enable`: the records become ready one by one, each patched before the next (S 5.5).
void EnableRecords(State& state, ModuleId module) {
  if (state.globals.dead) return;
  for (Record& record : state.records) {
    const Function& function = state.world->function(record.function);
    if (function.module != module || function.kind == FunctionKind::kWeak) continue;
    record.disabled = false;
    const Wanted wanted = WantedOf(state, record);
    // Off: nothing is patched, the sysctl is heeded (S C2.4, intent).
    if (!state.globals.enabled || wanted.count == 0) continue;
    if (!PatchOne(state, record, DesiredOf(state, wanted))) return;
  }
}

void FreeInitText(State& state, const Module& image, Address base) {
  const Range range = InitRange(image, base);
  ClearEntries(state, RemoveRange(state, range.begin, range.end));
}

// What a stage does when it does not fail.
void RunStage(State& state, ModuleId id, Stage stage) {
  ModuleView& module = state.modules[Index(id)];
  switch (stage) {
    case Stage::kRecords:
      CreateModuleRecords(state, id);
      break;
    case Stage::kFormation:
      module.state = ModuleState::kComing;
      break;
    case Stage::kEnable:
      EnableRecords(state, id);
      ApplyCachedFilters(state, id);
      break;
    case Stage::kLive:
      module.state = ModuleState::kLive;
      break;
    case Stage::kFreeInit:
      FreeInitText(state, state.world->module(id), *BaseOf(state, id));
      break;
    case Stage::kLayout:
    case Stage::kUnformed:
      RECOUNT_CHECK(false && "Begin() runs these");
      break;
    case Stage::kPercpu:
    case Stage::kSymbols:
    case Stage::kArgs:
    case Stage::kComing:
    case Stage::kParams:
    case Stage::kSysfs:
    case Stage::kElf:
    case Stage::kInitAlloc:
    case Stage::kInit:
      break;  // nothing we see
  }
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
  return Errno::kOk;
}

// The stage that is next. REQUIRES: a load is under way.
Errno RunNextStage(State& state, ModuleId id, std::optional<Errno> failure) {
  ModuleView& module = state.modules[Index(id)];
  const Stage stage = module.next;
  RECOUNT_CHECK(stage != Stage::kLayout);
  if (CanFail(stage)) {
    const Errno error = StageResult(state, stage, failure);
    if (error != Errno::kOk) {
      Remove(state, id);  // before stage `records` there is nothing to release
      return error;
    }
  }
  RunStage(state, id, stage);
  module.next = stage == Stage::kFreeInit ? Stage::kLayout : After(stage);
  return Errno::kOk;
}

}  // namespace

Outcome Apply(State& state, const LoadBegin& op) { return Outcome::Error(Begin(state, op)); }

Outcome Apply(State& state, const LoadStep& op) {
  const ModuleView& module = state.modules[Index(op.module)];
  if (module.state == ModuleState::kAbsent) return Outcome::Error(Errno::kNoEnt);
  if (module.next == Stage::kLayout) return Outcome::Error(Errno::kExist);
  return Outcome::Error(RunNextStage(state, op.module, op.failure));
}

Outcome Apply(State& state, const Load& op) {
  // The failure asked for, as each stage in turn sees it.
  const auto failure_at = [&](Stage stage) -> std::optional<Errno> {
    if (op.failure && op.failure->stage == stage) return op.failure->error;
    return std::nullopt;
  };
  Errno error =
      Begin(state, {.module = op.module, .slot = op.slot, .failure = failure_at(Stage::kLayout)});
  const ModuleView& module = state.modules[Index(op.module)];
  while (error == Errno::kOk && module.next != Stage::kLayout) {
    error = RunNextStage(state, op.module, failure_at(module.next));
  }
  return Outcome::Error(error);
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
  Remove(state, op.module);
  return Outcome::Ok();
}

Outcome Apply(State& state, const FreeInit&) {
  if (state.globals.core_init_freed) return Outcome::Ok();
  state.globals.core_init_freed = true;
  FreeInitText(state, state.world->core(), World::kCoreBase);
  return Outcome::Ok();
}

}  // namespace recount::reference
