#include "impl/fast/record_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model/view.h"

namespace recount::fast {
namespace {

constexpr Cell kCells = 10000;

// Images of functions made up on the fly, in one table.
class RecordTableTest : public testing::Test {
 protected:
  RecordTableTest() {
    index_.Reset(kCells);
    table_.Reset({});
  }
  // `count` ordinary functions but for null ones at [null_begin, null_end).
  void Create(ModuleId owner, Cell base, std::uint32_t count, std::uint32_t null_begin = 0,
              std::uint32_t null_end = 0) {
    std::vector<Function> functions(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      functions[i].position = i;
      if (i >= null_begin && i < null_end) functions[i].kind = FunctionKind::kNull;
    }
    table_.Create({.owner = owner, .base = base, .first = 100, .functions = functions},
                  /*disabled=*/false, &faults_);
  }
  // "used/order used/order ...".
  std::string Groups() const {
    std::string text;
    for (const Group& group : table_.groups()) {
      if (!text.empty()) text += ' ';
      text += std::to_string(group.used);
      text += '/';
      text += std::to_string(group.order);
    }
    return text;
  }
  // Records and index say the same, and cells ascend in every group.
  void ExpectSound() const {
    std::uint32_t records = 0;
    for (const Group& group : table_.groups()) {
      for (RecordId record = group.first; record != group.end(); ++record, ++records) {
        const Cell cell = table_.cells()[record];
        EXPECT_EQ(index_.Find(cell), record);
        if (record > group.first) {
          EXPECT_LT(table_.cells()[record - 1], cell);
        }
      }
    }
    EXPECT_EQ(table_.live_records(), records);
    EXPECT_EQ(table_.live_groups(), table_.groups().size());
    std::uint32_t found = 0;
    for (Cell cell = 0; cell < kCells; ++cell) found += index_.Find(cell) != kNoRecord ? 1 : 0;
    EXPECT_EQ(found, records);
  }

  AddressIndex index_;
  RecordTable table_{&index_};
  Faults faults_;
  std::vector<Cell> gone_;
};

TEST_F(RecordTableTest, GroupsAreTheBinaryDecompositionOfThePages) {
  Create(ModuleId{0}, 0, 700);
  EXPECT_EQ(Groups(), "512/1 188/0");
  EXPECT_EQ(table_.live_pages(), 3u);
  ExpectSound();
}

TEST_F(RecordTableTest, NullEntriesAreAllocatedForAndGiveNoRecord) {
  Create(ModuleId{0}, 0, 520, 200, 220);
  EXPECT_EQ(Groups(), "500/1");
  EXPECT_EQ(table_.live_pages(), 2u);
  Create(ModuleId{1}, 1000, 3, 0, 3);
  EXPECT_EQ(Groups(), "500/1");
  ExpectSound();
}

TEST_F(RecordTableTest, AFailingAllocationTriesALowerOrder) {
  faults_.Arm({.point = FaultPoint::kRecordAlloc, .nth = 1});
  Create(ModuleId{0}, 0, 700);
  EXPECT_EQ(Groups(), "256/0 444/1");
  ExpectSound();
}

TEST_F(RecordTableTest, AFailureAtOrderZeroLeavesNothing) {
  // Orders 1 (taken), 0 (fails).
  faults_.Arm({.point = FaultPoint::kRecordAlloc, .nth = 2});
  Create(ModuleId{0}, 0, 700);
  EXPECT_EQ(Groups(), "");
  EXPECT_EQ(table_.live_pages(), 0u);
  ExpectSound();
}

TEST_F(RecordTableTest, RemovingMovesTheTailAndKeepsItsColumns) {
  Create(ModuleId{0}, 0, 10);
  for (RecordId record = 0; record < 10; ++record) {
    table_.tally()[record] = static_cast<std::uint8_t>(record + 1);
  }
  table_.Remove(3, 7, &gone_);
  EXPECT_THAT(gone_, testing::ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(table_.tally()[index_.Find(7)], 8);
  EXPECT_EQ(table_.tally()[index_.Find(9)], 10);
  EXPECT_EQ(table_.FunctionOf(index_.Find(9)), FunctionId{109});
  ExpectSound();
}

TEST_F(RecordTableTest, RemovingSpansGroupsAndFreesEmptyOnes) {
  Create(ModuleId{0}, 0, 700);
  table_.Remove(500, 700, &gone_);
  EXPECT_EQ(Groups(), "500/1");
  EXPECT_EQ(table_.live_pages(), 2u);
  EXPECT_EQ(gone_.size(), 200u);
  ExpectSound();
}

TEST_F(RecordTableTest, ReleasedRunsAreUsedAgain) {
  Create(ModuleId{0}, 0, 300);
  Create(ModuleId{1}, 1000, 200);
  const std::size_t bytes = table_.bytes();
  for (int i = 0; i < 100; ++i) {
    gone_.clear();
    table_.Release(ModuleId{0}, &gone_);
    EXPECT_EQ(gone_.size(), 300u);
    Create(ModuleId{2}, 2000, 100);
    Create(ModuleId{0}, 3000, 200);
    ExpectSound();
    table_.Release(ModuleId{2}, &gone_);
    table_.Release(ModuleId{0}, &gone_);
    Create(ModuleId{0}, 0, 300);
  }
  EXPECT_LE(table_.bytes(), bytes + 256);
  ExpectSound();
}

TEST_F(RecordTableTest, SortsByListThoughNumbersLieOtherwise) {
  Create(ModuleId{0}, 0, 2);
  Create(ModuleId{1}, 10, 1);
  table_.Release(ModuleId{0}, &gone_);
  Create(ModuleId{2}, 20, 2);  // in the place of module 0, but last in the list
  std::vector<RecordId> records = {index_.Find(21), index_.Find(10), index_.Find(20),
                                   index_.Find(21)};
  table_.SortByList(&records);
  EXPECT_THAT(records, testing::ElementsAre(index_.Find(10), index_.Find(20), index_.Find(21)));
}

}  // namespace
}  // namespace recount::fast
