#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "harness/known_undo.h"

namespace recount {
namespace {

using internal::Derived;
using internal::kCurrentBits;
using internal::LoadedBy;
using internal::Matches;

bool Contains(const HashView& hash, Address ip) {
  return std::binary_search(hash.ips.begin(), hash.ips.end(), ip);
}

const RecordView* Find(const View& view, const RecordView& wanted) {
  for (const RecordView& record : view.records) {
    if (record.ip == wanted.ip && record.function == wanted.function) return &record;
  }
  return nullptr;
}

bool SameRecords(const View& a, const View& b) {
  return std::equal(a.records.begin(), a.records.end(), b.records.begin(), b.records.end(),
                    [](const RecordView& x, const RecordView& y) {
                      return x.ip == y.ip && x.function == y.function;
                    });
}

RecordView WithCurrentOf(RecordView record, const RecordView& other) {
  record.flags = (record.flags & ~kCurrentBits) | (other.flags & kCurrentBits);
  record.site = other.site;
  return record;
}

bool IsOf(const World& world, const RecordView& record, ModuleId module) {
  return record.function != kNoFunction && world.function(record.function).module == module;
}

RecordView Disabled(const RecordView& record) {
  return {.ip = record.ip, .function = record.function, .flags = kDisabled};
}

}  // namespace

namespace internal {

bool Matches(const OpsView& ops, Address ip) {
  return (ops.filter.empty() || Contains(ops.filter, ip)) && !Contains(ops.notrace, ip);
}

RecordView Derived(const View& view, RecordView record, bool enabled, bool uncounted) {
  record.flags &= kDisabled;
  record.count = 0;
  record.site = {};
  if ((record.flags & kDisabled) != 0) return record;
  const OpsView* owner = nullptr;
  bool regs = false;
  OpsId last{};
  std::optional<OpsId> newest;
  // The order is newest first; the oldest owns.
  for (const OpsId id : view.order) {
    const OpsView& ops = view.ops[Index(id)];
    if (ops.ipmodify && Contains(ops.filter, record.ip)) owner = &ops;
  }
  for (const OpsId id : view.order) {
    const OpsView& ops = view.ops[Index(id)];
    if (!Matches(ops, record.ip)) continue;
    if (!newest) newest = id;
    if (ops.ipmodify && (uncounted || owner != &ops)) continue;
    ++record.count;
    regs = regs || ops.save_regs;
    last = id;
  }
  if (owner != nullptr && !uncounted) record.flags |= kIpModify;
  // The trampoline is looked for among all that match.
  if (uncounted && newest) last = *newest;
  if (record.count == 0) return record;
  if (regs) record.flags |= kRegs;
  if (record.count == 1) record.flags |= kTramp;
  if (!enabled) return record;
  record.flags |= kEnabled | (regs ? kRegsEn : 0) | (record.count == 1 ? kTrampEn : 0);
  record.site = {.kind = regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry, .owner = {}};
  if (record.count == 1) record.site = {.kind = SiteKind::kTrampoline, .owner = last};
  return record;
}

std::optional<ModuleId> LoadedBy(const Op& op) {
  if (const auto* load = std::get_if<Load>(&op)) return load->module;
  if (const auto* step = std::get_if<LoadStep>(&op)) return step->module;
  return std::nullopt;
}

}  // namespace internal

// One group without records, at the end of the list, when the module has entries and all are null.
bool UndoAllNullGroup(const DivergingStep& step, View* shown, Outcome*) {
  const std::optional<ModuleId> module = LoadedBy(step.op);
  if (!module) return false;
  const Module& image = step.world.module(*module);
  bool entries = false;
  for (std::uint32_t i = image.first; i < image.first + image.count; ++i) {
    const FunctionKind kind = step.world.functions()[i].kind;
    if (World::HasRecord(kind)) return false;
    entries = entries || World::HasEntry(kind);
  }
  if (!entries || shown->groups.empty() || shown->groups.back().used != 0) return false;
  shown->ledger.groups -= 1;
  shown->ledger.pages -= std::uint32_t{1} << shown->groups.back().order;
  shown->groups.pop_back();
  return true;
}

// The mark of a record nobody is counted on, owned by an ops that excludes it.
bool UndoIpModifyNotrace(const DivergingStep& step, View* shown, Outcome*) {
  bool undone = false;
  if (!SameRecords(*shown, step.after)) return false;
  for (std::size_t i = 0; i < shown->records.size(); ++i) {
    RecordView& record = shown->records[i];
    if ((step.after.records[i].flags & kIpModify) == 0 || (record.flags & kIpModify) != 0 ||
        record.count != 0) {
      continue;
    }
    const RecordView* const old = Find(step.before, record);
    if (old == nullptr || (old->flags & kIpModify) == 0) continue;
    for (const OpsId id : shown->order) {
      const OpsView& ops = shown->ops[Index(id)];
      if (!ops.ipmodify || !Contains(ops.filter, record.ip) || !Contains(ops.notrace, record.ip)) {
        continue;
      }
      record.flags |= kIpModify;
      undone = true;
      break;
    }
  }
  return undone;
}

// Records of the module that an IPMODIFY ops owns are as if no such ops were there.
bool UndoIpModifyReload(const DivergingStep& step, View* shown, Outcome*) {
  const std::optional<ModuleId> module = LoadedBy(step.op);
  if (!module || shown->globals.dead || !SameRecords(*shown, step.after)) return false;
  // A check that was to fail at such a record is not come to, and those behind it are enabled.
  const bool should_die = step.after.globals.dead;
  bool should_have_died = false;
  bool undone = false;
  for (std::size_t i = 0; i < shown->records.size(); ++i) {
    RecordView& record = shown->records[i];
    const RecordView& wanted = step.after.records[i];
    if (!IsOf(step.world, record, *module)) continue;
    if (should_have_died && wanted == Disabled(wanted) && record != wanted) {
      RecordView enabled = record;
      enabled.flags &= ~kDisabled;
      if (record != Derived(*shown, enabled, shown->globals.enabled, /*uncounted=*/true))
        return false;
      record = wanted;
      continue;
    }
    if ((wanted.flags & kIpModify) == 0) continue;
    should_have_died =
        should_die && (wanted.flags & kEnabled) != 0 && wanted.site.kind == SiteKind::kNop;
    RecordView from = wanted;
    from.flags &= kDisabled;
    const RecordView uncounted = Derived(*shown, from, shown->globals.enabled, /*uncounted=*/true);
    if (record == uncounted) {
      record = wanted;
    } else if (!step.before.globals.enabled &&
               record == WithCurrentOf(uncounted, Derived(step.before, from, /*enabled=*/true,
                                                          /*uncounted=*/true))) {
      // Patched although the sysctl is 0: that is another defect's, and stays.
      record = WithCurrentOf(wanted, Derived(step.before, from, /*enabled=*/true));
    } else {
      continue;
    }
    undone = true;
  }
  if (should_die != should_have_died || (should_die && !shown->globals.enabled)) return false;
  shown->globals.dead = should_die;
  shown->globals.enabled = shown->globals.enabled && !should_die;
  return undone;
}

// What the module's traced records do now is what the filters of before asked for, as if
// ftrace_enabled were 1. A check that fails on the way kills: the record that was checked has its
// flags, and those behind it stay DISABLED.
bool UndoLoadIgnoresSysctl(const DivergingStep& step, View* shown, Outcome*) {
  const std::optional<ModuleId> module = LoadedBy(step.op);
  if (!module || step.before.globals.enabled || step.before.globals.dead) return false;
  if (!SameRecords(*shown, step.after) || step.after.globals.dead) return false;
  const bool died = shown->globals.dead;
  const Module& image = step.world.module(*module);
  const bool initial = image.init_begin != image.init_end;
  bool failed = false;
  bool undone = false;
  for (std::size_t i = 0; i < shown->records.size(); ++i) {
    RecordView& record = shown->records[i];
    const RecordView& wanted = step.after.records[i];
    if (!IsOf(step.world, record, *module)) continue;
    // The one that failed may have gone since, with the init text.
    failed = failed || (died && initial && record == Disabled(record) && record != wanted);
    if (failed) {
      if (record != Disabled(record)) return false;
      record = wanted;
      undone = true;
      continue;
    }
    if ((record.flags & kEnabled) == 0) continue;
    RecordView patched = WithCurrentOf(record, Derived(step.before, record, /*enabled=*/true));
    failed = died && record.site.kind == SiteKind::kNop;
    if (failed) patched.site = {};
    if (record != patched) continue;
    record = WithCurrentOf(record, wanted);
    undone = true;
  }
  if (died && !failed && !initial) return false;
  shown->globals.dead = false;
  return undone;
}

// The patch pass behind the change failed before it changed anything: counts and wanted bits are
// new, sites and current bits are those of before.
bool UndoSharedPairKills(const DivergingStep& step, View* shown, Outcome*) {
  if (!shown->globals.dead || step.after.globals.dead || !step.before.globals.enabled) return false;
  if (shown->globals.enabled) return false;
  if (!SameRecords(*shown, step.after)) return false;
  bool claimed = false;
  for (std::size_t i = 0; i < shown->records.size(); ++i) {
    RecordView& record = shown->records[i];
    const RecordView* const old = Find(step.before, record);
    // A record that came with this step was patched for the filters of before.
    const RecordView was = old != nullptr ? *old : Derived(step.before, record, /*enabled=*/true);
    if (record != WithCurrentOf(step.after.records[i], was)) return false;
    record = step.after.records[i];
    if (was.site.kind != SiteKind::kTrampoline) continue;
    // Somebody else traces it from now on, by a filter that two registered ops share.
    int newcomers = 0;
    for (const OpsId id : shown->order) {
      const OpsView& ops = shown->ops[Index(id)];
      std::ptrdiff_t sharers = 0;
      for (const OpsId other : shown->order) {
        if (shown->ops[Index(other)].pair == ops.pair) ++sharers;
      }
      if (sharers > 1 && Matches(ops, record.ip) &&
          !Matches(step.before.ops[Index(id)], record.ip)) {
        ++newcomers;
      }
    }
    claimed = claimed || newcomers > 1;
  }
  shown->globals.dead = false;
  shown->globals.enabled = true;
  return claimed;
}

// REGS where it was wanted before and is not any more; at the site, too, when it is patched. For a
// moment it is wanted where an ops is about to exclude the function again.
bool UndoStaleRegs(const DivergingStep& step, View* shown, Outcome*) {
  if (!SameRecords(*shown, step.after)) return false;
  bool undone = false;
  for (std::size_t i = 0; i < shown->records.size(); ++i) {
    RecordView& record = shown->records[i];
    const RecordView& wanted = step.after.records[i];
    if ((record.flags & kRegs) == 0 || (wanted.flags & kRegs) != 0) continue;
    const RecordView* const old = Find(step.before, record);
    // A record that came with this step was enabled for the filters of before.
    const RecordView was = old != nullptr ? *old : Derived(step.before, record, /*enabled=*/true);
    bool was_wanted = (was.flags & kRegs) != 0;
    for (const OpsId id : step.before.order) {
      const OpsView& ops = step.before.ops[Index(id)];
      was_wanted = was_wanted || (ops.save_regs && Contains(ops.notrace, record.ip) &&
                                  (ops.filter.empty() || Contains(ops.filter, record.ip)));
    }
    if (!was_wanted) continue;
    // What is wanted of a site that is patched is there, too.
    if ((record.flags & kEnabled) != 0 && (record.flags & kRegsEn) == 0) return false;
    record.flags &= ~kRegs;
    // Where the pass after it failed, sites are those of before.
    if ((wanted.flags & kRegsEn) == 0 && shown->globals.dead == step.after.globals.dead) {
      record.flags &= ~kRegsEn;
      if (record.site.kind == SiteKind::kRegsEntry) record.site.kind = SiteKind::kPlainEntry;
    }
    undone = true;
  }
  // A pass that has nothing to change there does not come to the check that was to fail.
  if (undone && step.after.globals.dead && !shown->globals.dead && shown->globals.enabled) {
    shown->globals.dead = true;
    shown->globals.enabled = false;
  }
  return undone;
}

}  // namespace recount
