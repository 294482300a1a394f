#include "model/reference/early_kprobes.h"

#include <gtest/gtest.h>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

KprobeEntryView FirstEntry(const TestSession& s) { return s.Look().kprobes.entries[0]; }

TEST(EarlyKprobe, OnACallSiteWaitsUntilTheTableIsSorted) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "kprobe k0 core_read -> -EINVAL\n"
      "kprobe k0 core_lock -> 0\n"
      "hit core_lock -> k0\n"
      "boot\n"
      "kprobe k1 core_read -> 0\n"
      "hit core_read -> k1\n");
  EXPECT_TRUE(FirstEntry(s).early);
  EXPECT_TRUE(FirstEntry(s).on_ftrace);
  EXPECT_EQ(s.Look().kprobes.early_slots, 2);
}

TEST(EarlyKprobe, OutlivesFtraceInitAndBecomesOneOnFtrace) {
  TestSession s = TestSession::FromBoot();
  s.Do("boot\nkprobe k0 core_read\nboot -> 0\nhit core_read -> k0\n");
  EXPECT_FALSE(s.Look().globals.dead);
  EXPECT_EQ(s.Record("core_read"), "0 ------- jump");
  s.Do("boot -> 0\nhit core_read -> k0\n");
  EXPECT_EQ(s.Record("core_read"), "1 -RT-Ert call kp");
  TestSession late("small", "early-kprobe");
  late.Do("kprobe k0 core_read\n");
  EXPECT_EQ(s.Look(), late.Look());
}

// ekprobe=core_read ftrace=function ftrace_filter=core_read
TEST(EarlyKprobe, MissesWhatHappensBetweenFtraceAndKprobes) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "boot\nkprobe k0 core_read\nboot\n"
      "filter o0 core_read -> 0\n"
      "hit core_read -> k0\n"
      "register o0 -> 0\n"
      "hit core_read -> o0\n");
  EXPECT_TRUE(FirstEntry(s).suspended);
  EXPECT_EQ(s.Record("core_read"), "1 --T-E-t call o0");
  s.Do("boot -> 0\nhit core_read -> o0 k0\n");
  EXPECT_EQ(s.Record("core_read"), "2 -R--Er- call regs");
}

TEST(EarlyKprobe, StaysSuspendedWhenTheTracerIsGone) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "boot\nkprobe k0 core_read\nboot\n"
      "filter o0 core_read\nregister o0\nunregister o0 -> 0\n"
      "hit core_read -> nobody\n"
      "boot\nhit core_read -> k0\n");
}

TEST(EarlyKprobe, NeedsASlotOfTheFixedArea) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "kprobe k0 core_read+5 -> 0\n"
      "kprobe k1 core_write+5 -> 0\n"
      "kprobe k2 probe+5 -> -ENOMEM\n"
      "unkprobe k0 -> 0\n"
      "kprobe k2 probe+5 -> 0\n"
      "unkprobe k1 -> 0\n"
      "fault kprobe_slot 1\n"
      "kprobe k1 core_write+5 -> -ENOMEM\n"
      "boot\nboot\nboot\n");
  EXPECT_EQ(s.Look().kprobes.early_slots, 0);
  s.Do("hit probe -> k2\nhit core_write -> nobody\n");
}

TEST(EarlyKprobe, KeepsOutOfTheAreaAndTheBlacklist) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "kprobe k0 core_slots -> -EINVAL\n"
      "kprobe k0 core_slots+15 -> -EINVAL\n"
      "kprobe k0 core_trap+8 -> -EINVAL\n"
      "kprobe k0 core_gap+8 -> 0\n"
      "boot\nboot\nboot\n"
      "kprobe k1 core_slots -> -EINVAL\n"
      "kprobe k1 core_trap+5 -> -EINVAL\n");
}

TEST(EarlyKprobe, IsAJumpThatNothingElseOverlaps) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "kprobe k0 core_read+8 -> 0\n"
      "kprobe k1 core_read+8 -> -EEXIST\n"
      "kprobe k1 core_read+5 -> -EEXIST\n"
      "kprobe k1 core_read+12 -> -EINVAL\n"
      "kprobe k1 core_read+3 -> -EILSEQ\n"
      "kprobe k1 core_write+5 post -> -EINVAL\n"
      "kprobe k1 core_write+5 disabled -> -EINVAL\n"
      "kprobe k0 core_write+5 -> -EINVAL\n"
      "kprobe k1 core_old -> -ENOENT\n"
      "kprobe k1 alpha_open -> -ENOENT\n");
}

TEST(EarlyKprobe, DoesNotTakeASiteThatFtraceUses) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "boot\nboot\nfilter o0 core_read\nregister o0\n"
      "kprobe k0 core_read -> -EBUSY\n"
      "kprobe k0 core_write -> 0\n"
      "hit core_write -> k0\n");
}

TEST(EarlyKprobe, ThatIsTakenAwayLeavesANopThatFtraceInitAccepts) {
  TestSession s = TestSession::FromBoot();
  s.Do("boot\nkprobe k0 core_read\nunkprobe k0 -> 0\nboot -> 0\nboot\n");
  EXPECT_EQ(s.Look(), TestSession("small", "early-kprobe").Look());
}

TEST(EarlyKprobe, ThatCannotBeConvertedIsDropped) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "boot\nkprobe k0 core_read\nkprobe k1 core_write\nboot\n"
      "fault hash_copy 1\n"
      "boot -> -ENOMEM\n"
      "hit core_read -> k0\n"
      "hit core_write -> nobody\n"
      "unkprobe k1 -> -EINVAL\n");
  EXPECT_EQ(s.Look().kprobes.early_slots, 0);
  EXPECT_EQ(s.Look().kprobes.entry_count, 1);
}

TEST(EarlyKprobe, OfADeadFtraceIsDroppedAndOneOffItIsNot) {
  TestSession s = TestSession::FromBoot();
  s.Do("boot\nkprobe k0 core_read\nkprobe k1 core_write+5\nfault verify 1\nboot -> 0\n");
  EXPECT_TRUE(s.Look().globals.dead);
  // Kprobes put their jump back, converted or not.
  EXPECT_EQ(s.Record("core_read"), "0 ------- jump");
  s.Do("boot -> -ENODEV\nunkprobe k0 -> -EINVAL\nunkprobe k1 -> 0\n");
  EXPECT_EQ(s.Record("core_read"), "0 ------- nop");
}

TEST(EarlyKprobe, IsNotRepairedWhenSomebodyElseSaysItIs) {
  TestSession s = TestSession::FromBoot();
  s.Do(
      "notifier n0 tryfix 1\nscript n0 fix stop\n"
      "boot\nkprobe k0 core_read\nboot -> 0 n0:fix\n");
  EXPECT_TRUE(s.Look().globals.dead);
}

}  // namespace
}  // namespace recount::reference
