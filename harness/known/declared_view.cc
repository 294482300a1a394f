#include "harness/known/declared_view.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace recount {
namespace {

using Range = TextRange;

// The functions [from, to) of `module` at `slot`.
Range RangeOf(const World& world, SlotId slot, std::uint32_t from, std::uint32_t to) {
  const Address base = world.SlotAddress(slot);
  return {base + Address{from} * World::kFunctionStride,
          base + Address{to} * World::kFunctionStride};
}

// The records, which stand group by group, and the groups that are left empty.
template <typename Predicate>
std::vector<Address> RemoveRecords(View* view, Predicate removes) {
  std::vector<RecordView> records;
  std::vector<GroupView> groups;
  std::vector<Address> gone;
  std::size_t at = 0;
  for (GroupView group : view->groups) {
    const std::size_t end = at + group.used;
    for (; at < end; ++at) {
      if (removes(view->records[at])) {
        gone.push_back(view->records[at].ip);
        --group.used;
      } else {
        records.push_back(view->records[at]);
      }
    }
    if (group.used > 0) {
      groups.push_back(group);
      continue;
    }
    --view->ledger.groups;
    view->ledger.pages -= 1u << group.order;
  }
  view->ledger.records -= static_cast<std::uint32_t>(gone.size());
  view->records = std::move(records);
  view->groups = std::move(groups);
  return gone;
}

// The addresses, replaced by cleared entries.
void Clear(const std::vector<Address>& gone, HashView* hash) {
  hash->cleared += static_cast<std::uint32_t>(std::erase_if(hash->ips, [&](Address ip) {
    return std::find(gone.begin(), gone.end(), ip) != gone.end();
  }));
}

// The addresses in `text`, replaced by cleared entries: as many of them are one or the other on
// either side.
void ClearText(const Range& text, HashView* hash) {
  hash->cleared += static_cast<std::uint32_t>(
      std::erase_if(hash->ips, [&text](Address ip) { return text.Has(ip); }));
}

std::uint32_t TakeEntries(HashView* hash) {
  const auto entries = static_cast<std::uint32_t>(hash->ips.size()) + hash->cleared;
  *hash = {};
  return entries;
}

// Filters, module filters that wait for a module, and who traces what.
void ForgetFilters(View* view) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    OpsView& ops = view->ops[i];
    const std::uint32_t entries = TakeEntries(&ops.filter) + TakeEntries(&ops.notrace);
    if (Index(ops.pair) == i) view->ledger.hash_entries -= entries;  // a pair is there once
    view->ledger.cached -=
        static_cast<std::uint32_t>(ops.cached_filter.size() + ops.cached_notrace.size());
    ops.cached_filter.clear();
    ops.cached_notrace.clear();
  }
  for (RecordView& record : view->records) {
    record.count = 0;
    record.flags = 0;
    record.site = {};
  }
}

// What livepatch has in the functions of `module`, which lie in `text`.
void ForgetPatched(const World& world, ModuleId module, const Range& text, View* view) {
  for (PatchView& patch : view->livepatch.patches) {
    for (std::size_t i = 0; i < patch.count; ++i) {
      if (world.function(patch.functions[i]).module != module) continue;
      const auto others = static_cast<std::uint8_t>(~(1u << i));
      patch.bound &= others;
      patch.patched &= others;
      // A kernel may leak the filter of an ops (livepatch-leaks-filter), on one course only.
      if (patch.enabled) view->ledger.hash_entries = 0;
    }
  }
  for (std::size_t n = 0; n < kLivepatchOpsCount; ++n) {
    LivepatchOpsView& ops = view->livepatch.ops[n];
    if (!text.Has(ops.ip)) continue;
    ops = {};
    if (view->ledger.hash_entries > 0) --view->ledger.hash_entries;
    std::erase(view->order, OpsId{static_cast<std::uint8_t>(kOpsCount + n)});
  }
}

}  // namespace

TextRange TextOf(const World& world, ModuleId module, SlotId slot) {
  return RangeOf(world, slot, 0, world.module(module).count);
}

TextRange InitTextOf(const World& world, ModuleId module, SlotId slot) {
  const Module& image = world.module(module);
  return RangeOf(world, slot, image.init_begin, image.init_end);
}

void ForgetKprobes(const TextRange& text, View* view) {
  KprobesView& kprobes = view->kprobes;
  for (KprobeView& probe : kprobes.probes) {
    if (!probe.registered || !text.Has(probe.address)) continue;
    probe.gone = false;
    probe.post = false;  // an aggregator that goes has none
  }
  for (std::size_t i = 0; i < kprobes.entry_count; ++i) {
    KprobeEntryView& entry = kprobes.entries[i];
    if (!text.Has(entry.address)) continue;
    entry.gone = false;
    entry.post = false;
    entry.jump = JumpState::kNone;
  }
  const auto end = kprobes.unused.begin() + kprobes.unused_count;
  const auto kept =
      std::remove_if(kprobes.unused.begin(), end, [&text](Address ip) { return text.Has(ip); });
  std::fill(kept, end, Address{0});
  kprobes.unused_count = static_cast<std::uint8_t>(kept - kprobes.unused.begin());
  constexpr OpsId kIds[] = {kKprobeOps, kKprobeIpmodifyOps};
  for (std::size_t i = 0; i < kprobes.ops.size(); ++i) {
    KprobeOpsView& ops = kprobes.ops[i];
    const auto taken = static_cast<std::uint32_t>(
        std::erase_if(ops.filter, [&text](Address ip) { return text.Has(ip); }));
    view->ledger.hash_entries -= std::min(taken, view->ledger.hash_entries);
    if (taken == 0 || !ops.filter.empty()) continue;
    ops.registered = false;
    std::erase(view->order, kIds[i]);
  }
}

void FreeInitTextOf(const World& world, ModuleId module, Profile::Reload reload, View* view) {
  const Range text = InitTextOf(world, module, view->modules[Index(module)].slot);
  const std::vector<Address> gone =
      RemoveRecords(view, [&](const RecordView& record) { return text.Has(record.ip); });
  if (reload != Profile::Reload::kCleared) return;
  std::array<bool, kOpsCount> of_tracer{};  // by pair
  for (const OpsView& ops : view->ops) {
    if (ops.user == User::kTracer) of_tracer[Index(ops.pair)] = true;
  }
  for (OpsView& ops : view->ops) {
    if (!of_tracer[Index(ops.pair)]) continue;
    Clear(gone, &ops.filter);
    Clear(gone, &ops.notrace);
  }
}

void ForgetModule(const World& world, ModuleId module, SlotId slot, bool cached, View* view) {
  const Range text = TextOf(world, module, slot);
  RemoveRecords(view, [&](const RecordView& record) {
    return world.function(record.function).module == module || text.Has(record.ip);
  });
  if (cached) ForgetFilters(view);
  for (OpsView& ops : view->ops) {
    ClearText(text, &ops.filter);
    ClearText(text, &ops.notrace);
  }
  ForgetKprobes(text, view);
  ForgetPatched(world, module, text, view);
  view->modules[Index(module)] = {};
}

}  // namespace recount
