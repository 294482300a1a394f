#include "impl/fast/sweep.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

namespace recount::fast {
namespace {

constexpr std::uint8_t kOps = 1 << 3;

// Columns of `size` records, each with some users out of the set 0b10110111 (kOps left out), every
// fifth DISABLED, of the others every seventh traced by livepatch too, every third by kp.
struct Table {
  explicit Table(std::uint32_t size) : users(size), tally(size), flags(size), site(size, kSiteNop) {
    for (std::uint32_t i = 0; i < size; ++i) {
      if (i % 5 == 0) {
        flags[i] = kDisabled;
        continue;
      }
      users[i] = static_cast<std::uint8_t>((i * 37) & 0xb7 & ~kOps);
      tally[i] =
          static_cast<std::uint8_t>(std::popcount(users[i]) + (i % 7 == 0 ? kByLivepatch + 1 : 0) +
                                    (i % 3 == 0 ? kByKprobe + 1 : 0));
      flags[i] = static_cast<std::uint8_t>(CountedBits(users[i], tally[i], kRegsOps) |
                                           (i % 7 == 0 ? kIpModify : 0));
    }
  }
  Columns columns() {
    return {.users = users.data(),
            .tally = tally.data(),
            .flags = flags.data(),
            .site = site.data(),
            .size = static_cast<std::uint32_t>(users.size())};
  }
  friend bool operator==(const Table&, const Table&) = default;

  static constexpr std::uint8_t kRegsOps = 0x82;
  std::vector<std::uint8_t> users, tally, flags, site;
};

// Sizes around the width of a vector and the block of the walk.
constexpr std::uint32_t kSizes[] = {0, 1, 15, 16, 17, 100, 2047, 2048, 2049, 5000};

TEST(Sweep, CountingDoesToEachRecordWhatTheRuleSays) {
  for (const std::uint32_t size : kSizes) {
    Table table(size);
    const Table before = table;
    ASSERT_EQ(SweepCount(table.columns(), kOps, Table::kRegsOps), size);
    for (std::uint32_t i = 0; i < size; ++i) {
      const bool disabled = i % 5 == 0;
      ASSERT_EQ(table.users[i], disabled ? 0 : before.users[i] | kOps);
      ASSERT_EQ(table.tally[i], before.tally[i] + (disabled ? 0 : 1));
      ASSERT_EQ(table.flags[i] & kCountedBits,
                CountedBits(table.users[i], table.tally[i], Table::kRegsOps));
      ASSERT_EQ(table.flags[i] & ~kCountedBits, before.flags[i] & ~kCountedBits);
    }
  }
}

TEST(Sweep, UncountingUndoesCounting) {
  for (const std::uint32_t size : kSizes) {
    Table table(size);
    const Table before = table;
    SweepCount(table.columns(), kOps, Table::kRegsOps);
    ASSERT_EQ(SweepUncount(table.columns(), kOps, Table::kRegsOps), size);
    ASSERT_EQ(table, before);
  }
}

TEST(Sweep, StopsAtACountOfZeroAndTouchesNothingBehindIt) {
  Table table(5000);
  SweepCount(table.columns(), kOps, Table::kRegsOps);
  table.users[4001] = 0;
  table.tally[4001] = 0;
  const Table before = table;
  EXPECT_EQ(SweepUncount(table.columns(), kOps, Table::kRegsOps), 4001u);
  for (std::uint32_t i = 4001; i < 5000; ++i) ASSERT_EQ(table.tally[i], before.tally[i]);
  EXPECT_EQ(table.tally[3999] + 1, before.tally[3999]);
}

TEST(Sweep, StopsAheadOfTheHighestCount) {
  Table table(100);
  table.tally[51] = kRefMax - 1;
  EXPECT_EQ(SweepCount(table.columns(), kOps, Table::kRegsOps), 51u);
  EXPECT_EQ(table.tally[51], kRefMax - 1);
}

TEST(Sweep, PatchingGivesEachRecordWhatItShouldHave) {
  for (const bool on : {true, false}) {
    for (const std::uint32_t size : kSizes) {
      Table table(size);
      const Table before = table;
      SweepPatch(table.columns(), on);
      for (std::uint32_t i = 0; i < size; ++i) {
        ASSERT_EQ(table.flags[i], DesiredFlags(before.flags[i], before.tally[i], on));
        ASSERT_EQ(table.site[i],
                  DesiredSite(before.flags[i], before.users[i], before.tally[i], on));
      }
    }
  }
}

TEST(Sweep, KprobesSaveRegisters) {
  EXPECT_EQ(CountedBits(0, kByKprobe | 1, 0), kRegs | kTramp);
  EXPECT_EQ(CountedBits(1, kByKprobeIpmodify | 2, 0), kRegs);
  EXPECT_EQ(CountedBits(1, kByLivepatch | 2, 0), 0);
}

TEST(Sweep, OneUserHasItsTrampolineAtTheSite) {
  EXPECT_EQ(DesiredSite(kTramp | kRegs, 1 << 6, 1, true), 1 << 6);
  EXPECT_EQ(DesiredSite(kTramp | kIpModify, 0, kByLivepatch | 1, true), kSiteLivepatch);
  EXPECT_EQ(DesiredSite(kTramp | kRegs, 0, kByKprobe | 1, true), kSiteKprobe);
  EXPECT_EQ(DesiredSite(kTramp | kRegs, 0, kByKprobeIpmodify | 1, true), kSiteKprobeIpmodify);
  EXPECT_EQ(DesiredSite(kIpModify, 1 << 6, kByLivepatch | 2, true), kSitePlain);
  EXPECT_EQ(DesiredSite(0, 0x0a, 2, true), kSitePlain);
  EXPECT_EQ(DesiredSite(kRegs, 0x0a, 2, true), kSiteRegs);
  EXPECT_EQ(DesiredSite(kRegs, 0x0a, 2, false), kSiteNop);
}

}  // namespace
}  // namespace recount::fast
