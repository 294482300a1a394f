// Two sides, each in a process of its own, that misbehave in every way.
#include "harness/cli/sides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "harness/cli/command.h"
#include "harness/cli/hunt.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using Deed = std::function<void(Outcome*)>;

// The reference, but for what it does at an `unregister` behind a `register`, or at the start.
class Odd final : public Subject {
 public:
  Odd(Deed deed, bool at_start) : deed_(std::move(deed)), at_start_(at_start) {}

  std::string_view name() const override { return "odd"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    registered_ = false;
    reference_->Reset(std::move(world), profile);
    Outcome ignored;
    if (at_start_) deed_(&ignored);
  }
  Outcome Apply(const Op& op) override {
    Outcome outcome = reference_->Apply(op);
    if (std::holds_alternative<Unregister>(op) && registered_ && !at_start_) deed_(&outcome);
    if (std::holds_alternative<Register>(op)) registered_ = true;
    return outcome;
  }
  void Observe(View* view) override { reference_->Observe(view); }

 private:
  std::unique_ptr<Subject> reference_ = Reference()();
  Deed deed_;
  bool at_start_;
  bool registered_ = false;
};

void Nothing(Outcome*) {}
void Misanswer(Outcome* outcome) { outcome->rc = Rc(Errno::kIo); }
void Refuse(Outcome* outcome) { outcome->fate = Fate::kUnsupported; }
void OwnUp(Outcome* outcome) { outcome->fate = Fate::kCrashed; }
void Die(Outcome*) {
  std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would turn it into an exit
  std::raise(SIGSEGV);
}
void Sleep(Outcome*) {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}
void Spin(Outcome*) {
  for (std::atomic<bool> never{false}; !never.load();) {
  }
}

Side Doing(Deed deed, bool at_start = false) {
  return SideOf(
      "odd", [deed = std::move(deed), at_start] { return std::make_unique<Odd>(deed, at_start); });
}

constexpr char kLines[] = "register o0\nregister o0\nunregister o0\nfree_init\n";

Program Parse(const std::string& lines, const std::string& profile = "linux-6.1") {
  return *ParseProgram("world tiny\nprofile " + profile + "\n" + lines);
}

class SidesTest : public ::testing::Test {
 protected:
  Sides Between(const Side& left, const Side& right, double patience = 60) {
    return Sides(left, right, masks_, Reference(), patience, pulse_.get());
  }
  RunResult Run(const Side& left, const Side& right, double patience = 60) {
    return Between(left, right, patience).Run(Parse(kLines));
  }
  void ExpectDifference(const RunResult& result, const Difference& difference) {
    ASSERT_EQ(result.verdict, Verdict::kDiverge) << result.unknown_reason;
    EXPECT_TRUE(result.divergence->peers);
    EXPECT_EQ(result.divergence->op_index, 2u);
    const Difference& found = result.divergence->difference;
    EXPECT_EQ(found.field + ": " + found.expected + " / " + found.actual,
              difference.field + ": " + difference.expected + " / " + difference.actual);
  }

  SidesMasks masks_;
  SharedPage<Pulse> pulse_;
};

TEST_F(SidesTest, TwoThatAreAlikeAgree) {
  const RunResult result = Run(Doing(Nothing), Doing(Nothing));
  EXPECT_EQ(result.verdict, Verdict::kAgree);
  EXPECT_EQ(result.operations, 4u);
  EXPECT_EQ(result.refused, 1u);
}

TEST_F(SidesTest, ALieOfEitherIsADifference) {
  ExpectDifference(Run(Doing(Nothing), Doing(Misanswer)), {"outcome.rc", "0", "-EIO"});
  ExpectDifference(Run(Doing(Misanswer), Doing(Nothing)), {"outcome.rc", "-EIO", "0"});
  EXPECT_EQ(Run(Doing(Misanswer), Doing(Misanswer)).verdict, Verdict::kAgree);
}

TEST_F(SidesTest, ACrashIsWhatASideAnsweredAndTheNextProgramFindsItAlive) {
  Sides sides = Between(Doing(Nothing), Doing(Die));
  for (int i = 0; i < 2; ++i) {
    ExpectDifference(sides.Run(Parse(kLines)), {"outcome.fate", "returned", "crashed (SIGSEGV)"});
    EXPECT_EQ(sides.Run(Parse("register o0\n")).verdict, Verdict::kAgree);
  }
  ExpectDifference(Run(Doing(Die), Doing(Nothing)),
                   {"outcome.fate", "crashed (SIGSEGV)", "returned"});
}

TEST_F(SidesTest, ACrashThatIsCaughtIsOneToo) {
  ExpectDifference(Run(Doing(Nothing), Doing(OwnUp)), {"outcome.fate", "returned", "crashed"});
  const RunResult both = Run(Doing(OwnUp), Doing(Die));
  EXPECT_EQ(both.verdict, Verdict::kAgree);
  EXPECT_EQ(both.operations, 3u);
}

TEST_F(SidesTest, TheSameCrashOfBothIsAgreementAndTheEnd) {
  for (const Deed& deed : {Deed(Die), Deed(OwnUp)}) {
    const RunResult result = Run(Doing(deed), Doing(deed));
    EXPECT_EQ(result.verdict, Verdict::kAgree) << result.unknown_reason;
    EXPECT_EQ(result.operations, 3u);
  }
}

TEST_F(SidesTest, AHangIsToldFromACrash) {
  ExpectDifference(Run(Doing(Nothing), Doing(Sleep), 1), {"outcome.fate", "returned", "hung"});
  ExpectDifference(Run(Doing(Die), Doing(Sleep), 1), {"outcome.fate", "crashed (SIGSEGV)", "hung"});
}

TEST_F(SidesTest, AnEndlessLoopHangsWhateverThePatience) {
  ExpectDifference(Run(Doing(Spin), Doing(Nothing), 600), {"outcome.fate", "hung", "returned"});
}

TEST_F(SidesTest, ASideMayDieAtTheStart) {
  const RunResult result = Run(Doing(Nothing), Doing(Die, /*at_start=*/true));
  ASSERT_EQ(result.verdict, Verdict::kDiverge);
  EXPECT_TRUE(result.divergence->at_begin);
  EXPECT_EQ(result.divergence->difference,
            (Difference{"outcome.fate", "returned", "crashed (SIGSEGV)"}));
  EXPECT_EQ(Run(Doing(Die, true), Doing(Die, true)).verdict, Verdict::kUnknown);
}

TEST_F(SidesTest, WhatASideDoesNotSpeakIsNoVerdict) {
  const RunResult result = Run(Doing(Refuse), Doing(Nothing));
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_EQ(result.unknown_reason, "odd: unregister: unsupported");
  EXPECT_EQ(result.operations, 3u);
  EXPECT_EQ(Run(Doing(Refuse), Doing(Refuse)).verdict, Verdict::kUnknown);
}

TEST_F(SidesTest, OneThatAnswersOtherwiseNextTimeIsUnknown) {
  SharedPage<std::atomic<int>> told;
  const auto once = [&told](Outcome* outcome) {
    if (told->fetch_add(1) == 0) Misanswer(outcome);
  };
  const RunResult result = Run(Doing(once), Doing(Nothing));
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_EQ(result.unknown_reason, "odd or odd does not answer the same every time");
}

TEST_F(SidesTest, EachPlaysByItsOwnProfileElseByTheProgramS) {
  Side old = Doing(Nothing);
  old.profile = FindProfile("linux-3.2");
  const std::string lines = "fault verify 1\nregister o0\n";
  EXPECT_EQ(Between(old, Doing(Nothing)).Run(Parse(lines)).verdict, Verdict::kDiverge);
  EXPECT_EQ(Between(old, Doing(Nothing)).Run(Parse(lines, "linux-3.2")).verdict, Verdict::kAgree);
  EXPECT_EQ(Between(old, old).Run(Parse(lines)).verdict, Verdict::kAgree);
}

TEST_F(SidesTest, AMaskedDefectOfASideEndsTheProgram) {
  constexpr KnownDefect kMisanswer = {"lie", "", "",
                                      [](const DivergingStep& step, View*, Outcome* out) {
                                        if (step.actual.rc != Rc(Errno::kIo)) return false;
                                        out->rc = 0;
                                        return true;
                                      }};
  masks_.left = {&kMisanswer};
  const RunResult result = Run(Doing(Misanswer), Doing(Nothing));
  EXPECT_EQ(result.verdict, Verdict::kKnown);
  EXPECT_EQ(result.known, &kMisanswer);
  EXPECT_EQ(Run(Doing(Nothing), Doing(Misanswer)).verdict, Verdict::kDiverge);
}

TEST_F(SidesTest, AWorldFromAFileGoesAlong) {
  Sides sides = Between(Doing(Nothing), Doing(Nothing));
  const Program tiny = Parse(kLines);
  // Two worlds that go by one name, one after the other.
  for (const std::string_view name : {"tiny", "small"}) {
    Program program = tiny;
    program.world = *ParseWorld(PrintWorld(**BuiltinWorld(name)), "./my.world");
    EXPECT_EQ(sides.Run(program).verdict, Verdict::kAgree) << name;
  }
}

TEST_F(SidesTest, WhatASubjectPrintsDoesNotComeBetween) {
  const auto print = [](Outcome*) {
    std::printf("a word\n");
    std::fflush(stdout);
  };
  EXPECT_EQ(Run(Doing(print), Doing(Nothing)).verdict, Verdict::kAgree);
}

TEST_F(SidesTest, AProgramThatIsNoServerIsRefused) {
  Side side = Doing(Nothing);
  side.serve = [] {};
  EXPECT_EQ(SideProcess(side, 60, pulse_.get()).Start().message(),
            "odd does not start (crashed (exit code 1)): is it built from this tree?");
  side.serve = [] {
    std::string hello;
    AppendFrame(FrameKind::kHello, "recount serve 0", &hello);
    std::fwrite(hello.data(), 1, hello.size(), stdout);
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::seconds(60));
  };
  EXPECT_THAT(std::string(SideProcess(side, 60, pulse_.get()).Start().message()),
              HasSubstr("must be built from this tree"));
}

// --- the hunt between two of them ----------------------------------------------------------------

std::vector<Finding> Hunted(const Side& left, const Side& right, std::uint64_t seed,
                            unsigned jobs = 1) {
  HuntOptions options;
  options.finder.kind = FinderKind::kAll;
  options.finder.seed = seed;
  options.finder.world = *BuiltinWorld("tiny");
  options.finder.profile = FindProfile("linux-3.2");
  options.programs = 100;
  options.jobs = jobs;
  options.shrink.max_tries = 4000;
  options.shrink.max_seconds = 100;
  std::vector<Finding> findings;
  Hunt hunt(std::move(options), JudgeOfSides(left, right, {}, Reference()));
  hunt.on_finding = [&](const Finding& finding) {
    findings.push_back(finding);
    return true;
  };
  hunt.Run(std::atomic<bool>(false));
  return findings;
}

constexpr char kTwoSteps[] = "world tiny\nprofile linux-3.2\nregister o0\nunregister o0\n";

TEST(SidesHunt, FindsTheSameShortestProgramFromAnySeedWithAnyNumberOfWorkers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::vector<Finding> findings =
        Hunted(Doing(Nothing), Doing(Misanswer), seed, static_cast<unsigned>(seed));
    ASSERT_THAT(findings, SizeIs(1)) << seed;
    EXPECT_EQ(PrintProgram(findings[0].program), kTwoSteps) << seed;
    EXPECT_EQ(findings[0].provenance.left, "odd");
    EXPECT_TRUE(findings[0].divergence.peers);
  }
}

TEST(SidesHunt, ShrinksACrashOfTheLeftOne) {
  const std::vector<Finding> findings = Hunted(Doing(Die), Doing(Nothing), 1);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kDiverge);
  EXPECT_EQ(PrintProgram(findings[0].program), kTwoSteps);
  EXPECT_EQ(findings[0].divergence.difference.expected, "crashed (SIGSEGV)");
}

TEST(SidesHunt, ShrinksAHang) {
  const std::vector<Finding> findings = Hunted(Doing(Nothing), Doing(Spin), 1);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].divergence.difference.actual, "hung");
  EXPECT_EQ(PrintProgram(findings[0].program), kTwoSteps);
}

TEST(SidesHunt, IsCleanBetweenTwoThatAreAlike) {
  EXPECT_THAT(Hunted(Doing(Misanswer), Doing(Misanswer), 1), SizeIs(0));
}

}  // namespace
}  // namespace recount
