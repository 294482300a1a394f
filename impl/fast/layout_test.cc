#include "impl/fast/layout.h"

#include <gtest/gtest.h>

namespace recount::fast {
namespace {

// A core of three functions, modules of at most four, slots near, overlapping and far away.
WorldPtr FarWorld() {
  World::Definition definition{.name = "far"};
  definition.core.functions = {
      {"a", FunctionKind::kText}, {"b", FunctionKind::kText}, {"c", FunctionKind::kText}};
  definition.modules = {{"m",
                         {{"m0", FunctionKind::kText},
                          {"m1", FunctionKind::kText},
                          {"m2", FunctionKind::kText},
                          {"m3", FunctionKind::kText}}}};
  definition.slots = {4000000000u, 2, 0, 20};
  return *World::Make(definition);
}

TEST(Layout, AddressAndCellAreInverse) {
  const WorldPtr world = FarWorld();
  const Layout layout(*world);
  for (Cell cell = 0; cell < layout.cells(); ++cell) {
    Cell back = 0;
    ASSERT_TRUE(layout.CellAt(layout.AddressOf(cell) + 15, &back));
    ASSERT_EQ(back, cell);
    if (cell > 0) {
      ASSERT_LT(layout.AddressOf(cell - 1), layout.AddressOf(cell));
    }
  }
}

TEST(Layout, EverySlotHasRoomForTheLongestModule) {
  const WorldPtr world = FarWorld();
  const Layout layout(*world);
  for (std::size_t i = 0; i < world->slot_count(); ++i) {
    const auto slot = static_cast<SlotId>(i);
    for (Cell at = 0; at < 4; ++at) {
      EXPECT_EQ(layout.AddressOf(layout.SlotCell(slot) + at),
                world->SlotAddress(slot) + at * World::kFunctionStride);
    }
  }
}

TEST(Layout, OverlappingSlotsShareCells) {
  const Layout layout(*FarWorld());
  EXPECT_EQ(layout.SlotCell(SlotId{1}), layout.SlotCell(SlotId{2}) + 2);
}

TEST(Layout, FarSlotsCostNoCellsInBetween) { EXPECT_LT(Layout(*FarWorld()).cells(), 100u); }

TEST(Layout, AddressesOutsideHaveNoCell) {
  const Layout layout(*FarWorld());
  Cell cell;
  EXPECT_FALSE(layout.CellAt(World::kCoreBase - 1, &cell));
  EXPECT_FALSE(layout.CellAt(World::kCoreBase + 3 * World::kFunctionStride, &cell));
  EXPECT_FALSE(layout.CellAt(World::kModuleBase - 1, &cell));
  EXPECT_FALSE(layout.CellAt(World::kModuleBase + 24 * World::kFunctionStride, &cell));
  EXPECT_FALSE(layout.CellAt(~Address{0}, &cell));
}

}  // namespace
}  // namespace recount::fast
