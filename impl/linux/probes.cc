#include "impl/linux/probes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "impl/linux/kernel.h"
#include "impl/linux/kernel_kprobe.h"
#include "model/errno.h"
#include "model/world.h"

namespace recount {
namespace {

static_assert(kKprobeCount == RK_KPROBES && 2 * kKprobeCount == RK_FIRED);
static_assert(Index(kKprobeOps) == RK_FIRST_KPROBE_OPS &&
              Index(kKprobeIpmodifyOps) == RK_FIRST_KPROBE_OPS + 1);

int Number(KprobeId id) { return static_cast<int>(Index(id)); }

static_assert(static_cast<int>(RK_JUMP_NONE) == static_cast<int>(JumpState::kNone) &&
              static_cast<int>(RK_JUMP_QUEUED) == static_cast<int>(JumpState::kQueued) &&
              static_cast<int>(RK_JUMP_INSTALLED) == static_cast<int>(JumpState::kInstalled) &&
              static_cast<int>(RK_JUMP_LEAVING) == static_cast<int>(JumpState::kLeaving));

}  // namespace

void Probes::Reset(bool jumps) {
  any_ = false;
  jumps_ = jumps;
  rk_kprobes_jump(jumps ? 1 : 0);
}

int Probes::Add(const AddKprobe& op) {
  any_ = true;
  const World& world = space_->world();
  const Function& function = world.function(op.place.function);
  std::string symbol = function.name;
  if (function.module != kCore) symbol = world.module(function.module).name + ":" + symbol;
  return rk_kprobe_add(Number(op.kprobe), symbol.c_str(), op.place.offset, op.post ? 1 : 0,
                       op.disabled ? 1 : 0);
}

int Probes::Remove(KprobeId kprobe) { return rk_kprobe_remove(Number(kprobe)); }
int Probes::Enable(KprobeId kprobe) { return rk_kprobe_enable(Number(kprobe)); }
int Probes::Disable(KprobeId kprobe) { return rk_kprobe_disable(Number(kprobe)); }

int Probes::Arm(bool on) {
  any_ = true;
  return rk_kprobes_arm(on ? 1 : 0);
}

int Probes::Optimize() {
  if (!jumps_) return Rc(Errno::kInval);
  rk_kprobes_optimize();
  return 0;
}

void Probes::AddFired(Outcome* outcome) const {
  unsigned char fired[RK_FIRED];
  const unsigned count = rk_fired(fired);
  for (unsigned i = 0; i < count; ++i) outcome->AddFired(KprobeId{fired[i]});
}

// The kernel may keep more of them than the View has room for: then the count says so.
void Probes::ObserveUnused(KprobesView* view) const {
  unsigned long addresses[kKprobeCount];
  const unsigned count = rk_unused_probed(addresses, kKprobeCount);
  view->unused_count = static_cast<std::uint8_t>(count);
  const std::size_t shown = std::min<std::size_t>(count, kKprobeCount);
  for (std::size_t i = 0; i < shown; ++i) view->unused[i] = space_->Fictitious(addresses[i]);
  std::sort(view->unused.begin(), view->unused.begin() + shown);
}

void Probes::Observe(KprobesView* view) {
  *view = {};
  if (!any_) return;
  rk_kprobe_info infos[RK_KPROBES];
  rk_kprobe_infos(infos);
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    const rk_kprobe_info& info = infos[i];
    if (info.registered == 0) continue;
    view->probes[i] = {.registered = true,
                       .post = info.post != 0,
                       .gone = info.gone != 0,
                       .disabled = info.disabled != 0,
                       .address = space_->Fictitious(info.address)};
  }
  rk_probed entries[RK_KPROBES];
  view->entry_count = static_cast<std::uint8_t>(rk_probed_infos(entries));
  for (std::size_t i = 0; i < view->entry_count; ++i) {
    const rk_probed& entry = entries[i];
    KprobeEntryView& out = view->entries[i];
    out.address = space_->Fictitious(entry.address);
    out.aggregate = entry.aggregate != 0;
    out.on_ftrace = entry.on_ftrace != 0;
    out.post = entry.post != 0;
    out.gone = entry.gone != 0;
    out.disabled = entry.disabled != 0;
    out.jump = static_cast<JumpState>(entry.jump);
    out.count = static_cast<std::uint8_t>(entry.count);
    for (std::size_t j = 0; j < entry.count; ++j) out.probes[j] = KprobeId{entry.probes[j]};
  }
  if (jumps_) ObserveUnused(view);
  for (int which = 0; which < RK_KPROBE_OPS; ++which) {
    KprobeOpsView& ops = view->ops[static_cast<std::size_t>(which)];
    ops.registered = rk_kprobe_ops_registered(which) != 0;
    ips_.resize(kKprobeCount);
    const unsigned count =
        rk_kprobe_ops_filter(which, ips_.data(), static_cast<unsigned>(ips_.size()));
    if (count > ips_.size()) {
      ips_.resize(count);
      rk_kprobe_ops_filter(which, ips_.data(), count);
    }
    for (unsigned i = 0; i < count; ++i) ops.filter.push_back(space_->Fictitious(ips_[i]));
    std::sort(ops.filter.begin(), ops.filter.end());
  }
  view->all_disarmed = rk_kprobes_are_disarmed() != 0;
}

}  // namespace recount
