// How the generator uses kprobes: mostly on records, of the modules that come and go and of the
// core, several at one address, with and without a post_handler, and now and then where none may
// be.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "harness/generate/generate.h"
#include "model/op.h"

namespace recount {

FunctionId Generator::ProbedFunction(const View& view) {
  if (view.kprobes.entry_count == 0 || !chooser_->Chance(3, 4)) return kNoFunction;
  const std::size_t count = std::min<std::size_t>(view.kprobes.entry_count, kKprobeCount);
  const KprobeEntryView& entry = view.kprobes.entries[Below(count)];
  return FunctionAt(entry.address - entry.address % World::kFunctionStride, view);
}

Place Generator::ToProbe(const View& view) {
  // A probe that is gone, and another function, or the same again, where it was.
  for (std::size_t i = 0; i < std::min<std::size_t>(view.kprobes.entry_count, kKprobeCount); ++i) {
    const KprobeEntryView& entry = view.kprobes.entries[i];
    if (!entry.gone || !chooser_->Chance(1, 2)) continue;
    const Address offset = entry.address % World::kFunctionStride;
    const FunctionId function = FunctionAt(entry.address - offset, view);
    if (function == kNoFunction || world_->function(function).kind == FunctionKind::kInit) continue;
    return {function, static_cast<std::uint8_t>(offset)};
  }
  if (Sometimes(swarm_.kprobes.neighbours)) {
    if (const std::optional<Place> place = NextToProbed(view)) return *place;
  }
  if (Sometimes(swarm_.kprobes.together)) {
    const std::size_t count = std::min<std::size_t>(view.kprobes.entry_count, kKprobeCount);
    if (count > 0) {
      const Address address = view.kprobes.entries[Below(count)].address;
      const Address offset = address % World::kFunctionStride;
      const FunctionId function = FunctionAt(address - offset, view);
      if (function != kNoFunction) return {function, static_cast<std::uint8_t>(offset)};
    }
    // It may be gone, or its module on its way back.
    if (last_probed_) return *last_probed_;
  }
  // Of modules rather than of the core; init text while there is some.
  Place place{SomeRecord(view), 0};
  if (place.function == kNoFunction || chooser_->Chance(1, 8)) place.function = AnyFunction();
  if (Sometimes(swarm_.kprobes.inside)) {
    // Where instructions begin, and now and then where none does (SEMANTICS 14).
    static constexpr std::uint8_t kOffsets[] = {5, 8, 12};
    place.offset = chooser_->Chance(1, 10)
                       ? static_cast<std::uint8_t>(Below(World::kFunctionStride))
                       : kOffsets[Below(std::size(kOffsets))];
  }
  return place;
}

// Where a jump would be in the way, or have something in its own; or where one is left over.
std::optional<Place> Generator::NextToProbed(const View& view) {
  const KprobesView& kprobes = view.kprobes;
  const std::size_t entries = std::min<std::size_t>(kprobes.entry_count, kKprobeCount);
  const std::size_t unused = std::min<std::size_t>(kprobes.unused_count, kKprobeCount);
  if (entries + unused == 0) return std::nullopt;
  const std::size_t at = Below(entries + unused);
  const Address address = at < entries ? kprobes.entries[at].address : kprobes.unused[at - entries];
  auto offset = static_cast<std::uint8_t>(address % World::kFunctionStride);
  const FunctionId function = FunctionAt(address - offset, view);
  if (function == kNoFunction) return std::nullopt;
  const bool same = at >= entries && chooser_->Chance(3, 4);
  if (!same) offset = offset == 8 ? (chooser_->Chance(1, 2) ? 5 : 12) : 8;
  if (chooser_->Chance(1, 10)) offset = static_cast<std::uint8_t>(Below(World::kFunctionStride));
  return Place{function, offset};
}

bool Generator::MakeOptimize(const View& view, Op* op) {
  // Mostly when somebody waits for it; and then what has just got its jump is taken off again.
  const KprobesView& kprobes = view.kprobes;
  const KprobeEntryView* queued = nullptr;
  bool waits = kprobes.unused_count > 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(kprobes.entry_count, kKprobeCount); ++i) {
    const KprobeEntryView& entry = kprobes.entries[i];
    waits = waits || entry.jump == JumpState::kQueued || entry.jump == JumpState::kLeaving;
    if (entry.jump == JumpState::kQueued && entry.count > 0) queued = &entry;
  }
  if (!waits && !chooser_->Chance(1, 8)) return false;
  *op = Optimize{};
  if (queued == nullptr || !chooser_->Chance(1, 3)) return true;
  const KprobeId kprobe = queued->probes[0];
  follow_up_ = chooser_->Chance(1, 2) ? Op{RemoveKprobe{kprobe}} : Op{DisableKprobe{kprobe}};
  return true;
}

bool Generator::MakeAddKprobe(const View& view, Op* op) {
  AddKprobe add;
  add.kprobe = OneOf(swarm_.kprobes.kprobes);
  if (view.kprobes.probes[Index(add.kprobe)].registered && !Careless()) return false;
  // A dead or switched off ftrace: what is on a record is refused, or waits.
  if (view.globals.dead && !chooser_->Chance(1, 4)) return false;
  add.place = ToProbe(view);
  add.post = Sometimes(swarm_.kprobes.posts);
  add.disabled = Sometimes(swarm_.kprobes.disabled);
  last_probed_ = add.place;
  *op = add;
  return true;
}

bool Generator::MakeKprobeOp(OpKind kind, const View& view, Op* op) {
  // A mutant may have such operations in a Program that draws none.
  if (swarm_.kprobes.kprobes.empty()) return false;
  if (kind == OpKind::kAddKprobe) return MakeAddKprobe(view, op);
  if (kind == OpKind::kOptimize) return MakeOptimize(view, op);
  if (kind == OpKind::kKprobesArmed) {
    // Not for long: what is disarmed has little to show.
    const bool off = view.kprobes.all_disarmed;
    if (!off && (view.kprobes.entry_count == 0 || chooser_->Chance(1, 2))) return false;
    *op = KprobesArmed{Careless() ? !off : off};
    return true;
  }
  const KprobeId kprobe = OneOf(swarm_.kprobes.kprobes);
  const KprobeView& now = view.kprobes.probes[Index(kprobe)];
  if (!now.registered && !Careless()) return false;
  switch (kind) {
    case OpKind::kRemoveKprobe:
      *op = RemoveKprobe{kprobe};
      return true;
    case OpKind::kEnableKprobe:
      if ((!now.disabled || now.gone) && !chooser_->Chance(1, 8)) return false;
      *op = EnableKprobe{kprobe};
      return true;
    default:
      if ((now.disabled || now.gone) && !chooser_->Chance(1, 8)) return false;
      *op = DisableKprobe{kprobe};
      return true;
  }
}

}  // namespace recount
