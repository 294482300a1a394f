// I13: the functions of the patches and the stacks they stand on (SEMANTICS 12).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

std::string PatchName(std::size_t index) { return Cat({"p", std::to_string(index)}); }

bool BitOf(std::uint8_t bits, std::size_t i) { return (bits >> i & 1) != 0; }

// The place of `patch` in the list of those enabled; past its end when it is not there.
std::size_t PlaceInList(const LivepatchView& livepatch, PatchId patch) {
  const auto end = livepatch.order.begin() + livepatch.enabled_count;
  return static_cast<std::size_t>(std::find(livepatch.order.begin(), end, patch) -
                                  livepatch.order.begin());
}

Broken ListFault(const LivepatchView& livepatch) {
  if (livepatch.enabled_count > kPatchCount) return "the list of patches is too long";
  std::size_t enabled = 0;
  for (std::size_t i = 0; i < kPatchCount; ++i) {
    const bool listed = PlaceInList(livepatch, static_cast<PatchId>(i)) < livepatch.enabled_count;
    if (livepatch.patches[i].enabled != listed) {
      return Cat({PatchName(i),
                  listed ? ": in the list, but not enabled" : ": enabled, but not in the list"});
    }
    enabled += listed ? 1 : 0;
  }
  if (enabled != livepatch.enabled_count) return "a patch is in the list twice";
  return std::nullopt;
}

// A function of an enabled patch is bound while livepatch may bind to its image, and then patched.
bool MayBind(const Observation& step, FunctionId function) {
  const ModuleId image = step.world.function(function).module;
  return image == kCore ||
         (Index(image) < step.after.modules.size() && step.after.modules[Index(image)].klp_alive);
}

Broken PatchFault(const Observation& step, std::size_t index) {
  const LivepatchView& livepatch = step.after.livepatch;
  const PatchView& patch = livepatch.patches[index];
  if (patch.count > patch.functions.size()) return Cat({PatchName(index), ": too many functions"});
  if (patch.bound >> patch.count != 0 || patch.patched >> patch.count != 0) {
    return Cat({PatchName(index), ": has bits of functions it does not have"});
  }
  for (std::size_t i = 0; i < patch.count; ++i) {
    const FunctionId function = patch.functions[i];
    if (Index(function) >= step.world.functions().size()) {
      return Cat({PatchName(index), ": has an unknown function"});
    }
    const auto fault = [&](std::string_view what) {
      return Cat({PatchName(index), ": ", FunctionName(step.world, function), what});
    };
    const bool bound = BitOf(patch.bound, i);
    const bool patched = BitOf(patch.patched, i);
    if (bound != (patch.enabled && MayBind(step, function))) {
      return fault(bound
                       ? " is bound, but its image is not to be bound to, or the patch not enabled"
                       : " is not bound, though its image is there and the patch enabled");
    }
    if (patched != bound) return fault(patched ? " is patched, but not bound" : " is not patched");
    std::size_t stacks = 0;
    const auto ip = AddressNow(step.world, step.after, function);
    for (const LivepatchOpsView& ops : livepatch.ops) {
      if (!ip.has_value() || ops.ip != *ip) continue;
      const auto end = ops.stack.begin() + ops.depth;
      stacks +=
          static_cast<std::size_t>(std::count(ops.stack.begin(), end, static_cast<PatchId>(index)));
    }
    if (stacks == (patched ? 1u : 0u)) continue;
    return fault(Cat({patched ? " is patched" : " is not patched", ", but on ",
                      std::to_string(stacks), " stacks"}));
  }
  return std::nullopt;
}

const RecordView* RecordAt(const View& view, Address ip) {
  const auto found = std::find_if(view.records.begin(), view.records.end(),
                                  [ip](const RecordView& record) { return record.ip == ip; });
  return found == view.records.end() ? nullptr : &*found;
}

Broken OpsFault(const Observation& step, std::size_t index) {
  const LivepatchView& livepatch = step.after.livepatch;
  const LivepatchOpsView& ops = livepatch.ops[index];
  if (ops == LivepatchOpsView{}) return std::nullopt;
  const auto fault = [index](std::string_view what) {
    return Cat({OpsName(kOpsCount + index), ": ", what});
  };
  if (!ops.registered) return fault("in use, but not registered");
  if (ops.ip == 0) return fault("registered without an address");
  // What ftrace's death left registered is nobody's any more (S C7.3).
  if (ops.depth == 0 && !step.after.globals.dead) return fault("registered for an empty stack");
  for (std::size_t i = 0; i < ops.depth; ++i) {
    const std::size_t place = PlaceInList(livepatch, ops.stack[i]);
    if (place >= livepatch.enabled_count) {
      return fault(Cat({PatchName(Index(ops.stack[i])), " is on its stack, but not enabled"}));
    }
    // The newest is on top, so each stands earlier in the list than the one above it.
    if (i > 0 && place >= PlaceInList(livepatch, ops.stack[i - 1])) {
      return fault("its stack is not in the order the patches were enabled");
    }
  }
  for (std::size_t i = 0; i < index; ++i) {
    if (ops.depth > 0 && livepatch.ops[i].depth > 0 && livepatch.ops[i].ip == ops.ip) {
      return fault(Cat({"has the address of ", OpsName(kOpsCount + i)}));
    }
  }
  if (step.after.globals.dead) return std::nullopt;
  // Init text may be gone from under it.
  const RecordView* record = RecordAt(step.after, ops.ip);
  if (record == nullptr || (record->flags & kIpModify) != 0) return std::nullopt;
  return fault(
      Cat({"registered, but ", FunctionName(step.world, record->function), " has no IPMODIFY"}));
}

}  // namespace

Broken PatchesAreOnTheirStacks(const Observation& step) {
  const LivepatchView& livepatch = step.after.livepatch;
  // Nothing of it: most Programs.
  static const LivepatchView kIdle;
  if (livepatch == kIdle) return std::nullopt;
  if (Broken broken = ListFault(livepatch)) return broken;
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    if (livepatch.ops[i].depth > kPatchCount) {
      return Cat({OpsName(kOpsCount + i), ": its stack is too deep"});
    }
  }
  for (std::size_t i = 0; i < kPatchCount; ++i) {
    if (Broken broken = PatchFault(step, i)) return broken;
  }
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    if (Broken broken = OpsFault(step, i)) return broken;
  }
  return std::nullopt;
}

}  // namespace recount::internal
