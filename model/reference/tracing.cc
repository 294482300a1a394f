#include "model/reference/tracing.h"

#include <algorithm>
#include <optional>

#include "model/reference/filters.h"
#include "model/reference/kprobes.h"
#include "model/reference/livepatch.h"
#include "model/reference/patching.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

// What an IPMODIFY ops must have to be registered: a filter, and no record of it owned (S 3.7).
Errno CheckIpModify(const State& state, const HashView& filter) {
  if (filter.empty()) return Errno::kInval;
  for (const Record& record : state.records) {
    if (!record.disabled && Contains(filter, record.ip) && Owner(state, record)) {
      return Errno::kBusy;
    }
  }
  return Errno::kOk;
}

// `ops` is called at `ip`: livepatch's goes on to the replacement, that of kprobes to the probes.
void CallOps(const State& state, OpsId ops, Address ip, Outcome* outcome) {
  if (Index(ops) < kOpsCount) {
    outcome->AddCall(ops);
  } else if (ops == kKprobeOps || ops == kKprobeIpmodifyOps) {
    RunKprobesAt(state, ip, outcome);
  } else {
    outcome->redirected = NewestPatch(state, ops);
  }
}

// Whom the record at `ip`, if there is one, calls now.
void CallThroughSite(const State& state, Address ip, Outcome* outcome) {
  const Record* record = RecordAt(state, ip);
  if (record == nullptr || record->site.kind == SiteKind::kNop ||
      record->site.kind == SiteKind::kMcount) {
    return;
  }
  if (record->site.kind == SiteKind::kTrampoline) {
    CallOps(state, record->site.owner, ip, outcome);
    return;
  }
  const std::optional<OpsId> owner = Owner(state, *record);
  for (auto id = state.registered.rbegin(); id != state.registered.rend(); ++id) {
    if (Traces(state, *id, *record, owner)) CallOps(state, *id, ip, outcome);
  }
}

// Init text that nobody runs any more: a module's goes a stage after its init is over.
bool IsOverInitText(const State& state, FunctionId id) {
  const Function& function = state.world->function(id);
  if (function.kind != FunctionKind::kInit || function.module == kCore) {
    return IsGoneInitText(state, id);
  }
  return state.modules[Index(function.module)].state == ModuleState::kLive;
}

}  // namespace

bool IsGoneInitText(const State& state, FunctionId id) {
  const Function& function = state.world->function(id);
  if (function.kind != FunctionKind::kInit) return false;
  if (function.module == kCore) return state.globals.core_init_freed;
  // `free_init` is the last stage: a module that is live with no stage to come is past it.
  const ModuleView& module = state.modules[Index(function.module)];
  return module.state == ModuleState::kLive && module.next == Stage::kLayout;
}

Outcome Apply(State& state, const SetOps& op) {
  Ops& ops = state[op.ops];
  if (ops.registered) return Outcome::Error(Errno::kBusy);
  if (op.ipmodify && PairIsShared(state, op.ops)) return Outcome::Error(Errno::kInval);
  if (ops.user != op.user) {  // it is a new ops
    UseFreshPair(state, op.ops);
    ops.cached_filter.clear();
    ops.cached_notrace.clear();
  }
  ops.user = op.user;
  ops.save_regs = op.save_regs;
  ops.ipmodify = op.ipmodify;
  ops.permanent = op.permanent;
  return Outcome::Ok();
}

Outcome Apply(State& state, const Register& op) {
  Ops& ops = state[op.ops];
  if (state.globals.dead) return Outcome::Error(Errno::kNoDev);
  if (ops.registered) return Outcome::Error(Errno::kBusy);
  if (ops.permanent && !state.globals.enabled) return Outcome::Error(Errno::kBusy);
  if (ops.ipmodify) {
    const Errno error = CheckIpModify(state, state.PairOf(op.ops).filter);
    if (error != Errno::kOk) return Outcome::Error(error);
  }
  ops.registered = true;
  state.registered.push_back(op.ops);
  if (state.globals.enabled) PatchPass(state);
  if (state.globals.dead) {  // that killed
    ops.unlisted = true;
    return Outcome::Error(Errno::kNoDev);
  }
  return Outcome::Ok();
}

Outcome Apply(State& state, const Unregister& op) {
  Ops& ops = state[op.ops];
  if (state.globals.dead) return Outcome::Error(Errno::kNoDev);
  if (!ops.registered) return Outcome::Error(Errno::kBusy);
  ops.registered = false;
  std::erase(state.registered, op.ops);
  if (state.globals.enabled) PatchPass(state);
  return Outcome::Ok();
}

Outcome Apply(State& state, const FtraceEnabled& op) {
  if (state.globals.dead) return Outcome::Error(Errno::kNoDev);
  if (state.globals.enabled == op.on) return Outcome::Ok();
  const bool permanent = std::any_of(state.registered.begin(), state.registered.end(),
                                     [&](OpsId id) { return state[id].permanent; });
  if (!op.on && permanent) return Outcome::Error(Errno::kBusy);
  state.globals.enabled = op.on;
  PatchPass(state);
  return Outcome::Ok();
}

Outcome Apply(State& state, const Hit& op) {
  const std::optional<Address> address = AddressOf(state, op.function);
  if (!address || IsOverInitText(state, op.function)) return Outcome::Error(Errno::kNoEnt);
  if (state.globals.dead) return Outcome::Error(Errno::kNoDev);
  Outcome outcome;
  CallThroughSite(state, *address, &outcome);
  if (outcome.redirected == kNoPatch) RunBreakpointsIn(state, *address, &outcome);
  return outcome;
}

}  // namespace recount::reference
