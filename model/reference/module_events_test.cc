#include "model/reference/module_events.h"

#include <gtest/gtest.h>

#include <string>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

constexpr const char* kThree =
    "notifier n0 module 20\nnotifier n1 module 10\nnotifier n2 module 0\n";

// The steps up to and with `coming`, of a load that has begun.
std::string ToComing() {
  std::string text;
  for (int i = 0; i < 7; ++i) text += "load_step beta\n";
  return text;
}

TEST(Direct, TellsThoseBeforeTheOneThatRefused) {
  TestSession s;
  s.Do(kThree).Do(
      "script n1 coming bad\n"
      "load alpha @0 -> -EPERM n0:coming n1:coming n0:going\n"
      "script n1 coming done\n"
      "load alpha @0 -> 0 n0:coming n1:coming n2:coming n0:live n1:live n2:live\n"
      "unload alpha -> 0 n0:going n1:going n2:going\n");
}

TEST(Direct, GoesOnAfterAStopWithoutErrno) {
  TestSession s;
  s.Do(kThree).Do(
      "script n1 coming stop\n"
      "load alpha @0 -> 0 n0:coming n1:coming n0:going n0:live n1:live n2:live\n");
  EXPECT_EQ(s.Record("alpha_read"), "0 ------- nop");
}

TEST(Direct, IsStoppedAtLiveAndGoingWithoutFailing) {
  TestSession s;
  s.Do(kThree).Do(
      "script n0 live bad\nscript n0 going bad\n"
      "load alpha @0 -> 0 n0:coming n1:coming n2:coming n0:live\n"
      "unload alpha -> 0 n0:going\n");
}

TEST(Direct, TellsNobodyWhenLivepatchRefuses) {
  TestSession s;
  s.Do(kThree).Do("load alpha @0 fail=coming -> -ENOMEM\n");
}

TEST(Direct, TellsAllWhenAStageAfterComingFails) {
  TestSession s;
  s.Do(kThree).Do(
      "load alpha @0 fail=params -> -EINVAL "
      "n0:coming n1:coming n2:coming n0:going n1:going n2:going\n");
}

TEST(Chain, AnnouncesUnformedAndGoesInReverse) {
  TestSession s("small", "rfc-notifier");
  s.Do(kThree).Do(
      "load alpha @0 -> 0 n0:unformed n1:unformed n2:unformed n0:coming n1:coming n2:coming "
      "n0:live n1:live n2:live\n"
      "unload alpha -> 0 n2:going n1:going n0:going\n"
      "load alpha @0 fail=init -> -EIO n0:unformed n1:unformed n2:unformed "
      "n0:coming n1:coming n2:coming n2:going n1:going n0:going\n");
  EXPECT_EQ(s.Groups("alpha"), "");
}

TEST(Chain, TellsGoingToThoseWhoHeardOnlyUnformed) {
  TestSession s("small", "rfc-notifier");
  s.Do(
      "notifier n0 module 0\n"
      "script n0 coming ok alloc\nscript n0 going ok free\n"
      "load alpha @0 fail=formation -> -ENOEXEC n0:unformed n0:going\n");
  EXPECT_EQ(s.Look().notifiers.bad_frees, 1u);
}

TEST(Chain, ARefusedUnformedLeavesNoRecord) {
  TestSession s("small", "rfc-notifier");
  s.Do(kThree).Do(
      "script n1 unformed -EBUSY\n"
      "load alpha @0 -> -EBUSY n0:unformed n1:unformed n0:going\n");
  EXPECT_EQ(s.Groups("alpha"), "");
  EXPECT_EQ(s.Look().modules[0], ModuleView{});
}

TEST(Chain, AStopWithoutErrnoTakesTheRecordsAndLoadsOn) {
  TestSession s("small", "rfc-notifier");
  s.Do(kThree).Do(
      "script n1 coming stop\n"
      "load alpha @0 -> 0 n0:unformed n1:unformed n2:unformed n0:coming n1:coming n0:going "
      "n0:live n1:live n2:live\n");
  EXPECT_EQ(s.Groups("alpha"), "");
  EXPECT_FALSE(s.Look().modules[0].klp_alive);
}

TEST(Chain, GoingCannotBeHiddenFromFtrace) {
  TestSession s("small", "rfc-notifier");
  s.Do(kThree).Do(
      "script n2 going stop\n"
      "load alpha @0\n"
      "unload alpha -> 0 n2:going n1:going n0:going\n");
  EXPECT_EQ(s.Groups("alpha"), "");
}

TEST(Chain, AHigherPriorityStandsBetweenFtraceAndLivepatch) {
  TestSession s("small", "rfc-notifier");
  s.Do(
      "notifier n0 module 2147483647\n"
      "patch p0 vmlinux:core_read\n"
      "load alpha @0 fail=coming:EIO -> -EIO n0:unformed n0:coming n0:going\n");
}

TEST(Chain, EnablesRecordsBeforeTheOthersHearComing) {
  TestSession s("small", "rfc-notifier");
  s.Do("notifier n0 module 0\nregister o0\nload_begin alpha @0\n");
  for (int i = 0; i < 6; ++i) s.Do("load_step alpha\n");
  EXPECT_EQ(s.Count("alpha_read"), 1);
  EXPECT_FALSE(s.Look().modules[0].klp_alive);
  s.Do("load_step alpha -> 0 n0:coming\n");
  EXPECT_TRUE(s.Look().modules[0].klp_alive);
}

TEST(Chain, FreesInitTextWhenTheModuleIsLive) {
  for (const char* profile : {"linux-6.1", "rfc-notifier"}) {
    TestSession s("small", profile);
    s.Do("load_begin beta @0\n").Do(ToComing());
    for (int i = 0; i < 6; ++i) s.Do("load_step beta -> 0\n");
    EXPECT_EQ(s.Look().modules[1].next, Stage::kFreeInit);
    EXPECT_EQ(s.Groups("beta"), std::string(profile) == "linux-6.1" ? "5/0" : "4/0");
    s.Do("load_step beta -> 0\n");
    EXPECT_EQ(s.Groups("beta"), "4/0");
  }
}

}  // namespace
}  // namespace recount::reference
