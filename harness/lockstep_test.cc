#include "harness/lockstep.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/lockstep_fixture.h"
#include "impl/roster.h"
#include "model/profile.h"

namespace recount {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

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

TEST_F(LockstepTest, AProgramFromBootIsNotRunWhereOneBeginsAfterIt) {
  liar_.limited.after_boot = true;
  EXPECT_EQ(Run().verdict, Verdict::kAgree);
  program_.from_boot = true;
  const RunResult result = Run();
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_EQ(result.unknown_reason, "liar begins after boot, the program at boot");
  EXPECT_EQ(liar_.observed, 7);  // before
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
  ASSERT_FALSE(lockstep.Begin(program_.world, program_.Rules()).has_value());
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
  ASSERT_FALSE(lockstep.Begin(program_.world, program_.Rules()).has_value());
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
  ASSERT_FALSE(alone.Begin(program_.world, program_.Rules()).has_value());
  EXPECT_TRUE(alone.Step(program_.ops[0]).changed);   // load alpha @0
  EXPECT_FALSE(alone.Step(program_.ops[3]).changed);  // hit alpha_read
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

// Lockstep observes into one View again and again.
TEST(LockstepRun, AViewThatWasUsedShowsWhatAFreshOneDoes) {
  const std::unique_ptr<Subject> guide = MakeSubject("reference").value();
  for (const char* name : {"reference", "fast"}) {
    const std::unique_ptr<Subject> subject = MakeSubject(name).value();
    View used;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const NamedProfile& profile = Profiles()[seed % Profiles().size()];
      RandomChooser chooser(seed);
      const Program program =
          GenerateProgram(BuiltinWorld("small").value(), profile, {}, &chooser, guide.get());
      subject->Reset(program.world, program.Rules());
      for (std::size_t i = 0; i < program.ops.size(); ++i) {
        subject->Apply(program.ops[i]);
        subject->Observe(&used);
        View fresh;
        subject->Observe(&fresh);
        ASSERT_EQ(used, fresh) << name << ", seed " << seed << ", operation " << i;
      }
    }
  }
}

}  // namespace
}  // namespace recount
