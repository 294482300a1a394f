#include "model/reference/kprobes.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/reference/early_kprobes.h"
#include "model/reference/faults.h"
#include "model/reference/kprobe_table.h"
#include "model/reference/optprobes.h"
#include "model/reference/records.h"
#include "model/reference/tracing.h"

namespace recount::reference {
namespace {

bool HasSymbol(const State& state, FunctionId id) {
  const Function& function = state.world->function(id);
  if (function.kind == FunctionKind::kWeak) return false;
  if (function.module == kCore) return true;
  const ModuleState module = state.modules[Index(function.module)].state;
  if (module == ModuleState::kAbsent || module == ModuleState::kUnformed) return false;
  return !IsGoneInitText(state, id);
}

// Whether code is there that may be probed now.
Errno CheckText(const State& state, FunctionId id) {
  const Function& function = state.world->function(id);
  if (function.kind == FunctionKind::kNoKprobe) return Errno::kInval;
  if (function.kind != FunctionKind::kInit) return Errno::kOk;
  if (function.module == kCore) {
    return state.globals.core_init_freed ? Errno::kInval : Errno::kOk;
  }
  return state.modules[Index(function.module)].state == ModuleState::kComing ? Errno::kOk
                                                                             : Errno::kNoEnt;
}

// A call of mcount that there is no record of.
bool IsCall(const State& state, const AddKprobe& op, const ProbedAddress& entry) {
  return !entry.on_ftrace && op.place.offset == 0 &&
         World::HasRecord(state.world->function(op.place.function).kind);
}

Errno AddAlone(State& state, KprobeId id, Address address, const AddKprobe& op) {
  ProbedAddress entry;
  entry.address = address;
  entry.on_ftrace = RecordAt(state, address) != nullptr;
  entry.calls = IsCall(state, op, entry);
  entry.probes = {id};
  if (!entry.on_ftrace) {
    if (!InstructionBegins(op.place.offset)) return Errno::kIlSeq;
    if (Fails(state, FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  }
  const bool on_ftrace = entry.on_ftrace;
  state.kprobe_table.insert(state.kprobe_table.begin(), std::move(entry));
  if (!state.kprobes_disarmed && !op.disabled) {
    const Errno error = Arm(state, &state.kprobe_table.front());
    if (error != Errno::kOk) {
      state.kprobe_table.erase(state.kprobe_table.begin());
      return error;
    }
  }
  if (!on_ftrace) PrepareJump(state, &state.kprobe_table.front());
  return Errno::kOk;
}

Errno AddToOthers(State& state, KprobeId id, ProbedAddress* entry, const AddKprobe& op) {
  if (!entry->aggregate) {
    if (Fails(state, FaultPoint::kKprobeAlloc)) return Errno::kNoMem;
    MakeAggregate(state, entry);
  }
  if (entry->gone) {
    if (Fails(state, FaultPoint::kKprobeSlot)) return Errno::kNoMem;
    entry->gone = false;
    entry->disabled = true;
    entry->on_ftrace = RecordAt(state, entry->address) != nullptr;
    entry->calls = IsCall(state, op, *entry);
  }
  const bool had_post = entry->post;
  if (state.kprobes[Index(id)].post && !had_post) {
    if (entry->armed && entry->on_ftrace && entry->armed_on == kKprobeOps) {
      const Errno error = MoveToIpmodify(state, entry);
      if (error != Errno::kOk) return error;
    }
    entry->post = true;
  }
  entry->probes.insert(entry->probes.begin(), id);
  if (entry->post) ForceJumpOff(state, entry);
  if (!entry->disabled || state.kprobes[Index(id)].disabled) return Errno::kOk;
  entry->disabled = false;
  if (state.kprobes_disarmed) return Errno::kOk;
  const Errno error = Arm(state, entry);
  if (error != Errno::kOk) {
    entry->disabled = true;
    entry->probes.erase(entry->probes.begin());
    entry->post = had_post;
  }
  return error;
}

Errno AddProbe(State& state, const AddKprobe& op) {
  Kprobe& probe = state.kprobes[Index(op.kprobe)];
  if (probe.registered) return Errno::kInval;
  if (!HasSymbol(state, op.place.function)) return Errno::kNoEnt;
  if (const Errno error = CheckText(state, op.place.function); error != Errno::kOk) return error;
  if (state.globals.phase != Phase::kRunning) return AddEarlyKprobe(state, op);
  const Address address = *AddressOf(state, op.place.function) + op.place.offset;
  probe = {.registered = true, .post = op.post, .disabled = op.disabled, .address = address};
  ProbedAddress* const entry = FindProbed(state, address);
  const Errno error = entry != nullptr ? AddToOthers(state, op.kprobe, entry, op)
                                       : AddAlone(state, op.kprobe, address, op);
  if (error != Errno::kOk) probe = {};
  return error;
}

bool AllAreOff(const State& state, const ProbedAddress& entry) {
  return std::all_of(entry.probes.begin(), entry.probes.end(),
                     [&state](KprobeId id) { return IsOff(state.kprobes[Index(id)]); });
}

Errno Disable(State& state, KprobeId id) {
  Kprobe& probe = state.kprobes[Index(id)];
  if (!probe.registered) return Errno::kInval;
  if (IsOff(probe)) return Errno::kOk;
  ProbedAddress& entry = *FindProbed(state, probe.address);
  if (entry.aggregate) probe.disabled = true;
  if (entry.aggregate && !AllAreOff(state, entry)) return Errno::kOk;
  const bool was_on = !state.kprobes_disarmed && !IsOff(state, entry);
  if (was_on) {
    const Errno error = Disarm(state, &entry);
    if (error != Errno::kOk) {
      probe.disabled = false;
      return error;
    }
  }
  SetDisabled(state, &entry, true);
  if (was_on && entry.jump == JumpState::kNone) OptimizeBefore(state, entry.address);
  return Errno::kOk;
}

Errno Enable(State& state, KprobeId id) {
  Kprobe& probe = state.kprobes[Index(id)];
  if (!probe.registered || probe.gone) return Errno::kInval;
  ProbedAddress& entry = *FindProbed(state, probe.address);
  if (entry.aggregate) probe.disabled = false;
  if (state.kprobes_disarmed || !IsOff(state, entry)) return Errno::kOk;
  SetDisabled(state, &entry, false);
  const Errno error = Arm(state, &entry);
  if (error != Errno::kOk) {
    SetDisabled(state, &entry, true);
    probe.disabled = true;
  }
  return error;
}

Errno Remove(State& state, KprobeId id) {
  if (!state.kprobes[Index(id)].registered) return Errno::kInval;
  if (state.globals.phase != Phase::kRunning) {
    RemoveEarlyKprobe(state, id);
    return Errno::kOk;
  }
  if (Disable(state, id) != Errno::kOk) return Errno::kBusy;
  const Kprobe probe = std::exchange(state.kprobes[Index(id)], {});
  ProbedAddress& entry = *FindProbed(state, probe.address);
  std::erase(entry.probes, id);
  if (entry.probes.empty()) {
    if (entry.jump != JumpState::kNone) return Errno::kOk;  // unused
    std::erase_if(state.kprobe_table,
                  [&](const ProbedAddress& other) { return other.address == probe.address; });
    return Errno::kOk;
  }
  const bool others_have_post =
      std::any_of(entry.probes.begin(), entry.probes.end(),
                  [&state](KprobeId other) { return state.kprobes[Index(other)].post; });
  if (probe.post && !probe.gone && !others_have_post && !entry.on_ftrace) entry.post = false;
  OptimizeIfItMay(state, &entry);
  return Errno::kOk;
}

}  // namespace

Outcome Apply(State& state, const AddKprobe& op) {
  const Errno error = AddProbe(state, op);
  DropUnused(state);
  return Outcome::Error(error);
}

Outcome Apply(State& state, const RemoveKprobe& op) {
  return Outcome::Error(Remove(state, op.kprobe));
}

Outcome Apply(State& state, const EnableKprobe& op) {
  const Errno error = Enable(state, op.kprobe);
  DropUnused(state);
  return Outcome::Error(error);
}

Outcome Apply(State& state, const DisableKprobe& op) {
  return Outcome::Error(Disable(state, op.kprobe));
}

Outcome Apply(State& state, const KprobesArmed& op) {
  if (op.on != state.kprobes_disarmed) return Outcome::Ok();
  state.kprobes_disarmed = !op.on;
  Errno last = Errno::kOk;
  for (ProbedAddress& entry : state.kprobe_table) {
    if (IsOff(state, entry)) continue;
    const Errno error = op.on ? Arm(state, &entry) : Disarm(state, &entry);
    if (error != Errno::kOk) last = error;
  }
  // The kernel waits for the worker.
  if (!op.on) RunOptimizer(state);
  return Outcome::Error(last);
}

}  // namespace recount::reference
