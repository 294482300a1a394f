// What the operations do: who comes and goes, whose filter changes, which module.
#include "harness/known/kernel.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace recount::internal {

KernelBooks::KernelBooks(const DivergingStep& step, const View& target, const Variant& variant)
    : step_(step),
      target_(target),
      variant_(variant),
      records_(step.before.records),
      order_(step.before.order),
      dead_(step.before.globals.dead),
      enabled_(step.before.globals.enabled) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsView& ops = step.before.ops[i];
    hashes_[i] = {&ops.filter, &ops.notrace};
    registered_[i] = ops.registered;
  }
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const LivepatchOpsView& from = step.before.livepatch.ops[i];
    OpsView& ops = others_[i];
    ops.ipmodify = ops.permanent = true;
    ops.registered = from.registered;
    ops.pair = OpsId{static_cast<std::uint8_t>(kOpsCount + i)};
    ops.filter.ips = {from.ip};
    hashes_[kOpsCount + i] = {&ops.filter, &ops.notrace};
    registered_[kOpsCount + i] = from.registered;
  }
  for (const OpsId id : {kKprobeOps, kKprobeIpmodifyOps}) {
    const KprobeOpsView& from = KprobeOps(step.before, id);
    OpsView& ops = others_[Index(id) - kOpsCount];
    ops.save_regs = true;
    ops.ipmodify = id == kKprobeIpmodifyOps;
    ops.registered = registered_[Index(id)] = from.registered;
    ops.pair = id;
    ops.filter.ips = from.filter;
    hashes_[Index(id)] = {&ops.filter, &ops.notrace};
  }
}

bool KernelBooks::Shows(const View& view) const {
  if (!possible_) return false;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (view.ops[i].registered != registered_[i]) return false;
  }
  for (const OpsId id : {kKprobeOps, kKprobeIpmodifyOps}) {
    if (KprobeOps(view, id).registered != registered_[Index(id)]) return false;
  }
  return view.globals.dead == dead_ && view.globals.enabled == enabled_ && view.order == order_ &&
         view.records == records_;
}

void KernelBooks::Do(const Register& op) {
  if (Ops(op.ops).registered || !target_.ops[Index(op.ops)].registered) return;
  Add(op.ops);
}

void KernelBooks::Add(OpsId ops) {
  order_.insert(order_.begin(), ops);
  registered_[Index(ops)] = true;
  if (Ops(ops).ipmodify) MarkOwned(*HashesOf(ops).filter, true);
  Count(ops, Which::kFilter, true);
  MendWanted();
  if (enabled_) Pass(true, {.adding = ops});
  // That killed: not called any more, though marked as registered.
  if (dead_) std::erase(order_, ops);
}

void KernelBooks::Do(const Unregister& op) {
  if (!Ops(op.ops).registered || target_.ops[Index(op.ops)].registered) return;
  Remove(op.ops);
}

void KernelBooks::Remove(OpsId ops) {
  std::erase(order_, ops);
  if (Ops(ops).ipmodify) MarkOwned(*HashesOf(ops).filter, false);
  Count(ops, Which::kFilter, false);
  registered_[Index(ops)] = false;
  MendWanted();
  if (!enabled_) return;
  Pass(true, {.removing = ops});
  // When nobody is left, nothing may be.
  if (!order_.empty()) return;
  for (const RecordView& record : records_) {
    if (record.count != 0 || (record.flags & ~kDisabled) != 0) Die();
  }
}

void KernelBooks::Do(const FtraceEnabled& op) {
  if (dead_ || op.on == enabled_ || step_.expected.rc != 0) return;
  enabled_ = op.on;
  if (!order_.empty()) Pass(op.on, {});
}

void KernelBooks::Do(const LoadStep& op) {
  if (step_.before.modules[Index(op.module)].next != Stage::kEnable) return Leave();
  if (!dead_) EnableModule(op.module);
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsView& ops = step_.before.ops[i];
    const OpsId id{static_cast<std::uint8_t>(i)};
    if (!ops.cached_filter.empty()) Install(id, Which::kFilter);
    if (!ops.cached_notrace.empty()) Install(id, Which::kNotrace);
  }
}

void KernelBooks::Install(OpsId ops, Which which) {
  const auto hash = which == Which::kFilter ? &Hashes::filter : &Hashes::notrace;
  const OpsView& found = target_.ops[Index(ops)];
  const HashView& next = which == Which::kFilter ? found.filter : found.notrace;
  const Hashes old = HashesOf(ops);
  if (*(old.*hash) == next && !variant_.same_again) return;
  if (which == Which::kFilter && Ops(ops).ipmodify && registered_[Index(ops)]) {
    for (RecordView& record : records_) {
      if ((record.flags & kDisabled) != 0) continue;
      const bool in = Contains(next, record.ip);
      if (in == Contains(*old.filter, record.ip)) continue;
      // Who owns it refuses the hash, so this one was not moved in by a kernel of this variant.
      if (in && (record.flags & kIpModify) != 0) possible_ = false;
      record.flags = in ? record.flags | kIpModify : record.flags & ~kIpModify;
    }
  }
  CountSharers(ops, which, false);
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (step_.before.ops[i].pair == Ops(ops).pair) hashes_[i].*hash = &next;
  }
  CountSharers(ops, which, true);
  MendWanted();
  if (!enabled_) return;
  // The ops that is marked as modified: the one asked about, or one that shares its filter.
  std::optional<OpsId> modified;
  if (registered_[Index(ops)]) modified = ops;
  for (const OpsId id : order_) {
    if (!modified && Ops(id).pair == Ops(ops).pair) modified = id;
  }
  if (modified) Pass(true, {.modifying = modified, .old = old});
}

// ftrace_module_enable(). Flags come before the check, as for no other pass.
void KernelBooks::EnableModule(ModuleId module) {
  for (RecordView& record : records_) {
    if (record.function == kNoFunction) continue;
    const Function& function = step_.world.function(record.function);
    if (function.module != module || function.kind == FunctionKind::kWeak) continue;
    record.flags &= ~kDisabled;
    for (const OpsId id : order_) {
      const OpsView& ops = Ops(id);
      if (ops.ipmodify && !Has(kIpModifyReload)) {
        if (!IsOldestOwner(id, record)) continue;
        record.flags |= kIpModify;
      }
      if (!Matches(id, record) || (ops.ipmodify && Has(kIpModifyReload))) continue;
      CountUp(ops, &record);
    }
    if (record.count == 0 || !(enabled_ || Has(kLoadIgnoresSysctl))) continue;
    const std::optional<Site> site = FindNew(record);
    SetCurrent(&record, true);
    if (!site || VerifyFails()) return Die();
    record.site = *site;
  }
}

}  // namespace recount::internal
