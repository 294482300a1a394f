#include "impl/fast/filter_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace recount::fast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Cells = std::vector<Cell>;

TEST(HashCopy, InsertUnitesAndKeepsOrder) {
  HashCopy copy{.cells = {2, 5}};
  copy.Insert(Cells{5});
  copy.Insert(Cells{1, 2, 9});
  copy.Insert(Cells{3});
  EXPECT_THAT(copy.cells, ElementsAre(1, 2, 3, 5, 9));
}

TEST(HashCopy, EraseTakesWhatIsThere) {
  HashCopy copy{.cells = {1, 2, 5, 9}};
  copy.Erase(Cells{0, 2, 4, 9});
  EXPECT_THAT(copy.cells, ElementsAre(1, 5));
  EXPECT_TRUE(copy.Contains(5));
  EXPECT_FALSE(copy.Contains(2));
}

TEST(HashCopy, IsEmptyOnlyWithoutClearedEntriesAndMod) {
  EXPECT_TRUE(HashCopy().empty());
  EXPECT_FALSE((HashCopy{.cells = {1}}).empty());
  EXPECT_FALSE((HashCopy{.cleared = 1}).empty());
  EXPECT_FALSE((HashCopy{.mod = true}).empty());
}

TEST(FilterHash, CountsItsEntriesWhileItLives) {
  std::uint32_t live = 0;
  {
    FilterHash hash({.cells = {1, 2, 3}, .cleared = 2}, &live);
    EXPECT_EQ(live, 5u);
    FilterHash moved(std::move(hash));
    EXPECT_EQ(live, 5u);
    moved = FilterHash({.cells = {7}}, &live);
    EXPECT_EQ(live, 1u);
    FilterHash& same = moved;
    moved = std::move(same);
    EXPECT_EQ(live, 1u);
    EXPECT_THAT(moved.cells(), ElementsAre(7));
  }
  EXPECT_EQ(live, 0u);
}

TEST(Difference, IsWhatLeftAndWhatCame) {
  Cells removed = {99};
  Cells added = {99};
  Difference(Cells{1, 2, 3, 5, 8}, Cells{1, 3, 4, 8}, &removed, &added);
  EXPECT_THAT(removed, ElementsAre(2, 5));
  EXPECT_THAT(added, ElementsAre(4));
  Difference(Cells{1, 2}, Cells{1, 2}, &removed, &added);
  EXPECT_THAT(removed, IsEmpty());
  EXPECT_THAT(added, IsEmpty());
  Difference(Cells{1, 1000}, Cells{}, &removed, &added);
  EXPECT_THAT(removed, ElementsAre(1, 1000));
  Difference(Cells{}, Cells{4}, &removed, &added);
  EXPECT_THAT(added, ElementsAre(4));
}

}  // namespace
}  // namespace recount::fast
