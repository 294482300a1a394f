#include "model/reference/optprobes.h"

#include <algorithm>
#include <vector>

#include "model/reference/faults.h"
#include "model/reference/kprobe_table.h"

namespace recount::reference {
namespace {

bool HasOptprobes(const State& state) { return state.profile.optprobes == Profile::Optprobes::kOn; }

// Whether a jump from `entry` would write over what is at `address`, or does.
bool Covers(const ProbedAddress& entry, Address address) {
  return entry.address < address && address < entry.address + kJumpSize;
}

bool Fits(const ProbedAddress& entry) {
  return entry.address % World::kFunctionStride <= kLastJump && !entry.calls;
}

bool IsPrepared(const State& state, const ProbedAddress& entry) {
  return HasOptprobes(state) && entry.aggregate && !entry.on_ftrace && Fits(entry);
}

// A breakpoint is there, or a jump, or there is about to be one.
bool IsInTheWay(const State& state, const ProbedAddress& entry) {
  return !IsOff(state, entry) || entry.jump == JumpState::kLeaving;
}

bool MayBeOptimized(const State& state, const ProbedAddress& entry) {
  if (!IsPrepared(state, entry)) return false;
  if (!entry.armed || IsOff(state, entry) || state.kprobes_disarmed) return false;
  if (HasPost(state, entry)) return false;
  return std::none_of(state.kprobe_table.begin(), state.kprobe_table.end(),
                      [&](const ProbedAddress& other) {
                        return Covers(entry, other.address) && IsInTheWay(state, other);
                      });
}

}  // namespace

void PrepareJump(State& state, ProbedAddress* entry) {
  if (Fails(state, FaultPoint::kKprobeAlloc)) return;
  if (!HasOptprobes(state) || !Fits(*entry)) return;
  MakeAggregate(state, entry);
  OptimizeIfItMay(state, entry);
}

void OptimizeIfItMay(State& state, ProbedAddress* entry) {
  if (!MayBeOptimized(state, *entry)) return;
  if (entry->jump == JumpState::kNone) entry->jump = JumpState::kQueued;
  if (entry->jump == JumpState::kLeaving) entry->jump = JumpState::kInstalled;
}

void OptimizeBefore(State& state, Address address) {
  for (ProbedAddress& entry : state.kprobe_table) {
    if (Covers(entry, address)) OptimizeIfItMay(state, &entry);
  }
}

void TakeJumpOff(State& state, ProbedAddress* entry) {
  const bool there = entry->jump == JumpState::kInstalled;
  entry->jump = there && !state.kprobes_disarmed ? JumpState::kLeaving : JumpState::kNone;
}

void ForceJumpOff(State& state, ProbedAddress* entry) {
  const bool was_in_the_way = entry->jump == JumpState::kLeaving;
  entry->jump = JumpState::kNone;
  if (was_in_the_way) OptimizeBefore(state, entry->address);
}

void ForceJumpsOver(State& state, Address address) {
  for (ProbedAddress& entry : state.kprobe_table) {
    if (Covers(entry, address)) ForceJumpOff(state, &entry);
  }
}

void DropUnused(State& state) {
  std::erase_if(state.kprobe_table, [](const ProbedAddress& entry) {
    return entry.probes.empty() && entry.jump == JumpState::kNone;
  });
}

void RunOptimizer(State& state) {
  std::vector<Address> left;
  for (ProbedAddress& entry : state.kprobe_table) {
    if (entry.jump != JumpState::kLeaving) continue;
    entry.jump = JumpState::kNone;
    left.push_back(entry.address);
  }
  for (const Address address : left) OptimizeBefore(state, address);
  DropUnused(state);
  for (ProbedAddress& entry : state.kprobe_table) {
    if (entry.jump == JumpState::kQueued) entry.jump = JumpState::kInstalled;
  }
}

Outcome Apply(State& state, const Optimize&) {
  if (!HasOptprobes(state)) return Outcome::Error(Errno::kInval);
  RunOptimizer(state);
  return Outcome::Ok();
}

}  // namespace recount::reference
