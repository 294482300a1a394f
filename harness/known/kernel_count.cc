// The counts of records and what they want, up and down.
#include <algorithm>
#include <cstddef>
#include <optional>

#include "harness/known/kernel.h"

namespace recount::internal {

bool KernelBooks::IsOldestOwner(OpsId ops, const RecordView& record) const {
  std::optional<OpsId> oldest;
  for (const OpsId id : order_) {
    if (Ops(id).ipmodify && Contains(*HashesOf(id).filter, record.ip)) oldest = id;
  }
  return oldest == ops;
}

bool KernelBooks::Waits(OpsId ops, const RecordView& record) const {
  if (!Ops(ops).ipmodify || Has(kIpModifyReload)) return false;
  const auto at = std::find(order_.begin(), order_.end(), ops);
  return at != order_.end() && std::any_of(at + 1, order_.end(), [&](OpsId older) {
           return Ops(older).ipmodify && Contains(*HashesOf(older).filter, record.ip);
         });
}

void KernelBooks::MarkOwned(const HashView& filter, bool owned) {
  for (RecordView& record : records_) {
    if ((record.flags & kDisabled) != 0 || !Contains(filter, record.ip)) continue;
    record.flags = owned ? record.flags | kIpModify : record.flags & ~kIpModify;
  }
}

// __ftrace_hash_rec_update(): of a notrace hash, when those are counted apart, the other way round,
// as a function that is no longer excluded is traced again.
void KernelBooks::Count(OpsId id, Which which, bool up) {
  if (!registered_[Index(id)]) return;
  const Hashes& hashes = HashesOf(id);
  const bool apart = which == Which::kNotrace && variant_.notrace_apart;
  if (apart && hashes.notrace->empty()) return;
  if (apart) up = !up;
  for (RecordView& record : records_) {
    if ((record.flags & (kDisabled | kEnabled)) == kDisabled) continue;
    const bool match = apart ? Contains(*hashes.notrace, record.ip) &&
                                   (hashes.filter->empty() || Contains(*hashes.filter, record.ip))
                             : Matches(id, record);
    if (!match || Waits(id, record)) continue;
    if (up) {
      CountUp(Ops(id), &record);
    } else if (!CountDown(id, &record)) {
      return Die();
    }
  }
}

void KernelBooks::CountSharers(OpsId ops, Which which, bool up) {
  Count(ops, which, up);
  for (const OpsId id : order_) {
    if (id != ops && Ops(id).pair == Ops(ops).pair) Count(id, which, up);
  }
  if (Has(kKilledOpsUnlisted)) return;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsId id{static_cast<std::uint8_t>(i)};
    const bool listed = std::find(order_.begin(), order_.end(), id) != order_.end();
    if (id != ops && !listed && Ops(id).pair == Ops(ops).pair) Count(id, which, up);
  }
}

void KernelBooks::CountUp(const OpsView& ops, RecordView* record) const {
  ++record->count;
  record->flags = record->count == 1 ? record->flags | kTramp : record->flags & ~kTramp;
  if (ops.save_regs) record->flags |= kRegs;
}

// That an ops is in the list is what makes it be found.
bool KernelBooks::CountDown(OpsId id, RecordView* record) {
  if (record->count == 0) return false;
  --record->count;
  bool needs_regs = false;
  bool other = false;
  for (const OpsId listed : order_) {
    if (!Matches(listed, *record)) continue;
    needs_regs = needs_regs || Ops(listed).save_regs;
    other = other || listed != id;
  }
  if (record->count > 0 && Ops(id).save_regs && !needs_regs) record->flags &= ~kRegs;
  record->flags &= ~kTramp;
  if (record->count == 1 && other) record->flags |= kTramp;
  return true;
}

void KernelBooks::MendWanted() {
  for (RecordView& record : records_) {
    if (!Has(kKilledOpsUnlisted) && record.count == 1) record.flags |= kTramp;
    if (Has(kStaleRegs) || (record.flags & kRegs) == 0) continue;
    bool wanted = false;
    for (std::size_t i = 0; i < kAllOpsCount && record.count > 0; ++i) {
      const OpsView& ops = Ops(OpsId{static_cast<std::uint8_t>(i)});
      // Where two may have it, one is counted that is not marked.
      const bool owns =
          (record.flags & kIpModify) != 0 && !Waits(OpsId{static_cast<std::uint8_t>(i)}, record);
      const bool counted = !ops.ipmodify || owns || Has(kIpModifyReload);
      wanted =
          wanted || (registered_[i] && ops.save_regs && counted && Match(hashes_[i], record.ip));
    }
    if (!wanted) record.flags &= ~kRegs;
  }
}

}  // namespace recount::internal
