#include "impl/linux/observe.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "model/strings.h"

namespace recount {
namespace {

static_assert(static_cast<int>(RK_REC_DISABLED) == kDisabled &&
              static_cast<int>(RK_REC_REGS) == kRegs && static_cast<int>(RK_REC_TRAMP) == kTramp &&
              static_cast<int>(RK_REC_IPMODIFY) == kIpModify &&
              static_cast<int>(RK_REC_ENABLED) == kEnabled &&
              static_cast<int>(RK_REC_REGS_EN) == kRegsEn &&
              static_cast<int>(RK_REC_TRAMP_EN) == kTrampEn);

// What is none of the four shows as the trampoline of an ops that cannot be.
constexpr OpsId kNobody{0xff};

static_assert(kAllOpsCount == RK_ALL_OPS);
OpsId OpsOf(unsigned char number) { return number < RK_ALL_OPS ? OpsId{number} : kNobody; }

static_assert(static_cast<int>(RK_SITE_NOP) == static_cast<int>(SiteKind::kNop) &&
              static_cast<int>(RK_SITE_CALL) == static_cast<int>(SiteKind::kPlainEntry) &&
              static_cast<int>(RK_SITE_CALL_REGS) == static_cast<int>(SiteKind::kRegsEntry) &&
              static_cast<int>(RK_SITE_TRAMPOLINE) == static_cast<int>(SiteKind::kTrampoline));
Site SiteOf(const rk_record& record) {
  if (record.site == RK_SITE_OTHER) return {SiteKind::kTrampoline, kNobody};
  return {static_cast<SiteKind>(record.site), OpsOf(record.owner)};
}

// Calls `fill` with room, and again with enough of it. Returns how many it gave.
template <typename T, typename Fill>
unsigned Collect(std::vector<T>* to, const Fill& fill) {
  if (to->empty()) to->resize(64);
  unsigned count = fill(to->data(), static_cast<unsigned>(to->size()));
  if (count > to->size()) {
    to->resize(count);
    count = fill(to->data(), count);
  }
  return count;
}

// The language's own rule for what is kept of a token: a Pattern, null for the empty text.
Pattern Kept(const char* text) {
  const std::string_view whole = text == nullptr ? "" : text;
  if (whole.empty()) return Pattern();
  // "x" in front: whatever the text, that is a pattern, and Piece() drops it again.
  return Pattern::Must(internal::Cat({"x", whole})).Piece(1);
}

}  // namespace

bool Observer::IsDead() const {
  rk_globals globals;
  rk_get_globals(&globals);
  return globals.dead != 0;
}

void Observer::ObserveRecords(View* view) {
  const unsigned count = Collect(&records_, rk_records);
  view->records.resize(count);
  for (unsigned i = 0; i < count; ++i) {
    const rk_record& record = records_[i];
    // Field by field: as one value it is put together in memory and read back before it is stored.
    RecordView& out = view->records[i];
    out.ip = space_->Fictitious(record.ip);
    out.function = space_->RecordAt(record.ip);
    out.count = record.count;
    out.flags = record.flags;
    out.site = SiteOf(record);
  }
}

void Observer::ObserveGroups(View* view) {
  const unsigned count = Collect(&groups_, rk_groups);
  view->groups.resize(count);
  for (unsigned i = 0; i < count; ++i) {
    ModuleId owner = kCore;
    if (groups_[i].used != 0) {
      owner = space_->world().function(space_->RecordAt(groups_[i].first)).module;
    }
    view->groups[i] = {.owner = owner,
                       .order = static_cast<std::uint8_t>(groups_[i].order),
                       .used = groups_[i].used};
  }
}

inline void Observer::ObserveHash(const rk_hash_info& hash, const unsigned long* ips,
                                  HashView* view) const {
  view->cleared = hash.cleared;
  view->mod = hash.mod != 0;
  // Most hashes are empty.
  view->ips.resize(hash.count);
  if (hash.count == 0) return;
  for (unsigned i = 0; i < hash.count; ++i) view->ips[i] = space_->Fictitious(ips[i]);
  std::sort(view->ips.begin(), view->ips.end());
}

void Observer::ObserveCached(int ops, int which, std::vector<CachedFilter>* cached) {
  const char* function = nullptr;
  const char* module = nullptr;
  for (unsigned n = 0; rk_cached(ops, which, n, &function, &module) != 0; ++n) {
    cached->push_back({Kept(function), Kept(module)});
  }
}

void Observer::ObserveOps(const std::array<OpsFlags, kOpsCount>& flags, View* view) {
  rk_ops_info infos[RK_OPS];
  Collect(&ips_, [&infos](unsigned long* ips, unsigned capacity) {
    return rk_ops_infos(infos, ips, capacity);
  });
  const unsigned long* ips = ips_.data();
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const rk_ops_info& info = infos[i];
    OpsView& ops = view->ops[i];
    ops.user = flags[i].user;
    ops.save_regs = flags[i].save_regs;
    ops.ipmodify = flags[i].ipmodify;
    ops.permanent = flags[i].permanent;
    ops.registered = info.registered != 0;
    ops.pair = OpsId{static_cast<std::uint8_t>(info.pair)};
    ObserveHash(info.hashes[RK_FILTER], ips, &ops.filter);
    ips += info.hashes[RK_FILTER].count;
    ObserveHash(info.hashes[RK_NOTRACE], ips, &ops.notrace);
    ips += info.hashes[RK_NOTRACE].count;
    ops.cached_filter.clear();
    ops.cached_notrace.clear();
    const int number = static_cast<int>(i);
    if (info.has_cached[RK_FILTER] != 0) ObserveCached(number, RK_FILTER, &ops.cached_filter);
    if (info.has_cached[RK_NOTRACE] != 0) ObserveCached(number, RK_NOTRACE, &ops.cached_notrace);
  }
}

void Observer::Observe(const std::array<OpsFlags, kOpsCount>& flags, View* view) {
  ObserveRecords(view);
  ObserveGroups(view);
  ObserveOps(flags, view);
  unsigned char order[RK_ALL_OPS];
  const unsigned listed = rk_order(order);
  view->order.clear();
  for (unsigned i = 0; i < listed; ++i) view->order.push_back(OpsOf(order[i]));
  loader_->Observe(&view->modules);
  notifiers_->Observe(&view->notifiers);
  livepatches_->Observe(&view->livepatch);
  probes_->Observe(&view->kprobes);

  rk_globals globals;
  rk_get_globals(&globals);
  view->globals = {.dead = globals.dead != 0,
                   .enabled = globals.enabled != 0,
                   .core_init_freed = loader_->core_init_freed()};
  view->ledger = {.records = static_cast<std::uint32_t>(globals.records),
                  .groups = globals.groups,
                  .pages = globals.pages,
                  .hash_entries = globals.hash_entries,
                  .cached = globals.cached};
}

}  // namespace recount
