#include "model/reference/boot.h"

#include <gtest/gtest.h>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Boot, SortsThenFindsTheCallSitesThenTakesKprobesOver) {
  TestSession s = TestSession::FromBoot();
  EXPECT_TRUE(s.Look().records.empty());
  s.Do(
      "locate core_read -> nothing\n"
      "boot -> 0\n"
      "locate core_read+4 -> core_read\n"
      "locate core_read+5 -> nothing\n"
      "locate core_old -> core_old\n"
      "locate core_gap -> nothing\n"
      "locate core_lock -> nothing\n"
      "locate alpha_read -> -ENOENT\n"
      "boot -> 0\n"
      "locate core_read+4 -> core_read\n");
  EXPECT_EQ(s.Look().globals.phase, Phase::kFtrace);
  s.Do("boot -> 0\nboot -> -EBUSY\n");
  EXPECT_EQ(s.Look(), TestSession("small", "early-kprobe").Look());
}

TEST(Boot, MakesOperationsWaitForTheirPhase) {
  TestSession s = TestSession::FromBoot("linux-6.1");
  s.Do(
      "ops o0 tracer -> 0\n"
      "share o1 o0 -> 0\n"
      "filter o0 core_read -> -EAGAIN\n"
      "register o0 -> -EAGAIN\n"
      "boot\nboot\n"
      "filter o0 core_read -> 0\n"
      "register o0 -> 0\n"
      "hit core_read -> o0\n"
      "load alpha @0 -> -EAGAIN\n"
      "unload alpha -> -EAGAIN\n"
      "free_init -> -EAGAIN\n"
      "ftrace_enabled 0 -> -EAGAIN\n"
      "kprobe k0 core_read -> -EAGAIN\n"
      "unkprobe k0 -> -EAGAIN\n"
      "enable_kprobe k0 -> -EAGAIN\n"
      "kprobes_armed 0 -> -EAGAIN\n"
      "patch p0 core_read -> 0\n"
      "enable p0 -> -EAGAIN\n"
      "boot -> 0\n"
      "kprobe k0 core_read -> 0\n"
      "load alpha @0 -> 0\n"
      "enable p0 -> 0\n");
}

TEST(Boot, DiesWithoutMemoryForTheRecords) {
  TestSession s = TestSession::FromBoot("linux-6.1");
  s.Do("boot\nfault record_alloc 1\nboot -> 0\nregister o0 -> -ENODEV\nboot -> 0\n");
  EXPECT_TRUE(s.Look().globals.dead);
  EXPECT_TRUE(s.Look().records.empty());
}

TEST(Boot, DiesOfASiteThatCannotBeConvertedAndLeavesTheRest) {
  TestSession s = TestSession::FromBoot("linux-6.1");
  s.Do("boot\nfault verify 2\nboot -> 0\n");
  EXPECT_TRUE(s.Look().globals.dead);
  EXPECT_EQ(s.Record("core_setup"), "0 ------- nop");
  EXPECT_EQ(s.Record("core_read"), "0 ------- mcount");
  EXPECT_EQ(s.Record("core_write"), "0 ------- mcount");
}

TEST(Repair, IsAskedForOnceAndTheStepIsDoneOnceMore) {
  TestSession s("small", "early-kprobe");
  s.Do(
      "notifier n0 tryfix 1\n"
      "script n0 fix stop\n"
      "notifier n1 tryfix 0\n"
      "script n1 fix stop\n"
      "filter o0 core_read\n"
      "fault verify 1\n"
      "register o0 -> 0 n0:fix\n"
      "fault write 1\n"
      "unregister o0 -> 0 n0:fix\n");
  EXPECT_EQ(s.Record("core_read"), "0 ------- nop");
  // Kprobes come before n1, and have nothing there.
  s.Do(
      "script n0 fix done\n"
      "fault verify 1\n"
      "register o0 -> 0 n0:fix n1:fix\n");
  EXPECT_EQ(s.Record("core_read"), "1 --T-E-t call o0");
  s.Do(
      "script n0 fix bad\n"
      "fault verify 1\n"
      "unregister o0 -> 0 n0:fix\n");
  EXPECT_TRUE(s.Look().globals.dead);
  // Nothing of the record has changed but what is wanted of it.
  EXPECT_EQ(s.Record("core_read"), "0 ----E-t call o0");
}

TEST(Repair, ThatDoesNotHoldIsDeath) {
  TestSession s("small", "early-kprobe");
  s.Do(
      "notifier n0 tryfix 0\n"
      "script n0 fix stop\n");
  s.Do("filter o0 core_read\nfilter o0 core_write\nfault verify 2\nfault write 1\n");
  // core_read: the write fails, and then the check of the second try.
  s.Do("register o0 -> -ENODEV n0:fix\n");
  EXPECT_EQ(s.Record("core_read"), "1 --T---- nop");
  EXPECT_EQ(s.Record("core_write"), "1 --T---- nop");
}

TEST(Repair, OfAModulesRecordNamesTheModuleAndKeepsTheFlags) {
  TestSession s("small", "early-kprobe");
  s.Do(
      "notifier n0 tryfix 0\n"
      "register o0\n"
      "fault verify 2\n"
      "load alpha @0 -> 0 n0:fix\n");
  EXPECT_TRUE(s.Look().globals.dead);
  EXPECT_EQ(s.Record("alpha_open"), "1 --T-E-t call o0");
  EXPECT_EQ(s.Record("alpha_read"), "1 --T---- nop");
  EXPECT_EQ(s.Record("alpha_write"), "0 D------ nop");
}

}  // namespace
}  // namespace recount::reference
