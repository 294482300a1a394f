// Jumps (SEMANTICS 16). A kernel keeps some that ought to be gone, and forgets some that ought to
// be; nothing but the table and who fires shows it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "harness/known/kprobe_view.h"
#include "harness/known/undo.h"

namespace recount {
namespace {

using internal::Entries;
using internal::EntryAt;

// What a jump takes.
constexpr Address kJumpSize = World::kCallSize;

std::span<const Address> Unused(const View& view) {
  return std::span(view.kprobes.unused)
      .first(std::min<std::size_t>(view.kprobes.unused_count, kKprobeCount));
}

bool IsUnused(const View& view, Address address) {
  const std::span<const Address> unused = Unused(view);
  return std::find(unused.begin(), unused.end(), address) != unused.end();
}

// Something is where a jump from `address` would be written.
bool IsBlocked(const View& view, Address address) {
  const auto covers = [address](Address other) {
    return address < other && other < address + kJumpSize;
  };
  for (const KprobeEntryView& entry : Entries(view)) {
    const bool on = !entry.gone && !entry.disabled;
    if (covers(entry.address) && (on || entry.jump == JumpState::kLeaving)) return true;
  }
  return std::any_of(Unused(view).begin(), Unused(view).end(), covers);
}

// Code may go, or come, and as much of it is gone on both sides.
bool TookText(const DivergingStep& step) {
  const Op& op = step.op;
  const bool may = std::holds_alternative<Load>(op) || std::holds_alternative<LoadBegin>(op) ||
                   std::holds_alternative<LoadStep>(op) || std::holds_alternative<Unload>(op) ||
                   std::holds_alternative<FreeInit>(op);
  return may && step.shown.records.size() == step.after.records.size();
}
bool MayArm(const Op& op) {
  return std::holds_alternative<AddKprobe>(op) || std::holds_alternative<EnableKprobe>(op);
}

// Entries of nobody that ought to have left the table and are there as before.
bool TakeBackUnused(const DivergingStep& step, View* shown) {
  KprobesView& is = shown->kprobes;
  const KprobesView& ought = step.after.kprobes;
  if (is.unused_count > kKprobeCount || is.unused_count <= ought.unused_count) return false;
  for (const Address address : Unused(*shown)) {
    if (!IsUnused(step.before, address)) return false;
  }
  if (std::count(is.unused.begin() + is.unused_count, is.unused.end(), Address{0}) !=
      static_cast<std::ptrdiff_t>(kKprobeCount - is.unused_count)) {
    return false;
  }
  for (const Address address : Unused(step.after)) {
    if (!IsUnused(*shown, address)) return false;
  }
  is.unused_count = ought.unused_count;
  is.unused = ought.unused;
  return true;
}

}  // namespace

// It is queued for a jump, or has one, as nobody is in its way any more.
bool UndoKprobeNeighbourForgotten(const DivergingStep& step, View* shown, Outcome*) {
  bool undone = false;
  for (KprobeEntryView& is : Entries(shown)) {
    const KprobeEntryView* const before = EntryAt(step.before, is.address);
    const KprobeEntryView* const after = EntryAt(step.after, is.address);
    if (before == nullptr || after == nullptr || is.jump != JumpState::kNone) continue;
    if (before->jump != JumpState::kNone || after->jump == JumpState::kNone) continue;
    if (!IsBlocked(step.before, is.address)) continue;
    is.jump = after->jump;
    undone = true;
  }
  return undone;
}

// Somebody's is a matter of the worker's list, which does not show.
bool UndoKprobeForcedJumpLingers(const DivergingStep& step, View* shown, Outcome*) {
  return MayArm(step.op) && TakeBackUnused(step, shown);
}
bool KprobeForcedJumpIsListed(const DivergingStep& step) {
  if (!MayArm(step.op)) return false;
  return std::any_of(Entries(step.before).begin(), Entries(step.before).end(),
                     [&step](const KprobeEntryView& before) {
                       const KprobeEntryView* const after = EntryAt(step.after, before.address);
                       return before.jump == JumpState::kLeaving && after != nullptr &&
                              after->jump == JumpState::kNone;
                     });
}

// The first byte of a function says whether a call stands there, which no jump may replace. Who
// calls the function runs what that byte makes of the rest.
bool UndoKprobeRevivedStaleByte(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto is_first = [](const KprobeEntryView& entry) {
    return entry.address % World::kFunctionStride == 0 && entry.aggregate && !entry.on_ftrace;
  };
  if (std::holds_alternative<Hit>(step.op)) {
    const std::span<const KprobeEntryView> entries = Entries(step.before);
    if (actual->fate != Fate::kCrashed) return false;
    const bool revived = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
      return is_first(entry) && !entry.gone && entry.address >= World::kModuleBase;
    });
    if (revived) *actual = step.expected;
    return revived;
  }
  for (KprobeEntryView& is : Entries(shown)) {
    const KprobeEntryView* const before = EntryAt(step.before, is.address);
    const KprobeEntryView* const after = EntryAt(step.after, is.address);
    if (before == nullptr || after == nullptr || !is_first(is) || is.jump == after->jump) continue;
    if (!std::holds_alternative<AddKprobe>(step.op) || !before->gone || after->gone) continue;
    if (is.jump != JumpState::kNone && is.jump != JumpState::kQueued) continue;
    is.jump = after->jump;
    return true;
  }
  return false;
}

// A probe that is disabled enables what it takes over.
bool UndoKprobeUnusedEnabled(const DivergingStep& step, View* shown, Outcome*) {
  const auto* const op = std::get_if<AddKprobe>(&step.op);
  if (op == nullptr || !op->disabled) return false;
  for (KprobeEntryView& is : Entries(shown)) {
    const KprobeEntryView* const after = EntryAt(step.after, is.address);
    if (!IsUnused(step.before, is.address) || after == nullptr) continue;
    const bool keeps = is.jump == JumpState::kInstalled && after->jump == JumpState::kLeaving;
    if (is.disabled || !after->disabled || (!keeps && is.jump != after->jump)) return false;
    is.disabled = true;
    is.jump = after->jump;
    return true;
  }
  return false;
}

// It is not taken off any more, and so the worker does not find it.
bool UndoKprobeKilledUnusedStays(const DivergingStep& step, View* shown, Outcome*) {
  return TookText(step) && TakeBackUnused(step, shown);
}

// Nobody told kprobes that the code is gone: what was queued is queued, and what was there is
// thought to be there still.
bool UndoKprobeLeftKeepsJump(const DivergingStep& step, View* shown, Outcome*) {
  if (!TookText(step)) return false;
  bool undone = false;
  for (KprobeEntryView& is : Entries(shown)) {
    const KprobeEntryView* const before = EntryAt(step.before, is.address);
    const KprobeEntryView* const after = EntryAt(step.after, is.address);
    if (before == nullptr || after == nullptr || after->gone) continue;
    if (after->jump != JumpState::kNone || is.jump == JumpState::kNone) continue;
    if (is.jump != before->jump) continue;
    is.jump = JumpState::kNone;
    undone = true;
  }
  return undone;
}

}  // namespace recount
