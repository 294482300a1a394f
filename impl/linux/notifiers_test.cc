// The kernel's notifier chains, driven by the language. Where a test is named after a recording of
// real kernels (corpus/kernel, 6.1 and 6.12 alike), the margins are what was recorded.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "impl/linux/linux_subject.h"
#include "impl/linux/test_runs.h"

namespace recount {
namespace {

using linux_test::Disagreement;
using linux_test::Do;

TEST(LinuxNotifiers, RecordedNotifierComingBad) {
  Do("notifier n0 module 20\n"
     "notifier n1 module 10\n"
     "notifier n2 module 0\n"
     "script n1 coming bad\n"
     "load alpha @0           -> -EPERM n0:coming n1:coming n0:going\n"
     "hit alpha_open          -> -ENOENT\n"
     "unload alpha            -> -ENOENT\n"
     "script n1 coming done\n"
     "load alpha @0           -> 0 n0:coming n1:coming n2:coming n0:live n1:live n2:live\n"
     "unload alpha            -> 0 n0:going n1:going n2:going\n");
}

TEST(LinuxNotifiers, RecordedNotifierComingStop) {
  Do("notifier n0 module 20\n"
     "notifier n1 module 10\n"
     "notifier n2 module 0\n"
     "script n1 coming stop\n"
     "load alpha @0           -> 0 n0:coming n1:coming n0:going n0:live n1:live n2:live\n"
     "unload alpha            -> 0 n0:going n1:going n2:going\n");
}

TEST(LinuxNotifiers, RecordedNotifierGoingLiveErrors) {
  Do("notifier n0 module 10\n"
     "notifier n1 module 0\n"
     "script n0 live bad\n"
     "script n0 going bad\n"
     "load alpha @0           -> 0 n0:coming n1:coming n0:live\n"
     "unload alpha            -> 0 n0:going\n"
     "script n0 live stop\n"
     "script n0 going -EIO\n"
     "load alpha @0           -> 0 n0:coming n1:coming n0:live\n"
     "unload alpha            -> 0 n0:going\n");
}

TEST(LinuxNotifiers, RecordedNotifierSamePrio) {
  Do("notifier n0 module 5    -> 0\n"
     "notifier n1 module 5    -> 0\n"
     "notifier n2 module 5    -> 0\n"
     "notifier n1 module 5    -> -EEXIST\n"
     "load alpha @0           -> 0 n0:coming n1:coming n2:coming n0:live n1:live n2:live\n"
     "unnotifier n1           -> 0\n"
     "unnotifier n1           -> -ENOENT\n"
     "notifier n1 module 5    -> 0\n"
     "unload alpha            -> 0 n0:going n2:going n1:going\n"
     "notifier n3 module 7    -> 0\n"
     "load alpha @0           -> 0 n3:coming n0:coming n2:coming n1:coming n3:live n0:live "
     "n2:live n1:live\n");
}

TEST(LinuxNotifiers, RecordedChainRaw) {
  Do("notifier n0 raw 10\n"
     "notifier n1 raw 20\n"
     "notifier n2 raw 10\n"
     "notifier n3 raw -5\n"
     "notify raw coming       -> n1:coming n0:coming n2:coming n3:coming = done\n"
     "notifier n0 raw 10      -> -EEXIST\n"
     "notify raw coming       -> n1:coming n0:coming n2:coming n3:coming = done\n"
     "script n2 coming stop\n"
     "notify raw coming       -> n1:coming n0:coming n2:coming = stop\n"
     "script n2 coming -EINVAL\n"
     "notify raw coming       -> n1:coming n0:coming n2:coming = -EINVAL\n"
     "script n2 coming ok\n"
     "notify raw coming       -> n1:coming n0:coming n2:coming n3:coming = done\n"
     "script n3 coming 0x5\n"
     "notify raw coming       -> n1:coming n0:coming n2:coming n3:coming = 0x5\n"
     "unnotifier n1           -> 0\n"
     "unnotifier n1           -> -ENOENT\n"
     "notify raw coming       -> n0:coming n2:coming n3:coming = 0x5\n"
     "notifier n1 raw 10 unique -> 0\n"
     "notifier n4 raw 10 unique -> 0\n"
     "notifier n4 raw 11 unique -> -EEXIST\n"
     "notify raw going        -> n0:going n2:going n1:going n4:going n3:going = done\n"
     "unnotifier n0           -> 0\n"
     "notify raw going        -> n2:going n1:going n4:going n3:going = done\n");
}

TEST(LinuxNotifiers, RecordedChainRobustRaw) {
  Do("notifier n0 raw 30\n"
     "notifier n1 raw 20\n"
     "notifier n2 raw 10\n"
     "notify_robust raw coming going -> n0:coming n1:coming n2:coming = done\n"
     "script n1 coming bad\n"
     "notify_robust raw coming going -> n0:coming n1:coming n0:going = bad\n"
     "script n1 coming stop\n"
     "notify_robust raw coming going -> n0:coming n1:coming n0:going = stop\n"
     "script n1 coming -EBUSY\n"
     "notify_robust raw coming going -> n0:coming n1:coming n0:going = -EBUSY\n"
     "script n0 going bad\n"
     "notify_robust raw coming going -> n0:coming n1:coming n0:going = -EBUSY\n"
     "script n0 going done\n"
     "script n1 coming done\n"
     "script n0 coming bad\n"
     "notify_robust raw coming going -> n0:coming = bad\n"
     "script n0 coming done\n"
     "script n2 coming bad\n"
     "notify_robust raw coming going -> n0:coming n1:coming n2:coming n0:going n1:going = bad\n"
     "script n0 going stop\n"
     "notify_robust raw coming going -> n0:coming n1:coming n2:coming n0:going = bad\n");
}

// That of kprobes, with priority 0: in front of it the last answer is not a script's.
TEST(LinuxNotifiers, OfTheKernelsOwnThatOfKprobesIsOnTheModuleChain) {
  Do("notifier n0 module 20\n"
     "script n0 coming 0x5\n"
     "load alpha @0 -> 0 n0:coming n0:live\n"
     "unload alpha -> 0 n0:going\n"
     "notifier n1 module 0\n"
     "script n1 coming 0x5\n"
     "load alpha @0 -> -EINTR n0:coming n1:coming\n");
}

TEST(LinuxNotifiers, AgreeWithTheReference) {
  for (const std::string_view ops : {
           "notifier n0 blocking 5\nnotifier n1 blocking 5 unique\nnotifier n1 blocking 4 unique\n"
           "notifier n1 blocking 5 unique\nnotifier n1 raw 0\nnotify blocking live 1\n",
           "notifier n0 raw 3\nnotifier n1 raw 2\nnotifier n2 raw 1\nscript n0 live ok unregister "
           "n1\nnotify raw live\nnotify raw live\n",
           "notifier n0 raw 3\nnotifier n1 raw 2\nscript n0 live ok unregister n0\n"
           "notify_robust raw live going\nnotify raw live 0\n",
           "notifier n0 atomic 5\nnotifier n1 atomic 5 unique\nnotifier n1 atomic 4 unique\n"
           "notifier n1 atomic 5 unique\nnotifier n1 srcu 0\nnotify atomic live 1\n",
           "notifier n0 srcu 5\nnotifier n1 srcu 5 unique\nnotifier n0 srcu 5\nnotifier n2 srcu 6\n"
           "script n0 live -EIO\nnotify srcu live\nnotify srcu live 1\nunnotifier n0\n"
           "notify srcu live\nunnotifier n0\nnotifier n0 atomic 0\nnotify atomic live\n",
           "notifier n0 srcu 1\nnotifier n1 srcu 0\nscript n0 live ok unregister n1\n"
           "notify srcu live\nnotify srcu live\n",
           "notifier n0 atomic 1\nnotifier n1 atomic 0\nscript n0 live ok unregister n0\n"
           "notify atomic live\nnotify atomic live\n",
           "notifier n0 atomic 1\nnotify_robust atomic coming going\nnotifier n1 srcu 1\n"
           "notify_robust srcu coming going\nnotify_robust raw coming going\n",
           "notifier n0 module 1\nscript n0 coming ok alloc\nscript n0 going ok free\n"
           "load alpha @0 fail=init\nload alpha @0\nunload alpha\n",
           "notifier n0 module 2\nnotifier n1 module 1\nscript n0 coming ok alloc\n"
           "script n0 going ok free\nscript n1 coming stop\nload alpha @0\nunload alpha\n",
           "notifier n0 module 2\nload_begin beta @0\nload_step beta\nload_step beta\n"
           "load_step beta\nload_step beta\nload_step beta\nload_step beta\nload_step beta fail\n",
           "notifier n0 module 0\nfault stage 6 EIO\nload gamma @2\nload gamma @2 fail=params\n",
       }) {
    EXPECT_EQ(Disagreement(ops), "") << ops;
  }
}

TEST(LinuxNotifiers, NoKernelCallsAChainBackward) {
  for (const std::string chain : {"raw", "blocking", "atomic", "srcu"}) {
    Do("notifier n0 " + chain + " 0\nnotify_reverse " + chain + " live -> unsupported\n");
  }
  const std::unique_ptr<Subject> subject = MakeLinux();
  subject->Reset(*BuiltinWorld("small"), FindProfile("rfc-notifier")->profile);
  EXPECT_EQ(subject->Apply(Register{}).fate, Fate::kUnsupported);
}

}  // namespace
}  // namespace recount
