// Two subjects of equal right in lockstep: a difference is nobody's fault.
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/lockstep.h"
#include "harness/lockstep_fixture.h"

namespace recount {
namespace {

using ::testing::IsEmpty;

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

}  // namespace
}  // namespace recount
