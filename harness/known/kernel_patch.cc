// Passes over the call sites.
#include <cstdint>
#include <optional>

#include "harness/known/kernel.h"

namespace recount::internal {

namespace {

constexpr std::uint8_t kCurrentBits = kEnabled | kRegsEn | kTrampEn;

}  // namespace

// ftrace_check_record(): what there is to do, and doing it.
KernelBooks::Change KernelBooks::ChangeOf(const RecordView& record, bool enable) {
  const auto has = [&record](std::uint8_t flag) { return (record.flags & flag) != 0; };
  if (has(kDisabled) && !has(kEnabled)) return Change::kNone;
  if (!enable || record.count == 0) return has(kEnabled) ? Change::kNop : Change::kNone;
  if (!has(kEnabled)) return Change::kCall;
  const bool same = has(kRegs) == has(kRegsEn) && has(kTramp) == has(kTrampEn);
  return same ? Change::kNone : Change::kModify;
}

void KernelBooks::SetCurrent(RecordView* record, bool enable) const {
  if (enable && record->count > 0) {
    record->flags &= ~kCurrentBits;
    record->flags |= kEnabled;
    if ((record->flags & kRegs) != 0) record->flags |= kRegsEn;
    if ((record->flags & kTramp) != 0) record->flags |= kTrampEn;
  } else if (record->count > 0) {
    record->flags &= ~kCurrentBits;
  } else {
    record->flags &= Has(kIpModifyNotrace) ? kDisabled : kDisabled | kIpModify;
  }
}

// ftrace_find_tramp_ops_curr(). An ops that shares a filter being changed is not marked, and is
// asked by its new hash.
std::optional<Site> KernelBooks::FindCurrent(const RecordView& record, const Cause& cause) const {
  if (!Has(kSharedPairKills)) return record.site;
  if ((record.flags & kTrampEn) == 0) {
    const bool regs = (record.flags & kRegsEn) != 0;
    return Site{.kind = regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry, .owner = {}};
  }
  if (cause.removing && Matches(*cause.removing, record)) {
    return Site{.kind = SiteKind::kTrampoline, .owner = *cause.removing};
  }
  for (const OpsId id : order_) {
    if (id == cause.adding) continue;
    if (Match(id == cause.modifying ? cause.old : HashesOf(id), record.ip)) {
      return Site{.kind = SiteKind::kTrampoline, .owner = id};
    }
  }
  return std::nullopt;
}

// ftrace_get_addr_new(): the trampoline of the newest that matches, counted or not.
std::optional<Site> KernelBooks::FindNew(const RecordView& record) const {
  if ((record.flags & kTramp) == 0) {
    const bool regs = (record.flags & kRegs) != 0;
    return Site{.kind = regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry, .owner = {}};
  }
  for (const OpsId id : order_) {
    if (Ops(id).ipmodify && !Has(kIpModifyReload) && !IsOldestOwner(id, record)) continue;
    if (Matches(id, record)) return Site{.kind = SiteKind::kTrampoline, .owner = id};
  }
  return std::nullopt;
}

// ftrace_replace_code() of x86: all are checked, then all are changed.
void KernelBooks::Pass(bool enable, const Cause& cause) {
  if (dead_) return;
  for (const RecordView& record : records_) {
    const Change change = ChangeOf(record, enable);
    if (change == Change::kNone) continue;
    const std::optional<Site> there = change == Change::kCall ? Site{} : FindCurrent(record, cause);
    if (VerifyFails() || there != record.site) return Die();
  }
  for (RecordView& record : records_) {
    const Change change = ChangeOf(record, enable);
    if (change == Change::kNone) continue;
    std::optional<Site> site = Site{};
    if (change != Change::kNop) site = FindNew(record);
    if (!site) {
      Die();
      site = Site{.kind = SiteKind::kPlainEntry, .owner = {}};
    }
    record.site = *site;
    SetCurrent(&record, enable);
  }
}

}  // namespace recount::internal
