#include "harness/generate/chooser.h"

#include <array>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recount {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint32_t> Picks(Chooser* chooser, std::uint32_t n, int count) {
  std::vector<std::uint32_t> picks;
  for (int i = 0; i < count; ++i) picks.push_back(chooser->Pick(n));
  return picks;
}

TEST(RandomChooser, GivesTheNumbersOfXoshiro256StarStar) {
  // The generator's published sequence for seed 0 begins 99ec5f36cb75f2b4 bf6e1f784956452a
  // 1a5f849d4933e6e0 6aa594f1262d2d2c; Pick(2^31) is the upper 31 bits.
  RandomChooser chooser(0);
  EXPECT_THAT(Picks(&chooser, 0x80000000u, 4),
              ElementsAre(0x99ec5f36u >> 1, 0xbf6e1f78u >> 1, 0x1a5f849du >> 1, 0x6aa594f1u >> 1));
}

TEST(RandomChooser, SameSeedSameNumbers) {
  RandomChooser a(2013);
  RandomChooser b(2013);
  EXPECT_EQ(Picks(&a, 1000, 50), Picks(&b, 1000, 50));
  RandomChooser c(2014);
  EXPECT_NE(Picks(&a, 1000, 50), Picks(&c, 1000, 50));
}

TEST(RandomChooser, StaysBelowAndReachesAll) {
  for (const std::uint32_t n : {1u, 2u, 3u, 7u, 100u}) {
    RandomChooser chooser(n);
    std::vector<int> seen(n);
    for (int i = 0; i < 2000; ++i) {
      const std::uint32_t pick = chooser.Pick(n);
      ASSERT_LT(pick, n);
      ++seen[pick];
    }
    for (std::uint32_t i = 0; i < n; ++i) EXPECT_GT(seen[i], 0) << i << " of " << n;
  }
}

TEST(RandomChooser, OnePickIsOneNumberWhateverTheRange) {
  RandomChooser a(1);
  RandomChooser b(1);
  a.Pick(3);
  b.Pick(0xffffffffu);
  EXPECT_EQ(a.Pick(1000), b.Pick(1000));
}

TEST(ByteChooser, TakesAsFewBytesAsTheRangeNeeds) {
  const std::array<std::uint8_t, 8> bytes = {7, 255, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12};
  ByteChooser chooser(bytes);
  EXPECT_EQ(chooser.Pick(1), 0u);  // no choice, no byte
  EXPECT_EQ(chooser.Pick(5), 7u % 5);
  EXPECT_EQ(chooser.Pick(256), 255u);
  EXPECT_EQ(chooser.Pick(0x10000), 0x1234u);
  EXPECT_EQ(chooser.Pick(0xffffffffu), 0x12345678u);
}

TEST(ByteChooser, GivesZeroOnceTheBytesAreUsedUp) {
  const std::array<std::uint8_t, 1> bytes = {9};
  ByteChooser chooser(bytes);
  EXPECT_EQ(chooser.Pick(0x10000), 9u);
  EXPECT_THAT(Picks(&chooser, 100, 3), ElementsAre(0, 0, 0));
}

TEST(Chooser, ChanceOfNothingAndOfAll) {
  RandomChooser chooser(4);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(chooser.Chance(0, 16));
    EXPECT_TRUE(chooser.Chance(16, 16));
  }
}

}  // namespace
}  // namespace recount
