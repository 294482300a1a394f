#include "model/reference/kprobes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Kprobes, OnACallSiteGoThroughOneSharedOps) {
  TestSession s;
  s.Do(
      "kprobe k0 core_read -> 0\n"
      "kprobe k1 core_write -> 0\n"
      "hit core_read -> k0\n"
      "hit core_write -> k1\n");
  EXPECT_EQ(s.Record("core_read"), "1 -RT-Ert call kp");
  EXPECT_EQ(s.Look().order, std::vector<OpsId>{kKprobeOps});
  s.Do(
      "filter o0 core_read\nregister o0\n"
      "hit core_read -> o0 k0\n"
      "unkprobe k0 -> 0\n"
      "hit core_read -> o0\n"
      "unkprobe k1 -> 0\n"
      "unkprobe k1 -> -EINVAL\n");
  EXPECT_EQ(s.Look().kprobes, KprobesView{});
  EXPECT_EQ(s.Count("core_write"), 0);
}

TEST(Kprobes, OffCallSitesAreBreakpointsAtTheStartOfAnInstruction) {
  TestSession s;
  s.Do(
      "kprobe k0 core_read+5 -> 0\n"
      "kprobe k1 core_read+1 -> -EILSEQ\n"
      "kprobe k1 core_read+13 -> -EILSEQ\n"
      "kprobe k1 core_read+12 -> 0\n"
      "kprobe k2 core_lock -> 0\n"
      "hit core_read -> k0 k1\n"
      "hit core_lock -> k2\n");
  EXPECT_EQ(s.Count("core_read"), 0);
  s.Do("patch p0 core_read\nenable p0\nhit core_read -> p0\n");
}

TEST(Kprobes, NeedASymbolAndText) {
  TestSession s;
  s.Do(
      "kprobe k0 core_old -> -ENOENT\n"
      "kprobe k0 alpha_open -> -ENOENT\n"
      "load_begin beta @0\n"
      "kprobe k0 beta_open -> -ENOENT\n"
      "load_step beta\nload_step beta\nload_step beta\nload_step beta\nload_step beta\n"
      "kprobe k0 beta_init -> 0\n"
      "kprobe k0 beta_open -> -EINVAL\n"
      "unload beta -> -EBUSY\n"
      "free_init\n"
      "kprobe k1 core_setup -> -EINVAL\n");
}

TEST(Kprobes, InInitTextAreGoneWhenItGoes) {
  TestSession s;
  s.Do(
      "kprobe k0 core_setup -> 0\n"
      "free_init\n"
      "enable_kprobe k0 -> -EINVAL\n"
      "disable_kprobe k0 -> 0\n");
  EXPECT_TRUE(s.Look().kprobes.probes[0].gone);
  EXPECT_EQ(s.Look().kprobes.ops[0], KprobeOpsView{});
  s.Do("unkprobe k0 -> 0\n");
  EXPECT_EQ(s.Look().kprobes, KprobesView{});
}

TEST(Kprobes, OfAModuleAreGoneForGoodAndANewOneRevivesTheAddress) {
  TestSession s;
  s.Do(
      "load alpha @0\n"
      "kprobe k0 alpha_open -> 0\n"
      "kprobe k1 alpha_read+5 -> 0\n"
      "unload alpha -> 0\n"
      "load alpha @0\n"
      "hit alpha_open -> nobody\n"
      "hit alpha_read -> nobody\n");
  EXPECT_EQ(s.Count("alpha_open"), 0);
  s.Do(
      "enable_kprobe k0 -> -EINVAL\n"
      "kprobe k2 alpha_open -> 0\n"
      "hit alpha_open -> k2\n"
      "unkprobe k0 -> 0\n"
      "hit alpha_open -> k2\n"
      "unkprobe k2 -> 0\n"
      "hit alpha_open -> nobody\n");
  EXPECT_EQ(s.Count("alpha_open"), 0);
}

TEST(Kprobes, AtOneAddressRunTheNewestFirst) {
  TestSession s;
  s.Do(
      "kprobe k0 core_read\n"
      "kprobe k1 core_read disabled\n"
      "kprobe k2 core_read\n"
      "hit core_read -> k2 k0\n"
      "enable_kprobe k1 -> 0\n"
      "hit core_read -> k2 k1 k0\n"
      "disable_kprobe k2\ndisable_kprobe k0\n"
      "hit core_read -> k1\n"
      "unkprobe k1 -> 0\n"
      "hit core_read -> nobody\n");
  EXPECT_EQ(s.Count("core_read"), 0);
  s.Do("enable_kprobe k0 -> 0\nhit core_read -> k0\n");
}

TEST(Kprobes, WithAPostHandlerOwnTheRecord) {
  TestSession s;
  s.Do(
      "patch p0 core_read\nenable p0\n"
      "kprobe k0 core_read post -> -EBUSY\n"
      "kprobe k0 core_read -> 0\n"
      "kprobe k1 core_read post -> -EBUSY\n"
      "hit core_read -> k0 p0\n"
      "disable p0\n"
      "kprobe k1 core_read post -> 0\n"
      "enable p0 -> -EBUSY\n");
  EXPECT_FALSE(s.Look().kprobes.ops[0].registered);
  EXPECT_TRUE(s.Look().kprobes.ops[1].registered);
  s.Do("unkprobe k1\nunkprobe k0\nenable p0 -> 0\n");
  EXPECT_EQ(s.Look().kprobes, KprobesView{});
}

TEST(Kprobes, AreDisarmedAndArmedTogether) {
  TestSession s;
  s.Do(
      "kprobe k0 core_read\nkprobe k1 core_write+8\nkprobe k2 core_write disabled\n"
      "kprobes_armed 0 -> 0\n"
      "kprobes_armed 0 -> 0\n"
      "hit core_read -> nobody\n"
      "hit core_write -> nobody\n"
      "kprobe k3 core_setup -> 0\n"
      "enable_kprobe k2 -> 0\n"
      "hit core_setup -> nobody\n"
      "kprobes_armed 1 -> 0\n"
      "hit core_read -> k0\n"
      "hit core_write -> k1\n"
      "hit core_setup -> k3\n");
}

TEST(Kprobes, ArmWhatCanBeArmedAndSayTheLastError) {
  TestSession s;
  s.Do(
      "kprobe k0 core_read post\nkprobe k1 core_write\n"
      "kprobes_armed 0\n"
      "patch p0 core_read\nenable p0 -> 0\n"
      "kprobes_armed 1 -> -EBUSY\n"
      "hit core_write -> k1\n"
      "hit core_read -> p0\n"
      "disable p0\n"
      "disable_kprobe k0 -> 0\n"
      "enable_kprobe k0 -> 0\n"
      "hit core_read -> k0\n");
}

// Nobody told kprobes that gamma went; when it comes back its text is as it was compiled.
TEST(Kprobes, AreNotInTextThatIsLoadedAnew) {
  const std::string left =
      "load gamma @0\nnotifier n0 module 1\nscript n0 going bad\nkprobe k0 gamma_gap\n"
      "hit gamma_gap -> k0\nunload gamma\n";
  const std::string again = "load gamma @0\nhit gamma_gap -> nobody\n";
  TestSession().Do(left + again);
  // .. also when it is armed once more while there is no text.
  TestSession().Do(left + "kprobes_armed 0\nkprobes_armed 1 -> 0\n" + again);
  TestSession().Do(left + "load gamma @0\nkprobes_armed 0\nkprobes_armed 1\nhit gamma_gap -> k0\n");
}

TEST(Kprobes, ThatCannotBeMadeLeaveNothing) {
  TestSession s;
  s.Do(
      "fault kprobe_slot 1\nkprobe k0 core_read+5 -> -ENOMEM\n"
      "fault hash_copy 1\nkprobe k0 core_read -> -ENOMEM\n"
      "fault hash_move 1\nkprobe k0 core_read -> -ENOMEM\n");
  EXPECT_EQ(s.Look().kprobes, KprobesView{});
  s.Do(
      "kprobe k0 core_read -> 0\n"
      "fault kprobe_alloc 1\nkprobe k1 core_read -> -ENOMEM\n"
      "hit core_read -> k0\n");
  EXPECT_FALSE(s.Look().kprobes.entries[0].aggregate);
}

TEST(Kprobes, OfADeadFtraceStay) {
  TestSession s;
  s.Do(
      "kprobe k0 core_read\n"
      "fault verify 1\nregister o0\n"
      "disable_kprobe k0 -> -ENODEV\n"
      "unkprobe k0 -> -EBUSY\n"
      "kprobe k1 core_write -> -ENODEV\n"
      "kprobe k1 core_write+5 -> 0\n");
}

TEST(Kprobes, ThatWereToldOfTheDeathAreTakenBackWithoutAskingFtrace) {
  TestSession s("small", "linux-6.12");
  s.Do(
      "kprobe k0 core_read -> 0\n"
      "kprobe k1 core_write -> 0\n"
      "fault verify 1 -> 0\n"
      "register o0 -> -ENODEV\n");
  const std::array<KprobeOpsView, 2> ops = s.Look().kprobes.ops;
  s.Do(
      "unkprobe k0 -> 0\n"
      "disable_kprobe k1 -> 0\n"
      "enable_kprobe k1 -> -ENODEV\n"
      "unkprobe k1 -> 0\n");
  EXPECT_EQ(s.Look().kprobes.entry_count, 0);
  // Nobody asks ftrace, which would refuse: they stay as they were.
  EXPECT_EQ(s.Look().kprobes.ops, ops);
  EXPECT_TRUE(ops[0].registered);
  EXPECT_EQ(ops[0].filter.size(), 2u);
}

TEST(Kprobes, HearOfModulesBehindNotifiersOfHigherPriority) {
  TestSession s;
  // Who stops COMING before kprobes keeps them from GOING, who does so behind them does not.
  s.Do(
      "notifier n0 module 1\nscript n0 coming -EBUSY\n"
      "load_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "load_step alpha\n"
      "kprobe k0 alpha_read+5 -> 0\n"
      "load_step alpha\n"
      "load_step alpha -> -EBUSY n0:coming\n");
  EXPECT_FALSE(s.Look().kprobes.probes[0].gone);
  s.Do(
      "unnotifier n0\nnotifier n1 module 0\nscript n1 coming -EBUSY\n"
      "load_begin beta @4\nload_step beta\nload_step beta\nload_step beta\nload_step beta\n"
      "load_step beta\n"
      "kprobe k1 beta_read+5 -> 0\n"
      "load_step beta\n"
      "load_step beta -> -EBUSY n1:coming\n");
  EXPECT_TRUE(s.Look().kprobes.probes[1].gone);
}

TEST(Kprobes, AnswerLastWhereNobodyStandsBehindThem) {
  TestSession s;
  // An errno that stops nothing is forgotten when somebody answers after it.
  s.Do(
      "notifier n0 module 1\nscript n0 coming 0x2\n"
      "load alpha @0 -> 0 n0:coming n0:live\n"
      "unnotifier n0\nnotifier n0 module 0\n"
      "load beta @2 -> -EPERM n0:coming\n");
}

}  // namespace
}  // namespace recount::reference
