#include "impl/fast/loader.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include "impl/fast/accounting.h"
#include "impl/fast/filters.h"
#include "impl/fast/patcher.h"
#include "impl/fast/sweep.h"

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

PlacedImage ImageOf(const Machine& m, ModuleId id) {
  const Module& module = m.world->module(id);
  return {.owner = id,
          .base = m.modules[Index(id)].base,
          .first = module.first,
          .functions = m.world->functions().subspan(module.first, module.count)};
}

// All records of the module go (S 1.6, release_mod), and with them what filters knew of them.
void Release(Machine& m, ModuleId id) {
  // A dead ftrace touches its lists no more: the groups stay, whoever uses the memory next.
  if (m.dead() && !m.bugs.has(Bug::kReleaseSkippedWhenDead)) return;
  m.gone.clear();
  m.records.Release(id, &m.gone);
  ClearVanished(m, m.gone, /*unload=*/true);
}

void FreeRange(Machine& m, Cell base, const Module& image) {
  m.gone.clear();
  m.records.Remove(base + image.init_begin, base + image.init_end, &m.gone);
  ClearVanished(m, m.gone, /*unload=*/false);
}

// Who traces a record that becomes enabled. Each mark is a way to get the count of a reload wrong.
struct Count {
  OpsSet users;
  std::uint8_t count;
  std::uint8_t patch_count;  // what the decision to patch looks at
  bool ipmodify;
};
Count CountNew(const Machine& m, RecordId record, OpsSet trace_all) {
  const Cell cell = m.records.cells()[record];
  const Tracers tracers = TracersAt(m, cell, trace_all);
  OpsSet users = tracers.users;
  // The count of before this fix: only who traces everything (seed mail of 2013).
  if (m.bugs.has(Bug::kReloadRefcountLost)) users &= trace_all;
  if (m.bugs.has(Bug::kModuleLoadTraceAllNotCounted)) users &= static_cast<OpsSet>(~trace_all);
  if (m.bugs.has(Bug::kReloadCountsDisabledOps)) {
    users |= m.ops.UsersOf(m.index.Pairs(Which::kFilter, cell)) &
             static_cast<OpsSet>(~m.ops.registered());
  }
  if (m.bugs.has(Bug::kReloadNotraceIgnoredForTraceAll)) users |= trace_all;
  // Counted when the record came to be, and not again when it is enabled.
  if (m.bugs.has(Bug::kDelayedEnableAccounting)) users = m.records.users()[record];
  auto count = static_cast<std::uint8_t>(std::popcount(users));
  auto patch_count = count;
  const auto of_trace_all = static_cast<std::uint8_t>(std::popcount<OpsSet>(users & trace_all));
  if (m.bugs.has(Bug::kReloadDoubleCountsTraceAll)) count += of_trace_all;
  if (m.bugs.has(Bug::kReloadWrongCntVar)) patch_count = of_trace_all;
  return {users, count, patch_count, tracers.ipmodify};
}

void CreateRecords(Machine& m, ModuleId id) {
  if (m.dead()) return;
  const std::size_t groups = m.records.groups().size();
  m.records.Create(ImageOf(m, id), /*disabled=*/true, &m.faults);
  if (!m.bugs.has(Bug::kDelayedEnableAccounting)) return;
  const OpsSet trace_all = m.ops.TraceAll();
  for (const Group& group : m.records.groups().subspan(groups)) {
    for (RecordId record = group.first; record != group.end(); ++record) {
      const std::uint32_t position = m.records.cells()[record] - group.base;
      if (m.world->functions()[group.first_function + position].kind == FunctionKind::kWeak)
        continue;
      m.records.users()[record] = TracersAt(m, m.records.cells()[record], trace_all).users;
    }
  }
}

// ftrace_module_enable(): the records of `id` begin to count. Flags first in every profile, so a
// failing check stops it half way, and ftrace with it.
void EnableRecords(Machine& m, ModuleId id) {
  const OpsSet trace_all = m.ops.TraceAll();
  const OpsSet regs_ops = m.bugs.has(Bug::kModuleRegsFlagMissing) ? OpsSet{0} : m.ops.save_regs();
  const Module& module = m.world->module(id);
  const std::span<const Function> functions = m.world->functions();
  for (const Group& group : m.records.groups()) {
    if (group.owner != id) continue;
    for (RecordId record = group.first; record != group.end(); ++record) {
      const std::uint32_t position = m.records.cells()[record] - group.base;
      // The first record that is not core text is taken for the end of the module.
      if (m.bugs.has(Bug::kModuleEnableMissesCoreRange) && position >= module.init_begin &&
          position < module.init_end) {
        return;
      }
      std::uint8_t& flags = m.records.flags()[record];
      if (functions[group.first_function + position].kind == FunctionKind::kWeak) continue;
      if ((flags & kDisabled) == 0) continue;

      const Count counted = CountNew(m, record, trace_all);
      m.records.users()[record] = counted.users;
      m.records.count()[record] = counted.count;
      flags = static_cast<std::uint8_t>((counted.ipmodify ? kIpModify : 0) |
                                        CountedBits(counted.users, counted.count, regs_ops));
      const bool on = m.globals.enabled || m.bugs.has(Bug::kModuleLoadIgnoresSysctl);
      if (on && counted.patch_count > 0 && !PatchNew(m, record, on)) return;
    }
  }
}

// What the stages with an effect do. None of them fails.
void Run(Machine& m, ModuleId id, Stage stage) {
  LoadedModule& module = m.modules[Index(id)];
  switch (stage) {
    case Stage::kRecords:
      CreateRecords(m, id);
      break;
    case Stage::kFormation:
      module.state = ModuleState::kComing;
      break;
    case Stage::kEnable:
      if (!m.dead()) EnableRecords(m, id);
      ApplyCachedFilters(m, m.world->module(id).name);
      break;
    case Stage::kLive:
      module.state = ModuleState::kLive;
      break;
    case Stage::kFreeInit:
      FreeRange(m, module.base, m.world->module(id));
      break;
    default:
      break;
  }
}

Errno Step(Machine& m, ModuleId id, std::optional<Errno> asked) {
  LoadedModule& module = m.modules[Index(id)];
  const Stage stage = module.next;
  if (CanFail(stage)) {
    const Errno error = PassStage(m, stage, asked);
    if (error != Errno::kOk) {
      // Whatever has run is undone; before `records` there is nothing we see.
      const bool forgotten =
          m.bugs.has(Bug::kReleaseModMissingOnEarlyFail) && stage == Stage::kFormation;
      if (stage > Stage::kRecords && !forgotten) Release(m, id);
      module = LoadedModule();
      return error;
    }
  }
  Run(m, id, stage);
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
  for (std::size_t i = 0; i < m.modules.size(); ++i) {
    const LoadedModule& other = m.modules[i];
    if (other.state == ModuleState::kAbsent) continue;
    const Cell other_end = other.base + std::max(m.world->modules()[i].count, 1u);
    if (base < other_end && other.base < end) return Errno::kNoMem;
  }
  module = {.state = ModuleState::kUnformed, .slot = slot, .next = Stage::kPercpu, .base = base};
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
  Release(m, op.module);
  module = LoadedModule();
  return Errno::kOk;
}

Errno FreeCoreInit(Machine& m) {
  if (!m.globals.core_init_freed) FreeRange(m, 0, m.world->core());
  m.globals.core_init_freed = true;
  return Errno::kOk;
}

}  // namespace recount::fast
