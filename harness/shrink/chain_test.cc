// The shrinker on Programs with notifiers and livepatches: what it does with one of them, and that
// from whatever random Program it comes, it ends at one text. The failures are real ones: the
// reference answers, under rules that differ in one switch.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"
#include "harness/shrink/shrink_fixture.h"
#include "impl/roster.h"
#include "model/profile.h"
#include "model/text.h"

namespace recount {
namespace {

FailureSignature Sees(WhatIsSeen wanted) {
  return recount::Sees(MakeSubject("reference").value(), std::move(wanted));
}

TEST(ShrinkChain, RenamesNotifiersPatchesEventsAndChainsInTheWholeProgram) {
  const auto told = Sees([](const Op& op, const Outcome& outcome, const View&) {
    return std::holds_alternative<Notify>(op) && outcome.answer == kNotifyBad;
  });
  for (const std::string chain : {"blocking", "atomic", "srcu"}) {
    EXPECT_EQ(ShrunkBy("script n5 unformed bad\nnotifier n5 " + chain + " 10\nnotify " + chain +
                           " unformed\n",
                       told),
              "notifier n0 raw 0\nscript n0 coming bad\nnotify raw coming\n");
  }
  const auto patched = Sees(
      [](const Op&, const Outcome&, const View& view) { return view.livepatch.ops[0].depth == 2; });
  EXPECT_EQ(ShrunkBy("patch p3 delta_read probe\npatch p1 probe\nenable p1\nenable p3\n", patched),
            "patch p0 core_setup\npatch p1 core_setup\nenable p0\nenable p1\n");
}

TEST(ShrinkChain, KeepsTheSimplestChainThatStillFails) {
  // Only chains of RCU refuse.
  const auto refused = Sees([](const Op& op, const Outcome& outcome, const View&) {
    return std::holds_alternative<NotifyRobust>(op) && outcome.rc == Rc(Errno::kInval) &&
           outcome.log.empty();
  });
  EXPECT_EQ(ShrunkBy("notifier n5 srcu 10\nnotify srcu unformed\nnotify_robust srcu live live\n",
                     refused),
            "notify_robust atomic coming going\n");
}

TEST(ShrinkChain, KeepsOnlyTheOrderOfPriorities) {
  // Three that are called in this order, though they came in another.
  const auto order = Sees([](const Op&, const Outcome&, const View& view) {
    const ChainView& chain = view.notifiers.chains[0];
    return chain.count == 3 && chain.order[0] > chain.order[1] && chain.order[1] > chain.order[2];
  });
  EXPECT_EQ(
      ShrunkBy("notifier n1 module -10\nnotifier n4 module 77\nnotifier n7 module 2147483647\n",
               order),
      "notifier n1 module 0\nnotifier n0 module 0\nnotifier n2 module 1\n");
}

TEST(ShrinkChain, DropsFunctionsOfAPatchOneByOneAndSortsTheRest) {
  const auto both = Sees(
      [](const Op&, const Outcome&, const View& view) { return view.livepatch.ops[1].depth == 1; });
  EXPECT_EQ(ShrunkBy("load gamma @0\npatch p2 replace gamma_read probe gamma_open core_read\n"
                     "enable p2\n",
                     both),
            "patch p0 core_setup core_read\nenable p0\n");
}

TEST(ShrinkChain, MakesAFailingLoadOfOneThatIsRefused) {
  const auto failed = Sees([](const Op& op, const Outcome& outcome, const View& view) {
    const auto* load = std::get_if<Load>(&op);
    return load != nullptr && outcome.rc != 0 && view.order.size() == 1;
  });
  for (const std::string_view lines :
       {"notifier n2 module 1\nscript n2 coming bad\nregister o3\nload delta @1\n",
        "patch p1 delta_read\nenable p1\nfault klp_symbol 1\nregister o3\nload delta @4\n",
        "notifier n2 module 0\nnotifier n3 module 0\nscript n3 coming -EBUSY\npatch p0 gamma_read\n"
        "enable p0\nregister o0\nload gamma @0\n"}) {
    EXPECT_EQ(ShrunkBy(lines, failed), "register o0\nload alpha @0 fail=init\n");
  }
}

TEST(ShrinkChain, MakesAnOpsOfALivepatch) {
  const auto called = Sees([](const Op&, const Outcome&, const View& view) {
    for (const RecordView& record : view.records) {
      if (record.count == 1) return true;
    }
    return false;
  });
  EXPECT_EQ(ShrunkBy("patch p1 probe core_read\nenable p1\n", called), "register o0\n");
  // Refused for a permanent ops: livepatch's are, and so is the plainer one.
  const auto refused = Sees([](const Op& op, const Outcome& outcome, const View&) {
    return std::holds_alternative<FtraceEnabled>(op) && outcome.rc == Rc(Errno::kBusy);
  });
  EXPECT_EQ(ShrunkBy("patch p1 probe core_read\nenable p1\nftrace_enabled 0\n", refused),
            "ops o0 kernel permanent\nregister o0\nftrace_enabled 0\n");
}

TEST(ShrinkChain, MakesALivepatchOfAnIpModifyOps) {
  const auto owned = Sees([](const Op&, const Outcome&, const View& view) {
    for (const RecordView& record : view.records) {
      if ((record.flags & kIpModify) != 0) return true;
    }
    return false;
  });
  EXPECT_EQ(ShrunkBy("ops o3 kernel ipmodify\nfilter o3 probe\nregister o3\n", owned),
            "patch p0 core_setup\nenable p0\n");
}

TEST(ShrinkChain, MakesOneLoadOfAStagedOneThatIsTold) {
  const auto told = Sees([](const Op&, const Outcome& outcome, const View&) {
    return !outcome.log.empty() && outcome.log.back().event == Event::kLive;
  });
  std::string lines = "load_begin gamma @2\nnotifier n3 module 5\n";
  for (int i = 0; i < 14; ++i) lines += "load_step gamma\n";
  EXPECT_EQ(ShrunkBy(lines, told), "notifier n0 module 0\nload alpha @0\n");
}

// Two references under two sets of rules, and the first step at which they tell notifiers another
// story.
class TwoRules {
 public:
  TwoRules(const Profile& left, const Profile& right)
      : left_profile_(left),
        right_profile_(right),
        left_(MakeSubject("reference").value()),
        right_(MakeSubject("reference").value()) {}

  std::string Failure(const Program& program) {
    left_->Reset(program.world, left_profile_);
    right_->Reset(program.world, right_profile_);
    for (const Op& op : program.ops) {
      if (left_->Apply(op).log != right_->Apply(op).log) return "difference:log";
    }
    return "";
  }

  // What `count` random Programs that fail shrink to: one text.
  void ExpectMinimum(int count, std::string_view minimum) {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 3000 && found < count; ++seed) {
      RandomChooser chooser(seed);
      const Program program = GenerateProgram(BuiltinWorld("small").value(),
                                              *FindProfile("linux-6.1"), {}, &chooser, left_.get());
      const auto fails = [this](const Program& candidate) { return Failure(candidate); };
      if (fails(program).empty()) continue;
      ++found;
      // The limits are for hunts; here a slow machine must not change the result.
      const ShrinkResult result = Shrink(program, fails, {.max_seconds = 200});
      EXPECT_TRUE(result.finished);
      EXPECT_EQ(Lines(result.program), minimum) << "seed " << seed;
    }
    EXPECT_EQ(found, count);
  }

 private:
  Profile left_profile_;
  Profile right_profile_;
  std::unique_ptr<Subject> left_;
  std::unique_ptr<Subject> right_;
};

TEST(ShrinkChain, WhichWayGoingGoesIsOneProgram) {
  Profile forward = FindProfile("linux-6.1")->profile;
  Profile reverse = forward;
  reverse.rollback = Profile::Rollback::kReverse;
  TwoRules(forward, reverse)
      .ExpectMinimum(8,
                     "notifier n0 module 0\n"
                     "notifier n1 module 0\n"
                     "load alpha @0 fail=init\n");
}

TEST(ShrinkChain, WhatIsToldByChainIsOneProgram) {
  // UNFORMED; with the other rules nobody is told of it.
  Profile direct = FindProfile("linux-6.1")->profile;
  Profile chain = direct;
  chain.load_path = Profile::LoadPath::kChain;
  TwoRules(direct, chain).ExpectMinimum(8, "notifier n0 module 0\nload alpha @0\n");
}

}  // namespace
}  // namespace recount
