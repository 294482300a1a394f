#include "harness/lockstep.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/chooser.h"
#include "harness/generate.h"
#include "impl/roster.h"
#include "model/profile.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

Program Parse(std::string_view lines) {
  return ParseProgram("world small\nprofile linux-6.1\n" + std::string(lines)).value();
}

constexpr std::string_view kReload =
    "load alpha @0\n"
    "filter o0 alpha_read\n"
    "register o0\n"
    "hit alpha_read\n"
    "unload alpha\n"
    "unload alpha\n";

// The reference, lying from operation `from` on.
class Liar : public Subject {
 public:
  std::size_t from = 0;
  std::function<void(Outcome*)> outcome = [](Outcome*) {};
  std::function<void(View*)> view = [](View*) {};
  bool from_the_start = false;
  int observed = 0;

  std::string_view name() const override { return "liar"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    inner_->Reset(std::move(world), profile);
    applied_ = 0;
  }
  Outcome Apply(const Op& op) override {
    Outcome answer = inner_->Apply(op);
    if (applied_++ == from) outcome(&answer);
    return answer;
  }
  void Observe(View* seen) override {
    ++observed;
    inner_->Observe(seen);
    if (applied_ > from || from_the_start) view(seen);
  }

 private:
  std::unique_ptr<Subject> inner_ = MakeSubject("reference").value();
  std::size_t applied_ = 0;
};

class LockstepTest : public ::testing::Test {
 protected:
  RunResult Run() { return Lockstep(oracle_.get(), &liar_).Run(program_); }
  std::string Signature() { return Lockstep(oracle_.get(), &liar_).Failure(program_); }

  std::unique_ptr<Subject> oracle_ = MakeSubject("reference").value();
  Liar liar_;
  Program program_ = Parse(kReload);
};

TEST_F(LockstepTest, AgreesWithAnHonestSubjectAndCountsRefusals) {
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kAgree);
  EXPECT_FALSE(result.divergence.has_value());
  EXPECT_EQ(result.operations, 6u);
  EXPECT_EQ(result.refused, 1u);  // the second unload
  EXPECT_EQ(Signature(), "");
}

TEST_F(LockstepTest, NamesTheOperationAndTheReturnValue) {
  liar_.from = 5;
  liar_.outcome = [](Outcome* o) { o->rc = Rc(Errno::kBusy); };
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kDiverge);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->op_index, 5u);
  EXPECT_EQ(result.divergence->difference, (Difference{"outcome.rc", "-ENOENT", "-EBUSY"}));
  EXPECT_EQ(Signature(), "difference:unload:outcome.rc:-ENOENT/-EBUSY");
}

TEST_F(LockstepTest, NamesTheFieldAndTheInvariantsItBreaks) {
  liar_.from = 2;
  liar_.view = [](View* view) {
    for (RecordView& record : view->records) record.count = 0;
  };
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kDiverge);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->op_index, 2u);
  EXPECT_EQ(result.operations, 3u);
  EXPECT_EQ(result.divergence->difference, (Difference{"records[alpha_read].count", "1", "0"}));
  EXPECT_THAT(result.divergence->also, IsEmpty());
  EXPECT_THAT(result.divergence->broken_invariants, Contains("I1"));
  EXPECT_EQ(Signature(), "difference:register:records[].count");
}

TEST_F(LockstepTest, NamesWhatElseDiffers) {
  liar_.from = 2;
  liar_.view = [](View* view) {
    for (RecordView& record : view->records) record.count = 7;
    view->globals.enabled = false;
  };
  const RunResult result = Run();
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->difference.field, "globals.enabled");
  EXPECT_THAT(result.divergence->also, ::testing::SizeIs(Divergence::kMostAlso));
  EXPECT_THAT(result.divergence->also, ::testing::Each(::testing::Field(&Difference::actual, "7")));
}

TEST_F(LockstepTest, ADifferenceBeforeTheFirstOperationIsOne) {
  liar_.from_the_start = true;
  liar_.view = [](View* view) { view->groups.clear(); };
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kDiverge);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_TRUE(result.divergence->at_begin);
  EXPECT_EQ(result.operations, 0u);
  EXPECT_EQ(Signature(), "difference:boot:groups.size");
}

TEST_F(LockstepTest, AnUnsupportedOperationIsNoVerdict) {
  liar_.from = 3;
  liar_.outcome = [](Outcome* o) { o->fate = Fate::kUnsupported; };
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_FALSE(result.divergence.has_value());
  EXPECT_EQ(result.unknown_reason, "liar: hit: unsupported");
  EXPECT_EQ(Signature(), "");
}

TEST_F(LockstepTest, ACrashIsADivergenceAndIsNotLookedInto) {
  for (const auto& [fate, text] : {std::pair(Fate::kCrashed, std::string("crashed")),
                                   std::pair(Fate::kHung, std::string("hung"))}) {
    liar_.from = 3;
    liar_.outcome = [fate](Outcome* o) { o->fate = fate; };
    liar_.observed = 0;
    const RunResult result = Run();
    ASSERT_TRUE(result.divergence.has_value());
    EXPECT_EQ(result.divergence->op_index, 3u);
    EXPECT_EQ(result.divergence->difference, (Difference{"outcome.fate", "returned", text}));
    EXPECT_EQ(liar_.observed, 4);  // at the start and after three operations
    EXPECT_EQ(Signature(), "fate:hit:" + text);
  }
}

TEST_F(LockstepTest, WhereBothAgreeAndAreWrongTheInvariantSpeaks) {
  Liar other;
  for (Liar* liar : {&liar_, &other}) {
    liar->from = 1;
    liar->view = [](View* view) { ++view->records.back().count; };
  }
  Lockstep lockstep(&other, &liar_);
  const RunResult result = lockstep.Run(program_);
  EXPECT_EQ(result.verdict, Verdict::kDiverge);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->op_index, 1u);
  EXPECT_EQ(result.divergence->difference.field, "invariant I1");
  EXPECT_THAT(result.divergence->difference.expected, ::testing::HasSubstr("count"));
  EXPECT_THAT(result.divergence->difference.actual, ::testing::HasSubstr("probe_shared"));
  EXPECT_THAT(result.divergence->broken_invariants, Contains("I1"));
  EXPECT_EQ(lockstep.Failure(program_), "invariant:filter:I1");
}

TEST_F(LockstepTest, AnInvariantRemembersWhatNotifiersWereTold) {
  program_ = Parse("notifier n0 module 0\nload alpha @0\nunload alpha\nload alpha @0\n");
  Liar other;
  for (Liar* liar : {&liar_, &other}) {
    liar->from = 2;
    liar->outcome = [](Outcome* outcome) { outcome->log.clear(); };
  }
  Lockstep lockstep(&other, &liar_);
  const RunResult result = lockstep.Run(program_);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->difference.field, "invariant I8");
  EXPECT_EQ(result.divergence->difference.actual,
            "n0: was told COMING of alpha, which is gone, and not GOING");
  // Each run begins anew: nobody was told of this module.
  liar_.from = other.from = 99;
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kAgree);
  EXPECT_EQ(lockstep.Failure(Parse("load alpha @0\nunload alpha\n")), "");
}

TEST_F(LockstepTest, TheFirstViewIsHeldToTheInvariantsThoughNothingChangedIt) {
  Liar other;
  for (Liar* liar : {&liar_, &other}) {
    liar->from_the_start = true;
    liar->view = [](View* view) { ++view->records.back().count; };
  }
  EXPECT_EQ(Lockstep(&other, &liar_).Failure(Parse("locate alpha_read\n")), "invariant:locate:I1");
}

TEST_F(LockstepTest, TellsWhetherTheViewChanged) {
  Lockstep lockstep(oracle_.get(), &liar_);
  ASSERT_FALSE(lockstep.Begin(program_.world, *program_.profile).has_value());
  EXPECT_TRUE(lockstep.Step(program_.ops[0]).changed);   // load alpha @0
  EXPECT_FALSE(lockstep.Step(program_.ops[3]).changed);  // hit alpha_read
  EXPECT_TRUE(lockstep.Step(program_.ops[4]).changed);   // unload alpha
  EXPECT_FALSE(lockstep.Step(program_.ops[5]).changed);  // once more
}

TEST_F(LockstepTest, BeginsAnewAfterADivergence) {
  liar_.from = 0;
  liar_.outcome = [](Outcome* o) { o->rc = Rc(Errno::kIo); };
  Lockstep lockstep(oracle_.get(), &liar_);
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kDiverge);
  liar_.outcome = [](Outcome*) {};
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kAgree);
}

TEST_F(LockstepTest, ShowsTheOraclesViewAfterEachStep) {
  Lockstep lockstep(oracle_.get(), &liar_);
  ASSERT_FALSE(lockstep.Begin(program_.world, *program_.profile).has_value());
  const std::size_t core = lockstep.view().records.size();
  EXPECT_EQ(lockstep.Step(program_.ops[0]).verdict, Verdict::kAgree);
  EXPECT_EQ(lockstep.view().records.size(), core + 4);
  EXPECT_EQ(lockstep.Step(program_.ops[4]).verdict, Verdict::kAgree);
  EXPECT_EQ(lockstep.view().records.size(), core);
}

TEST_F(LockstepTest, TheOracleAloneShowsTheSameAndHasNothingToSay) {
  Lockstep alone(oracle_.get());
  const RunResult result = alone.Run(program_);
  EXPECT_EQ(result.verdict, Verdict::kAgree);
  EXPECT_EQ(result.operations, 6u);
  EXPECT_EQ(result.refused, 1u);
  ASSERT_FALSE(alone.Begin(program_.world, *program_.profile).has_value());
  EXPECT_TRUE(alone.Step(program_.ops[0]).changed);   // load alpha @0
  EXPECT_FALSE(alone.Step(program_.ops[3]).changed);  // hit alpha_read
}

class PeersTest : public ::testing::Test {
 protected:
  RunResult Run() {
    Lockstep lockstep(&left_, &right_, Lockstep::Between::kPeers);
    lockstep.Mask(masked_right_);
    lockstep.MaskLeft(masked_left_);
    return lockstep.Run(program_);
  }
  std::string Signature() {
    Lockstep lockstep(&left_, &right_, Lockstep::Between::kPeers);
    return lockstep.Failure(program_);
  }
  static void Die(Liar* liar, std::size_t at, Fate fate) {
    liar->from = at;
    liar->outcome = [fate](Outcome* o) { o->fate = fate; };
  }

  Liar left_, right_;
  std::vector<const KnownDefect*> masked_left_, masked_right_;
  Program program_ = Parse(kReload);
};

TEST_F(PeersTest, WhatBothShowNeedNotBeSound) {
  for (Liar* liar : {&left_, &right_}) {
    liar->from = 1;
    liar->view = [](View* view) { ++view->records.back().count; };
  }
  EXPECT_EQ(Run().verdict, Verdict::kAgree);
  EXPECT_EQ(Run().operations, 6u);
}

TEST_F(PeersTest, ADifferenceSaysWhatEachHasAndBlamesNobody) {
  left_.from = 2;
  left_.view = [](View* view) { view->records.back().count = 9; };
  const RunResult result = Run();
  ASSERT_EQ(result.verdict, Verdict::kDiverge);
  EXPECT_TRUE(result.divergence->peers);
  EXPECT_EQ(result.divergence->op_index, 2u);
  EXPECT_EQ(result.divergence->difference.expected, "9");
  EXPECT_THAT(result.divergence->broken_invariants, IsEmpty());
  EXPECT_EQ(Signature(), "difference:register:records[].count");
}

TEST_F(PeersTest, ACrashOfEitherIsADifference) {
  Die(&left_, 3, Fate::kCrashed);
  EXPECT_EQ(Run().divergence->difference, (Difference{"outcome.fate", "crashed", "returned"}));
  EXPECT_EQ(Signature(), "fate:hit:crashed");
  Die(&right_, 3, Fate::kHung);
  EXPECT_EQ(Run().divergence->difference, (Difference{"outcome.fate", "crashed", "hung"}));
  left_.outcome = [](Outcome*) {};
  EXPECT_EQ(Run().divergence->difference, (Difference{"outcome.fate", "returned", "hung"}));
  EXPECT_EQ(Signature(), "fate:hit:hung");
}

TEST_F(PeersTest, TheSameCrashOfBothIsAgreementAndTheEnd) {
  Die(&left_, 3, Fate::kCrashed);
  Die(&right_, 3, Fate::kCrashed);
  // What a process that died had on its lips is not compared.
  right_.outcome = [](Outcome* o) {
    o->fate = Fate::kCrashed;
    o->rc = -5;
  };
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kAgree);
  EXPECT_EQ(result.operations, 4u);
  EXPECT_EQ(left_.observed, 4);
}

TEST_F(PeersTest, WhatEitherDoesNotSpeakIsNoVerdict) {
  for (Liar* liar : {&left_, &right_}) {
    left_.outcome = right_.outcome = [](Outcome*) {};
    Die(liar, 3, Fate::kUnsupported);
    EXPECT_EQ(Run().verdict, Verdict::kUnknown);
    EXPECT_EQ(Run().unknown_reason, "liar: hit: unsupported");
  }
}

TEST(Divergence, SignaturesLeaveNamesOut) {
  const Program program = Parse("free_init\n");
  Divergence divergence;
  for (const auto& [field, signature] : std::vector<std::pair<std::string, std::string>>{
           {"records[beta:probe_shared].site", "difference:free_init:records[].site"},
           {"ops[o3].filter.cleared", "difference:free_init:ops[].filter.cleared"},
           {"ledger.pages", "difference:free_init:ledger.pages"},
           {"invariant I17", "invariant:free_init:I17"}}) {
    divergence.difference = {field, "a", "b"};
    EXPECT_EQ(divergence.Signature(program), signature);
  }
}

// The fast implementation against the reference: what the whole project is for, in small.
TEST(LockstepRun, TheFastImplementationAgreesOnRandomPrograms) {
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  const std::unique_ptr<Subject> fast = MakeSubject("fast").value();
  Lockstep lockstep(oracle.get(), fast.get());
  for (const std::string_view world : {"tiny", "small", "paged"}) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const NamedProfile& profile = Profiles()[seed % Profiles().size()];
      RandomChooser chooser(seed);
      const Program program =
          GenerateProgram(BuiltinWorld(world).value(), profile, {}, &chooser, oracle.get());
      const RunResult result = lockstep.Run(program);
      EXPECT_EQ(result.verdict, Verdict::kAgree)
          << world << " seed " << seed << ": operation " << result.divergence->op_index << ": "
          << result.divergence->difference.field << " " << result.divergence->difference.expected
          << " / " << result.divergence->difference.actual;
    }
  }
}

// A defect that puts a return value right, and nothing else.
constexpr KnownDefect kLie = {"lie", "", "", [](const DivergingStep& step, View*, Outcome* actual) {
                                actual->rc = step.expected.rc;
                                return true;
                              }};

TEST_F(PeersTest, ADefectIsMaskedOnTheSideThatHasIt) {
  left_.from = 2;
  left_.outcome = [](Outcome* outcome) { outcome->rc = -5; };
  // It undoes what its side did; the other side is what it is put right to.
  constexpr KnownDefect kLate = {"late", "", "",
                                 [](const DivergingStep& step, View*, Outcome* out) {
                                   if (step.actual.rc != -5) return false;
                                   out->rc = 0;
                                   return true;
                                 }};
  masked_right_ = {&kLate};
  EXPECT_EQ(Run().verdict, Verdict::kDiverge);
  masked_left_ = {&kLate};
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kKnown);
  EXPECT_EQ(result.known, &kLate);
  std::swap(left_.outcome, right_.outcome);
  std::swap(left_.from, right_.from);
  EXPECT_EQ(Run().verdict, Verdict::kKnown);
  masked_right_.clear();
  EXPECT_EQ(Run().verdict, Verdict::kDiverge);
}

TEST_F(LockstepTest, EndsWithAMaskedDefectAsAgreedUpToThere) {
  liar_.from = 2;
  liar_.outcome = [](Outcome* outcome) { outcome->rc = -5; };
  Lockstep lockstep(oracle_.get(), &liar_);
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kDiverge);
  lockstep.Mask({&kLie});
  const RunResult result = lockstep.Run(program_);
  EXPECT_EQ(result.verdict, Verdict::kKnown);
  EXPECT_EQ(result.known, &kLie);
  EXPECT_FALSE(result.divergence.has_value());
  EXPECT_EQ(result.operations, 3u);
  EXPECT_EQ(lockstep.Failure(program_), "");
}

// Shows a page too many behind stage `enable` of a load, and nothing of it behind the next.
class Passing final : public Subject {
 public:
  std::string_view name() const override { return "passing"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    enabling_ = false;
    inner_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    inner_->Observe(&before_);
    const auto* step = std::get_if<LoadStep>(&op);
    enabling_ = step != nullptr && before_.modules[Index(step->module)].next == Stage::kEnable;
    return inner_->Apply(op);
  }
  void Observe(View* view) override {
    inner_->Observe(view);
    if (enabling_) ++view->ledger.pages;
  }

 private:
  std::unique_ptr<Subject> inner_ = MakeSubject("reference").value();
  View before_;
  bool enabling_ = false;
};

TEST(LockstepMasked, LooksIntoALoadWhereADefectMayShowOnTheWayOnly) {
  static constexpr KnownDefect kPage = {"page", "", "",
                                        [](const DivergingStep&, View* shown, Outcome*) {
                                          --shown->ledger.pages;
                                          return true;
                                        }};
  static constexpr KnownDefect kNothing = {
      "nothing", "", "", [](const DivergingStep&, View*, Outcome*) { return false; }};
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  Passing passing;
  for (const char* load : {"load alpha @0\n", "load alpha @0 fail=init\n"}) {
    for (const char* setting : {"ftrace_enabled 0\n", "ops o0 tracer\nfilter o0 :mod:alpha\n",
                                "filter o0 core_read\nops o0 kernel ipmodify\nregister o0\n"}) {
      const Program program = Parse(std::string(setting) + load);
      Lockstep lockstep(oracle.get(), &passing);
      EXPECT_EQ(lockstep.Run(program).verdict, Verdict::kAgree) << setting << load;
      lockstep.Mask({&kPage});
      const RunResult result = lockstep.Run(program);
      EXPECT_EQ(result.known, &kPage) << setting << load;
      EXPECT_EQ(result.operations, program.ops.size());
      // What nothing explains is held against the end, as without a mask.
      lockstep.Mask({&kNothing});
      EXPECT_EQ(lockstep.Run(program).verdict, Verdict::kAgree) << setting << load;
    }
  }
}

TEST(LockstepMasked, ALoadThatIsLookedIntoIsTheSameLoad) {
  static constexpr KnownDefect kNothing = {
      "nothing", "", "", [](const DivergingStep&, View*, Outcome*) { return false; }};
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  const std::unique_ptr<Subject> fast = MakeSubject("fast").value();
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomChooser chooser(seed);
    const Program program = GenerateProgram(BuiltinWorld("small").value(),
                                            *FindProfile("linux-6.1"), {}, &chooser, oracle.get());
    Lockstep plain(oracle.get(), fast.get());
    ASSERT_FALSE(plain.Begin(program.world, *program.profile).has_value());
    std::vector<std::pair<Outcome, View>> seen;
    for (const Op& op : program.ops) {
      const Outcome outcome = plain.Step(op).expected;
      seen.emplace_back(outcome, plain.view());
    }
    Lockstep masked(oracle.get(), fast.get());
    masked.Mask({&kNothing});
    ASSERT_FALSE(masked.Begin(program.world, *program.profile).has_value());
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Lockstep::StepResult step = masked.Step(program.ops[i]);
      ASSERT_EQ(step.verdict, Verdict::kAgree) << seed << ", operation " << i;
      EXPECT_EQ(step.expected, seen[i].first) << seed << ", operation " << i;
      EXPECT_EQ(masked.view(), seen[i].second) << seed << ", operation " << i;
    }
  }
}

TEST_F(LockstepTest, TellsTheOperationUnderWay) {
  std::atomic<std::uint64_t> applied{99};
  std::vector<std::uint64_t> told;
  liar_.view = [&](View*) { told.push_back(applied.load()); };
  liar_.from_the_start = true;
  Lockstep lockstep(oracle_.get(), &liar_);
  lockstep.Tell(&applied);
  lockstep.Mask({&kLie});
  lockstep.Run(Parse("register o0\nftrace_enabled 0\nload alpha @0\nhit core_read\n"));
  // Looking into the load tells its number, too.
  EXPECT_EQ(told, (std::vector<std::uint64_t>{0, 1, 2, 3, 3, 3, 3, 3, 4}));
}

TEST_F(LockstepTest, AMaskedDefectDoesNotHideWhatElseDiffers) {
  liar_.from = 2;
  liar_.outcome = [](Outcome* outcome) { outcome->rc = -5; };
  liar_.view = [](View* view) { ++view->ledger.pages; };
  Lockstep lockstep(oracle_.get(), &liar_);
  lockstep.Mask({&kLie});
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kDiverge);
}

}  // namespace
}  // namespace recount
