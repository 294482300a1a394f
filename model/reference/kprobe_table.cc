#include "model/reference/kprobe_table.h"

#include <algorithm>

#include "model/reference/filters.h"
#include "model/reference/optprobes.h"
#include "model/reference/tracing.h"

namespace recount::reference {
namespace {

const Kprobe& OnlyProbe(const State& state, const ProbedAddress& entry) {
  return state.kprobes[Index(entry.probes.front())];
}

bool OthersAreArmedOn(const State& state, const ProbedAddress& entry, OpsId ops) {
  return std::any_of(
      state.kprobe_table.begin(), state.kprobe_table.end(), [&](const ProbedAddress& other) {
        return &other != &entry && other.armed && other.on_ftrace && other.armed_on == ops;
      });
}

Errno ArmOn(State& state, ProbedAddress* entry, OpsId ops) {
  Errno error = SetFilterAddress(state, ops, entry->address, false);
  if (error != Errno::kOk) return error;
  if (!state[ops].registered) {
    error = static_cast<Errno>(-Apply(state, Register{ops}).rc);
    if (error != Errno::kOk) {
      // Filled before it is registered and emptied after it is not: empty, it would trace all.
      SetFilterAddress(state, ops, entry->address, true);
      return error;
    }
  }
  entry->armed = true;
  entry->armed_on = ops;
  return Errno::kOk;
}

Errno DisarmFrom(State& state, ProbedAddress* entry, OpsId ops) {
  const bool asks = state.profile.dead_disarm == Profile::DeadDisarm::kRefused;
  if (state.globals.dead && !asks) {
    entry->armed = false;
    return Errno::kOk;
  }
  if (!OthersAreArmedOn(state, *entry, ops)) {
    const Errno error = static_cast<Errno>(-Apply(state, Unregister{ops}).rc);
    if (error != Errno::kOk) return error;
  }
  entry->armed = false;
  return SetFilterAddress(state, ops, entry->address, true);
}

}  // namespace

ProbedAddress* FindProbed(State& state, Address address) {
  for (ProbedAddress& entry : state.kprobe_table) {
    if (entry.address == address) return &entry;
  }
  return nullptr;
}

const ProbedAddress* FindProbed(const State& state, Address address) {
  return FindProbed(const_cast<State&>(state), address);
}

bool IsGone(const State& state, const ProbedAddress& entry) {
  return entry.aggregate ? entry.gone : OnlyProbe(state, entry).gone;
}

bool IsDisabled(const State& state, const ProbedAddress& entry) {
  return entry.aggregate ? entry.disabled : OnlyProbe(state, entry).disabled;
}

bool HasPost(const State& state, const ProbedAddress& entry) {
  return entry.aggregate ? entry.post : OnlyProbe(state, entry).post;
}

void SetDisabled(State& state, ProbedAddress* entry, bool disabled) {
  if (entry->aggregate) {
    entry->disabled = disabled;
  } else {
    state.kprobes[Index(entry->probes.front())].disabled = disabled;
  }
}

void MakeAggregate(State& state, ProbedAddress* entry) {
  const Kprobe& probe = OnlyProbe(state, *entry);
  entry->gone = probe.gone;
  entry->disabled = probe.disabled;
  entry->post = probe.post && !probe.gone;
  entry->aggregate = true;
}

Errno Arm(State& state, ProbedAddress* entry) {
  if (entry->on_ftrace) {
    return ArmOn(state, entry, HasPost(state, *entry) ? kKprobeIpmodifyOps : kKprobeOps);
  }
  entry->armed = true;
  ForceJumpsOver(state, entry->address);
  OptimizeIfItMay(state, entry);
  return Errno::kOk;
}

Errno Disarm(State& state, ProbedAddress* entry) {
  if (!entry->armed) return Errno::kOk;
  if (entry->on_ftrace) return DisarmFrom(state, entry, entry->armed_on);
  entry->armed = false;
  TakeJumpOff(state, entry);
  return Errno::kOk;
}

Errno MoveToIpmodify(State& state, ProbedAddress* entry) {
  const Errno error = ArmOn(state, entry, kKprobeIpmodifyOps);
  if (error != Errno::kOk) return error;
  DisarmFrom(state, entry, kKprobeOps);
  entry->armed = true;
  entry->armed_on = kKprobeIpmodifyOps;
  return Errno::kOk;
}

void Kill(State& state, ProbedAddress* entry) {
  if (entry->on_ftrace) {
    Disarm(state, entry);
  } else {
    entry->armed = false;
    entry->jump = JumpState::kNone;
  }
  entry->gone = true;
  entry->post = false;
  for (const KprobeId probe : entry->probes) state.kprobes[Index(probe)].gone = true;
}

}  // namespace recount::reference
