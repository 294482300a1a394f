#include "model/reference/modules.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

std::string Steps(std::string_view module, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "load_step " + std::string(module) + " -> 0\n";
  return text;
}

TEST(Load, RunsStageByStage) {
  TestSession s;
  const auto alpha = [&] { return s.Look().modules[0]; };
  s.Do("load_begin alpha @2 -> 0\n");
  EXPECT_EQ(alpha().state, ModuleState::kUnformed);
  EXPECT_EQ(alpha().slot, SlotId{2});
  EXPECT_EQ(alpha().next, Stage::kPercpu);
  s.Do(Steps("alpha", 3));
  EXPECT_EQ(s.Groups("alpha"), "");
  s.Do(Steps("alpha", 1));  // records
  EXPECT_EQ(s.Groups("alpha"), "4/0");
  EXPECT_EQ(s.Record("alpha_read"), "0 D------ nop");
  s.Do(Steps("alpha", 1));  // formation
  EXPECT_EQ(alpha().state, ModuleState::kComing);
  EXPECT_EQ(s.Record("alpha_read"), "0 D------ nop");
  s.Do(Steps("alpha", 1));  // enable
  EXPECT_EQ(s.Record("alpha_read"), "0 ------- nop");
  s.Do(Steps("alpha", 6));  // coming .. init
  EXPECT_EQ(alpha().state, ModuleState::kComing);
  s.Do(Steps("alpha", 1));
  EXPECT_EQ(alpha().state, ModuleState::kLive);
  EXPECT_EQ(alpha().next, Stage::kFreeInit);
  s.Do(Steps("alpha", 1));
  EXPECT_EQ(alpha().next, Stage::kLayout);
}

TEST(Load, InOneStepEqualsLoadingByStages) {
  for (const std::string_view module : {"alpha", "beta", "gamma", "delta"}) {
    TestSession one;
    TestSession staged;
    const std::string before =
        "ops o1 tracer\nfilter o1 *_read:mod:beta\nregister o0\n"
        "register o1\n";
    one.Do(before).Do("load " + std::string(module) + " @1 -> 0\n");
    staged.Do(before).Do("load_begin " + std::string(module) + " @1 -> 0\n").Do(Steps(module, 14));
    EXPECT_EQ(one.Look(), staged.Look()) << module;
  }
}

TEST(Load, FailsWithTheStagesErrno) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"layout", "-ENOEXEC"},    {"percpu", "-ENOMEM"},     {"symbols", "-ENOENT"},
      {"args", "-EFAULT"},       {"formation", "-ENOEXEC"}, {"coming", "-ENOMEM"},
      {"params", "-EINVAL"},     {"sysfs", "-ENOMEM"},      {"elf", "-ENOMEM"},
      {"init_alloc", "-ENOMEM"}, {"init", "-EIO"}};
  for (const auto& [stage, error] : kCases) {
    TestSession s;
    s.Do("register o0\n");
    const View before = s.Look();
    s.Do("load beta @0 fail=" + std::string(stage) + " -> " + std::string(error) + "\n" +
         "load beta @0 fail=" + std::string(stage) + ":EPERM -> -EPERM\n");
    EXPECT_EQ(s.Look(), before) << stage;  // the module, its records and groups are gone
    s.Do("load beta @0 -> 0\n");
  }
}

TEST(Load, FailingByStagesEqualsFailingInOneStep) {
  TestSession one;
  TestSession staged;
  const std::string before =
      "ops o0 tracer\nload beta @0\nfilter o0 beta_*\nunload beta\n"
      "filter o0 *:mod:alpha\nregister o0\n";
  one.Do(before).Do("load alpha @0 fail=init:EBUSY -> -EBUSY\n");
  staged.Do(before)
      .Do("load_begin alpha @0 -> 0\n")
      .Do(Steps("alpha", 11))
      .Do("load_step alpha fail=EBUSY -> -EBUSY\n");
  EXPECT_EQ(one.Look(), staged.Look());
  EXPECT_EQ(one.Look().modules[0], ModuleView{});
  EXPECT_EQ(one.Look().ledger.cached, 0u);  // used up at stage `enable`
}

TEST(Load, AFailureAskedOfAStageThatCannotFailIsIgnored) {
  TestSession s;
  s.Do("load_begin alpha @0\n").Do(Steps("alpha", 3)).Do("load_step alpha fail -> 0\n");
  EXPECT_EQ(s.Groups("alpha"), "4/0");
}

TEST(Load, RefusesANameThatIsTaken) {
  TestSession s;
  s.Do("load_begin alpha @0 fail        -> -ENOEXEC\n"
       "load_begin alpha @0 fail=EACCES -> -EACCES\n"
       "load_begin alpha @0             -> 0\n"
       "load_begin alpha @0             -> -ERESTARTSYS\n"
       "load alpha @3                   -> -ERESTARTSYS\n")
      .Do(Steps("alpha", 5))
      .Do("load_begin alpha @3 -> -ERESTARTSYS\n")  // COMING
      .Do(Steps("alpha", 8))
      .Do("load_begin alpha @3          -> -EEXIST\n")  // LIVE, free_init still to come
      .Do(Steps("alpha", 1))
      .Do("load_begin alpha @3          -> -EEXIST\n"
          "load_begin alpha @3 fail     -> -ENOEXEC\n"
          "load_step alpha              -> -EEXIST\n"
          "load_step beta               -> -ENOENT\n");
}

TEST(Load, RefusesARangeThatIsTaken) {
  TestSession s;
  s.Do(
      "load alpha @0       -> 0\n"  // functions 0..3 behind the base
      "load beta @0        -> -ENOMEM\n"
      "load beta @1        -> -ENOMEM\n"  // from function 2
      "load_begin beta @3  -> 0\n"
      "load delta @4       -> -ENOMEM\n"  // also under an UNFORMED one
      "load delta @5       -> 0\n"
      "unload alpha        -> 0\n"
      "load gamma @1       -> 0\n");
}

TEST(Load, AModuleWithoutFunctionsTakesTheRoomOfOne) {
  World::Definition definition;
  definition.name = "made";
  definition.core.functions = {{"core_one", FunctionKind::kText}};
  definition.modules = {{"none", {}}, {"two", {{"two_a", FunctionKind::kText}}}};
  definition.slots = {0, 1};
  TestSession s(World::Make(definition).value(), "linux-6.1");
  s.Do("load none @0 -> 0\nload two @0 -> -ENOMEM\nload two @1 -> 0\nunload none -> 0\n");
}

TEST(Unload, OnlyWhatIsLiveAndComplete) {
  TestSession s;
  s.Do("unload alpha        -> -ENOENT\n"
       "load_begin alpha @0 -> 0\n"
       "unload alpha        -> -ENOENT\n")
      .Do(Steps("alpha", 5))
      .Do("unload alpha     -> -EBUSY\n")
      .Do(Steps("alpha", 8))
      .Do("unload alpha     -> -EAGAIN\n")
      .Do(Steps("alpha", 1))
      .Do("unload alpha     -> 0\n"
          "unload alpha     -> -ENOENT\n");
  EXPECT_EQ(s.Groups("alpha"), "");
}

TEST(Enable, LeavesWeakOnesDisabledAndNullOnesOut) {
  TestSession s;
  s.Do("register o0\nload delta @0\nload gamma @3\n");
  EXPECT_EQ(s.Record("delta_old"), "0 D------ nop");
  EXPECT_EQ(s.Record("delta_lock"), "none");
  EXPECT_EQ(s.Record("delta_read"), "1 --T-E-t call o0");
  EXPECT_EQ(s.Record("gamma_gap"), "none");
  EXPECT_EQ(s.Record("gamma_init"), "none");  // init text
  EXPECT_EQ(s.Groups("gamma"), "3/0");
}

TEST(Enable, CountsOpsRegisteredSinceTheRecordsAppeared) {
  TestSession s;
  s.Do("load_begin alpha @0\n").Do(Steps("alpha", 4));
  s.Do("register o0\nfilter_ip o1 alpha_read -> 0\nregister o1\n");
  EXPECT_EQ(s.Record("alpha_read"), "0 D------ nop");
  s.Do("unregister o0\nops o0 kernel save_regs\nregister o0\n").Do(Steps("alpha", 2));
  EXPECT_EQ(s.Record("alpha_read"), "2 -R--Er- call regs");
  EXPECT_EQ(s.Record("alpha_open"), "1 -RT-Ert call o0");
  s.Do("unregister o0\nunregister o1\n").Do(Steps("alpha", 8)).Do("unload alpha -> 0\n");
}

TEST(Enable, PatchesNothingWhileTheSysctlIsOff) {
  TestSession s;
  s.Do("register o0\nftrace_enabled 0\nfault verify 1\nload alpha @0 -> 0\n");
  EXPECT_EQ(s.Record("alpha_read"), "1 --T---- nop");
  EXPECT_FALSE(s.Look().globals.dead);
}

TEST(Enable, ADeathLeavesTheRecordsAfterItDisabled) {
  for (const std::string_view profile : {"linux-3.2", "linux-6.1"}) {
    TestSession s("small", profile);
    s.Do("register o0\nfault verify 2\nload alpha @0 -> 0\n");
    EXPECT_EQ(s.Record("alpha_open"), "1 --T-E-t call o0");
    EXPECT_EQ(s.Record("alpha_read"), "1 --T-E-t nop");  // flags first, in every profile
    EXPECT_EQ(s.Record("alpha_write"), "0 D------ nop");
    EXPECT_TRUE(s.Look().globals.dead);
    EXPECT_EQ(s.Look().modules[0].state, ModuleState::kLive);
    EXPECT_EQ(s.Look().order.size(), 1u);
  }
}

TEST(Enable, AfterDeathDoesNothing) {
  TestSession s;
  s.Do("load_begin alpha @0\n").Do(Steps("alpha", 5));
  s.Do("fault verify 1\nregister o0 -> -ENODEV\n").Do(Steps("alpha", 9));
  EXPECT_EQ(s.Record("alpha_read"), "0 D------ nop");
}

TEST(Death, KeepsModuleGroupsForEver) {
  TestSession s;
  s.Do(
      "ops o1 tracer\nload beta @0\nfilter o1 beta_read\nfault verify 1\nregister o0\n"
      "unload beta -> 0\nload alpha @0 -> 0\nload delta @3 fail=init -> -EIO\n");
  EXPECT_EQ(s.Groups("beta"), "4/0");
  EXPECT_EQ(s.Groups("alpha"), "");
  EXPECT_EQ(s.Filter(1), "beta_read");  // nothing vanished, nothing is cleared
}

TEST(FreeInit, TakesTheInitRecordsOnly) {
  TestSession s;
  s.Do("register o0\nload_begin beta @0\n").Do(Steps("beta", 13));
  EXPECT_EQ(s.Record("beta_init"), "1 --T-E-t call o0");
  EXPECT_EQ(s.Groups("beta"), "5/0");
  s.Do(Steps("beta", 1));
  EXPECT_EQ(s.Record("beta_init"), "none");
  EXPECT_EQ(s.Groups("beta"), "4/0");
  EXPECT_EQ(s.Record("beta_read"), "1 --T-E-t call o0");
}

TEST(FreeInit, WorksAlsoWhenDead) {
  TestSession s;
  s.Do("ops o0 tracer\nfilter o0 core_setup\nfault verify 1\nregister o1\nfree_init -> 0\n");
  EXPECT_EQ(s.Record("core_setup"), "none");
  EXPECT_EQ(s.Filter(0), "cleared=1");
}

}  // namespace
}  // namespace recount::reference
