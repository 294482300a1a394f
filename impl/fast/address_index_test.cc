#include "impl/fast/address_index.h"

#include <gtest/gtest.h>

#include <map>

namespace recount::fast {
namespace {

TEST(AddressIndex, FindsNothingWhereNothingWasSet) {
  AddressIndex index;
  index.Reset(1000);
  for (Cell cell = 0; cell < 1000; ++cell) {
    ASSERT_EQ(index.Find(cell), kNoRecord);
    ASSERT_EQ(index.Pairs(Which::kFilter, cell), 0);
    ASSERT_EQ(index.Pairs(Which::kNotrace, cell), 0);
  }
}

TEST(AddressIndex, PairBitsOutliveTheRecord) {
  AddressIndex index;
  index.Reset(1000);
  index.SetRecord(500, 7);
  index.SetPair(Which::kFilter, 500, 3);
  index.ClearRecord(500, 7);
  EXPECT_EQ(index.Find(500), kNoRecord);
  EXPECT_EQ(index.Pairs(Which::kFilter, 500), 1 << 3);
}

TEST(AddressIndex, ClearsOnlyTheRecordThatIsThere) {
  AddressIndex index;
  index.Reset(100);
  index.SetRecord(5, 1);
  index.SetRecord(5, 2);
  index.ClearRecord(5, 1);
  EXPECT_EQ(index.Find(5), 2u);
}

TEST(AddressIndex, AgreesWithAMapOverManyChanges) {
  constexpr Cell kCells = 600;
  AddressIndex index;
  index.Reset(kCells);
  std::map<Cell, RecordId> records;
  std::map<Cell, std::uint8_t> notrace;
  std::uint64_t x = 1;
  for (int i = 0; i < 20000; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    const auto cell = static_cast<Cell>((x >> 33) % kCells);
    const auto pair = static_cast<unsigned>((x >> 50) % 8);
    switch ((x >> 60) % 4) {
      case 0:
        index.SetRecord(cell, static_cast<RecordId>(i));
        records[cell] = static_cast<RecordId>(i);
        break;
      case 1:
        if (records.contains(cell)) index.ClearRecord(cell, records[cell]);
        records.erase(cell);
        break;
      case 2:
        index.SetPair(Which::kNotrace, cell, pair);
        notrace[cell] |= static_cast<std::uint8_t>(1u << pair);
        break;
      default:
        index.ClearPair(Which::kNotrace, cell, pair);
        notrace[cell] &= static_cast<std::uint8_t>(~(1u << pair));
    }
    ASSERT_EQ(index.Find(cell), records.contains(cell) ? records[cell] : kNoRecord);
    ASSERT_EQ(index.Pairs(Which::kNotrace, cell), notrace[cell]);
  }
  for (Cell cell = 0; cell < kCells; ++cell) {
    ASSERT_EQ(index.Find(cell), records.contains(cell) ? records[cell] : kNoRecord);
    ASSERT_EQ(index.Pairs(Which::kNotrace, cell), notrace[cell]);
    ASSERT_EQ(index.Pairs(Which::kFilter, cell), 0);
  }
}

TEST(AddressIndex, LeavesAreUsedAgain) {
  AddressIndex index;
  index.Reset(100000);
  index.SetRecord(0, 1);
  const std::size_t bytes = index.bytes();
  for (Cell cell = 0; cell < 100000; cell += 64) {
    index.ClearRecord(cell == 0 ? 0 : cell - 64, 1);
    index.SetRecord(cell, 1);
  }
  // One stretch at a time holds something: nothing but the list of free leaves may have grown.
  EXPECT_LE(index.bytes(), bytes + 64);
}

}  // namespace
}  // namespace recount::fast
