// Known defects of livepatch, beyond what their own programs show.
#include <gtest/gtest.h>

#include <string>

#include "harness/known/known.h"
#include "harness/known/known_fixture.h"

namespace recount {
namespace {

// It takes two of them, or one that was freed before and somebody who reads the list.
TEST(Known, LivepatchFreesListedOpsCrashesOnlyWhereTheListIsRead) {
  const auto is_explained = [](const std::string& ops) {
    KnownStep step = LastStepOfText(ops);
    step.actual = Outcome();
    step.actual.fate = Fate::kCrashed;
    return step.IsExplainedBy(Defect("livepatch-frees-listed-ops"));
  };
  const std::string one =
      "patch p0 probe\nenable p0\nfilter o1 core_read\nops o1 kernel ipmodify\n"
      "fault verify 1\nregister o0\ndisable p0\n";
  EXPECT_FALSE(is_explained(one));
  EXPECT_TRUE(is_explained(one + "register o1\n"));
  EXPECT_TRUE(is_explained(one + "unregister o1\n"));
  EXPECT_FALSE(is_explained(one + "register o2\n"));
  EXPECT_FALSE(is_explained(one + "enable p0\n"));
  EXPECT_FALSE(is_explained("patch p0 probe core_read\nenable p0\ndisable p0\n"));
  // Probes with a post_handler share an IPMODIFY ops, others do not.
  const auto probed = [](const std::string& probe) {
    return "patch p0 probe\nenable p0\nkprobe k0 core_read" + probe +
           "\nfault verify 1\nregister o0\ndisable p0\n";
  };
  EXPECT_TRUE(is_explained(probed(" post") + "unkprobe k0\n"));
  EXPECT_TRUE(is_explained(probed(" post") + "free_init\n"));
  EXPECT_FALSE(is_explained(probed("") + "unkprobe k0\n"));
  EXPECT_FALSE(is_explained(probed(" post") + "kprobe k1 core_write post\n"));
}

// A livepatched function that a module takes along stays patched, and its replacement on the stack.
TEST(Known, LivepatchedInitTextOfAModuleThatGoesStaysPatched) {
  const KnownDefect& defect = Defect("livepatch-init-text");
  KnownStep step =
      LastStepOfText("patch p0 probe gamma_init\nenable p0\nload gamma @0\nunload gamma\n");
  LivepatchView& livepatch = step.shown.livepatch;
  ASSERT_EQ(step.before.livepatch.ops[1].depth, 1);
  livepatch.ops[1] = step.before.livepatch.ops[1];
  livepatch.patches[0].patched |= 1 << 1;
  step.shown.order.insert(step.shown.order.begin(), OpsId{kOpsCount + 1});
  step.shown.ledger.hash_entries += 1;
  EXPECT_TRUE(step.IsExplainedBy(defect));
  KnownStep other = step;
  other.shown.livepatch.ops[1].depth = 2;
  EXPECT_FALSE(other.IsExplainedBy(defect));
  other = step;
  // `probe` has its record, and so has its ops.
  other.shown.livepatch.patches[0].patched = 0;
  EXPECT_FALSE(other.IsExplainedBy(defect));
  other = step;
  other.shown.ledger.hash_entries += 1;
  EXPECT_FALSE(other.IsExplainedBy(defect));
}

TEST(Known, LivepatchLosesMoreThanOneFilterOnlyWhenFtraceDies) {
  const KnownDefect& defect = Defect("livepatch-leaks-filter");
  KnownStep alive = LastStepOfText("patch p0 probe core_read\nenable p0\ndisable p0\n");
  alive.shown.ledger.hash_entries += 2;
  EXPECT_FALSE(alive.IsExplainedBy(defect));
  KnownStep dies =
      LastStepOfText("patch p0 probe core_read\nenable p0\nfault verify 1\ndisable p0\n");
  ASSERT_TRUE(dies.after.globals.dead);
  dies.shown.ledger.hash_entries += 2;
  EXPECT_TRUE(dies.IsExplainedBy(defect));
  // Dead before: what is kept is registered still, and so no leak.
  KnownStep dead =
      LastStepOfText("patch p0 probe\nenable p0\nfault verify 1\nregister o0\ndisable p0\n");
  ASSERT_TRUE(dead.before.globals.dead);
  dead.shown.ledger.hash_entries += 1;
  EXPECT_FALSE(dead.IsExplainedBy(defect));
}

}  // namespace
}  // namespace recount
