// The slots of early kprobes: a fixed area, for there is no allocator yet (SEMANTICS 15). A bit
// each.
#ifndef RECOUNT_IMPL_FAST_EARLY_SLOTS_H_
#define RECOUNT_IMPL_FAST_EARLY_SLOTS_H_

#include <bit>
#include <cstdint>

#include "model/ids.h"

namespace recount::fast {

using EarlySlot = std::uint8_t;
inline constexpr EarlySlot kNoEarlySlot = 0xff;

class EarlySlots {
 public:
  bool full() const { return taken_ == kAll; }
  std::uint8_t taken() const { return static_cast<std::uint8_t>(std::popcount(taken_)); }
  // The lowest that is free. REQUIRES: not full.
  EarlySlot Take() {
    const auto slot = static_cast<EarlySlot>(std::countr_one(taken_));
    taken_ = static_cast<std::uint8_t>(taken_ | 1u << slot);
    return slot;
  }
  void Give(EarlySlot slot) { taken_ = static_cast<std::uint8_t>(taken_ & ~(1u << slot)); }

 private:
  static constexpr std::uint8_t kAll = (1u << kEarlySlotCount) - 1;
  static_assert(kEarlySlotCount <= 8);

  std::uint8_t taken_ = 0;
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_EARLY_SLOTS_H_
