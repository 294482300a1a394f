#include "impl/fast/ops_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recount::fast {
namespace {

constexpr OpsId kA{0}, kB{1}, kC{2};

class OpsTableTest : public testing::Test {
 protected:
  OpsTableTest() {
    index_.Reset(100);
    ops_.Reset();
  }
  void SetFilter(OpsId ops, std::vector<Cell> cells) {
    std::vector<Cell> removed, added;
    Difference(ops_.Hash(ops, Which::kFilter).cells(), cells, &removed, &added);
    ops_.Replace(ops_.at(ops).pair, Which::kFilter, {.cells = std::move(cells)}, removed, added);
  }
  OpsSet Naming(Cell cell) const { return ops_.UsersOf(index_.Pairs(Which::kFilter, cell)); }

  AddressIndex index_;
  OpsTable ops_{&index_};
};

TEST_F(OpsTableTest, TheReverseIndexFollowsTheHash) {
  SetFilter(kA, {1, 2});
  SetFilter(kB, {2, 3});
  EXPECT_EQ(Naming(2), Bit(kA) | Bit(kB));
  SetFilter(kA, {1});
  EXPECT_EQ(Naming(1), Bit(kA));
  EXPECT_EQ(Naming(2), Bit(kB));
  EXPECT_EQ(ops_.live_entries(), 3u);
}

TEST_F(OpsTableTest, AnAbandonedPairIsFreed) {
  SetFilter(kA, {1, 2});
  SetFilter(kB, {3});
  ops_.Share(kA, kB);
  EXPECT_EQ(ops_.live_entries(), 1u);
  EXPECT_EQ(Naming(1), 0);
  EXPECT_EQ(Naming(3), Bit(kA) | Bit(kB));
  ops_.Share(kA, kB);  // once more changes nothing
  EXPECT_EQ(Naming(3), Bit(kA) | Bit(kB));
}

TEST_F(OpsTableTest, ANewUserIsANewOps) {
  SetFilter(kB, {3});
  ops_.Share(kA, kB);
  ops_.at(kA).cached[0].Prepend({});
  ops_.SetFlags({.ops = kA, .user = User::kTracer});
  EXPECT_EQ(Naming(3), Bit(kB));
  EXPECT_TRUE(ops_.Hash(kA, Which::kFilter).empty());
  EXPECT_EQ(ops_.live_cached(), 0u);
  EXPECT_EQ(ops_.TracerPairs(), 1u << ops_.at(kA).pair);
}

TEST_F(OpsTableTest, CallsTheNewestFirst) {
  for (const OpsId ops : {kB, kA, kC}) ops_.Register(ops);
  EXPECT_THAT(ops_.order(), testing::ElementsAre(kC, kA, kB));
  ops_.Unregister(kA);
  EXPECT_THAT(ops_.order(), testing::ElementsAre(kC, kB));
  EXPECT_EQ(ops_.registered(), Bit(kB) | Bit(kC));
  EXPECT_EQ(ops_.FirstRegistered(ops_.registered()), kB);
}

TEST_F(OpsTableTest, UnlistedStaysRegistered) {
  ops_.Register(kA);
  ops_.Unlist(kA);
  EXPECT_TRUE(ops_.registered(kA));
  EXPECT_THAT(ops_.order(), testing::IsEmpty());
}

TEST_F(OpsTableTest, TraceAllIsRegisteredWithoutAFilter) {
  SetFilter(kA, {1});
  ops_.Register(kA);
  ops_.Register(kB);
  EXPECT_EQ(ops_.TraceAll(), Bit(kB));
  SetFilter(kA, {});
  EXPECT_EQ(ops_.TraceAll(), Bit(kA) | Bit(kB));
}

constexpr OpsId kL0{kOpsCount}, kL1{kOpsCount + 1};

TEST_F(OpsTableTest, OpsOfLivepatchAreFoundByTheirOneCell) {
  ops_.SetLivepatchFilter(kL0, 5);
  ops_.SetLivepatchFilter(kL1, 7);
  EXPECT_EQ(ops_.live_entries(), 2u);
  EXPECT_EQ(ops_.LivepatchAt(5), 0u);  // not before it is registered
  ops_.Register(kL1);
  ops_.Register(kL0);
  EXPECT_EQ(ops_.LivepatchAt(5), AnyBit(kL0));
  EXPECT_EQ(ops_.LivepatchAt(6), 0u);
  EXPECT_EQ(ops_.LivepatchFilter(kL1), Cell{7});
  ops_.SetLivepatchFilter(kL1, std::nullopt);
  EXPECT_EQ(ops_.LivepatchFilter(kL1), std::nullopt);
  EXPECT_EQ(ops_.live_entries(), 1u);
}

TEST_F(OpsTableTest, OpsOfLivepatchArePermanentAndInTheSameCallOrder) {
  EXPECT_FALSE(ops_.AnyPermanent());
  ops_.Register(kA);
  EXPECT_FALSE(ops_.AnyPermanent());
  ops_.SetLivepatchFilter(kL0, 5);
  ops_.Register(kL0);
  ops_.Register(kB);
  EXPECT_TRUE(ops_.AnyPermanent());
  EXPECT_THAT(ops_.order(), testing::ElementsAre(kB, kL0, kA));
  EXPECT_EQ(ops_.registered(), Bit(kA) | Bit(kB));
  EXPECT_EQ(ops_.FirstRegistered(AnyBit(kB) | AnyBit(kL0)), kL0);
  ops_.Unregister(kL0);
  EXPECT_FALSE(ops_.AnyPermanent());
}

TEST_F(OpsTableTest, KprobesAreFoundByTheirFiltersWhileTheyAreRegistered) {
  ops_.NameInKprobeFilter(kKprobeOps, 7);
  ops_.NameInKprobeFilter(kKprobeOps, 3);
  ops_.NameInKprobeFilter(kKprobeOps, 7);
  ops_.NameInKprobeFilter(kKprobeIpmodifyOps, 3);
  EXPECT_THAT(ops_.KprobeFilter(kKprobeOps), testing::ElementsAre(3, 7));
  EXPECT_EQ(ops_.live_entries(), 3u);
  EXPECT_EQ(ops_.KprobesAt(3), 0u);
  ops_.Register(kKprobeIpmodifyOps);
  ops_.Register(kKprobeOps);
  EXPECT_EQ(ops_.KprobesAt(3), AnyBit(kKprobeOps) | AnyBit(kKprobeIpmodifyOps));
  EXPECT_EQ(ops_.KprobesAt(7), AnyBit(kKprobeOps));
  EXPECT_EQ(ops_.LivepatchAt(3), 0u);
  EXPECT_FALSE(ops_.AnyPermanent());
  EXPECT_EQ(ops_.registered(), 0);
  ops_.DropFromKprobeFilter(kKprobeOps, 3);
  ops_.DropFromKprobeFilter(kKprobeOps, 4);
  EXPECT_EQ(ops_.KprobesAt(3), AnyBit(kKprobeIpmodifyOps));
  EXPECT_EQ(ops_.live_entries(), 2u);
  ops_.Reset();
  EXPECT_EQ(ops_.live_entries(), 0u);
}

TEST_F(OpsTableTest, ATrampolineBelongsToTheKlpOpsThatWasLastRegisteredThere) {
  for (const OpsId ops : {kL0, kL1}) {
    ops_.SetLivepatchFilter(ops, 5);
    ops_.Register(ops);
    EXPECT_EQ(ops_.LivepatchLastAt(5), ops);
    ops_.Unregister(ops);
    EXPECT_EQ(ops_.LivepatchLastAt(5), ops);
    ops_.SetLivepatchFilter(ops, std::nullopt);
  }
}

}  // namespace
}  // namespace recount::fast
