#include "impl/fast/observe.h"

#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <vector>

namespace recount::fast {
namespace {

constexpr std::array<Site, 256> MakeSites() {
  std::array<Site, 256> sites{};
  for (unsigned byte = 1; byte < 256; ++byte) {
    if (std::has_single_bit(byte)) {
      sites[byte] = {SiteKind::kTrampoline, static_cast<OpsId>(std::countr_zero(byte))};
    } else {
      sites[byte] = {byte == kSiteRegs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry, OpsId{}};
    }
  }
  sites[kSiteMcount] = {SiteKind::kMcount, OpsId{}};
  sites[kSiteJump] = {SiteKind::kJump, OpsId{}};
  sites[kSiteKprobe] = {SiteKind::kTrampoline, kKprobeOps};
  sites[kSiteKprobeIpmodify] = {SiteKind::kTrampoline, kKprobeIpmodifyOps};
  return sites;
}
constexpr std::array<Site, 256> kSites = MakeSites();

void ObserveRecords(const Machine& m, View* view) {
  const std::span<const Group> groups = m.records.groups();
  view->groups.resize(groups.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    view->groups[i] = {groups[i].owner, groups[i].order, groups[i].used};
    total += groups[i].used;
  }
  view->records.resize(total);
  RecordView* out = view->records.data();
  for (const Group& group : groups) {
    // One owner, one image: addresses and functions follow from the cell.
    const Address base = group.used == 0 ? 0 : m.layout.AddressOf(group.base);
    for (RecordId record = group.first; record != group.end(); ++record, ++out) {
      const Cell position = m.records.cells()[record] - group.base;
      out->ip = base + Address{position} * World::kFunctionStride;
      out->function = static_cast<FunctionId>(group.first_function + position);
      out->count = m.records.tally()[record] & kCountMask;
      out->flags = m.records.flags()[record];
      const std::uint8_t site = m.records.site()[record];
      out->site = kSites[site];
      if (site == kSiteLivepatch) [[unlikely]] {
        out->site = {SiteKind::kTrampoline, m.ops.LivepatchLastAt(m.records.cells()[record])};
      }
    }
  }
}

void ObserveCells(const Machine& m, std::span<const Cell> cells, std::vector<Address>* ips) {
  ips->resize(cells.size());
  Address* out = ips->data();
  for (const Cell cell : cells) *out++ = m.layout.AddressOf(cell);
}

// Most hashes and lists are empty at any time, so that case makes no call.
inline void ObserveHash(const Machine& m, const FilterHash& hash, HashView* view) {
  if (!hash.cells().empty()) {
    ObserveCells(m, hash.cells(), &view->ips);
  } else if (!view->ips.empty()) {
    view->ips.clear();
  }
  view->cleared = hash.cleared();
  view->mod = hash.mod();
}

inline void ObserveCached(const CachedFilters& cached, std::vector<CachedFilter>* view) {
  if (!cached.empty()) {
    view->assign(cached.items().begin(), cached.items().end());
  } else if (!view->empty()) {
    view->clear();
  }
}

void ObserveOps(const Machine& m, View* view) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const auto id = static_cast<OpsId>(i);
    const Ops& ops = m.ops.at(id);
    const HashPair& pair = m.ops.PairOf(id);
    OpsView& out = view->ops[i];
    out.user = ops.user;
    out.save_regs = ops.save_regs;
    out.ipmodify = ops.ipmodify;
    out.permanent = ops.permanent;
    out.registered = m.ops.registered(id);
    out.pair = static_cast<OpsId>(std::countr_zero(pair.users));
    ObserveHash(m, pair.hash[At(Which::kFilter)], &out.filter);
    ObserveHash(m, pair.hash[At(Which::kNotrace)], &out.notrace);
    ObserveCached(ops.cached[At(Which::kFilter)], &out.cached_filter);
    ObserveCached(ops.cached[At(Which::kNotrace)], &out.cached_notrace);
  }
  view->order.assign(m.ops.order().begin(), m.ops.order().end());
}

void ObserveKprobes(const KprobesView& shown, KprobesView* view) {
  view->probes = shown.probes;
  view->entry_count = shown.entry_count;
  view->entries = shown.entries;
  view->all_disarmed = shown.all_disarmed;
  view->early_slots = shown.early_slots;
  view->unused_count = shown.unused_count;
  view->unused = shown.unused;
  for (std::size_t i = 0; i < shown.ops.size(); ++i) {
    view->ops[i].registered = shown.ops[i].registered;
    const std::vector<Address>& filter = shown.ops[i].filter;
    if (!filter.empty() || !view->ops[i].filter.empty()) view->ops[i].filter = filter;
  }
}

}  // namespace

void Observe(const Machine& m, View* view) {
  ObserveRecords(m, view);
  ObserveOps(m, view);
  view->modules.resize(m.modules.size());
  for (std::size_t i = 0; i < m.modules.size(); ++i) {
    const LoadedModule& module = m.modules[i];
    view->modules[i] = {module.state, module.slot, module.next, module.klp_alive};
  }
  view->notifiers = m.notifiers.view();
  view->livepatch = m.livepatch.view;
  ObserveKprobes(m.kprobes.view, &view->kprobes);
  view->globals = m.globals;
  view->ledger = {.records = m.records.live_records(),
                  .groups = m.records.live_groups(),
                  .pages = m.records.live_pages(),
                  .hash_entries = m.ops.live_entries(),
                  .cached = m.ops.live_cached()};
}

}  // namespace recount::fast
