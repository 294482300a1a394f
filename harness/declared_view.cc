#include "harness/declared_view.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace recount {
namespace {

struct Range {
  Address begin = 0;
  Address end = 0;
  bool Has(Address ip) const { return begin <= ip && ip < end; }
};

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

void ForgetModuleText(HashView* hash) {
  std::erase_if(hash->ips, [](Address ip) { return ip >= World::kModuleBase; });
  hash->cleared = 0;
  hash->mod = false;
}

}  // namespace

void FreeInitTextOf(const World& world, ModuleId module, Profile::Reload reload, View* view) {
  const Module& image = world.module(module);
  const Range text =
      RangeOf(world, view->modules[Index(module)].slot, image.init_begin, image.init_end);
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
  const Range text = RangeOf(world, slot, 0, world.module(module).count);
  RemoveRecords(view, [&](const RecordView& record) {
    return world.function(record.function).module == module || text.Has(record.ip);
  });
  if (cached) view->records.clear();
  for (OpsView& ops : view->ops) {
    if (cached) {
      ops.filter = ops.notrace = {};
      ops.cached_filter.clear();
      ops.cached_notrace.clear();
    }
    ForgetModuleText(&ops.filter);
    ForgetModuleText(&ops.notrace);
  }
  std::erase_if(view->order, [](OpsId ops) { return Index(ops) >= kOpsCount; });
  view->modules[Index(module)] = {};
  for (PatchView& patch : view->livepatch.patches) patch.bound = patch.patched = 0;
  view->livepatch.ops = {};
  view->ledger = {};
}

}  // namespace recount
