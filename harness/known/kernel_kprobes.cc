// Kprobes: what arming and disarming does to their two ops.
#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "harness/known/kernel.h"

namespace recount::internal {

// __arm_kprobe_ftrace() and __disarm_kprobe_ftrace(), for all that came and went: one by one, in
// the order of the table. A probe that moves comes to kpi before it leaves kp.
void KernelBooks::ChangeKprobeOps() {
  std::vector<Address> probed;
  for (const View* view : {&target_, &step_.before}) {
    for (std::size_t i = 0; i < view->kprobes.entry_count; ++i) {
      const Address ip = view->kprobes.entries[i].address;
      if (std::find(probed.begin(), probed.end(), ip) == probed.end()) probed.push_back(ip);
    }
  }
  constexpr std::array kOps = {kKprobeIpmodifyOps, kKprobeOps};
  for (const Address ip : probed) {
    for (const OpsId id : kOps) {
      const KprobeOpsView& to = KprobeOps(target_, id);
      const bool was = Contains(*HashesOf(id).filter, ip);
      const bool is = std::binary_search(to.filter.begin(), to.filter.end(), ip);
      const bool stuck = variant_.last_one_stuck && !to.registered && !to.filter.empty();
      if (stuck && was && is && registered_[Index(id)]) Remove(id);
      if (was == is) continue;
      // The last one unregisters before it goes, the first one registers when it has come.
      // One whose end killed ftrace could not be taken out any more.
      const bool killed = target_.globals.dead && !to.filter.empty();
      const std::size_t strays = variant_.strays[id == kKprobeOps ? 0 : 1];
      const bool last = was && !killed && !stuck &&
                        HashesOf(id).filter->ips.size() == to.filter.size() + 1 + strays;
      if (last && registered_[Index(id)] && !to.registered) Remove(id);
      SetKprobeFilter(id, ip, was);
      if (is && !registered_[Index(id)] && to.registered) Add(id);
    }
  }
  // What stands in no filter, or could not be taken out of it.
  for (const OpsId id : kOps) {
    const bool registered = KprobeOps(target_, id).registered;
    if (registered_[Index(id)] == registered) continue;
    registered ? Add(id) : Remove(id);
  }
}

void KernelBooks::Leave() {
  ChangeKprobeOps();
  // Livepatch lets go of a module behind kprobes.
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    if (dead_ || !registered_[kOpsCount + i] || target_.livepatch.ops[i].registered) continue;
    Remove(OpsId{static_cast<std::uint8_t>(kOpsCount + i)});
  }
  std::erase_if(records_, [this](const RecordView& record) {
    return std::none_of(target_.records.begin(), target_.records.end(),
                        [&](const RecordView& left) { return left.ip == record.ip; });
  });
}

void KernelBooks::SetKprobeFilter(OpsId id, Address ip, bool remove) {
  const Hashes old = HashesOf(id);
  HashView next = *old.filter;
  if (remove) {
    std::erase(next.ips, ip);
  } else {
    next.ips.insert(std::lower_bound(next.ips.begin(), next.ips.end(), ip), ip);
  }
  if (registered_[Index(id)] && Ops(id).ipmodify) {
    for (RecordView& record : records_) {
      if ((record.flags & kDisabled) != 0 || record.ip != ip) continue;
      record.flags = remove ? record.flags & ~kIpModify : record.flags | kIpModify;
    }
  }
  Count(id, Which::kFilter, false);
  hashes_[Index(id)].filter = &kprobe_filters_.emplace_back(std::move(next));
  Count(id, Which::kFilter, true);
  if (!registered_[Index(id)]) return;
  MendWanted();
  if (enabled_) Pass(true, {.modifying = id, .old = old});
}

}  // namespace recount::internal
