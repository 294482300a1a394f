#include "impl/fast/module_records.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

#include "impl/fast/accounting.h"
#include "impl/fast/filters.h"
#include "impl/fast/patcher.h"
#include "impl/fast/sweep.h"

namespace recount::fast {
namespace {

PlacedImage ImageOf(const Machine& m, ModuleId id) {
  const Module& module = m.world->module(id);
  return {.owner = id,
          .base = m.modules[Index(id)].base,
          .first = module.first,
          .functions = m.world->functions().subspan(module.first, module.count)};
}

// Who traces a record that becomes enabled. Each mark is a way to get the count of a reload wrong.
struct Count {
  OpsSet users;
  std::uint8_t tally;
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
  auto tally = static_cast<std::uint8_t>(std::popcount(users));
  tally += static_cast<std::uint8_t>(std::popcount(tracers.hidden));
  auto patch_count = tally;
  const auto of_trace_all = static_cast<std::uint8_t>(std::popcount<OpsSet>(users & trace_all));
  if (m.bugs.has(Bug::kReloadDoubleCountsTraceAll)) tally += of_trace_all;
  if (m.bugs.has(Bug::kReloadWrongCntVar)) patch_count = of_trace_all;
  tally |= tracers.hidden;
  return {users, tally, patch_count, tracers.ipmodify};
}

// ftrace_module_enable(): the records of `id` begin to count. Flags first in every profile but
// `repairable`. A failing check stops it half way, and ftrace with it.
void EnableRecords(Machine& m, ModuleId id) {
  const OpsSet trace_all = m.ops.TraceAll();
  const OpsSet regs_ops = m.ops.save_regs();
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
      m.records.tally()[record] = counted.tally;
      flags = static_cast<std::uint8_t>((counted.ipmodify ? kIpModify : 0) |
                                        CountedBits(counted.users, counted.tally, regs_ops));
      if (m.bugs.has(Bug::kModuleRegsFlagMissing)) flags &= static_cast<std::uint8_t>(~kRegs);
      const bool on = m.globals.enabled || m.bugs.has(Bug::kModuleLoadIgnoresSysctl);
      if (on && counted.patch_count > 0 && !PatchNew(m, record, on)) return;
    }
  }
}

}  // namespace

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

void EnableModule(Machine& m, ModuleId id) {
  if (!m.dead()) EnableRecords(m, id);
  ApplyCachedFilters(m, m.world->module(id).name);
}

// S 1.6, release_mod.
void ReleaseModule(Machine& m, ModuleId id) {
  // A dead ftrace touches its lists no more: the groups stay, whoever uses the memory next.
  if (m.dead() && !m.bugs.has(Bug::kReleaseSkippedWhenDead)) return;
  m.gone.clear();
  m.records.Release(id, &m.gone);
  ClearVanished(m, m.gone, /*unload=*/true);
}

void FreeInitText(Machine& m, Cell base, const Module& image) {
  m.gone.clear();
  m.records.Remove(base + image.init_begin, base + image.init_end, &m.gone);
  ClearVanished(m, m.gone, /*unload=*/false);
}

}  // namespace recount::fast
