#include "impl/fast/layout.h"

#include <algorithm>

#include "model/check.h"

namespace recount::fast {
namespace {

// Slots further apart than this start a segment of their own; below it the gap is cheaper.
constexpr std::uint64_t kGap = 4096;

std::uint64_t OffsetOf(Address address) {
  return (address - World::kModuleBase) / World::kFunctionStride;
}

}  // namespace

Layout::Layout(const World& world) {
  std::uint64_t longest = 1;
  for (const Module& module : world.modules()) {
    longest = std::max<std::uint64_t>(longest, module.count);
  }
  std::vector<std::uint32_t> slots(world.slot_count());
  for (std::uint32_t i = 0; i < slots.size(); ++i) slots[i] = i;
  const auto offset = [&world](std::uint32_t slot) {
    return OffsetOf(world.SlotAddress(static_cast<SlotId>(slot)));
  };
  std::sort(slots.begin(), slots.end(),
            [&](std::uint32_t a, std::uint32_t b) { return offset(a) < offset(b); });

  modules_begin_ = world.core().count;
  slot_cells_.resize(slots.size());
  std::uint64_t next = modules_begin_;  // first cell not given away
  std::uint64_t covered = 0;            // offset that belongs to it
  for (const std::uint32_t slot : slots) {
    const std::uint64_t at = offset(slot);
    if (segments_.empty() || at > covered + kGap) {
      segments_.push_back({.cell = static_cast<Cell>(next),
                           .size = 0,
                           .address = world.SlotAddress(static_cast<SlotId>(slot))});
      covered = at;
    }
    Segment& segment = segments_.back();
    slot_cells_[slot] = static_cast<Cell>(segment.cell + at - OffsetOf(segment.address));
    covered = std::max(covered, at + longest);
    const std::uint64_t size = covered - OffsetOf(segment.address);
    next = segment.cell + size;
    RECOUNT_CHECK(next < 0xffffffffu);  // a World has at most 2^26 places, and 2^16 gaps
    segment.size = static_cast<Cell>(size);
  }
  cells_ = static_cast<Cell>(next);
}

}  // namespace recount::fast
