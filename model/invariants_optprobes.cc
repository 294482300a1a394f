// I15: the jumps that stand for breakpoints (SEMANTICS 16).
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

// What a jump takes: as much as a call.
constexpr Address kJumpSize = World::kCallSize;

// A jump from the first place writes over the second.
bool Covers(Address jump, Address place) { return jump < place && place < jump + kJumpSize; }

bool HasRoom(Address address) {
  return address % World::kFunctionStride + kJumpSize <= World::kFunctionStride;
}

std::string PlaceName(Address address) {
  return Cat({"the kprobe at ", std::to_string(address % World::kFunctionStride), " bytes from ",
              std::to_string(address - address % World::kFunctionStride)});
}

std::span<const KprobeEntryView> Entries(const KprobesView& kprobes) {
  return std::span(kprobes.entries).first(std::min<std::size_t>(kprobes.entry_count, kKprobeCount));
}

std::span<const Address> Unused(const KprobesView& kprobes) {
  return std::span(kprobes.unused).first(std::min<std::size_t>(kprobes.unused_count, kKprobeCount));
}

// Why there can be no jump at the entry, as it is; empty when there can.
std::string_view EntryFault(const KprobeEntryView& entry) {
  if (!entry.aggregate) return "alone, and never prepared";
  if (entry.on_ftrace) return "on ftrace";
  if (entry.early) return "early";
  if (entry.post) return "there with a post_handler";
  if (entry.gone) return "gone";
  if (!HasRoom(entry.address)) return "where a jump does not fit";
  const bool leaving = entry.jump == JumpState::kLeaving;
  if (entry.disabled != leaving) return leaving ? "on" : "disabled";
  return "";
}

bool IsInTheWay(const KprobeEntryView& entry) {
  return (!entry.gone && !entry.disabled) || entry.jump == JumpState::kLeaving;
}

// What else is where the jump at `address` is written, or is to be.
Broken CoveredFault(const KprobesView& kprobes, Address address) {
  for (const KprobeEntryView& other : Entries(kprobes)) {
    if (!Covers(address, other.address) || !IsInTheWay(other)) continue;
    return Cat({PlaceName(address), ": its jump is over ", PlaceName(other.address)});
  }
  for (const Address other : Unused(kprobes)) {
    if (!Covers(address, other)) continue;
    return Cat({PlaceName(address), ": its jump is over that of nobody's"});
  }
  return std::nullopt;
}

Broken UnusedFault(const KprobesView& kprobes) {
  if (kprobes.unused_count > kKprobeCount) return "more jumps of nobody's than there are kprobes";
  const std::span<const Address> unused = Unused(kprobes);
  for (std::size_t i = 0; i < unused.size(); ++i) {
    const auto fault = [&](std::string_view what) {
      return Cat({PlaceName(unused[i]), ": unused, ", what});
    };
    if (i > 0 && unused[i] <= unused[i - 1]) return fault("and out of order");
    if (!HasRoom(unused[i])) return fault("where a jump does not fit");
    for (const KprobeEntryView& entry : Entries(kprobes)) {
      if (entry.address == unused[i]) return fault("and used");
    }
    if (Broken broken = CoveredFault(kprobes, unused[i])) return broken;
  }
  for (std::size_t i = unused.size(); i < kKprobeCount; ++i) {
    if (kprobes.unused[i] != 0) return "an address behind those of unused kprobes";
  }
  return std::nullopt;
}

}  // namespace

Broken JumpsAreWhereTheyMayBe(const Observation& step) {
  const KprobesView& kprobes = step.after.kprobes;
  bool any = kprobes.unused_count > 0;
  bool waits = any;
  for (const KprobeEntryView& entry : Entries(kprobes)) {
    if (entry.jump == JumpState::kNone) continue;
    any = true;
    waits = waits || entry.jump != JumpState::kInstalled;
    if (const std::string_view fault = EntryFault(entry); !fault.empty()) {
      return Cat({PlaceName(entry.address), ": its jump is ", JumpText(entry.jump), ", and it is ",
                  fault});
    }
    if (Broken broken = CoveredFault(kprobes, entry.address)) return broken;
  }
  if (Broken broken = UnusedFault(kprobes)) return broken;
  if (!any) return std::nullopt;
  if (step.profile.optprobes == Profile::Optprobes::kOff) return "this profile has no jumps";
  if (kprobes.all_disarmed) return "a jump, though all kprobes are disarmed";
  if (waits && std::holds_alternative<Optimize>(step.op) && step.outcome.rc == 0) {
    return "a jump waits though the worker has just run";
  }
  return std::nullopt;
}

}  // namespace recount::internal
