#include "model/reference/livepatch.h"

#include <gtest/gtest.h>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Livepatch, RedirectsAFunctionOfALoadedModule) {
  TestSession s;
  s.Do(
      "load alpha @0\n"
      "patch p0 alpha_read -> 0\n"
      "enable p0 -> 0\n"
      "hit alpha_read -> p0\n");
  EXPECT_EQ(s.Record("alpha_read"), "1 --TIE-t call l0");
  s.Do(
      "filter o0 alpha_read\nregister o0\n"
      "hit alpha_read -> o0 p0\n"
      "disable p0 -> 0\n"
      "hit alpha_read -> o0\n");
  EXPECT_EQ(s.Record("alpha_read"), "1 --T-E-t call o0");
}

TEST(Livepatch, FollowsTheModuleThroughReloads) {
  TestSession s;
  s.Do(
      "patch p0 alpha_read core_read\n"
      "enable p0 -> 0\n"
      "load alpha @1\n"
      "hit alpha_read -> p0\n"
      "unload alpha\n"
      "load alpha @2\n"
      "hit alpha_read -> p0\n"
      "hit core_read -> p0\n"
      "unload alpha\n"
      "disable p0 -> 0\n");
  EXPECT_EQ(s.Look().livepatch.ops, LivepatchView{}.ops);
  EXPECT_EQ(s.Count("core_read"), 0);
}

TEST(Livepatch, StacksPatchesOfOneFunction) {
  TestSession s;
  s.Do(
      "patch p0 core_read\npatch p1 core_read\n"
      "enable p0\nenable p1\n"
      "hit core_read -> p1\n");
  EXPECT_EQ(s.Count("core_read"), 1);
  s.Do(
      "disable p0\n"
      "hit core_read -> p1\n"
      "disable p1\n"
      "hit core_read -> nobody\n");
}

TEST(Livepatch, AppliesStackedPatchesInTheirOrderWhenTheModuleComes) {
  TestSession s;
  s.Do(
      "patch p0 alpha_read\npatch p1 alpha_read\n"
      "enable p1\nenable p0\n"
      "load alpha @0\n"
      "hit alpha_read -> p0\n");
}

TEST(Livepatch, ReplaceTakesThePlaceOfAllOthers) {
  TestSession s;
  s.Do(
      "patch p0 core_read core_write\npatch p1 replace core_read\n"
      "enable p0\nenable p1 -> 0\n"
      "hit core_read -> p1\n"
      "hit core_write -> nobody\n"
      "disable p0 -> -ENOENT\n"
      "disable p1 -> 0\n");
  EXPECT_EQ(s.Count("core_write"), 0);
  EXPECT_EQ(s.Count("core_read"), 0);
}

TEST(Livepatch, IsRefusedWhereAnotherOwnsTheRecord) {
  TestSession s;
  s.Do(
      "ops o0 kernel ipmodify\nfilter o0 core_write\nregister o0 -> 0\n"
      "patch p0 core_read core_write\n"
      "enable p0 -> -EBUSY\n");
  EXPECT_EQ(s.Count("core_read"), 0);
  s.Do(
      "unregister o0\n"
      "enable p0 -> 0\n"
      "register o0 -> -EBUSY\n");
}

TEST(Livepatch, RefusesTheModuleItCannotPatch) {
  TestSession s;
  s.Do(
      "patch p0 alpha_read core_read\nenable p0 -> 0\n"
      "fault klp_symbol 1\n"
      "load alpha @0 -> -EINVAL\n"
      "fault klp_callback 1 EPERM\n"
      "load alpha @0 -> -EPERM\n"
      "fault klp_alloc 1\n"
      "load alpha @0 -> -ENOMEM\n"
      "hit core_read -> p0\n"
      "load alpha @0 -> 0\n");
}

TEST(Livepatch, ARefusedModuleLosesThePatchesBeforeTheFailingOne) {
  TestSession s;
  s.Do(
      "patch p0 alpha_read\npatch p1 alpha_write\nenable p0\nenable p1\n"
      "fault klp_callback 2\n"
      "load alpha @0 -> -EINVAL\n");
  EXPECT_EQ(s.Look().livepatch.ops, LivepatchView{}.ops);
  EXPECT_EQ(s.Look().livepatch.patches[0].bound, 0);
}

TEST(Livepatch, IsPermanent) {
  TestSession s;
  s.Do(
      "patch p0 core_read\nenable p0\n"
      "ftrace_enabled 0 -> -EBUSY\n"
      "disable p0\n"
      "ftrace_enabled 0 -> 0\n"
      "enable p0 -> -EBUSY\n");
}

TEST(Livepatch, SaysWhatItCannotEnable) {
  TestSession s;
  s.Do(
      "enable p0 -> -EINVAL\n"
      "patch p0 core_read\n"
      "enable p0 -> 0\n"
      "enable p0 -> -EEXIST\n"
      "patch p0 core_write -> -EBUSY\n"
      "disable p1 -> -ENOENT\n");
}

TEST(Livepatch, KeepsItsOpsRegisteredWhenFtraceDiedBefore) {
  TestSession s;
  s.Do(
      "patch p0 core_read\nenable p0\n"
      "fault verify 1\nregister o0 -> -ENODEV\n"
      "disable p0 -> 0\n");
  EXPECT_TRUE(s.Look().livepatch.ops[0].registered);
  EXPECT_EQ(s.Look().livepatch.ops[0].depth, 0);
  EXPECT_EQ(s.Count("core_read"), 2);
}

}  // namespace
}  // namespace recount::reference
