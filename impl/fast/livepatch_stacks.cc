#include "impl/fast/livepatch_stacks.h"

#include <algorithm>
#include <optional>

#include "impl/fast/machine.h"
#include "impl/fast/registration.h"

namespace recount::fast {
namespace {

OpsId IdOf(std::size_t number) { return static_cast<OpsId>(kOpsCount + number); }

OpsId LowestFree(const Livepatch& livepatch) {
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const LivepatchOpsView& ops = livepatch.view.ops[i];
    if (ops.depth == 0 && !ops.registered) return IdOf(i);
  }
  return kNoOps;
}

// As ftrace_set_filter_ip() does it, of an ops that is not registered.
Errno NameCell(Machine& m, OpsId ops, Cell cell) {
  if (m.dead()) return Errno::kNoDev;
  if (m.faults.Pass(FaultPoint::kHashCopy)) return Errno::kNoMem;
  if (m.faults.Pass(FaultPoint::kHashMove)) return Errno::kNoMem;
  m.ops.SetLivepatchFilter(ops, cell);
  return Errno::kOk;
}

void DropCell(Machine& m, OpsId ops) {
  if (m.dead() || m.index.Find(m.livepatch.cell[Index(ops) - kOpsCount]) == kNoRecord) return;
  if (m.faults.Pass(FaultPoint::kHashCopy)) return;
  m.ops.SetLivepatchFilter(ops, std::nullopt);  // an empty hash is not allocated
}

// Brings what is shown of the ops, but for its stack, up to date. Without a stack and a
// registration it is free, and whatever its filter still named goes with it.
void Settle(Machine& m, OpsId ops) {
  LivepatchOpsView& shown = m.livepatch.at(ops);
  shown.registered = m.ops.registered(ops);
  const bool free = shown.depth == 0 && !shown.registered;
  shown.ip = free ? 0 : m.layout.AddressOf(m.livepatch.cell[Index(ops) - kOpsCount]);
  if (free) m.ops.SetLivepatchFilter(ops, std::nullopt);
}

void Put(LivepatchOpsView* ops, PatchId patch) {
  if (ops->depth == ops->stack.size()) return;  // a bug has left one patch there twice
  std::copy_backward(ops->stack.begin(), ops->stack.begin() + ops->depth,
                     ops->stack.begin() + ops->depth + 1);
  ops->stack[0] = patch;
  ++ops->depth;
}

// The first patch for the function at `cell`.
Errno PutFirst(Machine& m, PatchId patch, Cell cell, OpsId* id) {
  if (m.index.Find(cell) == kNoRecord) return Errno::kInval;
  if (m.faults.Pass(FaultPoint::kKlpAlloc)) return Errno::kNoMem;
  const OpsId ops = LowestFree(m.livepatch);
  // Four patches of four functions: there are never more stacks, and what outlives its stack does
  // so in a dead ftrace, which registers no other. Only a bug that forgets stacks runs out of them.
  if (ops == kNoOps) return Errno::kNoMem;
  m.livepatch.cell[Index(ops) - kOpsCount] = cell;
  Errno error = NameCell(m, ops, cell);
  if (error == Errno::kOk) {
    error = RegisterOps(m, ops);
    if (error != Errno::kOk) DropCell(m, ops);
  }
  if (error == Errno::kOk) {
    Put(&m.livepatch.at(ops), patch);
    *id = ops;
  }
  Settle(m, ops);
  return error;
}

}  // namespace

OpsId StackAt(const Machine& m, Cell cell) {
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    if (m.livepatch.view.ops[i].depth != 0 && m.livepatch.cell[i] == cell) return IdOf(i);
  }
  return kNoOps;
}

Errno Push(Machine& m, PatchId patch, Cell cell, OpsId* ops) {
  *ops = StackAt(m, cell);
  if (*ops == kNoOps) return PutFirst(m, patch, cell, ops);
  Put(&m.livepatch.at(*ops), patch);
  return Errno::kOk;
}

void Pull(Machine& m, PatchId patch, OpsId ops) {
  LivepatchOpsView& shown = m.livepatch.at(ops);
  const auto end = shown.stack.begin() + shown.depth;
  const auto place = std::find(shown.stack.begin(), end, patch);
  if (place == end) return;  // a bug has taken it out before
  std::copy(place + 1, end, place);
  --shown.depth;
  shown.stack[shown.depth] = PatchId{};
  if (shown.depth != 0) return;
  // Registered, an IPMODIFY ops could not lose its filter (SEMANTICS 5).
  UnregisterOps(m, ops);
  DropCell(m, ops);
  Settle(m, ops);
}

}  // namespace recount::fast
