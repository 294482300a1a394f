#include "model/reference/notifiers.h"

#include <gtest/gtest.h>

#include <string>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Notifier, StandsBehindItsEqualsInOrderOfPriority) {
  TestSession s;
  s.Do(
      "notifier n0 raw 10 -> 0\n"
      "notifier n1 raw 20 -> 0\n"
      "notifier n2 raw 10 -> 0\n"
      "notifier n3 raw -5 -> 0\n"
      "notify raw coming -> n1:coming n0:coming n2:coming n3:coming = done\n"
      "notify_reverse raw coming -> n3:coming n2:coming n0:coming n1:coming = done\n"
      "unnotifier n0 -> 0\n"
      "unnotifier n0 -> -ENOENT\n"
      "notifier n0 raw 10 -> 0\n"
      "notify raw live -> n1:live n2:live n0:live n3:live = done\n");
}

TEST(Notifier, IsOnOneChainOnce) {
  TestSession s;
  s.Do(
      "notifier n0 raw 10 -> 0\n"
      "notifier n0 raw 30 -> -EEXIST\n"
      "notifier n0 blocking 10 -> -EBUSY\n"
      "notifier n0 module 10 -> -EBUSY\n"
      "notify blocking coming -> nobody = done\n");
}

TEST(Notifier, UniqueAsksForItsOwnPriorityOnBlockingAndAtomicOnly) {
  TestSession s;
  s.Do(
      "notifier n0 blocking 7 -> 0\n"
      "notifier n1 blocking 7 unique -> -EBUSY\n"
      "notifier n0 blocking 7 unique -> -EEXIST\n"
      "notifier n1 blocking 7 -> 0\n"
      "notifier n1 blocking 7 unique -> -EBUSY\n"  // n0 is met first
      "notifier n2 blocking 8 unique -> 0\n"
      "notifier n4 raw 1 -> 0\n"
      "notifier n5 raw 1 unique -> 0\n"
      "notifier n3 atomic 1 -> 0\n"
      "notifier n6 atomic 1 unique -> -EBUSY\n"
      "notifier n6 srcu 1 -> 0\n"
      "notifier n7 srcu 1 unique -> 0\n");
}

TEST(Notify, CallsAChainOfRcuAsAnyOther) {
  for (const std::string chain : {"atomic", "srcu"}) {
    TestSession s;
    s.Do("notifier n0 " + chain + " 1\nnotifier n1 " + chain + " 2\nnotifier n2 " + chain +
         " 1\nscript n0 live -EIO\nnotify " + chain +
         " coming -> n1:coming n0:coming n2:coming = done\nnotify " + chain +
         " live -> n1:live n0:live = -EIO\nnotify " + chain +
         " live 1 -> n1:live = done\nunnotifier n0 -> 0\nnotify " + chain +
         " live -> n1:live n2:live = done\n");
  }
}

TEST(Notify, GoesNeitherBackwardNorDownAgainOnAChainOfRcu) {
  for (const std::string chain : {"atomic", "srcu"}) {
    for (const char* const profile : {"linux-6.1", "rfc-notifier"}) {
      TestSession s("small", profile);
      s.Do("notifier n0 " + chain + " 2\nnotifier n1 " + chain + " 1\nscript n1 coming bad\n" +
           "notify_robust " + chain + " coming going -> nobody = -EINVAL\n" + "notify_reverse " +
           chain + " coming -> nobody = -EINVAL\n" + "notify_reverse " + chain +
           " coming 1 -> nobody = -EINVAL\n");
    }
  }
}

TEST(Notify, EndsWithTheAnswerThatStops) {
  TestSession s;
  s.Do(
      "notifier n0 raw 3\nnotifier n1 raw 2\nnotifier n2 raw 1\n"
      "script n1 coming -EINVAL\n"
      "notify raw coming -> n0:coming n1:coming = -EINVAL\n"
      "notify raw going -> n0:going n1:going n2:going = done\n"
      "script n1 coming stop\n"
      "notify raw coming -> n0:coming n1:coming = stop\n"
      "notify_reverse raw coming -> n2:coming n1:coming = stop\n"
      // Without the bit it does not stop, and only the last answer is left (S 6.3).
      "script n1 coming 0x5\n"
      "notify raw coming -> n0:coming n1:coming n2:coming = done\n"
      "script n2 coming 0x5\n"
      "notify raw coming -> n0:coming n1:coming n2:coming = 0x5\n");
}

TEST(Notify, CallsNoMoreThanTheLimit) {
  TestSession s;
  s.Do(
      "notifier n0 raw 3\nnotifier n1 raw 2\nnotifier n2 raw 1\n"
      "notify raw coming 0 -> nobody = done\n"
      "notify raw coming 2 -> n0:coming n1:coming = done\n"
      "notify_reverse raw coming 2 -> n2:coming n1:coming = done\n"
      "notify raw coming 9 -> n0:coming n1:coming n2:coming = done\n");
}

constexpr const char* kThreeCalled =
    "notifier n0 raw 30\nnotifier n1 raw 20\nnotifier n2 raw 10\nscript n2 coming bad\n";

TEST(NotifyRobust, RollsBackForwardAsLinuxDoes) {
  TestSession s;
  s.Do(kThreeCalled)
      .Do("notify_robust raw coming going -> "
          "n0:coming n1:coming n2:coming n0:going n1:going = bad\n");
}

TEST(NotifyRobust, RollsBackInReverseAsTheSeriesAsks) {
  TestSession s("small", "rfc-notifier");
  s.Do(kThreeCalled)
      .Do("notify_robust raw coming going -> "
          "n0:coming n1:coming n2:coming n1:going n0:going = bad\n");
}

TEST(NotifyRobust, TellsNobodyWhenTheFirstRefuses) {
  for (const char* profile : {"linux-6.1", "rfc-notifier"}) {
    TestSession s("small", profile);
    s.Do(kThreeCalled)
        .Do("script n0 coming -EBUSY\n"
            "notify_robust raw coming going -> n0:coming = -EBUSY\n");
  }
}

TEST(NotifyRobust, EndsItsRollbackEarlyWhenThatIsStopped) {
  TestSession s;
  s.Do(kThreeCalled)
      .Do("script n0 going stop\n"
          "notify_robust raw coming going -> n0:coming n1:coming n2:coming n0:going = bad\n");
  TestSession reverse("small", "rfc-notifier");
  reverse.Do(kThreeCalled)
      .Do("script n1 going stop\n"
          "notify_robust raw coming going -> n0:coming n1:coming n2:coming n1:going = bad\n");
}

TEST(Script, UnregistersItselfOrANeighbourWhileTheChainIsCalled) {
  TestSession s;
  s.Do(
      "notifier n0 raw 3\nnotifier n1 raw 2\nnotifier n2 raw 1\n"
      "script n1 coming ok unregister n1\n"
      "notify raw coming -> n0:coming n1:coming n2:coming = done\n"
      "notify raw coming -> n0:coming n2:coming = done\n"
      // The next one was noted before: it is called once more.
      "script n0 live ok unregister n2\n"
      "notify raw live -> n0:live n2:live = done\n"
      "notify raw live -> n0:live = ok\n");
}

TEST(Script, TakesNobodyOffAChainThatWouldWait) {
  for (const std::string chain : {"blocking", "atomic", "srcu"}) {
    TestSession s;
    s.Do("notifier n0 " + chain + " 3\nnotifier n1 " + chain + " 2\n" +
         "script n0 coming ok unregister n1\n" + "notify " + chain + " coming\n" + "notify " +
         chain + " coming -> n0:coming n1:coming = done\n");
  }
}

TEST(Script, CountsWhatIsTakenAndGivenBack) {
  TestSession s;
  s.Do(
      "notifier n0 module 0\n"
      "script n0 coming ok alloc\n"
      "load alpha @0 -> 0 n0:coming n0:live\n");
  EXPECT_EQ(s.Look().notifiers.held[0], 1);
  s.Do(
      "script n0 going ok free\n"
      "unload alpha -> 0 n0:going\n");
  EXPECT_EQ(s.Look().notifiers.held[0], 0);
  EXPECT_EQ(s.Look().notifiers.bad_frees, 0u);
  s.Do("notifier n1 raw 0\nscript n1 going ok free\nnotify raw going\n");
  EXPECT_EQ(s.Look().notifiers.bad_frees, 1u);
}

TEST(Script, TakesNothingWhenItRefuses) {
  TestSession s;
  s.Do(
      "notifier n0 module 0\n"
      "script n0 coming -ENOMEM alloc\n"
      "load alpha @0 -> -ENOMEM n0:coming\n");
  EXPECT_EQ(s.Look().notifiers.held[0], 0);
}

}  // namespace
}  // namespace recount::reference
