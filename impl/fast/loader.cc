#include "impl/fast/loader.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "impl/fast/kprobes.h"
#include "impl/fast/load_path.h"
#include "impl/fast/module_records.h"

namespace recount::fast {
namespace {

// A stage that can fail is passed. `asked`: the operation wants it to fail, kOk meaning "as the
// stage does". Of several errnos the operation's wins, then the fault's, then the stage's.
Errno PassStage(Machine& m, Stage stage, std::optional<Errno> asked) {
  Errno of_fault = Errno::kOk;
  const bool fault = m.faults.Pass(FaultPoint::kStage, &of_fault);
  if (!fault && !asked) return Errno::kOk;
  if (asked.value_or(Errno::kOk) != Errno::kOk) return *asked;
  return of_fault != Errno::kOk ? of_fault : StageErrno(stage);
}

using CellRange = std::pair<Cell, Cell>;  // [first, second)

// The memory of a module that is present.
CellRange RangeOf(const Machine& m, ModuleId id) {
  const Cell base = m.modules[Index(id)].base;
  return {base, base + std::max(m.world->module(id).count, 1u)};
}

// Runs a stage, or fails it with `failure`.
Errno Run(Machine& m, ModuleId id, Stage stage, Errno failure) {
  LoadedModule& module = m.modules[Index(id)];
  switch (stage) {
    case Stage::kRecords:
      return AnnounceRecords(m, id);
    case Stage::kFormation:
      if (failure == Errno::kOk) module.state = ModuleState::kComing;
      break;
    case Stage::kEnable:
      AnnounceEnable(m, id);
      break;
    case Stage::kComing:
      return AnnounceComing(m, id, failure);
    case Stage::kLive:
      module.state = ModuleState::kLive;
      AnnounceLive(m, id);
      break;
    case Stage::kFreeInit:
      AnnounceFreeInit(m, id);
      break;
    default:
      break;
  }
  return failure;
}

// Whatever has run is undone; before `records` there is nothing we see, and the stages that
// announce something take it back themselves.
void Undo(Machine& m, ModuleId id, Stage failed) {
  if (failed == Stage::kFormation) WithdrawUnformed(m, id);
  if (failed > Stage::kComing) WithdrawComing(m, id, failed);
  if (failed < Stage::kRecords && m.bugs.has(Bug::kModuleEarlyFailLeak)) {
    m.leaked.push_back(RangeOf(m, id));
  }
}

Errno Step(Machine& m, ModuleId id, std::optional<Errno> asked) {
  LoadedModule& module = m.modules[Index(id)];
  const Stage stage = module.next;
  const Errno failure = CanFail(stage) ? PassStage(m, stage, asked) : Errno::kOk;
  if (const Errno error = Run(m, id, stage, failure); error != Errno::kOk) {
    Undo(m, id, stage);
    ForgetBreakpoints(m, id);
    module = LoadedModule();
    return error;
  }
  module.next = stage == Stage::kFreeInit
                    ? Stage::kLayout
                    : static_cast<Stage>(static_cast<std::uint8_t>(stage) + 1);
  return Errno::kOk;
}

Errno Begin(Machine& m, ModuleId id, SlotId slot, std::optional<Errno> asked) {
  const Errno error = PassStage(m, Stage::kLayout, asked);
  if (error != Errno::kOk) return error;
  LoadedModule& module = m.modules[Index(id)];
  if (module.state == ModuleState::kLive) return Errno::kExist;
  if (module.state != ModuleState::kAbsent) {
    // It may still fail, and then the name is free: that has to be waited for.
    return m.bugs.has(Bug::kModuleDupNameStateMatrix) ? Errno::kExist : Errno::kRestartSys;
  }
  const Cell base = m.layout.SlotCell(slot);
  const Cell end = base + std::max(m.world->module(id).count, 1u);
  const auto overlaps = [base, end](const CellRange& other) {
    return base < other.second && other.first < end;
  };
  for (std::size_t i = 0; i < m.modules.size(); ++i) {
    if (m.modules[i].state == ModuleState::kAbsent) continue;
    if (overlaps(RangeOf(m, static_cast<ModuleId>(i)))) return Errno::kNoMem;
  }
  if (std::any_of(m.leaked.begin(), m.leaked.end(), overlaps)) return Errno::kNoMem;
  module = {.state = ModuleState::kUnformed, .slot = slot, .next = Stage::kPercpu, .base = base};
  ForgetBreakpoints(m, id);
  return Errno::kOk;
}

}  // namespace

Errno BeginLoad(Machine& m, const LoadBegin& op) {
  return Begin(m, op.module, op.slot, op.failure);
}

Errno StepLoad(Machine& m, const LoadStep& op) {
  const LoadedModule& module = m.modules[Index(op.module)];
  if (module.next == Stage::kLayout) {
    return module.state == ModuleState::kAbsent ? Errno::kNoEnt : Errno::kExist;
  }
  return Step(m, op.module, op.failure);
}

Errno LoadModule(Machine& m, const Load& op) {
  const auto asked = [&op](Stage stage) {
    return op.failure && op.failure->stage == stage ? std::optional(op.failure->error)
                                                    : std::nullopt;
  };
  Errno error = Begin(m, op.module, op.slot, asked(Stage::kLayout));
  while (error == Errno::kOk && m.modules[Index(op.module)].next != Stage::kLayout) {
    error = Step(m, op.module, asked(m.modules[Index(op.module)].next));
  }
  return error;
}

Errno UnloadModule(Machine& m, const Unload& op) {
  LoadedModule& module = m.modules[Index(op.module)];
  switch (module.state) {
    case ModuleState::kAbsent:
    case ModuleState::kUnformed:
      return Errno::kNoEnt;
    case ModuleState::kComing:
      return Errno::kBusy;
    case ModuleState::kLive:
      break;
  }
  if (module.next != Stage::kLayout) return Errno::kAgain;
  WithdrawComing(m, op.module, std::nullopt);
  ForgetBreakpoints(m, op.module);
  module = LoadedModule();
  return Errno::kOk;
}

Errno FreeCoreInit(Machine& m) {
  if (m.globals.core_init_freed) return Errno::kOk;
  KillInCoreInitText(m);
  FreeInitText(m, 0, m.world->core());
  m.globals.core_init_freed = true;
  return Errno::kOk;
}

}  // namespace recount::fast
