#include "model/reference/tracing.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Ops, FlagsAreRefusedWhileRegisteredOrSharing) {
  TestSession s;
  s.Do(
      "register o0\n"
      "ops o0 kernel          -> -EBUSY\n"
      "share o1 o2\n"
      "ops o1 kernel ipmodify -> -EINVAL\n"
      "ops o2 tracer ipmodify -> -EINVAL\n"
      "ops o1 kernel save_regs permanent -> 0\n"
      "ops o3 kernel ipmodify -> 0\n");
  const OpsView o1 = s.Look().ops[1];
  EXPECT_TRUE(o1.save_regs && o1.permanent && !o1.ipmodify);
  EXPECT_EQ(o1.pair, OpsId{1});
}

TEST(Ops, OfTheSameUserKeepItsFilter) {
  TestSession s;
  s.Do("filter o0 core_read\nops o0 kernel save_regs -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read");
  s.Do("ops o0 tracer -> 0\n");
  EXPECT_EQ(s.Filter(0), "empty");
}

TEST(Register, RefusesInThisOrder) {
  TestSession s;
  s.Do(
      "register o0          -> 0\n"
      "register o0          -> -EBUSY\n"
      "ops o1 kernel ipmodify permanent\n"
      "ftrace_enabled 0\n"
      "register o1          -> -EBUSY\n"  // before the missing filter
      "ftrace_enabled 1\n"
      "register o1          -> -EINVAL\n"
      "filter o1 core_read\n"
      "register o1          -> 0\n"
      "ops o2 kernel ipmodify\nfilter o2 core_*\n"
      "register o2          -> -EBUSY\n"
      "unregister o2        -> -EBUSY\n");
  EXPECT_EQ(s.Look().order, (std::vector<OpsId>{OpsId{1}, OpsId{0}}));
}

TEST(Register, ARefusedOneChangesNothing) {
  TestSession s;
  s.Do(
      "ops o0 kernel ipmodify\nfilter o0 core_read\nregister o0\n"
      "ops o1 kernel ipmodify\nfilter o1 core_*\n");
  const View before = s.Look();
  s.Do("register o1 -> -EBUSY\n");
  EXPECT_EQ(s.Look(), before);
}

TEST(Sysctl, IsHeldByARegisteredPermanentOps) {
  TestSession s;
  s.Do(
      "ops o0 kernel permanent\n"
      "ftrace_enabled 0 -> 0\n"
      "ftrace_enabled 0 -> 0\n"
      "ftrace_enabled 1 -> 0\n"
      "register o0      -> 0\n"
      "ftrace_enabled 0 -> -EBUSY\n"
      "ftrace_enabled 1 -> 0\n"
      "unregister o0    -> 0\n"
      "ftrace_enabled 0 -> 0\n");
  EXPECT_FALSE(s.Look().globals.enabled);
}

TEST(Sysctl, FilterChangesWhileOffArePatchedWhenItIsOnAgain) {
  TestSession s;
  s.Do(
      "filter o0 core_read\nregister o0\nftrace_enabled 0\nfault verify 1\n"
      "filter o0 reset core_write -> 0\n"
      "fault verify 9\nftrace_enabled 1 -> 0\n"
      "hit core_read              -> nobody\n"
      "hit core_write             -> o0\n");
}

TEST(Hit, CallsTheNewestFirst) {
  TestSession s;
  s.Do(
      "register o3\nregister o1\nregister o7\n"
      "hit probe -> o7 o1 o3\n"
      "unregister o1\nregister o1\n"
      "hit probe -> o1 o7 o3\n"
      "notrace o7 probe\n"
      "hit probe -> o1 o3\n"
      "filter o3 core_*\n"
      "hit probe -> o1\n"
      "hit core_read -> o1 o7 o3\n");
}

TEST(Hit, OfWhatIsNotThere) {
  TestSession s;
  s.Do(
      "register o0\n"
      "hit alpha_read  -> -ENOENT\n"
      "hit core_lock   -> nobody\n"
      "hit core_gap    -> nobody\n"
      "hit core_old    -> nobody\n"
      "hit core_setup  -> o0\n"
      "free_init       -> 0\n"
      "free_init       -> 0\n"
      "hit core_setup  -> -ENOENT\n"
      "load_begin beta @0\n"
      "hit beta_init   -> nobody\n"
      "load_step beta\nload_step beta\nload_step beta\nload_step beta\nload_step beta\n"
      "hit beta_init   -> nobody\n"  // DISABLED
      "load_step beta  -> 0\n"       // enable
      "hit beta_init   -> o0\n"
      "load_step beta\nload_step beta\nload_step beta\nload_step beta\nload_step beta\n"
      "load_step beta\n"
      "hit beta_init   -> o0\n"
      "load_step beta  -> 0\n"  // LIVE: its init text is still there, but nobody runs it
      "hit beta_init   -> -ENOENT\n"
      "load_step beta  -> 0\n"  // free_init
      "hit beta_init   -> -ENOENT\n"
      "load_step beta  -> -EEXIST\n"
      "hit beta_read   -> o0\n");
}

TEST(Hit, AfterDeathIsNotModelled) {
  TestSession s;
  s.Do(
      "fault verify 1\nregister o0 -> -ENODEV\n"
      "hit alpha_read -> -ENOENT\n"
      "hit core_read  -> -ENODEV\n");
}

}  // namespace
}  // namespace recount::reference
