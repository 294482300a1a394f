#include "impl/fast/kprobes.h"

#include <algorithm>

#include "impl/fast/early_kprobes.h"
#include "impl/fast/kprobe_arming.h"
#include "impl/fast/optprobes.h"

namespace recount::fast {
namespace {

// The function can be found by its name, and its code may be probed now.
Errno CheckPlace(const Machine& m, FunctionId id) {
  const Function& function = m.world->function(id);
  if (function.kind == FunctionKind::kWeak) return Errno::kNoEnt;
  const bool init = function.kind == FunctionKind::kInit;
  // Only who registers late looks where kprobes must keep out.
  const bool looks =
      m.globals.phase == Phase::kRunning || !m.bugs.has(Bug::kEarlyProbeReservedArea);
  if (function.module == kCore) {
    // The core keeps the symbols of its init text. Only its functions can be barred
    // (model/world.h).
    const bool barred = function.kind == FunctionKind::kNoKprobe && looks;
    return barred || (init && m.globals.core_init_freed) ? Errno::kInval : Errno::kOk;
  }
  const ModuleState state = m.modules[Index(function.module)].state;
  const bool found = state == ModuleState::kComing || (state == ModuleState::kLive && !init);
  return found ? Errno::kOk : Errno::kNoEnt;
}

bool OnFtrace(const Machine& m, Address address) {
  Cell cell;
  return address % World::kFunctionStride == 0 && m.layout.CellAt(address, &cell) &&
         m.index.Find(cell) != kNoRecord;
}

bool IsCall(const Machine& m, const AddKprobe& op, const ProbedAddress& entry) {
  return !entry.on_ftrace && op.place.offset == 0 &&
         World::HasRecord(m.world->function(op.place.function).kind);
}

void SetDisabled(Machine& m, ProbedAddress* entry, bool disabled) {
  entry->disabled = disabled;
  if (!entry->aggregate) m.kprobes.table.probe(entry->first).disabled = disabled;
}

Errno AddAlone(Machine& m, ProbeId id, const AddKprobe& op, Address address) {
  KprobeTable& table = m.kprobes.table;
  const bool on_ftrace = OnFtrace(m, address);
  if (!on_ftrace) {
    if (!InstructionBegins(op.place.offset)) return Errno::kIlSeq;
    if (m.faults.Pass(FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  }
  ProbedAddress* const entry = table.Add(address);
  entry->on_ftrace = on_ftrace;
  entry->calls = IsCall(m, op, *entry);
  entry->post = op.post;
  entry->disabled = op.disabled;
  if (!m.kprobes.all_disarmed && !op.disabled) {
    if (const Errno error = Arm(m, entry); error != Errno::kOk) {
      table.Remove(entry);
      return error;
    }
  }
  table.Push(entry, id);
  if (!on_ftrace) PrepareJump(m, entry);
  return Errno::kOk;
}

// The flags of a probe alone are those of its aggregator, too; but a post_handler that is gone
// counts no more.
Errno MakeAggregate(Machine& m, ProbedAddress* entry) {
  if (entry->aggregate) return Errno::kOk;
  if (m.faults.Pass(FaultPoint::kKprobeAlloc)) return Errno::kNoMem;
  entry->aggregate = true;
  if (entry->gone) entry->post = false;
  return Errno::kOk;
}

// The code at the address is there again.
Errno Revive(Machine& m, const AddKprobe& op, ProbedAddress* entry) {
  if (m.faults.Pass(FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  entry->gone = false;
  entry->disabled = true;
  entry->on_ftrace = OnFtrace(m, entry->address);
  entry->calls = IsCall(m, op, *entry);
  // Killed by a dead ftrace, which disarms nothing.
  if (!entry->on_ftrace && entry->armed != ArmedOn::kNothing) {
    m.kprobes.table.SetArmed(entry, ArmedOn::kBreakpoint);
  }
  return Errno::kOk;
}

Errno AddToOthers(Machine& m, ProbeId id, const AddKprobe& op, ProbedAddress* entry) {
  if (const Errno error = MakeAggregate(m, entry); error != Errno::kOk) return error;
  if (entry->gone) {
    if (const Errno error = Revive(m, op, entry); error != Errno::kOk) return error;
  }
  const bool had_post = entry->post;
  if (op.post && !had_post && entry->armed == ArmedOn::kKp) {
    if (const Errno error = MoveToIpmodify(m, entry); error != Errno::kOk) return error;
  }
  entry->post |= op.post;
  if (entry->post && !m.bugs.has(Bug::kOptprobePostHandlerKept)) ForceJumpOff(m, entry);
  const bool unused = entry->first == kNoProbe;
  // Whoever takes it as it is finds it disabled.
  const bool revives = !unused || !m.bugs.has(Bug::kOptprobeUnusedNotRevived);
  if (entry->disabled && !op.disabled && revives) {
    entry->disabled = false;
    const Errno error = m.kprobes.all_disarmed ? Errno::kOk : Arm(m, entry);
    if (error != Errno::kOk) {
      entry->disabled = true;
      entry->post = had_post;
      return error;
    }
  }
  m.kprobes.table.Push(entry, id);
  return Errno::kOk;
}

Errno AddAt(Machine& m, ProbeId id, const AddKprobe& op, Address address) {
  ProbedAddress* const entry = m.kprobes.table.Find(address);
  // Only a bug leaves one early when all are converted.
  const bool left_early = entry != nullptr && entry->early();
  if (m.globals.phase != Phase::kRunning || left_early) return AddEarly(m, id, op, address);
  return entry == nullptr ? AddAlone(m, id, op, address) : AddToOthers(m, id, op, entry);
}

bool AllAreOff(const KprobeTable& table, const ProbedAddress& entry) {
  ProbeId id = entry.first;
  while (id != kNoProbe && table.probe(id).off()) id = table.probe(id).next;
  return id == kNoProbe;
}

bool AnyHasPost(const KprobeTable& table, const ProbedAddress& entry) {
  ProbeId id = entry.first;
  while (id != kNoProbe && !table.probe(id).post) id = table.probe(id).next;
  return id != kNoProbe;
}

// Only a bug gets here: nobody asks whether the probe is registered, and its flags are written
// over, in the list as it is.
Errno RegisterAgain(Machine& m, Probe* probe, const AddKprobe& op) {
  ProbedAddress* const entry = m.kprobes.table.Find(probe->address);
  probe->post = op.post;
  probe->disabled = op.disabled;
  if (!entry->aggregate) {
    entry->post = op.post;
    entry->disabled = op.disabled;
  }
  return Errno::kOk;
}

void KillIn(Machine& m, Address begin, Address end) {
  if (m.kprobes.table.empty()) return;
  for (ProbedAddress* const entry : m.kprobes.table.InRange(begin, end)) {
    Kill(m, entry);
    m.kprobes.stale = true;
  }
}

void KillInInitText(Machine& m, Cell base, const Module& image) {
  if (image.init_begin == image.init_end) return;
  const Address begin = m.layout.AddressOf(base) + image.init_begin * World::kFunctionStride;
  KillIn(m, begin, begin + (image.init_end - image.init_begin) * World::kFunctionStride);
}

void RunProbes(const KprobeTable& table, const ProbedAddress& entry, Outcome* outcome) {
  if (entry.off()) return;
  for (ProbeId id = entry.first; id != kNoProbe; id = table.probe(id).next) {
    // Only a bug, by which an address is armed in two ways, runs out of room.
    const bool room = outcome->fired_count < outcome->fired.size();
    if (room && !table.probe(id).off()) outcome->AddFired(static_cast<KprobeId>(id));
  }
}

}  // namespace

Errno RegisterProbe(Machine& m, ProbeId id, const AddKprobe& op) {
  Probe& probe = m.kprobes.table.probe(id);
  m.kprobes.stale = true;
  if (probe.registered) {
    return m.bugs.has(Bug::kKprobeDoubleRegister) ? RegisterAgain(m, &probe, op) : Errno::kInval;
  }
  if (const Errno error = CheckPlace(m, op.place.function); error != Errno::kOk) return error;
  Cell cell;
  m.CellOf(op.place.function, &cell);
  const Address address = m.layout.AddressOf(cell) + op.place.offset;
  const Errno error = AddAt(m, id, op, address);
  if (error != Errno::kOk) return error;
  probe.registered = true;
  probe.post = op.post;
  probe.disabled = op.disabled;
  probe.address = address;
  return Errno::kOk;
}

Errno UnregisterProbe(Machine& m, ProbeId id) {
  KprobeTable& table = m.kprobes.table;
  if (!table.probe(id).registered) return Errno::kInval;
  if (m.kprobes.early_slots.taken() != 0) {
    ProbedAddress* const early = table.Find(table.probe(id).address);
    if (early->early()) {
      RemoveEarly(m, early);
      return Errno::kOk;
    }
  }
  if (DisableProbe(m, id) != Errno::kOk) return Errno::kBusy;
  const Probe probe = table.probe(id);
  ProbedAddress* const entry = table.Find(probe.address);
  table.Take(entry, id);
  table.probe(id) = Probe();
  if (entry->first == kNoProbe) {
    // A jump that is still there keeps it until the worker has run.
    if (entry->jump == JumpState::kNone) table.Remove(entry);
    return Errno::kOk;
  }
  // On ftrace it goes on to say on which ops the address is armed.
  const bool keeps = entry->on_ftrace && !m.bugs.has(Bug::kAggrPosthandlerFtrace);
  if (probe.post && !probe.gone && !keeps && !AnyHasPost(table, *entry)) entry->post = false;
  OptimizeIfItMay(m, entry);
  return Errno::kOk;
}

Errno DisableProbe(Machine& m, ProbeId id) {
  Probe& probe = m.kprobes.table.probe(id);
  if (!probe.registered) return Errno::kInval;
  m.kprobes.stale = true;
  if (probe.off()) return Errno::kOk;
  ProbedAddress* const entry = m.kprobes.table.Find(probe.address);
  if (entry->aggregate) {
    probe.disabled = true;
    if (!AllAreOff(m.kprobes.table, *entry)) return Errno::kOk;
  }
  const bool was_on = !m.kprobes.all_disarmed && !entry->off();
  if (was_on) {
    const Errno error = Disarm(m, entry);
    if (error != Errno::kOk && !m.bugs.has(Bug::kDisarmErrorIgnored)) {
      probe.disabled = false;
      return error;
    }
  }
  SetDisabled(m, entry, true);
  if (was_on && entry->jump == JumpState::kNone) OptimizeBefore(m, entry->address);
  return Errno::kOk;
}

Errno EnableProbe(Machine& m, ProbeId id) {
  Probe& probe = m.kprobes.table.probe(id);
  if (!probe.registered || probe.gone) return Errno::kInval;
  m.kprobes.stale = true;
  ProbedAddress* const entry = m.kprobes.table.Find(probe.address);
  if (entry->aggregate) probe.disabled = false;
  if (m.kprobes.all_disarmed || !entry->off()) return Errno::kOk;
  SetDisabled(m, entry, false);
  const Errno error = Arm(m, entry);
  if (error != Errno::kOk) {
    SetDisabled(m, entry, true);
    // The aggregator is what it was, the probe has to be told.
    if (!m.bugs.has(Bug::kArmFailFlagsLeft)) probe.disabled = true;
  }
  return error;
}

Errno ArmAllProbes(Machine& m, bool on) {
  if (on != m.kprobes.all_disarmed) return Errno::kOk;
  // The flag first: what is armed is optimised, too, unless all are disarmed.
  if (!on || !m.bugs.has(Bug::kKprobesAllDisarmedLate)) m.kprobes.all_disarmed = !on;
  m.kprobes.stale = true;
  Errno last = Errno::kOk;
  for (ProbedAddress* entry = m.kprobes.table.newest(); entry != nullptr; entry = entry->older) {
    if (entry->off()) continue;
    const Errno error = on ? Arm(m, entry) : Disarm(m, entry);
    if (error != Errno::kOk) last = error;
  }
  m.kprobes.all_disarmed = !on;
  if (!on) RunOptimizer(m);  // who disarms all waits for it
  return last;
}

void KprobesHear(Machine& m, ModuleId id, Event event) {
  const Cell base = m.modules[Index(id)].base;
  const Module& module = m.world->module(id);
  if (event == Event::kLive) KillInInitText(m, base, module);
  if (event == Event::kGoing) {
    const Address begin = m.layout.AddressOf(base);
    KillIn(m, begin, begin + Address{module.count} * World::kFunctionStride);
  }
}

void KillInCoreInitText(Machine& m) { KillInInitText(m, 0, m.world->core()); }

void ForgetBreakpoints(Machine& m, ModuleId id) {
  KprobeTable& table = m.kprobes.table;
  if (table.empty()) return;
  const Address begin = m.layout.AddressOf(m.modules[Index(id)].base);
  const Address end = begin + Address{m.world->module(id).count} * World::kFunctionStride;
  for (ProbedAddress* const entry : table.InRange(begin, end)) {
    if (entry->on_ftrace) continue;
    table.SetArmed(entry, ArmedOn::kNothing);
    ForgetJump(m, entry);
    m.kprobes.stale = true;
  }
}

void RunKprobesAt(const Machine& m, Address address, Outcome* outcome) {
  const ProbedAddress* const entry = m.kprobes.table.Find(address);
  if (entry != nullptr) RunProbes(m.kprobes.table, *entry, outcome);
}

void RunBreakpointsIn(const Machine& m, Cell cell, Outcome* outcome) {
  const KprobeTable& table = m.kprobes.table;
  if (table.armed(ArmedOn::kBreakpoint) + table.armed(ArmedOn::kJump) == 0) return;
  const Address begin = m.layout.AddressOf(cell);
  table.ForEachInRange(begin, begin + World::kFunctionStride, [&](const ProbedAddress& entry) {
    const bool hit = entry.armed == ArmedOn::kBreakpoint || entry.armed == ArmedOn::kJump;
    if (hit) RunProbes(table, entry, outcome);
  });
}

void ShowKprobes(Machine& m) {
  const KprobeTable& table = m.kprobes.table;
  KprobesView& view = m.kprobes.view;
  view = {};
  m.kprobes.stale = false;
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    const Probe& probe = table.probe(static_cast<ProbeId>(i));
    view.probes[i] = {probe.registered, probe.post, probe.gone, probe.disabled, probe.address};
  }
  const std::uint32_t unused = std::min<std::uint32_t>(table.unused(), kKprobeCount);
  for (const ProbedAddress* entry = table.newest();
       entry != nullptr && (view.entry_count < kKprobeCount || view.unused_count < unused);
       entry = entry->older) {
    if (entry->first == kNoProbe) {
      // Only a bug leaves more of them than there is room for.
      if (view.unused_count < unused) view.unused[view.unused_count++] = entry->address;
      continue;
    }
    if (view.entry_count == kKprobeCount) continue;
    KprobeEntryView& out = view.entries[view.entry_count++];
    out.address = entry->address;
    out.aggregate = entry->aggregate;
    out.on_ftrace = entry->on_ftrace;
    out.post = entry->post;
    out.gone = entry->gone;
    out.disabled = entry->disabled;
    out.early = entry->early();
    out.suspended = entry->suspended;
    out.jump = entry->jump;
    for (ProbeId id = entry->first; id != kNoProbe; id = table.probe(id).next) {
      if (out.count < kKprobeCount) out.probes[out.count++] = static_cast<KprobeId>(id);
    }
  }
  std::sort(view.unused.begin(), view.unused.begin() + view.unused_count);
  for (const OpsId ops : {kKprobeOps, kKprobeIpmodifyOps}) {
    KprobeOpsView& out = view.ops[ops == kKprobeOps ? 0 : 1];
    out.registered = m.ops.registered(ops);
    for (const Cell cell : m.ops.KprobeFilter(ops)) {
      out.filter.push_back(m.layout.AddressOf(cell));
    }
  }
  view.all_disarmed = m.kprobes.all_disarmed;
  view.early_slots = m.kprobes.early_slots.taken();
}

}  // namespace recount::fast
