// The engine of the hunt with subjects that misbehave in every way.
#include "harness/cli/hunt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "harness/cli/command.h"
#include "harness/cli/hunt_command.h"
#include "harness/cli/result_text.h"
#include "harness/generate/limits.h"
#include "harness/known/known.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The reference, but for one operation at which it does something else.
class Misbehaving final : public Subject {
 public:
  using Deed = std::function<void(Outcome*)>;
  explicit Misbehaving(Deed deed) : reference_(Reference()()), deed_(std::move(deed)) {}

  std::string_view name() const override { return "misbehaving"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    registered_ = false;
    reference_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    Outcome outcome = reference_->Apply(op);
    // Two operations must come together, so that shrinking has something to keep.
    if (std::holds_alternative<Unregister>(op) && registered_) deed_(&outcome);
    if (std::holds_alternative<Register>(op)) registered_ = true;
    return outcome;
  }
  void Observe(View* view) override { reference_->Observe(view); }

 private:
  std::unique_ptr<Subject> reference_;
  Deed deed_;
  bool registered_ = false;
};

SubjectFactory That(Misbehaving::Deed deed) {
  return [deed = std::move(deed)] { return std::make_unique<Misbehaving>(deed); };
}

void Lie(Outcome* outcome) { outcome->rc = outcome->rc == 0 ? Rc(Errno::kIo) : 0; }
void Crash(Outcome*) {
  std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would turn it into an exit
  std::raise(SIGSEGV);
}
void Hang(Outcome*) {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

HuntOptions Options(FinderKind kind = FinderKind::kAll) {
  HuntOptions options;
  options.finder.kind = kind;
  options.finder.world = *BuiltinWorld("tiny");
  options.programs = 200;
  options.patience = 1;
  return options;
}

struct Outcomes {
  HuntResult result;
  std::vector<Finding> findings;
};

Outcomes RunHunt(HuntOptions options, SubjectFactory subject) {
  Outcomes outcomes;
  Hunt hunt(std::move(options), Reference(), std::move(subject));
  hunt.on_finding = [&](const Finding& finding) {
    outcomes.findings.push_back(finding);
    return true;
  };
  outcomes.result = hunt.Run(std::atomic<bool>(false));
  return outcomes;
}

std::string Text(const Finding& finding) { return PrintProgram(finding.program); }

constexpr char kTwoOperations[] = "world tiny\nprofile linux-3.2\nregister o0\nunregister o0\n";

TEST(Hunt, AHonestSubjectIsClean) {
  const Outcomes outcomes = RunHunt(Options(), Reference());
  EXPECT_THAT(outcomes.findings, SizeIs(0));
  EXPECT_EQ(outcomes.result.progress.programs, 200u);
  EXPECT_FALSE(outcomes.result.diverged || outcomes.result.unknown || outcomes.result.interrupted);
}

TEST(Hunt, ALieIsFoundAndShrunk) {
  HuntOptions options = Options();
  options.finder.profile = FindProfile("linux-3.2");
  const Outcomes outcomes = RunHunt(std::move(options), That(Lie));
  ASSERT_THAT(outcomes.findings, SizeIs(1));
  EXPECT_EQ(Text(outcomes.findings[0]), kTwoOperations);
  EXPECT_EQ(outcomes.findings[0].divergence.difference.field, "outcome.rc");
  EXPECT_TRUE(outcomes.result.diverged);
}

TEST(Hunt, ACrashIsADivergenceInFateAndShrinksToo) {
  HuntOptions options = Options();
  options.finder.profile = FindProfile("linux-3.2");
  options.shrink.max_tries = 400;  // each in a process of its own
  const Outcomes outcomes = RunHunt(std::move(options), That(Crash));
  ASSERT_THAT(outcomes.findings, SizeIs(1));
  const Finding& finding = outcomes.findings[0];
  EXPECT_EQ(finding.verdict, Verdict::kDiverge);
  EXPECT_EQ(finding.divergence.difference.field, "outcome.fate");
  EXPECT_EQ(finding.divergence.difference.actual, "crashed (SIGSEGV)");
  EXPECT_EQ(finding.divergence.op_index + 1, finding.program.ops.size());
  EXPECT_LE(finding.program.ops.size(), 4u);
  EXPECT_TRUE(outcomes.result.diverged);
}

TEST(Hunt, AHangIsUnknownAndKeepsTheProgram) {
  const Outcomes outcomes = RunHunt(Options(), That(Hang));
  ASSERT_THAT(outcomes.findings, SizeIs(1));
  EXPECT_EQ(outcomes.findings[0].verdict, Verdict::kUnknown);
  EXPECT_THAT(outcomes.findings[0].unknown_reason, HasSubstr("misbehaving hangs at operation "));
  // Up to where it hangs, and nothing behind it.
  ASSERT_FALSE(outcomes.findings[0].program.ops.empty());
  EXPECT_TRUE(std::holds_alternative<Unregister>(outcomes.findings[0].program.ops.back()));
  EXPECT_FALSE(outcomes.result.diverged);
  EXPECT_TRUE(outcomes.result.unknown);
}

TEST(Hunt, ASubjectThatAnswersOtherwiseNextTimeIsUnknownAndSaysWhatDiffered) {
  // One lie in all, whoever tells it.
  SharedPage<std::atomic<int>> told;
  const auto once = [&told](Outcome* outcome) {
    if (told->fetch_add(1) == 0) Lie(outcome);
  };
  const Outcomes outcomes = RunHunt(Options(), That(once));
  ASSERT_THAT(outcomes.findings, SizeIs(1));
  const Finding& finding = outcomes.findings[0];
  EXPECT_EQ(finding.verdict, Verdict::kUnknown);
  EXPECT_THAT(finding.unknown_reason, HasSubstr("does not answer the same every time"));
  EXPECT_THAT(finding.unknown_reason, HasSubstr("outcome.rc is -EIO, expected 0"));
  EXPECT_FALSE(outcomes.result.diverged);
}

TEST(Hunt, RunsTheProgramsOfItsCorpusAsTheyAreBeforeAllOthers) {
  for (const FinderKind kind : {FinderKind::kRandom, FinderKind::kFuzz, FinderKind::kAll}) {
    HuntOptions options = Options(kind);
    options.programs = 2;
    const std::string_view head = "world small\nprofile linux-3.2\n";
    options.finder.corpus = {
        ParseProgram(std::string(head) + "register o3\n").value(),
        ParseProgram(std::string(head) + "register o3\nlocate core_setup\nunregister o3\n")
            .value()};
    const Outcomes outcomes = RunHunt(std::move(options), That(Lie));
    ASSERT_THAT(outcomes.findings, SizeIs(1));
    EXPECT_THAT(outcomes.findings[0].provenance.found, HasSubstr("program 1"));
    EXPECT_EQ(PrintProgram(outcomes.findings[0].program),
              std::string(head) + "register o0\nunregister o0\n");
  }
}

TEST(Hunt, PlaysInTheSecondWorldNowAndThen) {
  HuntOptions options = Options();
  options.finder.second_world = *BuiltinWorld("small");
  options.finder.second_every = 5;
  Hunt hunt(std::move(options), Reference(), Reference());
  EXPECT_EQ(hunt.Regenerate(3)->world->name(), "tiny");
  EXPECT_EQ(hunt.Regenerate(4)->world->name(), "small");
  EXPECT_EQ(hunt.Regenerate(5)->world->name(), "tiny");
}

TEST(Hunt, AnUnsupportedOperationIsCountedAndNoFinding) {
  const Outcomes outcomes =
      RunHunt(Options(), That([](Outcome* outcome) { outcome->fate = Fate::kUnsupported; }));
  EXPECT_THAT(outcomes.findings, SizeIs(0));
  EXPECT_GT(outcomes.result.progress.unknown, 0u);
}

// A subject that has but one shared pair, as a kernel does.
class OnePair final : public Subject {
 public:
  std::string_view name() const override { return "one-pair"; }
  Limits limits() const override { return {.one_shared_pair = true}; }
  void Reset(WorldPtr world, const Profile& profile) override {
    reference_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    View view;
    reference_->Observe(&view);
    Outcome outcome = reference_->Apply(op);
    if (outcome.rc == 0 && !IsWithin(limits(), view, op)) outcome.fate = Fate::kUnsupported;
    return outcome;
  }
  void Observe(View* view) override { reference_->Observe(view); }

 private:
  const std::unique_ptr<Subject> reference_ = Reference()();
};

// What follows the rules of one era only, as a kernel does.
class OfAnEra final : public Subject {
 public:
  std::string_view name() const override { return "of-an-era"; }
  bool Follows(const Profile& rules) const override { return Is("linux-6.1", rules); }
  bool IsHeldTo(const Profile& rules) const override { return Is("linux-6.12", rules); }
  void Reset(WorldPtr, const Profile&) override {}
  Outcome Apply(const Op&) override { return {}; }
  void Observe(View*) override {}

 private:
  static bool Is(std::string_view era, const Profile& rules) {
    for (const NamedProfile& profile : Profiles()) {
      if (profile.profile == rules) return profile.name.starts_with(era);
    }
    return false;
  }
};

TEST(Hunt, AKernelIsHuntedByItsOwnRulesOnly) {
  HuntFlags flags;
  flags.subject = "linux:6.1";
  const OfAnEra kernel;
  EXPECT_EQ(MakeHuntOptions(flags, &kernel)->finder.profile->name, "linux-6.12");
  flags.profile = "linux-6.1-optprobes";
  EXPECT_EQ(MakeHuntOptions(flags, &kernel)->finder.profile->name, "linux-6.1-optprobes");
  flags.profile = "rfc-notifier";
  EXPECT_EQ(MakeHuntOptions(flags, &kernel).status().message(),
            "--profile rfc-notifier: linux:6.1 follows linux-6.1, linux-6.1-optprobes, "
            "linux-6.12, linux-6.12-optprobes only");
}

TEST(Hunt, KeepsWithinTheLimitsOfItsSubjectAndRunsAProgramByHandAsItIs) {
  const SubjectFactory one_pair = [] { return std::make_unique<OnePair>(); };
  for (const FinderKind kind : {FinderKind::kRandom, FinderKind::kFuzz}) {
    HuntOptions options = Options(kind);
    options.programs = 400;
    EXPECT_EQ(RunHunt(options, one_pair).result.progress.unknown, 0u) << FinderName(kind);
    options.programs = 1;
    options.finder.corpus = {ParseProgram("world tiny\nprofile linux-6.1\nshare o0 o1\n"
                                          "share o2 o3\n")
                                 .value()};
    EXPECT_EQ(RunHunt(options, one_pair).result.progress.unknown, 1u) << FinderName(kind);
    // Nothing is learned from it, so the next one runs.
    options.programs = 2;
    options.finder.corpus.push_back(*ParseProgram("world tiny\nprofile linux-6.1\nregister o0\n"));
    EXPECT_EQ(RunHunt(options, one_pair).result.progress.programs, 2u) << FinderName(kind);
  }
}

TEST(Hunt, FindsTheSameWithAnyNumberOfWorkers) {
  // Rare, so that several workers have programs under way when it is found.
  const auto rare = [](Outcome* outcome) {
    if (outcome->rc == Rc(Errno::kNoDev)) outcome->rc = 0;
  };
  for (const FinderKind kind : {FinderKind::kRandom, FinderKind::kFuzz, FinderKind::kAll}) {
    std::set<std::string> found;
    for (const unsigned jobs : {1u, 2u, 5u}) {
      HuntOptions options = Options(kind);
      options.jobs = jobs;
      options.programs = 3000;
      const Outcomes outcomes = RunHunt(std::move(options), That(rare));
      ASSERT_THAT(outcomes.findings, SizeIs(1));
      found.insert(outcomes.findings[0].provenance.found + "\n" + Text(outcomes.findings[0]));
    }
    EXPECT_THAT(found, SizeIs(1)) << FinderName(kind);
  }
}

TEST(Hunt, KeepGoingReportsADifferenceOnce) {
  for (const FinderKind kind : {FinderKind::kRandom, FinderKind::kFuzz}) {
    HuntOptions options = Options(kind);
    options.keep_going = true;
    options.finder.profile = FindProfile("linux-3.2");
    const Outcomes outcomes = RunHunt(std::move(options), That(Lie));
    std::set<std::string> texts;
    for (const Finding& finding : outcomes.findings) texts.insert(Text(finding));
    EXPECT_THAT(outcomes.findings, SizeIs(texts.size()));
    EXPECT_TRUE(texts.count(kTwoOperations));
    EXPECT_GT(outcomes.result.progress.programs, kind == FinderKind::kRandom ? 199u : 0u);
  }
}

TEST(Hunt, MakesAProgramAgainFromItsNumber) {
  HuntOptions options = Options(FinderKind::kFuzz);
  Finder finder(options.finder);
  Pulse pulse;
  LockstepPair pair(Reference(), Reference(), &pulse);
  finder.Begin(finder.UnitAt(0));
  const std::atomic<bool> never{false};
  Program program;
  for (std::uint64_t number = 0; number <= 100; ++number) {
    ASSERT_TRUE(finder.Run(number, pair.lockstep(), &never, &program).has_value());
  }
  Hunt hunt(std::move(options), Reference(), Reference());
  const absl::StatusOr<Program> again = hunt.Regenerate(100);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, program);
}

TEST(Hunt, UnitsPartitionTheNumbers) {
  for (const FinderKind kind : {FinderKind::kRandom, FinderKind::kFuzz, FinderKind::kAll}) {
    FinderOptions options = Options(kind).finder;
    const Finder finder(options);
    std::uint64_t next = 0;
    for (std::uint64_t index = 0; index < 5; ++index) {
      const Unit unit = finder.UnitAt(index);
      EXPECT_EQ(unit.first, next);
      next += unit.count;
      EXPECT_EQ(finder.UnitIndexOf(unit.first), index);
      EXPECT_EQ(finder.UnitIndexOf(next - 1), index);
    }
  }
}

TEST(Judge, ACrashingProgramIsJudgedFromOutside) {
  Judge judge(Reference(), That(Crash), 1);
  const RunResult result = judge.Run(*ParseProgram(kTwoOperations));
  ASSERT_EQ(result.verdict, Verdict::kDiverge);
  EXPECT_EQ(result.divergence->op_index, 1u);
  EXPECT_EQ(judge.Run(*ParseProgram("world tiny\nprofile linux-3.2\nregister o0\n")).verdict,
            Verdict::kAgree);
}

TEST(Judge, WhatAChildFoundComesThroughWhole) {
  RunResult result;
  EXPECT_EQ(DecodeResult(EncodeResult(result))->verdict, Verdict::kAgree);
  result.verdict = Verdict::kDiverge;
  result.operations = 7;
  result.refused = 2;
  result.divergence = Divergence{.op_index = 6,
                                 .difference = {"records[a].count", "1", "\"0\"\n"},
                                 .also = {{"records[a].flags", "E", ""}, {"order", "o1", "o0"}},
                                 .broken_invariants = {"I1", "I7"}};
  const RunResult read = *DecodeResult(EncodeResult(result));
  EXPECT_EQ(read.verdict, Verdict::kDiverge);
  EXPECT_EQ(read.operations, 7u);
  EXPECT_EQ(read.refused, 2u);
  EXPECT_EQ(read.divergence->op_index, 6u);
  EXPECT_FALSE(read.divergence->at_begin);
  EXPECT_EQ(read.divergence->difference, result.divergence->difference);
  EXPECT_EQ(read.divergence->also, result.divergence->also);
  EXPECT_EQ(read.divergence->broken_invariants, result.divergence->broken_invariants);
  const std::string text = EncodeResult(result);
  EXPECT_FALSE(DecodeResult(text.substr(0, text.size() / 2)).ok());
}

// The reference, which ends the process at a stage of a load.
class CrashingLoad final : public Subject {
 public:
  std::string_view name() const override { return "crashing-load"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    reference_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    if (std::holds_alternative<LoadStep>(op)) Crash(nullptr);
    return reference_->Apply(op);
  }
  void Observe(View* view) override { reference_->Observe(view); }

 private:
  const std::unique_ptr<Subject> reference_ = Reference()();
};

TEST(Judge, NamesTheOperationOfACrashInALoadThatIsLookedInto) {
  Judge judge(Reference(), [] { return std::make_unique<CrashingLoad>(); }, 1);
  judge.Mask({FindKnownDefect("stale-regs")});
  const RunResult result =
      judge.Run(*ParseProgram("world tiny\nprofile linux-6.1\nregister o0\nftrace_enabled 0\n"
                              "load alpha @0\nregister o1\n"));
  ASSERT_EQ(result.verdict, Verdict::kDiverge);
  EXPECT_EQ(result.divergence->op_index, 2u);
  EXPECT_EQ(result.divergence->difference.field, "outcome.fate");
}

TEST(Judge, ACrashOfTheOracleIsUnknown) {
  Judge judge(That(Crash), Reference(), 1);
  const RunResult result = judge.Run(*ParseProgram(kTwoOperations));
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_THAT(result.unknown_reason, HasSubstr("the oracle crashed (SIGSEGV) at operation 2"));
}

}  // namespace
}  // namespace recount
