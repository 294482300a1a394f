#include "impl/fast/registration.h"

#include <algorithm>
#include <set>
#include <span>

#include "impl/fast/accounting.h"
#include "impl/fast/patcher.h"
#include "model/check.h"

namespace recount::fast {
namespace {

// An IPMODIFY ops names its functions, and there is no other such ops on any of them. Livepatch's
// and kprobes' have named theirs when they get here: that may fail, and then nobody registers them.
Errno CheckIpModify(const Machine& m, OpsId id) {
  if (IsLivepatch(id)) {
    const std::optional<Cell> cell = m.ops.LivepatchFilter(id);
    RECOUNT_CHECK(cell.has_value());
    return AnyOwned(m, std::span(&*cell, 1)) ? Errno::kBusy : Errno::kOk;
  }
  if (IsKprobe(id)) {
    const std::set<Cell>& filter = m.ops.KprobeFilter(id);
    RECOUNT_CHECK(!filter.empty());
    const auto owned = [&m](Cell cell) { return AnyOwned(m, std::span(&cell, 1)); };
    return std::any_of(filter.begin(), filter.end(), owned) ? Errno::kBusy : Errno::kOk;
  }
  const FilterHash& filter = m.ops.Hash(id, Which::kFilter);
  if (filter.empty()) return Errno::kInval;
  return AnyOwned(m, filter.cells()) ? Errno::kBusy : Errno::kOk;
}

}  // namespace

Errno SetOpsFlags(Machine& m, const SetOps& op) {
  if (m.ops.registered(op.ops)) return Errno::kBusy;
  if (op.ipmodify && m.ops.PairOf(op.ops).users != Bit(op.ops)) return Errno::kInval;
  m.ops.SetFlags(op);
  return Errno::kOk;
}

Errno RegisterOps(Machine& m, OpsId id) {
  if (m.dead()) return Errno::kNoDev;
  if (m.ops.registered(id)) return Errno::kBusy;
  const bool permanent = IsHidden(id) ? IsLivepatch(id) : m.ops.at(id).permanent;
  if (permanent && !m.globals.enabled) return Errno::kBusy;
  if (IsHidden(id) ? id != kKprobeOps : m.ops.at(id).ipmodify) {
    if (const Errno error = CheckIpModify(m, id); error != Errno::kOk) return error;
  }
  m.ops.Register(id);
  CountOps(m, id);
  PatchTouched(m);
  if (!m.dead()) return Errno::kOk;
  m.ops.Unlist(id);
  return Errno::kNoDev;
}

Errno UnregisterOps(Machine& m, OpsId id) {
  if (m.dead()) return Errno::kNoDev;
  // Counted down for whoever asks, registered or not.
  if (m.bugs.has(Bug::kUnregisterAccountingOrder) && !m.ops.registered(id)) UncountOps(m, id);
  if (!m.ops.registered(id)) {
    PatchTouched(m);
    return Errno::kBusy;
  }
  UncountOps(m, id);
  m.ops.Unregister(id);
  PatchTouched(m);
  return Errno::kOk;
}

Errno SetFtraceEnabled(Machine& m, bool on) {
  if (m.dead()) return Errno::kNoDev;
  if (on == m.globals.enabled) return m.bugs.has(Bug::kCanary) ? Errno::kInval : Errno::kOk;
  if (!on && m.ops.AnyPermanent()) {
    // Refused, but the variable keeps the value that was refused.
    if (m.bugs.has(Bug::kPermanentOpsDisabledBySysctl)) m.globals.enabled = false;
    return Errno::kBusy;
  }
  if (!on) m.listed_at_sysctl_off = m.ops.registered();
  m.globals.enabled = on;
  PatchAll(m);
  return Errno::kOk;
}

}  // namespace recount::fast
