// Names of small things: errnos, stages, fault points, chains, profiles, patterns, outcomes.
#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "model/errno.h"
#include "model/notifier.h"
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

TEST(Op, SomeFaultPointsTakeAnErrno) {
  for (std::size_t i = 0; i < kFaultPointCount; ++i) {
    const auto point = static_cast<FaultPoint>(i);
    const bool own_code = point == FaultPoint::kStage || point == FaultPoint::kKlpCallback;
    EXPECT_EQ(TakesErrno(point), own_code) << FaultPointName(point);
  }
}

TEST(Notifier, NamesOfChainsAndEventsInvert) {
  for (std::size_t i = 0; i < kChainCount; ++i) {
    const auto chain = static_cast<Chain>(i);
    EXPECT_EQ(ChainFromName(ChainName(chain)), chain);
  }
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    EXPECT_EQ(EventFromName(EventName(event)), event);
  }
  EXPECT_EQ(ChainFromName("modules"), std::nullopt);
  EXPECT_EQ(EventFromName("dead"), std::nullopt);
}

TEST(Notifier, EveryAnswerHasATextThatReadsBack) {
  std::set<std::string> texts;
  for (unsigned answer = 0; answer <= 0xffff; ++answer) {
    const std::string text = AnswerText(static_cast<Answer>(answer));
    ASSERT_EQ(AnswerFromText(text), static_cast<Answer>(answer)) << text;
    texts.insert(text);
  }
  EXPECT_EQ(texts.size(), 0x10000u);
  EXPECT_EQ(AnswerText(kNotifyDone), "done");
  EXPECT_EQ(AnswerText(kNotifyOk), "ok");
  EXPECT_EQ(AnswerText(kNotifyStop), "stop");
  EXPECT_EQ(AnswerText(kNotifyBad), "bad");
  EXPECT_EQ(AnswerText(AnswerOf(Errno::kNoMem)), "-ENOMEM");
  EXPECT_EQ(AnswerText(2), "0x2");
  EXPECT_EQ(AnswerText(kNotifyStopMask), "0x8000");
  for (const std::string_view text :
       {"", "0x", "0x10000", "0xg", "1", "-EFOO", "-", "OK", "0x 1"}) {
    EXPECT_EQ(AnswerFromText(text), std::nullopt) << text;
  }
}

TEST(Notifier, AnErrnoInAnAnswerStopsTheChainAndComesBack) {
  for (const Errno error : AllErrnos()) {
    EXPECT_TRUE(Stops(AnswerOf(error)));
    EXPECT_EQ(RcOf(AnswerOf(error)), Rc(error));
  }
  EXPECT_EQ(AnswerOf(Errno::kOk), kNotifyOk);
  EXPECT_EQ(AnswerOf(Errno::kPerm), kNotifyBad);
  EXPECT_EQ(RcOf(kNotifyDone), 0);
  EXPECT_EQ(RcOf(kNotifyOk), 0);
  // NOTIFY_STOP stops without an errno, and an errno may come without a stop.
  EXPECT_TRUE(Stops(kNotifyStop));
  EXPECT_EQ(RcOf(kNotifyStop), 0);
  EXPECT_FALSE(Stops(2));
  EXPECT_EQ(RcOf(2), Rc(Errno::kPerm));
  EXPECT_EQ(RcOf(kNotifyStopMask), 0);
}

TEST(Op, OneKindHasTwoNamesByItsTarget) {
  EXPECT_EQ(OpName(SetFilter{.which = Which::kFilter}), "filter");
  EXPECT_EQ(OpName(SetFilter{.which = Which::kNotrace}), "notrace");
  EXPECT_EQ(OpName(SetFilterIp{.which = Which::kNotrace}), "notrace_ip");
  EXPECT_EQ(OpName(Notify{}), "notify");
  EXPECT_EQ(OpName(Notify{.reverse = true}), "notify_reverse");
}

TEST(Profile, BundlesAreFoundByName) {
  for (const NamedProfile& profile : Profiles()) EXPECT_EQ(FindProfile(profile.name), &profile);
  EXPECT_EQ(FindProfile("linux-2.4"), nullptr);
  EXPECT_EQ(FindProfile("linux-3.2")->profile.reload, Profile::Reload::kRecounted);
  EXPECT_EQ(FindProfile("linux-6.1")->profile.patch_failure, Profile::PatchFailure::kVerifyFirst);
  EXPECT_EQ(ToText(Profile::PatchFailure::kFlagsFirst), "flags-first");
  EXPECT_EQ(ToText(Profile::Reload::kCleared), "cleared");
  // Only the proposal moves ftrace and livepatch onto the chain.
  for (const NamedProfile& profile : Profiles()) {
    const bool proposal = profile.name == "rfc-notifier";
    EXPECT_EQ(ToText(profile.profile.load_path), proposal ? "chain" : "direct") << profile.name;
    EXPECT_EQ(ToText(profile.profile.rollback), proposal ? "reverse" : "forward") << profile.name;
    const bool early = profile.name == "early-kprobe";
    EXPECT_EQ(ToText(profile.profile.early_kprobes), early ? "on" : "off") << profile.name;
    const bool jumps = early || profile.name.ends_with("-optprobes");
    EXPECT_EQ(ToText(profile.profile.optprobes), jumps ? "on" : "off") << profile.name;
    const bool told = profile.name.starts_with("linux-6.12");
    EXPECT_EQ(ToText(profile.profile.dead_disarm), told ? "done" : "refused") << profile.name;
  }
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

TEST(Outcome, TextSaysWhoHeardWhat) {
  const WorldPtr world = *BuiltinWorld("small");
  const NotifierCall coming{NotifierId{1}, Event::kComing, ModuleId{0}};
  const NotifierCall going{NotifierId{0}, Event::kGoing, ModuleId{0}};
  Outcome outcome;
  // Of a load the result comes first.
  EXPECT_EQ(OutcomeText(*world, Load{}, outcome), "0");
  outcome.log = {coming, going};
  EXPECT_EQ(OutcomeText(*world, Load{}, outcome), "0 n1:coming n0:going");
  outcome.rc = Rc(Errno::kNoMem);
  EXPECT_EQ(OutcomeText(*world, LoadStep{}, outcome), "-ENOMEM n1:coming n0:going");
  outcome.rc = -32766;
  EXPECT_EQ(OutcomeText(*world, Unload{}, outcome), "-32766 n1:coming n0:going");
  // Of a chain that the Program calls, what it answered; the result is in that.
  outcome.answer = kNotifyBad;
  EXPECT_EQ(OutcomeText(*world, Notify{}, outcome), "n1:coming n0:going = bad");
  EXPECT_EQ(OutcomeText(*world, NotifyRobust{}, outcome), "n1:coming n0:going = bad");
  EXPECT_EQ(OutcomeText(*world, Notify{}, Outcome::Ok()), "nobody = done");
  EXPECT_EQ(OutcomeText(*world, Notify{}, {.fate = Fate::kCrashed}), "crashed");
}

TEST(Outcome, TextSaysWhichPatchRan) {
  const WorldPtr world = *BuiltinWorld("small");
  Outcome outcome;
  outcome.redirected = PatchId{3};
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "p3");
  outcome.AddCall(OpsId{2});
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "o2 p3");
}

TEST(Outcome, TextSaysWhichKprobesRan) {
  const WorldPtr world = *BuiltinWorld("small");
  Outcome outcome;
  outcome.AddFired(KprobeId{1});
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "k1");
  outcome.AddFired(KprobeId{0});
  outcome.AddFired(KprobeId{1});
  outcome.AddCall(OpsId{2});
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "o2 k1 k0 k1");
  outcome.redirected = PatchId{3};
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "o2 k1 k0 k1 p3");
  EXPECT_EQ(OutcomeTextFault(*world, Hit{}, "o2 k1 k0 k1 p3"), "");
}

TEST(Op, KprobesHaveTheirNames) {
  EXPECT_EQ(OpName(AddKprobe{}), "kprobe");
  EXPECT_EQ(OpName(RemoveKprobe{}), "unkprobe");
  EXPECT_EQ(OpName(EnableKprobe{}), "enable_kprobe");
  EXPECT_EQ(OpName(DisableKprobe{}), "disable_kprobe");
  EXPECT_EQ(OpName(KprobesArmed{}), "kprobes_armed");
  EXPECT_EQ(OpName(Optimize{}), "optimize");
}

TEST(Outcome, EveryTextOfItIsOneThatAMarginMayHold) {
  const WorldPtr world = *BuiltinWorld("small");
  Outcome outcome;
  outcome.log = {{NotifierId{0}, Event::kComing, ModuleId{0}}, {NotifierId{7}, Event::kUnformed}};
  for (const int rc : {0, -12, -32766}) {
    for (const Answer answer : {kNotifyDone, kNotifyStop, Answer{0x1234}}) {
      outcome.rc = rc;
      outcome.answer = answer;
      for (const Op& op :
           {Op(Load{}), Op(LoadStep{}), Op(Unload{}), Op(Notify{}), Op(NotifyRobust{})}) {
        const std::string text = OutcomeText(*world, op, outcome);
        EXPECT_EQ(OutcomeTextFault(*world, op, text), "") << OpName(op) << ": " << text;
      }
    }
  }
}

TEST(Outcome, OfAWrongSubjectPrintsToo) {
  const WorldPtr world = *BuiltinWorld("tiny");
  Outcome outcome;
  outcome.called_count = 200;
  outcome.located = FunctionId{4000};
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "o0 o0 o0 o0 o0 o0 o0 o0");
  outcome.called_count = 0;
  outcome.fired_count = 200;
  EXPECT_EQ(OutcomeText(*world, Hit{}, outcome), "k0 k0 k0 k0 k0 k0 k0 k0");
  EXPECT_EQ(OutcomeText(*world, Locate{}, outcome), "function 4000");
}

}  // namespace
}  // namespace recount
