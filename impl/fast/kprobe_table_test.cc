#include "impl/fast/kprobe_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/generate/chooser.h"

namespace recount::fast {
namespace {

// The addresses by age, newest first.
std::string Order(const KprobeTable& table) {
  std::string text;
  for (const ProbedAddress* entry = table.newest(); entry != nullptr; entry = entry->older) {
    text += (text.empty() ? "" : " ") + std::to_string(entry->address);
  }
  return text;
}

std::string ProbesOf(const KprobeTable& table, const ProbedAddress& entry) {
  std::string text;
  for (ProbeId id = entry.first; id != kNoProbe; id = table.probe(id).next) {
    text += (text.empty() ? "" : " ") + std::to_string(id);
  }
  return text;
}

TEST(KprobeTable, IsWalkedByAgeAndSearchedByAddress) {
  KprobeTable table;
  table.Reset(8);
  for (const Address address : {40, 10, 30, 20}) table.Add(address);
  EXPECT_EQ(Order(table), "20 30 10 40");
  EXPECT_EQ(table.Find(30)->address, 30u);
  EXPECT_EQ(table.Find(25), nullptr);
  table.Remove(table.Find(30));
  EXPECT_EQ(Order(table), "20 10 40");
  table.Remove(table.Find(20));
  table.Remove(table.Find(40));
  EXPECT_EQ(Order(table), "10");
  EXPECT_EQ(table.size(), 1u);
  table.Remove(table.Find(10));
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.newest(), nullptr);
}

TEST(KprobeTable, KnowsWhoWaitsForTheWorkerAndWhoHasNoProbe) {
  KprobeTable table;
  table.Reset(8);
  ProbedAddress* const a = table.Add(10);
  ProbedAddress* const b = table.Add(20);
  ProbedAddress* const c = table.Add(30);
  table.Push(a, 0);
  table.Push(b, 1);
  EXPECT_EQ(table.unused(), 1u);
  for (ProbedAddress* const entry : {a, b, c}) table.SetJump(entry, JumpState::kQueued);
  EXPECT_EQ(table.waiting().size(), 3u);
  table.SetJump(a, JumpState::kInstalled);
  EXPECT_EQ(table.waiting(), (std::vector<ProbedAddress*>{c, b}));
  table.SetJump(a, JumpState::kLeaving);
  table.Remove(c);
  EXPECT_EQ(table.waiting(), (std::vector<ProbedAddress*>{a, b}));
  EXPECT_EQ(table.jumps(), 2u);
  EXPECT_EQ(table.unused(), 0u);
  table.Take(b, 1);
  EXPECT_EQ(table.unused(), 1u);
  table.SetJump(b, JumpState::kNone);
  EXPECT_EQ(table.waiting(), std::vector<ProbedAddress*>{a});
  EXPECT_EQ(table.jumps(), 1u);
}

TEST(KprobeTable, ARangeIsHalfOpen) {
  KprobeTable table;
  table.Reset(8);
  for (const Address address : {40, 10, 30, 20}) table.Add(address);
  std::vector<Address> by_age, by_address;
  for (const ProbedAddress* entry : table.InRange(10, 40)) by_age.push_back(entry->address);
  table.ForEachInRange(20, 41,
                       [&](const ProbedAddress& entry) { by_address.push_back(entry.address); });
  EXPECT_EQ(by_age, (std::vector<Address>{20, 30, 10}));
  EXPECT_EQ(by_address, (std::vector<Address>{20, 30, 40}));
}

TEST(KprobeTable, ProbesOfAnAddressAreNewestFirst) {
  KprobeTable table;
  table.Reset(8);
  ProbedAddress* const entry = table.Add(16);
  for (const ProbeId id : {3, 1, 4, 2}) table.Push(entry, id);
  EXPECT_EQ(ProbesOf(table, *entry), "2 4 1 3");
  table.Take(entry, 4);
  EXPECT_EQ(ProbesOf(table, *entry), "2 1 3");
  table.Take(entry, 2);
  table.Take(entry, 3);
  EXPECT_EQ(ProbesOf(table, *entry), "1");
  table.Take(entry, 1);
  EXPECT_EQ(entry->first, kNoProbe);
}

TEST(KprobeTable, CountsWhatIsArmedOnWhat) {
  KprobeTable table;
  table.Reset(8);
  RandomChooser chooser(1);
  for (int i = 0; i < 3000; ++i) {
    const Address address = chooser.Pick(20);
    ProbedAddress* const entry = table.Find(address);
    if (entry == nullptr) {
      table.Add(address);
    } else if (chooser.Chance(1, 4)) {
      table.Remove(entry);
    } else {
      table.SetArmed(entry, static_cast<ArmedOn>(chooser.Pick(kArmedOnCount)));
    }
    std::array<std::uint32_t, kArmedOnCount> counted{};
    for (const ProbedAddress* one = table.newest(); one != nullptr; one = one->older) {
      ++counted[static_cast<std::size_t>(one->armed)];
    }
    for (std::size_t on = 0; on < kArmedOnCount; ++on) {
      ASSERT_EQ(table.armed(static_cast<ArmedOn>(on)), counted[on]);
    }
  }
}

}  // namespace
}  // namespace recount::fast
