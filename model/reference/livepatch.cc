#include "model/reference/livepatch.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/reference/faults.h"
#include "model/reference/livepatch_stack.h"
#include "model/reference/records.h"
#include "model/reference/tracing.h"

namespace recount::reference {
namespace {

// The functions of one image that a patch replaces.
struct Object {
  ModuleId image = kCore;
  std::vector<FunctionId> functions;
  std::vector<FunctionId> nops;  // of patches that this one takes the place of
};
using Objects = std::vector<Object>;

Object& ObjectOf(ModuleId image, Objects* objects) {
  for (Object& object : *objects) {
    if (object.image == image) return object;
  }
  objects->push_back({.image = image});
  return objects->back();
}

Objects ObjectsOf(const State& state, PatchId patch) {
  Objects objects;
  for (const FunctionId function : state.patches[Index(patch)].functions) {
    ObjectOf(state.world->function(function).module, &objects).functions.push_back(function);
  }
  return objects;
}

void AddNops(const State& state, PatchId patch, Objects* objects) {
  const std::vector<FunctionId>& own = state.patches[Index(patch)].functions;
  for (const PatchId old : state.enabled_patches) {
    for (const Object& object : ObjectsOf(state, old)) {
      for (const FunctionId function : object.functions) {
        std::vector<FunctionId>& nops = ObjectOf(object.image, objects).nops;
        const bool known = std::find(own.begin(), own.end(), function) != own.end() ||
                           std::find(nops.begin(), nops.end(), function) != nops.end();
        if (!known) nops.push_back(function);
      }
    }
  }
}

bool IsEnabled(const State& state, PatchId patch) {
  const std::vector<PatchId>& enabled = state.enabled_patches;
  return std::find(enabled.begin(), enabled.end(), patch) != enabled.end();
}

bool IsBound(const State& state, ModuleId image) {
  return image == kCore || state.modules[Index(image)].klp_alive;
}

// The address of a function, by its name in its image.
Errno LookUp(State& state, FunctionId function) {
  if (Fails(state, FaultPoint::kKlpSymbol)) return Errno::kInval;
  const Function& named = state.world->function(function);
  if (named.kind == FunctionKind::kWeak) return Errno::kInval;
  if (named.module != kCore && IsGoneInitText(state, function)) return Errno::kInval;
  return Errno::kOk;
}

Errno LookUpAll(State& state, const Object& object) {
  for (const std::vector<FunctionId>* functions : {&object.functions, &object.nops}) {
    for (const FunctionId function : *functions) {
      const Errno error = LookUp(state, function);
      if (error != Errno::kOk) return error;
    }
  }
  return Errno::kOk;
}

void UnpatchObject(State& state, PatchId patch, const Object& object) {
  for (const FunctionId function : object.functions) UnpatchFunction(state, patch, function);
}

// The pre_patch callback, then each function; all of them or none.
Errno PatchObject(State& state, PatchId patch, const Object& object) {
  const Errno armed = state.faults[static_cast<std::size_t>(FaultPoint::kKlpCallback)].error;
  if (Fails(state, FaultPoint::kKlpCallback)) return armed != Errno::kOk ? armed : Errno::kInval;
  for (const FunctionId function : object.functions) {
    const Errno error = PatchFunction(state, patch, function);
    if (error == Errno::kOk) continue;
    UnpatchObject(state, patch, object);
    return error;
  }
  return Errno::kOk;
}

// All patches but `patch` go, and with them what its nops stood for.
void Replace(State& state, PatchId patch, const Objects& objects) {
  const std::vector<PatchId> old = std::exchange(state.enabled_patches, {patch});
  for (const PatchId other : old) {
    if (other == patch) continue;
    for (const FunctionId function : state.patches[Index(other)].functions) {
      TakeOffStack(state, other, function);
    }
  }
  for (const Object& object : objects) {
    for (const FunctionId nop : object.nops) DropEmptyStack(state, nop);
  }
}

Errno Enable(State& state, PatchId patch) {
  if (IsEnabled(state, patch)) return Errno::kExist;
  if (state.patches[Index(patch)].functions.empty()) return Errno::kInval;
  const bool replace = state.patches[Index(patch)].replace;
  Objects objects = ObjectsOf(state, patch);
  if (replace) AddNops(state, patch, &objects);
  for (const Object& object : objects) {
    if (!IsBound(state, object.image)) continue;
    const Errno error = LookUpAll(state, object);
    if (error != Errno::kOk) return error;
  }
  state.enabled_patches.push_back(patch);
  for (const Object& object : objects) {
    // What is there only for its nops has no callback.
    if (object.functions.empty() || !IsBound(state, object.image)) continue;
    const Errno error = PatchObject(state, patch, object);
    if (error == Errno::kOk) continue;
    for (const Object& done : objects) UnpatchObject(state, patch, done);
    state.enabled_patches.pop_back();
    return error;
  }
  if (replace) Replace(state, patch, objects);
  return Errno::kOk;
}

// What a patch does to one module; nothing when it has no function there.
Object ObjectIn(const State& state, PatchId patch, ModuleId module) {
  Objects objects = ObjectsOf(state, patch);
  return ObjectOf(module, &objects);
}

}  // namespace

void BootLivepatch(State& state) {
  for (std::size_t n = 0; n < kLivepatchOpsCount; ++n) {
    Ops& ops = state[LivepatchOpsId(n)];
    ops.ipmodify = true;
    ops.permanent = true;
  }
}

Errno KlpComing(State& state, ModuleId module) {
  state.modules[Index(module)].klp_alive = true;
  for (std::size_t i = 0; i < state.enabled_patches.size(); ++i) {
    const PatchId patch = state.enabled_patches[i];
    const Object object = ObjectIn(state, patch, module);
    if (object.functions.empty()) continue;
    Errno error = LookUpAll(state, object);
    if (error == Errno::kOk) error = PatchObject(state, patch, object);
    if (error == Errno::kOk) continue;
    state.modules[Index(module)].klp_alive = false;
    for (std::size_t j = 0; j < i; ++j) {
      const PatchId before = state.enabled_patches[j];
      UnpatchObject(state, before, ObjectIn(state, before, module));
    }
    return error;
  }
  return Errno::kOk;
}

void KlpGoing(State& state, ModuleId module) {
  state.modules[Index(module)].klp_alive = false;
  for (const PatchId patch : state.enabled_patches) {
    UnpatchObject(state, patch, ObjectIn(state, patch, module));
  }
}

PatchId NewestPatch(const State& state, OpsId ops) {
  const LivepatchOps& of = state.livepatch_ops[Index(ops) - kOpsCount];
  RECOUNT_CHECK(!of.stack.empty());
  return of.stack.front();
}

void ObserveLivepatch(const State& state, LivepatchView* view) {
  *view = {};
  for (std::uint8_t i = 0; i < kPatchCount; ++i) {
    const Patch& patch = state.patches[i];
    PatchView& out = view->patches[i];
    out.count = static_cast<std::uint8_t>(patch.functions.size());
    out.replace = patch.replace;
    out.enabled = IsEnabled(state, PatchId{i});
    for (std::size_t j = 0; j < patch.functions.size(); ++j) {
      const FunctionId function = patch.functions[j];
      out.functions[j] = function;
      if (!out.enabled) continue;
      if (IsBound(state, state.world->function(function).module)) {
        out.bound |= static_cast<std::uint8_t>(1 << j);
      }
      if (IsPatched(state, PatchId{i}, function)) out.patched |= static_cast<std::uint8_t>(1 << j);
    }
  }
  view->enabled_count = static_cast<std::uint8_t>(state.enabled_patches.size());
  std::copy(state.enabled_patches.begin(), state.enabled_patches.end(), view->order.begin());
  for (std::size_t n = 0; n < kLivepatchOpsCount; ++n) {
    const LivepatchOps& ops = state.livepatch_ops[n];
    LivepatchOpsView& out = view->ops[n];
    const std::vector<Address>& filter = state.PairOf(LivepatchOpsId(n)).filter.ips;
    if (!filter.empty()) out.ip = filter.front();
    out.registered = state[LivepatchOpsId(n)].registered;
    if (ops.stack.empty()) continue;
    out.depth = static_cast<std::uint8_t>(ops.stack.size());
    std::copy(ops.stack.begin(), ops.stack.end(), out.stack.begin());
  }
}

Outcome Apply(State& state, const SetPatch& op) {
  if (IsEnabled(state, op.patch)) return Outcome::Error(Errno::kBusy);
  state.patches[Index(op.patch)] = {
      .functions = {op.functions.begin(), op.functions.begin() + op.count}, .replace = op.replace};
  return Outcome::Ok();
}

Outcome Apply(State& state, const EnablePatch& op) {
  return Outcome::Error(Enable(state, op.patch));
}

Outcome Apply(State& state, const DisablePatch& op) {
  if (!IsEnabled(state, op.patch)) return Outcome::Error(Errno::kNoEnt);
  for (const Object& object : ObjectsOf(state, op.patch)) UnpatchObject(state, op.patch, object);
  std::erase(state.enabled_patches, op.patch);
  return Outcome::Ok();
}

}  // namespace recount::reference
