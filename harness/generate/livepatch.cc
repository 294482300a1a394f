// How the generator uses livepatch: functions of the modules that come and go and of the core,
// several patches on one function, enabled before their module is there as well as after.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "harness/generate/generate.h"
#include "model/op.h"

namespace recount {
namespace {

constexpr std::uint32_t kFunctionTries = 6;

// Livepatch finds a symbol and ftrace a record.
bool MayBePatched(FunctionKind kind) {
  return kind == FunctionKind::kText || kind == FunctionKind::kInit;
}

}  // namespace

bool Generator::HasPermanent(const View& view) {
  return std::any_of(view.ops.begin(), view.ops.end(),
                     [](const OpsView& ops) { return ops.registered && ops.permanent; }) ||
         std::any_of(view.livepatch.ops.begin(), view.livepatch.ops.end(),
                     [](const LivepatchOpsView& ops) { return ops.registered; });
}

Address Generator::PatchedAddress(const View& view) {
  const std::size_t first = Below(kLivepatchOpsCount);
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const LivepatchOpsView& ops = view.livepatch.ops[(first + i) % kLivepatchOpsCount];
    if (ops.registered) return ops.ip;
  }
  return 0;
}

FunctionId Generator::ToPatch(const View& view) {
  if (Sometimes(swarm_.livepatch.stacks)) {
    const PatchView& other = view.livepatch.patches[Index(OneOf(swarm_.livepatch.patches))];
    if (other.count > 0) {
      return other.functions[Below(std::min<std::size_t>(other.count, other.functions.size()))];
    }
  }
  // A kprobe with a post_handler and livepatch cannot both have a record.
  if (const FunctionId probed = ProbedFunction(view); probed != kNoFunction) {
    if (chooser_->Chance(1, 2)) return probed;
  }
  if (!swarm_.modules.empty() && chooser_->Chance(5, 8)) {
    const Module& image = world_->module(OneOf(swarm_.modules));
    if (image.count > 0) return static_cast<FunctionId>(image.first + Below(image.count));
  }
  const FunctionId function = SomeRecord(view);
  return function == kNoFunction ? AnyFunction() : function;
}

bool Generator::MakeSetPatch(const View& view, Op* op) {
  if (swarm_.livepatch.patches.empty()) return false;
  SetPatch set;
  set.patch = OneOf(swarm_.livepatch.patches);
  const PatchView& now = view.livepatch.patches[Index(set.patch)];
  if (now.enabled && !Careless()) return false;
  // What has functions and was not enabled yet is worth waiting for.
  if (now.count > 0 && !chooser_->Chance(1, 3)) return false;
  set.replace = Sometimes(swarm_.livepatch.replaces);
  set.count = 0;
  const std::uint32_t wanted = 1 + Below(SetPatch::kMaxFunctions);
  for (std::uint32_t i = 0; i < kFunctionTries && set.count < wanted; ++i) {
    const FunctionId function = ToPatch(view);
    if (!MayBePatched(world_->function(function).kind) && !Careless()) continue;
    const auto end = set.functions.begin() + set.count;
    if (std::find(set.functions.begin(), end, function) == end) {
      set.functions[set.count++] = function;
    }
  }
  if (set.count == 0) return false;
  *op = set;
  return true;
}

bool Generator::MakeEnablePatch(const View& view, Op* op) {
  if (swarm_.livepatch.patches.empty()) return false;
  const PatchId patch = OneOf(swarm_.livepatch.patches);
  const PatchView& now = view.livepatch.patches[Index(patch)];
  if ((now.enabled || now.count == 0) && !Careless()) return false;
  // A dead or switched off ftrace takes no new ops of livepatch's.
  if (!view.globals.enabled && !chooser_->Chance(1, 8)) return false;
  *op = EnablePatch{patch};
  return true;
}

bool Generator::MakeDisablePatch(const View& view, Op* op) {
  if (swarm_.livepatch.patches.empty()) return false;
  const std::size_t enabled = std::min<std::size_t>(view.livepatch.enabled_count, kPatchCount);
  if (enabled > 0) {
    *op = DisablePatch{view.livepatch.order[Below(enabled)]};
    return true;
  }
  if (!Careless()) return false;
  *op = DisablePatch{OneOf(swarm_.livepatch.patches)};
  return true;
}

}  // namespace recount
