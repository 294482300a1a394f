// Each field of outcome.h and view.h has its place here, once to write and once to read;
// wire_test.cc changes one field at a time.
#include "harness/wire.h"

#include <cstddef>
#include <cstring>
#include <vector>

#include "harness/wire_fields.h"

namespace recount {
namespace {

using namespace wire;  // NOLINT: its other half

bool TakeRecord(std::string_view* bytes, RecordView* record) {
  return Take(bytes, &record->ip, &record->function, &record->count, &record->flags) &&
         TakeEnum(bytes, SiteKind::kJump, &record->site.kind) && Take(bytes, &record->site.owner);
}
constexpr std::size_t kRecordSize = 8 + 4 + 4 + 1 + 1 + 1;

void PutHash(std::string* bytes, const HashView& hash) {
  PutPlain(bytes, hash.ips);
  Put(bytes, hash.cleared, hash.mod);
}

bool TakeHash(std::string_view* bytes, HashView* hash) {
  return TakePlain(bytes, &hash->ips) && Take(bytes, &hash->cleared) && TakeBool(bytes, &hash->mod);
}

// A pattern that is kept may be any text, so it goes as it lies in memory.
void PutCached(std::string* bytes, const std::vector<CachedFilter>& list) {
  static_assert(std::has_unique_object_representations_v<Pattern>);
  PutSize(bytes, list.size());
  for (const CachedFilter& item : list) Put(bytes, item.function, item.module);
}

bool TakeCached(std::string_view* bytes, std::vector<CachedFilter>* list) {
  if (!TakeSize(bytes, 2 * sizeof(Pattern), list)) return false;
  for (CachedFilter& item : *list) {
    if (!Take(bytes, &item.function, &item.module)) return false;
    if (item.function.text().size() > Pattern::kMaxSize) return false;
    if (item.module.text().size() > Pattern::kMaxSize) return false;
  }
  return true;
}

void PutOps(std::string* bytes, const OpsView& ops) {
  Put(bytes, ops.user, ops.save_regs, ops.ipmodify, ops.permanent, ops.registered, ops.pair);
  PutHash(bytes, ops.filter);
  PutHash(bytes, ops.notrace);
  PutCached(bytes, ops.cached_filter);
  PutCached(bytes, ops.cached_notrace);
}

bool TakeOps(std::string_view* bytes, OpsView* ops) {
  return TakeEnum(bytes, User::kTracer, &ops->user) && TakeBool(bytes, &ops->save_regs) &&
         TakeBool(bytes, &ops->ipmodify) && TakeBool(bytes, &ops->permanent) &&
         TakeBool(bytes, &ops->registered) && Take(bytes, &ops->pair) &&
         TakeHash(bytes, &ops->filter) && TakeHash(bytes, &ops->notrace) &&
         TakeCached(bytes, &ops->cached_filter) && TakeCached(bytes, &ops->cached_notrace);
}

bool TakeModule(std::string_view* bytes, ModuleView* module) {
  return TakeEnum(bytes, ModuleState::kLive, &module->state) && Take(bytes, &module->slot) &&
         TakeEnum(bytes, Stage{kStageCount - 1}, &module->next) &&
         TakeBool(bytes, &module->klp_alive);
}

void PutNotifiers(std::string* bytes, const NotifiersView& notifiers) {
  for (const ChainView& chain : notifiers.chains) Put(bytes, chain.count, chain.order);
  Put(bytes, notifiers.priority, notifiers.held, notifiers.bad_frees);
}

bool TakeNotifiers(std::string_view* bytes, NotifiersView* notifiers) {
  for (ChainView& chain : notifiers->chains) {
    if (!Take(bytes, &chain.count, &chain.order) || chain.count > kNotifierCount) return false;
  }
  return Take(bytes, &notifiers->priority, &notifiers->held, &notifiers->bad_frees);
}

void PutLivepatch(std::string* bytes, const LivepatchView& livepatch) {
  for (const PatchView& patch : livepatch.patches) {
    Put(bytes, patch.count, patch.replace, patch.enabled, patch.functions, patch.bound,
        patch.patched);
  }
  Put(bytes, livepatch.enabled_count, livepatch.order);
  for (const LivepatchOpsView& ops : livepatch.ops) {
    Put(bytes, ops.ip, ops.registered, ops.depth, ops.stack);
  }
}

bool TakeLivepatch(std::string_view* bytes, LivepatchView* livepatch) {
  for (PatchView& patch : livepatch->patches) {
    if (!Take(bytes, &patch.count) || patch.count > SetPatch::kMaxFunctions ||
        !TakeBool(bytes, &patch.replace) || !TakeBool(bytes, &patch.enabled) ||
        !Take(bytes, &patch.functions, &patch.bound, &patch.patched)) {
      return false;
    }
  }
  if (!Take(bytes, &livepatch->enabled_count, &livepatch->order)) return false;
  if (livepatch->enabled_count > kPatchCount) return false;
  for (LivepatchOpsView& ops : livepatch->ops) {
    if (!Take(bytes, &ops.ip) || !TakeBool(bytes, &ops.registered) ||
        !Take(bytes, &ops.depth, &ops.stack) || ops.depth > kPatchCount) {
      return false;
    }
  }
  return true;
}

void PutKprobes(std::string* bytes, const KprobesView& kprobes) {
  for (const KprobeView& probe : kprobes.probes) {
    Put(bytes, probe.registered, probe.post, probe.gone, probe.disabled, probe.address);
  }
  Put(bytes, kprobes.entry_count);
  for (const KprobeEntryView& entry : kprobes.entries) {
    Put(bytes, entry.address, entry.aggregate, entry.on_ftrace, entry.post, entry.gone,
        entry.disabled, entry.early, entry.suspended, entry.jump, entry.count, entry.probes);
  }
  for (const KprobeOpsView& ops : kprobes.ops) {
    Put(bytes, ops.registered);
    PutPlain(bytes, ops.filter);
  }
  Put(bytes, kprobes.all_disarmed, kprobes.early_slots, kprobes.unused_count, kprobes.unused);
}

bool TakeKprobes(std::string_view* bytes, KprobesView* kprobes) {
  for (KprobeView& probe : kprobes->probes) {
    if (!TakeBool(bytes, &probe.registered) || !TakeBool(bytes, &probe.post) ||
        !TakeBool(bytes, &probe.gone) || !TakeBool(bytes, &probe.disabled) ||
        !Take(bytes, &probe.address)) {
      return false;
    }
  }
  if (!Take(bytes, &kprobes->entry_count) || kprobes->entry_count > kKprobeCount) return false;
  for (KprobeEntryView& entry : kprobes->entries) {
    if (!Take(bytes, &entry.address) || !TakeBool(bytes, &entry.aggregate) ||
        !TakeBool(bytes, &entry.on_ftrace) || !TakeBool(bytes, &entry.post) ||
        !TakeBool(bytes, &entry.gone) || !TakeBool(bytes, &entry.disabled) ||
        !TakeBool(bytes, &entry.early) || !TakeBool(bytes, &entry.suspended) ||
        !TakeEnum(bytes, JumpState::kLeaving, &entry.jump) ||
        !Take(bytes, &entry.count, &entry.probes) || entry.count > kKprobeCount) {
      return false;
    }
  }
  for (KprobeOpsView& ops : kprobes->ops) {
    if (!TakeBool(bytes, &ops.registered) || !TakePlain(bytes, &ops.filter)) return false;
  }
  return TakeBool(bytes, &kprobes->all_disarmed) && Take(bytes, &kprobes->early_slots) &&
         Take(bytes, &kprobes->unused_count, &kprobes->unused) &&
         kprobes->unused_count <= kKprobeCount;
}

bool TakeCall(std::string_view* bytes, NotifierCall* call) {
  return Take(bytes, &call->notifier) && TakeEnum(bytes, Event::kFix, &call->event) &&
         Take(bytes, &call->module);
}
constexpr std::size_t kCallSize = sizeof(NotifierId) + sizeof(Event) + sizeof(ModuleId);

}  // namespace

void AppendOutcome(const Outcome& outcome, std::string* bytes) {
  Put(bytes, outcome.fate, outcome.rc, outcome.called_count, outcome.called, outcome.located,
      outcome.redirected, outcome.fired_count, outcome.fired, outcome.answer);
  PutSize(bytes, outcome.log.size());
  for (const NotifierCall& call : outcome.log) Put(bytes, call.notifier, call.event, call.module);
}

bool TakeOutcome(std::string_view* bytes, Outcome* outcome) {
  if (!TakeEnum(bytes, Fate::kHung, &outcome->fate) ||
      !Take(bytes, &outcome->rc, &outcome->called_count, &outcome->called, &outcome->located,
            &outcome->redirected, &outcome->fired_count, &outcome->fired, &outcome->answer) ||
      outcome->called_count > kOpsCount || outcome->fired_count > outcome->fired.size() ||
      !TakeSize(bytes, kCallSize, &outcome->log)) {
    return false;
  }
  for (NotifierCall& call : outcome->log) {
    if (!TakeCall(bytes, &call)) return false;
  }
  return true;
}

void AppendView(const View& view, std::string* bytes) {
  PutSize(bytes, view.records.size());
  for (const RecordView& record : view.records) {
    Put(bytes, record.ip, record.function, record.count, record.flags, record.site.kind,
        record.site.owner);
  }
  PutSize(bytes, view.groups.size());
  for (const GroupView& group : view.groups) Put(bytes, group.owner, group.order, group.used);
  for (const OpsView& ops : view.ops) PutOps(bytes, ops);
  PutPlain(bytes, view.order);
  PutSize(bytes, view.modules.size());
  for (const ModuleView& module : view.modules) {
    Put(bytes, module.state, module.slot, module.next, module.klp_alive);
  }
  PutNotifiers(bytes, view.notifiers);
  PutLivepatch(bytes, view.livepatch);
  PutKprobes(bytes, view.kprobes);
  Put(bytes, view.globals.dead, view.globals.enabled, view.globals.core_init_freed,
      view.globals.phase);
  const Ledger& ledger = view.ledger;
  Put(bytes, ledger.records, ledger.groups, ledger.pages, ledger.hash_entries, ledger.cached);
}

bool TakeView(std::string_view* bytes, View* view) {
  if (!TakeSize(bytes, kRecordSize, &view->records)) return false;
  for (RecordView& record : view->records) {
    if (!TakeRecord(bytes, &record)) return false;
  }
  if (!TakeSize(bytes, 1, &view->groups)) return false;
  for (GroupView& group : view->groups) {
    if (!Take(bytes, &group.owner, &group.order, &group.used)) return false;
  }
  for (OpsView& ops : view->ops) {
    if (!TakeOps(bytes, &ops)) return false;
  }
  if (!TakePlain(bytes, &view->order)) return false;
  if (!TakeSize(bytes, 1, &view->modules)) return false;
  for (ModuleView& module : view->modules) {
    if (!TakeModule(bytes, &module)) return false;
  }
  if (!TakeNotifiers(bytes, &view->notifiers)) return false;
  if (!TakeLivepatch(bytes, &view->livepatch)) return false;
  if (!TakeKprobes(bytes, &view->kprobes)) return false;
  Ledger& ledger = view->ledger;
  return TakeBool(bytes, &view->globals.dead) && TakeBool(bytes, &view->globals.enabled) &&
         TakeBool(bytes, &view->globals.core_init_freed) &&
         TakeEnum(bytes, Phase::kRunning, &view->globals.phase) &&
         Take(bytes, &ledger.records, &ledger.groups, &ledger.pages, &ledger.hash_entries,
              &ledger.cached);
}

std::uint64_t Digest(std::string_view bytes) {
  constexpr std::uint64_t kOdd = 0x9fb21c651e98df25u;
  std::uint64_t hash = bytes.size() * kOdd;
  const auto fold = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 29;
  };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    fold(word);
  }
  std::uint64_t last = 0;
  std::memcpy(&last, bytes.data(), bytes.size());
  fold(last);
  fold(0);
  return hash;
}

}  // namespace recount
