#include "impl/fast/kprobe_arming.h"

#include <set>
#include <span>

#include "impl/fast/accounting.h"
#include "impl/fast/optprobes.h"
#include "impl/fast/patcher.h"
#include "impl/fast/registration.h"

namespace recount::fast {
namespace {

OpsId OpsOf(ArmedOn on) { return on == ArmedOn::kKpi ? kKprobeIpmodifyOps : kKprobeOps; }

// What an address on ftrace is armed on.
ArmedOn KeyOf(const ProbedAddress& entry) { return entry.post ? ArmedOn::kKpi : ArmedOn::kKp; }

// As ftrace_set_filter_ip() does it (SEMANTICS 5): one address comes into the filter, or goes out
// of it. The cost is that of the address, not of the filter.
Errno ChangeFilter(Machine& m, ArmedOn on, const ProbedAddress& entry, bool remove) {
  const OpsId ops = OpsOf(on);
  if (m.dead()) return Errno::kNoDev;
  if (m.faults.Pass(FaultPoint::kHashCopy)) return Errno::kNoMem;
  Cell cell;
  if (!m.layout.CellAt(entry.address, &cell) || m.index.Find(cell) == kNoRecord) {
    return Errno::kInval;
  }
  const std::set<Cell>& filter = m.ops.KprobeFilter(ops);
  const bool there = filter.contains(cell);
  if (remove && !there) return Errno::kNoEnt;
  const bool emptied = remove && filter.size() == 1;
  if (!emptied && m.faults.Pass(FaultPoint::kHashMove)) return Errno::kNoMem;
  // Registered, kpi is not emptied: it goes before its last address does (Disarm).
  const bool joins = ops == kKprobeIpmodifyOps && m.ops.registered(ops) && !there;
  if (joins && AnyOwned(m, std::span(&cell, 1))) return Errno::kBusy;
  ChangeKprobeFilter(m, ops, cell, remove);
  PatchTouched(m);
  return Errno::kOk;
}

Errno ArmOn(Machine& m, ProbedAddress* entry, ArmedOn on) {
  if (const Errno error = ChangeFilter(m, on, *entry, /*remove=*/false); error != Errno::kOk) {
    return error;
  }
  if (!m.ops.registered(OpsOf(on))) {
    const Errno error = RegisterOps(m, OpsOf(on));
    if (error != Errno::kOk) {
      ChangeFilter(m, on, *entry, /*remove=*/true);
      return error;
    }
  }
  m.kprobes.table.SetArmed(entry, on);
  return Errno::kOk;
}

}  // namespace

Errno Arm(Machine& m, ProbedAddress* entry) {
  if (entry->on_ftrace) return ArmOn(m, entry, KeyOf(*entry));
  ForceJumpsOver(m, entry->address);
  m.kprobes.table.SetArmed(entry, ArmedOn::kBreakpoint);
  OptimizeIfItMay(m, entry);
  return Errno::kOk;
}

Errno Disarm(Machine& m, ProbedAddress* entry) {
  const ArmedOn on = entry->armed;
  if (on == ArmedOn::kNothing) return Errno::kOk;
  if (on == ArmedOn::kKp || on == ArmedOn::kKpi) {
    if (m.dead() && m.profile.dead_disarm == Profile::DeadDisarm::kDone) {
      m.kprobes.table.SetArmed(entry, ArmedOn::kNothing);
      return Errno::kOk;
    }
    // Which ops it is on is asked again, and the answer has changed meanwhile.
    if (m.bugs.has(Bug::kAggrPosthandlerFtrace) && KeyOf(*entry) != on) {
      return ChangeFilter(m, KeyOf(*entry), *entry, /*remove=*/true);
    }
    // The last one on it takes the ops along. Only then its address goes, for a registered ops with
    // an empty filter would trace all.
    if (m.kprobes.table.armed(on) <= 1) {
      const Errno error = UnregisterOps(m, OpsOf(on));
      if (error != Errno::kOk) return error;
    }
    m.kprobes.table.SetArmed(entry, ArmedOn::kNothing);
    return ChangeFilter(m, on, *entry, /*remove=*/true);
  }
  m.kprobes.table.SetArmed(entry, ArmedOn::kNothing);
  LetJumpGo(m, entry);
  return Errno::kOk;
}

Errno MoveToIpmodify(Machine& m, ProbedAddress* entry) {
  const Errno error = ArmOn(m, entry, ArmedOn::kKpi);
  if (error != Errno::kOk) return error;
  // It is counted on kpi already.
  if (m.kprobes.table.armed(ArmedOn::kKp) == 0) {
    if (UnregisterOps(m, kKprobeOps) != Errno::kOk) return Errno::kOk;
  }
  ChangeFilter(m, ArmedOn::kKp, *entry, /*remove=*/true);
  return Errno::kOk;
}

void Kill(Machine& m, ProbedAddress* entry) {
  KprobeTable& table = m.kprobes.table;
  if (m.bugs.has(Bug::kKillKprobeTwice) && entry->gone && entry->on_ftrace && !entry->disabled) {
    // It is not armed any more, and counted down once more.
    const ArmedOn on = KeyOf(*entry);
    if (table.armed(on) == 1) UnregisterOps(m, OpsOf(on));
    table.CountDown(on);
  }
  // Asked only after it is marked as gone, "is it enabled" has one answer.
  if (m.bugs.has(Bug::kKillKprobeFlagOrder)) entry->gone = true;
  const bool forgotten =
      (m.bugs.has(Bug::kKillKprobeFlagOrder) && entry->off()) ||
      (m.bugs.has(Bug::kKprobeFtraceNullOnModuleFree) && entry->address >= World::kModuleBase);
  if (!entry->on_ftrace) {
    table.SetArmed(entry, ArmedOn::kNothing);
  } else if (!forgotten) {
    Disarm(m, entry);
  }
  entry->gone = true;
  if (entry->aggregate) entry->post = false;
  for (ProbeId id = entry->first; id != kNoProbe; id = table.probe(id).next) {
    table.probe(id).gone = true;
  }
  ForgetJump(m, entry);
}

}  // namespace recount::fast
