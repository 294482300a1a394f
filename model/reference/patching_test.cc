#include "model/reference/patching.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Patching, SiteFollowsTheCount) {
  TestSession s;
  s.Do("filter o0 core_read\nfilter o1 core_read\nregister o0\n");
  EXPECT_EQ(s.Record("core_read"), "1 --T-E-t call o0");
  s.Do("register o1\n");
  EXPECT_EQ(s.Record("core_read"), "2 ----E-- call");
  s.Do("unregister o0\n");
  EXPECT_EQ(s.Record("core_read"), "1 --T-E-t call o1");
  s.Do("unregister o1\n");
  EXPECT_EQ(s.Record("core_read"), "0 ------- nop");
}

TEST(Patching, OneSaveRegsUserMakesItTheRegsEntry) {
  TestSession s;
  s.Do("ops o0 kernel save_regs\nfilter o0 core_read\nfilter o1 core_read\nregister o0\n");
  EXPECT_EQ(s.Record("core_read"), "1 -RT-Ert call o0");
  s.Do("register o1\n");
  EXPECT_EQ(s.Record("core_read"), "2 -R--Er- call regs");
  // The intent (S 3.6): a filter change clears REGS as unregistering does.
  s.Do("filter o0 reset core_write\n");
  EXPECT_EQ(s.Record("core_read"), "1 --T-E-t call o1");
}

TEST(Patching, TheTrampolineChangesHandsWithoutABitChanging) {
  // Two IPMODIFY ops meet by a reload; unregistering the owner hands the record to the other.
  TestSession s;
  s.Do(
      "load alpha @0\nops o0 kernel ipmodify\nops o1 kernel ipmodify\n"
      "filter o0 alpha_read\nfilter o1 alpha_read\nunload alpha\n"
      "register o0\nregister o1\nload alpha @0\n");
  EXPECT_EQ(s.Record("alpha_read"), "1 --TIE-t call o0");
  s.Do("unregister o0 -> 0\n");
  EXPECT_EQ(s.Record("alpha_read"), "1 --TIE-t call o1");
}

TEST(Patching, SysctlOffMakesNopsAndKeepsWhatIsWanted) {
  TestSession s;
  s.Do("ops o0 kernel save_regs\nfilter o0 core_read\nregister o0\nftrace_enabled 0 -> 0\n");
  EXPECT_EQ(s.Record("core_read"), "1 -RT---- nop");
  s.Do("filter o1 core_read\nregister o1 -> 0\nhit core_read -> nobody\n");
  EXPECT_EQ(s.Record("core_read"), "2 -R----- nop");
  s.Do("ftrace_enabled 1 -> 0\nhit core_read -> o1 o0\n");
  EXPECT_EQ(s.Record("core_read"), "2 -R--Er- call regs");
}

// core_setup, core_read, core_write change in this order; the second verification fails.
constexpr std::string_view kSecondFails =
    "filter o0 core_*\nfault verify 2\nregister o0 -> -ENODEV\n";

TEST(Death, FlagsFirstLeavesTheEarlierSitesDoneAndTheFlagsOfTheFailingRecord) {
  TestSession s("small", "linux-3.2");
  s.Do(kSecondFails);
  EXPECT_EQ(s.Record("core_setup"), "1 --T-E-t call o0");
  EXPECT_EQ(s.Record("core_read"), "1 --T-E-t nop");
  EXPECT_EQ(s.Record("core_write"), "1 --T---- nop");
  EXPECT_EQ(s.Record("probe"), "0 ------- nop");
}

TEST(Death, VerifyFirstChangesNoRecord) {
  TestSession s("small", "linux-6.1");
  s.Do(kSecondFails);
  EXPECT_EQ(s.Record("core_setup"), "1 --T---- nop");
  EXPECT_EQ(s.Record("core_read"), "1 --T---- nop");
  EXPECT_EQ(s.Record("core_write"), "1 --T---- nop");
}

TEST(Death, LeavesTheKillerRegisteredAndOffTheCallOrder) {
  TestSession s;
  s.Do("register o1\n").Do(kSecondFails);
  const View view = s.Look();
  EXPECT_TRUE(view.globals.dead);
  EXPECT_FALSE(view.globals.enabled);
  EXPECT_TRUE(view.ops[0].registered);
  EXPECT_EQ(view.order, std::vector<OpsId>{OpsId{1}});
  EXPECT_EQ(s.Count("core_read"), 2);
  EXPECT_EQ(s.Count("probe"), 1);
  s.Do(
      "register o0 -> -ENODEV\nunregister o0 -> -ENODEV\nunregister o1 -> -ENODEV\n"
      "ftrace_enabled 0 -> -ENODEV\nftrace_enabled 1 -> -ENODEV\n");
}

TEST(Death, AtUnregisterAndSysctlIsNoError) {
  for (const std::string_view last : {"unregister o0 -> 0\n", "ftrace_enabled 0 -> 0\n"}) {
    TestSession s;
    s.Do("register o0\nfault verify 1\n").Do(last).Do("hit probe -> -ENODEV\n");
    EXPECT_TRUE(s.Look().globals.dead);
    EXPECT_EQ(s.Record("probe").substr(1),
              last.starts_with("un") ? " ----E-t call o0" : " --T-E-t call o0");
  }
}

TEST(Patching, ARecordThatDoesNotChangeIsNotVerified) {
  TestSession s;
  s.Do(
      "register o0\nregister o1\nfault verify 1\n"
      "register o2  -> 0\n"  // 2 -> 3 users: the plain entry stays
      "unregister o2 -> 0\n"
      "unregister o1 -> 0\n"  // 2 -> 1: the trampoline, verified
      "hit probe    -> -ENODEV\n");
}

}  // namespace
}  // namespace recount::reference
