#include "model/reference/records.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "model/reference/test_session.h"
#include "model/world.h"

namespace recount::reference {
namespace {

// A world whose module `m` has `entries` table entries, the last `nulls` of them null.
WorldPtr WorldOf(int entries, int nulls = 0) {
  World::Definition definition;
  definition.name = "made";
  definition.core.functions = {{"core_one", FunctionKind::kText}};
  World::Definition::Image m{"m", {}};
  for (int i = 0; i < entries; ++i) {
    m.functions.emplace_back("m_" + std::to_string(i),
                             i < entries - nulls ? FunctionKind::kText : FunctionKind::kNull);
  }
  definition.modules = {std::move(m)};
  definition.slots = {0, 5000};
  return World::Make(std::move(definition)).value();
}

std::string GroupsOf(int entries, int nulls, std::string_view before_load = "") {
  TestSession s(WorldOf(entries, nulls), "linux-6.1");
  s.Do(before_load).Do("load m @0 -> 0\n");
  return s.Groups("m");
}

TEST(Records, FirstOrderIsTheLogarithmOfThePages) {
  const std::pair<std::uint32_t, int> kCases[] = {{1, 0},    {256, 0},  {257, 1},  {512, 1},
                                                  {513, 1},  {768, 1},  {769, 2},  {1024, 2},
                                                  {1025, 2}, {1793, 3}, {60000, 7}};
  for (const auto& [remaining, order] : kCases) {
    EXPECT_EQ(FirstOrder(remaining), order) << remaining;
  }
}

TEST(Records, GroupsAreTheBinaryDecompositionOfThePages) {
  EXPECT_EQ(GroupsOf(1, 0), "1/0");
  EXPECT_EQ(GroupsOf(255, 0), "255/0");
  EXPECT_EQ(GroupsOf(256, 0), "256/0");
  EXPECT_EQ(GroupsOf(257, 0), "257/1");
  // S 1.3: 700 entries are 3 pages: orders 1 and 0.
  EXPECT_EQ(GroupsOf(700, 0), "512/1 188/0");
  EXPECT_EQ(GroupsOf(1793, 0), "1793/3");
  EXPECT_EQ(GroupsOf(1700, 0), "1024/2 512/1 164/0");
}

TEST(Records, NullEntriesAreAllocatedForAndFillNothing) {
  EXPECT_EQ(GroupsOf(700, 1), "512/1 187/0");
  EXPECT_EQ(GroupsOf(700, 187), "512/1 1/0");
  EXPECT_EQ(GroupsOf(700, 188), "512/1");  // the second group is freed
  EXPECT_EQ(GroupsOf(700, 699), "1/1");
  EXPECT_EQ(GroupsOf(3, 3), "");  // the first one too
  EXPECT_EQ(GroupsOf(0, 0), "");
}

TEST(Records, AFailedAttemptLowersTheOrder) {
  EXPECT_EQ(GroupsOf(700, 0, "fault record_alloc 1\n"), "256/0 444/1");
  EXPECT_EQ(GroupsOf(1700, 0, "fault record_alloc 1\n"), "512/1 1024/2 164/0");
  EXPECT_EQ(GroupsOf(1700, 0, "fault record_alloc 2\n"), "1024/2 256/0 420/1");
}

TEST(Records, AFailureAtOrderZeroLeavesNoneAndTheLoadGoesOn) {
  EXPECT_EQ(GroupsOf(1, 0, "fault record_alloc 1\n"), "");
  EXPECT_EQ(GroupsOf(700, 0, "fault record_alloc 2\n"), "");
  EXPECT_EQ(GroupsOf(700, 0, "fault record_alloc 3\n"), "512/1 188/0");  // not passed
}

TEST(Records, ATableWithoutEntriesPassesNoFaultPoint) {
  TestSession s("paged");
  s.Do(
      "fault record_alloc 1\n"
      "load none @0 -> 0\n"
      "load one @1  -> 0\n"
      "hit one_0    -> nobody\n");
  EXPECT_EQ(s.Groups("none"), "");
  EXPECT_EQ(s.Groups("one"), "");  // the fault waited for this one
}

TEST(Records, OfTheCoreStandInOneGroupAtBoot) {
  TestSession s;
  EXPECT_EQ(s.Groups("vmlinux"), "5/0");
  EXPECT_EQ(s.Record("core_read"), "0 ------- nop");
  EXPECT_EQ(s.Record("core_old"), "0 D------ nop");  // weak
  EXPECT_EQ(s.Record("core_lock"), "none");
  EXPECT_EQ(s.Record("core_gap"), "none");
  const View view = s.Look();
  EXPECT_EQ(view.ledger.records, 5u);
  EXPECT_EQ(view.ledger.groups, 1u);
  EXPECT_EQ(view.ledger.pages, 1u);
  EXPECT_EQ(view.ledger.hash_entries, 0u);
  EXPECT_TRUE(view.globals.enabled);
}

TEST(Records, LedgerCountsPagesOfGroupsThatShrank) {
  TestSession s("paged");
  EXPECT_EQ(s.Groups("vmlinux"), "512/1 3/0");
  s.Do("free_init -> 0\n");
  EXPECT_EQ(s.Groups("vmlinux"), "509/1");  // six init functions went, and the second group
  EXPECT_EQ(s.Look().ledger.pages, 2u);
  s.Do("load large @3 -> 0\n");
  EXPECT_EQ(s.Groups("large"), "502/1 176/0");  // ten init functions on each side of the border
  EXPECT_EQ(s.Look().ledger.pages, 5u);
  EXPECT_EQ(s.Look().ledger.records, 509u + 502u + 176u);
  s.Do("unload large -> 0\n");
  EXPECT_EQ(s.Look().ledger.pages, 2u);
}

TEST(Records, OfModulesStandInTheOrderOfLoading) {
  TestSession s;
  s.Do("load beta @2\nload alpha @0\n");
  const View view = s.Look();
  ASSERT_EQ(view.groups.size(), 3u);
  EXPECT_EQ(s.world().ImageName(view.groups[1].owner), "beta");
  EXPECT_EQ(s.world().ImageName(view.groups[2].owner), "alpha");
  EXPECT_GT(view.records[5].ip, view.records.back().ip);  // beta's before alpha's all the same
}

TEST(Locate, FindsTheFunctionWhoseCallSiteCoversThePlace) {
  TestSession s;
  s.Do(
      "locate core_read     -> core_read\n"
      "locate core_read+4   -> core_read\n"
      "locate core_read+5   -> nothing\n"
      "locate core_read+15  -> nothing\n"
      "locate core_lock     -> nothing\n"
      "locate core_gap      -> nothing\n"
      "locate core_old      -> core_old\n"
      "locate alpha_read    -> -ENOENT\n"
      "load_begin alpha @0  -> 0\n"
      "locate alpha_read    -> nothing\n"
      "load_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "locate alpha_read    -> alpha_read\n"  // DISABLED, yet found
      "free_init\n"
      "locate core_setup    -> nothing\n");
}

TEST(Locate, FindsAfterDeathWhatWasLeftBehind) {
  TestSession s;
  s.Do(
      "load alpha @0\n"
      "fault verify 1\n"
      "register o0              -> -ENODEV\n"
      "unload alpha             -> 0\n"
      "load beta @0             -> 0\n"
      "locate beta_open         -> alpha_open\n"  // the first function of each
      "locate alpha_open        -> -ENOENT\n"
      "locate beta:probe_shared -> nothing\n");  // alpha has only four functions
  EXPECT_EQ(s.Groups("alpha"), "3/0");
  EXPECT_EQ(s.Groups("beta"), "");
}

TEST(Records, RemovingARangeTakesWhateverLiesThere) {
  // Dead: alpha's records outlive it, and beta's init text is where alpha_read was.
  TestSession s;
  s.Do("load alpha @0\nfault verify 1\nregister o0\nunload alpha\n");
  EXPECT_EQ(s.Groups("alpha"), "4/0");
  s.Do("load beta @0\n");
  EXPECT_EQ(s.Groups("alpha"), "3/0");
  EXPECT_EQ(s.Record("alpha_read"), "none");
}

}  // namespace
}  // namespace recount::reference
