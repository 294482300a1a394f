#include "impl/fast/optprobes.h"

#include <vector>

namespace recount::fast {
namespace {

// No jump may replace a call: the detour could not make it.
bool Fits(const ProbedAddress& entry) {
  return entry.address % World::kFunctionStride + kJumpSize <= World::kFunctionStride &&
         !entry.calls;
}

// Nothing but a breakpoint may be written behind the first byte.
bool IsFree(const Machine& m, const ProbedAddress& entry) {
  const bool sees_leaving = !m.bugs.has(Bug::kOptprobeLeavingOverlapped);
  bool free = true;
  m.kprobes.table.ForEachInRange(
      entry.address + 1, entry.address + kJumpSize, [&](const ProbedAddress& behind) {
        const bool leaving = behind.jump == JumpState::kLeaving && sees_leaving;
        free = free && behind.off() && !leaving;
      });
  return free;
}

bool MayBeOptimized(const Machine& m, const ProbedAddress& entry) {
  if (!m.optprobes() || entry.armed != ArmedOn::kBreakpoint || m.kprobes.all_disarmed) {
    return false;
  }
  return entry.aggregate && !entry.post && !entry.off() && Fits(entry) && IsFree(m, entry);
}

void DropIfUnused(Machine& m, ProbedAddress* entry) {
  if (entry->first == kNoProbe) m.kprobes.table.Remove(entry);
}

}  // namespace

void PrepareJump(Machine& m, ProbedAddress* entry) {
  if (m.faults.Pass(FaultPoint::kKprobeAlloc)) return;  // it can do without
  if (!m.optprobes() || !Fits(*entry)) return;
  entry->aggregate = true;
  OptimizeIfItMay(m, entry);
}

void OptimizeIfItMay(Machine& m, ProbedAddress* entry) {
  if (!MayBeOptimized(m, *entry)) return;
  if (entry->jump == JumpState::kNone) m.kprobes.table.SetJump(entry, JumpState::kQueued);
  if (entry->jump == JumpState::kLeaving && !m.bugs.has(Bug::kOptprobeCancelLost)) {
    m.kprobes.table.SetJump(entry, JumpState::kInstalled);
  }
}

void OptimizeBefore(Machine& m, Address address) {
  if (!m.optprobes()) return;
  m.kprobes.table.ForEachInRange(address - kJumpSize + 1, address,
                                 [&m](ProbedAddress& before) { OptimizeIfItMay(m, &before); });
}

void LetJumpGo(Machine& m, ProbedAddress* entry) {
  if (entry->jump == JumpState::kNone) return;
  const bool waits = entry->jump == JumpState::kInstalled && !m.kprobes.all_disarmed;
  m.kprobes.table.SetJump(entry, waits ? JumpState::kLeaving : JumpState::kNone);
}

void ForceJumpOff(Machine& m, ProbedAddress* entry) {
  const JumpState was = entry->jump;
  m.kprobes.table.SetJump(entry, JumpState::kNone);
  if (was == JumpState::kLeaving) OptimizeBefore(m, entry->address);
}

void ForceJumpsOver(Machine& m, Address address) {
  if (m.kprobes.table.jumps() == 0) return;
  for (ProbedAddress* const before : m.kprobes.table.InRange(address - kJumpSize + 1, address)) {
    if (before->jump == JumpState::kNone) continue;
    ForceJumpOff(m, before);
    // The worker was to drop it, and finds nothing of it in its queue.
    if (!m.bugs.has(Bug::kOptprobeForcedUnusedKept)) DropIfUnused(m, before);
  }
}

void ForgetJump(Machine& m, ProbedAddress* entry) {
  m.kprobes.table.SetJump(entry, JumpState::kNone);
  DropIfUnused(m, entry);
}

void RunOptimizer(Machine& m) {
  KprobeTable& table = m.kprobes.table;
  if (table.waiting().empty()) return;
  m.kprobes.stale = true;
  std::vector<ProbedAddress*> leaving;
  for (ProbedAddress* const entry : table.waiting()) {
    if (entry->jump == JumpState::kLeaving) leaving.push_back(entry);
  }
  for (ProbedAddress* const entry : leaving) table.SetJump(entry, JumpState::kNone);
  for (ProbedAddress* const entry : leaving) {
    OptimizeBefore(m, entry->address);
    DropIfUnused(m, entry);
  }
  // What is left in the list is queued.
  while (!table.waiting().empty()) table.SetJump(table.waiting().back(), JumpState::kInstalled);
}

Errno OptimizeKprobes(Machine& m) {
  if (!m.optprobes()) return Errno::kInval;
  RunOptimizer(m);
  return Errno::kOk;
}

}  // namespace recount::fast
