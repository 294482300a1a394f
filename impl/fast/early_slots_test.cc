#include "impl/fast/early_slots.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace recount::fast {
namespace {

TEST(EarlySlots, RunOutAndAreUsedAgain) {
  EarlySlots slots;
  for (std::size_t i = 0; i < kEarlySlotCount; ++i) {
    EXPECT_FALSE(slots.full());
    EXPECT_EQ(slots.Take(), i);
    EXPECT_EQ(slots.taken(), i + 1);
  }
  EXPECT_TRUE(slots.full());
  for (EarlySlot slot = 0; slot < kEarlySlotCount; ++slot) {
    slots.Give(slot);
    EXPECT_EQ(slots.taken(), kEarlySlotCount - 1);
    EXPECT_EQ(slots.Take(), slot);
  }
  EXPECT_TRUE(slots.full());
}

}  // namespace
}  // namespace recount::fast
