#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "harness/known/undo.h"

namespace recount {
namespace {

bool HasRecordAt(const View& view, Address ip) {
  return std::any_of(view.records.begin(), view.records.end(),
                     [ip](const RecordView& record) { return record.ip == ip; });
}

// Where livepatch takes replacements away.
bool MayUnpatch(const Op& op) {
  return std::visit(
      [](const auto& one) {
        using T = std::decay_t<decltype(one)>;
        return std::is_same_v<T, Load> || std::is_same_v<T, LoadStep> ||
               std::is_same_v<T, Unload> || std::is_same_v<T, EnablePatch> ||
               std::is_same_v<T, DisablePatch>;
      },
      op);
}

// Whether `function` is, or was until the step, at `ip`.
bool WasAt(const DivergingStep& step, FunctionId function, Address ip) {
  const ModuleId image = step.world.function(function).module;
  if (image == kCore) return step.world.AddressOf(function, World::kCoreBase) == ip;
  const ModuleView& module = step.before.modules[Index(image)];
  return module.state != ModuleState::kAbsent &&
         step.world.AddressOf(function, step.world.SlotAddress(module.slot)) == ip;
}

// The bits of what `patch` replaces at `ip`.
std::uint8_t BitsAt(const DivergingStep& step, const PatchView& patch, Address ip) {
  std::uint8_t bits = 0;
  for (std::size_t i = 0; i < patch.count; ++i) {
    if (WasAt(step, patch.functions[i], ip)) bits |= static_cast<std::uint8_t>(1 << i);
  }
  return bits;
}

// Who is said to be on the stack of the function at `ip` still: one patch, or, where its memory is
// gone, none. False when the stack has another or more. Takes the patched bit back.
bool UndoPatchedAt(const DivergingStep& step, const LivepatchOpsView& left, LivepatchView* shown) {
  if (left.depth > 1) return false;
  for (std::size_t p = 0; p < kPatchCount; ++p) {
    PatchView& patch = shown->patches[p];
    const std::uint8_t bits = BitsAt(step, patch, left.ip);
    const bool listed = left.depth == 1 && Index(left.stack[0]) == p;
    if (((patch.patched & bits) != 0) != listed) return false;
    if (listed && (step.before.livepatch.patches[p].patched & bits) == 0) return false;
    patch.patched &= static_cast<std::uint8_t>(~bits);
  }
  return true;
}

// Ops of livepatch's that ftrace lists although nothing is on their stack.
std::size_t FreedButListed(const View& view) {
  return static_cast<std::size_t>(
      std::count_if(view.order.begin(), view.order.end(), [&view](OpsId id) {
        return Index(id) >= kOpsCount && Index(id) < Index(kKprobeOps) &&
               view.livepatch.ops[Index(id) - kOpsCount].depth == 0;
      }));
}

// What may disarm a kprobe, and so unregister the ops for those with a post_handler. (A dead ftrace
// takes none to arm.)
bool MayUnregisterKprobeOps(const Op& op) {
  return std::holds_alternative<RemoveKprobe>(op) || std::holds_alternative<DisableKprobe>(op) ||
         std::holds_alternative<KprobesArmed>(op) || std::holds_alternative<Unload>(op) ||
         std::holds_alternative<LoadStep>(op) || std::holds_alternative<FreeInit>(op);
}

// Registering or unregistering an IPMODIFY ops, for whose every address the whole list is read.
bool ReadsTheList(const DivergingStep& step) {
  if (step.before.kprobes.ops[1].registered && MayUnregisterKprobeOps(step.op)) return true;
  const auto* const on = std::get_if<Register>(&step.op);
  const auto* const off = std::get_if<Unregister>(&step.op);
  if (on == nullptr && off == nullptr) return false;
  const OpsView& ops = step.before.ops[Index(on != nullptr ? on->ops : off->ops)];
  return ops.ipmodify && !(ops.filter.ips.empty() && ops.filter.cleared == 0);
}

// A load that applies cached filters, also when ftrace is dead: to see who else uses the hash, the
// whole list is read.
bool AppliesCachedFilters(const DivergingStep& step) {
  if (!std::holds_alternative<Load>(step.op) && !std::holds_alternative<LoadStep>(step.op)) {
    return false;
  }
  return std::any_of(step.before.ops.begin(), step.before.ops.end(), [](const OpsView& ops) {
    return !(ops.cached_filter.empty() && ops.cached_notrace.empty());
  });
}

}  // namespace

// A crash, where one that is freed is read: one of before, or the first of several in this step.
bool UndoLivepatchFreesListedOps(const DivergingStep& step, View* shown, Outcome* actual) {
  if (actual->fate != Fate::kCrashed || !step.after.globals.dead) return false;
  const std::size_t before = FreedButListed(step.before);
  const std::size_t after = FreedButListed(step.after);
  const bool reads = (MayUnpatch(step.op) && after > before && after > 1) ||
                     (before > 0 && (ReadsTheList(step) || AppliesCachedFilters(step)));
  if (!reads) return false;
  *actual = step.expected;
  *shown = step.after;
  return true;
}

// The ops of a function without a record stays as it was, with the last of its stack.
bool UndoLivepatchInitText(const DivergingStep& step, View* shown, Outcome*) {
  if (!MayUnpatch(step.op)) return false;
  bool undone = false;
  for (std::size_t n = 0; n < kLivepatchOpsCount; ++n) {
    const LivepatchOpsView& before = step.before.livepatch.ops[n];
    const LivepatchOpsView& after = step.after.livepatch.ops[n];
    LivepatchOpsView& left = shown->livepatch.ops[n];
    if (left == after || left.ip != before.ip || !left.registered || !before.registered) continue;
    if (after.depth != 0 || HasRecordAt(step.before, before.ip)) continue;
    if (!UndoPatchedAt(step, left, &shown->livepatch)) continue;
    left = after;
    if (!after.registered) {
      std::erase(shown->order, OpsId{static_cast<std::uint8_t>(kOpsCount + n)});
      --shown->ledger.hash_entries;
    }
    undone = true;
  }
  return undone;
}

// With ftrace dead an ops stays registered on either side. What the kernel leaves on its stack is
// freed, and met again when the memory is.
bool LivepatchInitTextStaysUnseen(const DivergingStep& step) {
  if (!MayUnpatch(step.op) || !step.after.globals.dead) return false;
  for (std::size_t n = 0; n < kLivepatchOpsCount; ++n) {
    const LivepatchOpsView& before = step.before.livepatch.ops[n];
    const LivepatchOpsView& after = step.after.livepatch.ops[n];
    const bool emptied = before.registered && before.depth != 0 && after.depth == 0;
    if (emptied && !HasRecordAt(step.before, before.ip)) return true;
  }
  return false;
}

// An allocation that was to fail leaves one behind, the death of ftrace as many as are given up
// afterwards.
bool UndoLivepatchLeaksFilter(const DivergingStep& step, View* shown, Outcome*) {
  if (!MayUnpatch(step.op) || step.before.globals.dead) return false;
  const std::uint32_t is = shown->ledger.hash_entries;
  const std::uint32_t ought = step.after.ledger.hash_entries;
  const std::uint32_t most = step.after.globals.dead ? kLivepatchOpsCount : 1;
  if (is <= ought || is - ought > most) return false;
  const bool armed = step.armed[static_cast<std::size_t>(FaultPoint::kHashCopy)] != 0;
  if (!armed && !step.after.globals.dead) return false;
  shown->ledger.hash_entries = ought;
  return true;
}

}  // namespace recount
