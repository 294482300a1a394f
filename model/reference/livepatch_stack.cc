#include "model/reference/livepatch_stack.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "model/check.h"
#include "model/reference/faults.h"
#include "model/reference/filters.h"
#include "model/reference/livepatch.h"
#include "model/reference/records.h"
#include "model/reference/tracing.h"

namespace recount::reference {
namespace {

// The number of the ops that has `function` on its stack; kLivepatchOpsCount when there is none.
std::size_t Find(const State& state, FunctionId function) {
  std::size_t n = 0;
  while (n < kLivepatchOpsCount && state.livepatch_ops[n].function != function) ++n;
  return n;
}

std::size_t LowestFree(const State& state) {
  std::size_t n = 0;
  while (state.livepatch_ops[n].function != kNoFunction || state[LivepatchOpsId(n)].registered) {
    ++n;
    // As many as four patches of four functions need; one that outlived its stack did so because
    // ftrace died, and a dead ftrace gives no new one.
    RECOUNT_CHECK(n < kLivepatchOpsCount);
  }
  return n;
}

// ftrace_set_filter_ip() with an address that has a record.
Errno AddAddress(State& state, OpsId ops, Address ip) {
  if (state.globals.dead) return Errno::kNoDev;
  if (Fails(state, FaultPoint::kHashCopy)) return Errno::kNoMem;
  HashView filter;
  filter.ips = {ip};
  return Install(state, ops, Which::kFilter, filter);
}

// The same to remove it, whose errors nobody looks at: what is left is freed all the same.
void RemoveAddress(State& state, OpsId ops, Address ip) {
  if (!state.globals.dead && RecordAt(state, ip) != nullptr) {
    (void)Fails(state, FaultPoint::kHashCopy);
  }
  // Registered still: ftrace died before it could be unregistered (S C7.3).
  if (!state[ops].registered) state.PairOf(ops) = {};
}

}  // namespace

Errno PatchFunction(State& state, PatchId patch, FunctionId function) {
  const std::size_t found = Find(state, function);
  if (found < kLivepatchOpsCount) {
    std::vector<PatchId>& stack = state.livepatch_ops[found].stack;
    stack.insert(stack.begin(), patch);
    return Errno::kOk;
  }
  const std::optional<Address> ip = AddressOf(state, function);
  RECOUNT_CHECK(ip.has_value());
  if (RecordAt(state, *ip) == nullptr) return Errno::kInval;
  if (Fails(state, FaultPoint::kKlpAlloc)) return Errno::kNoMem;
  const std::size_t n = LowestFree(state);
  const OpsId ops = LivepatchOpsId(n);
  Errno error = AddAddress(state, ops, *ip);
  if (error != Errno::kOk) return error;
  error = static_cast<Errno>(-Apply(state, Register{ops}).rc);
  if (error != Errno::kOk) {
    RemoveAddress(state, ops, *ip);
    return error;
  }
  state.livepatch_ops[n] = {.function = function, .ip = *ip, .stack = {patch}};
  return Errno::kOk;
}

bool IsPatched(const State& state, PatchId patch, FunctionId function) {
  const std::size_t n = Find(state, function);
  if (n == kLivepatchOpsCount) return false;
  const std::vector<PatchId>& stack = state.livepatch_ops[n].stack;
  return std::find(stack.begin(), stack.end(), patch) != stack.end();
}

void TakeOffStack(State& state, PatchId patch, FunctionId function) {
  const std::size_t n = Find(state, function);
  if (n < kLivepatchOpsCount) std::erase(state.livepatch_ops[n].stack, patch);
}

void DropEmptyStack(State& state, FunctionId function) {
  const std::size_t n = Find(state, function);
  if (n == kLivepatchOpsCount || !state.livepatch_ops[n].stack.empty()) return;
  const OpsId ops = LivepatchOpsId(n);
  Apply(state, Unregister{ops});  // errors are ignored
  RemoveAddress(state, ops, state.livepatch_ops[n].ip);
  state.livepatch_ops[n] = {};
}

}  // namespace recount::reference
