// Names of small things: errnos, stages, fault points, profiles, patterns, outcomes.
#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "model/errno.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/pattern.h"
#include "model/profile.h"
#include "model/strings.h"
#include "model/world.h"

namespace recount {
namespace {

TEST(Strings, OneThingIsNotPlural) {
  EXPECT_EQ(internal::Counted(1, "operation"), "1 operation");
  EXPECT_EQ(internal::Counted(0, "operation"), "0 operations");
  EXPECT_EQ(internal::Counted(1, "try", "tries"), "1 try");
  EXPECT_EQ(internal::Counted(2, "try", "tries"), "2 tries");
}

TEST(Errno, NamesAndNumbersInvert) {
  EXPECT_TRUE(std::is_sorted(AllErrnos().begin(), AllErrnos().end()));
  for (const Errno error : AllErrnos()) {
    EXPECT_NE(error, Errno::kOk);
    EXPECT_EQ(ErrnoFromName(ErrnoName(error)), error);
    EXPECT_EQ(RcText(Rc(error)), std::string("-").append(ErrnoName(error)));
  }
  EXPECT_EQ(ErrnoFromName("0"), std::nullopt);
  EXPECT_EQ(ErrnoFromName("EINVA"), std::nullopt);
}

TEST(Errno, AnyReturnValuePrints) {
  EXPECT_EQ(RcText(0), "0");
  EXPECT_EQ(RcText(-22), "-EINVAL");
  EXPECT_EQ(RcText(-77), "-77");
  EXPECT_EQ(RcText(22), "22");
  EXPECT_EQ(RcText(std::numeric_limits<int>::min()), "-2147483648");
}

TEST(Op, StageNamesInvertAndAFailureHasAnErrnoWhereItCanHappen) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kStageCount; ++i) {
    const auto stage = static_cast<Stage>(i);
    EXPECT_EQ(StageFromName(StageName(stage)), stage);
    EXPECT_EQ(StageErrno(stage) != Errno::kOk, CanFail(stage)) << StageName(stage);
    names.insert(StageName(stage));
  }
  EXPECT_EQ(names.size(), kStageCount);
  EXPECT_EQ(StageFromName(""), std::nullopt);
}

TEST(Op, FaultPointNamesInvert) {
  for (std::size_t i = 0; i < kFaultPointCount; ++i) {
    const auto point = static_cast<FaultPoint>(i);
    EXPECT_EQ(FaultPointFromName(FaultPointName(point)), point);
  }
  EXPECT_EQ(FaultPointFromName("record"), std::nullopt);
}

TEST(Op, OneKindHasTwoNamesByItsTarget) {
  EXPECT_EQ(OpName(SetFilter{.which = Which::kFilter}), "filter");
  EXPECT_EQ(OpName(SetFilter{.which = Which::kNotrace}), "notrace");
  EXPECT_EQ(OpName(SetFilterIp{.which = Which::kNotrace}), "notrace_ip");
}

TEST(Profile, BundlesAreFoundByName) {
  for (const NamedProfile& profile : Profiles()) EXPECT_EQ(FindProfile(profile.name), &profile);
  EXPECT_EQ(FindProfile("linux-2.4"), nullptr);
  EXPECT_EQ(FindProfile("linux-3.2")->profile.reload, Profile::Reload::kRecounted);
  EXPECT_EQ(FindProfile("linux-6.1")->profile.patch_failure, Profile::PatchFailure::kVerifyFirst);
  EXPECT_EQ(ToText(Profile::PatchFailure::kFlagsFirst), "flags-first");
  EXPECT_EQ(ToText(Profile::Reload::kCleared), "cleared");
}

TEST(Pattern, TakesEveryCharacterOfItsAlphabet) {
  const std::string text = "!a[b-z]^?*\\$:mod:A.9_";
  const absl::StatusOr<Pattern> pattern = Pattern::FromText(text);
  ASSERT_TRUE(pattern.ok());
  EXPECT_EQ(pattern->text(), text);
  EXPECT_FALSE(pattern->null());
  EXPECT_TRUE(Pattern().null());
}

TEST(Pattern, RefusesWhatItsTextCouldNotSay) {
  for (const std::string& text : {std::string(""), std::string("-"), std::string("reset"),
                                  std::string("a b"), std::string("a#"), std::string("a\0b", 3),
                                  std::string("caf\xc3\xa9"), std::string(63, 'a')}) {
    const absl::StatusOr<Pattern> pattern = Pattern::FromText(text);
    ASSERT_FALSE(pattern.ok()) << text;
    EXPECT_EQ(pattern.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(pattern.status().message().empty());
  }
  EXPECT_TRUE(Pattern::FromText(std::string(62, 'a')).ok());
}

TEST(Outcome, TextSaysWhatTheOperationAnswers) {
  const WorldPtr world = *BuiltinWorld("small");
  const Op hit = Hit{};
  const Op locate = Locate{};
  const Op other = Unregister{};
  Outcome called;
  called.AddCall(OpsId{2});
  called.AddCall(OpsId{0});
  Outcome located;
  located.located = *world->FindFunction("beta:probe_shared");

  EXPECT_EQ(OutcomeText(*world, hit, called), "o2 o0");
  EXPECT_EQ(OutcomeText(*world, hit, Outcome::Ok()), "nobody");
  EXPECT_EQ(OutcomeText(*world, hit, Outcome::Error(Errno::kNoEnt)), "-ENOENT");
  EXPECT_EQ(OutcomeText(*world, locate, located), "beta:probe_shared");
  EXPECT_EQ(OutcomeText(*world, locate, Outcome::Ok()), "nothing");
  EXPECT_EQ(OutcomeText(*world, other, Outcome::Ok()), "0");
  EXPECT_EQ(OutcomeText(*world, other, {.fate = Fate::kCrashed}), "crashed");
  EXPECT_EQ(OutcomeText(*world, hit, {.fate = Fate::kHung}), "hung");
  EXPECT_EQ(OutcomeText(*world, hit, {.fate = Fate::kUnsupported}), "unsupported");
}

TEST(Outcome, OfAWrongSubjectPrintsToo) {
  const WorldPtr world = *BuiltinWorld("tiny");
  Outcome outcome;
  outcome.called_count = 200;
  outcome.located = FunctionId{4000};
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "o0 o0 o0 o0 o0 o0 o0 o0");
  EXPECT_EQ(OutcomeText(*world, Locate{}, outcome), "function 4000");
}

}  // namespace
}  // namespace recount
