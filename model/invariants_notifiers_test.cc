// Invariants of what notifiers are told (I8, I9, I10, I18): on a step that is right, and with one
// thing wrong.
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

// n2, n0 and n1 are on the module chain, in this order; n3 is not.
class Told : public Step {
 public:
  explicit Told(std::string_view name = "linux-6.1") {
    profile = FindProfile(name)->profile;
    after.notifiers.chains[0] = {3, {NotifierId{2}, NotifierId{0}, NotifierId{1}}};
    after.notifiers.chains[1] = {2, {NotifierId{4}, NotifierId{5}}};
    before = after;
  }

  // Takes note of an operation that went well, without looking at it.
  void Before(std::string_view line, std::string_view log = "") {
    Do(line);
    Log(log);
    told.Note(profile, op, outcome, after);
  }
  // "n0:coming n1:coming", of the module that the operation is about.
  void Log(std::string_view text) {
    outcome.log.clear();
    ModuleId module = kCore;
    if (const auto* load = std::get_if<Load>(&op)) module = load->module;
    if (const auto* stage = std::get_if<LoadStep>(&op)) module = stage->module;
    if (const auto* unload = std::get_if<Unload>(&op)) module = unload->module;
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      outcome.log.push_back(
          {static_cast<NotifierId>(word[1] - '0'), *EventFromName(word.substr(3)), module});
    }
  }
  std::string With(std::string_view line, std::string_view log, int rc = 0) {
    Do(line, rc);
    Log(log);
    return Reason("I8");
  }
  // The module is not there behind the operation.
  void Gone(ModuleId module = ModuleId{0}) { after.modules[Index(module)] = {}; }
};

TEST(Invariants, I8KeepsChainsInTheOrderOfPriorities) {
  const auto with = [](auto change) {
    Told step;
    step.Do("notifier n3 module 0");
    change(step.after.notifiers);
    return step.Reason("I8");
  };
  using Notifiers = NotifiersView;
  const auto add = [](Notifiers& n) { n.chains[0].order[n.chains[0].count++] = NotifierId{3}; };
  EXPECT_EQ(with(add), "");
  EXPECT_EQ(with([&](Notifiers& n) {
              add(n);
              n.priority[3] = 1;
            }),
            "chain module: n3 stands behind a lower priority");
  EXPECT_EQ(with([&](Notifiers& n) {
              add(n);
              n.priority[3] = -1;
            }),
            "");
  EXPECT_EQ(with([&](Notifiers& n) {
              add(n);
              add(n);
            }),
            "chain module: n3 is on a chain twice, or there is none");
  EXPECT_EQ(with([](Notifiers& n) { n.chains[2] = {1, {NotifierId{4}}}; }),
            "chain blocking: n4 is on a chain twice, or there is none");
  EXPECT_EQ(with([](Notifiers& n) { n.chains[2] = {1, {NotifierId{8}}}; }),
            "chain blocking: n8 is on a chain twice, or there is none");
  EXPECT_EQ(with([](Notifiers& n) { n.chains[1].count = 9; }),
            "chain raw: longer than there are notifiers");
  EXPECT_EQ(with([](Notifiers& n) { n.priority[7] = 5; }), "n7: on no chain, but with a priority");
}

TEST(Invariants, I8WalksAChainInItsOrder) {
  Told step;
  // beta is loaded.
  step.after.modules[1] = {ModuleState::kLive, SlotId{2}, Stage::kLayout, true};
  EXPECT_EQ(step.With("load beta @2", "n2:coming n0:coming n1:coming n2:live n0:live n1:live"), "");
  EXPECT_EQ(step.With("load beta @2", "n0:coming n2:coming"),
            "n2:coming of beta: called out of the order of the chain");
  EXPECT_EQ(step.With("load beta @2", "n2:coming n2:coming"),
            "n2:coming of beta: called out of the order of the chain");
  EXPECT_EQ(step.With("load beta @2", "n2:coming n3:coming"),
            "n3:coming of beta: called, but not on the chain");
  EXPECT_EQ(step.With("load beta @2", "n2:coming n4:coming"),
            "n4:coming of beta: called, but not on the chain");
}

TEST(Invariants, I8TellsGoingInTheOrderOfTheProfile) {
  for (const std::string_view profile : {"linux-6.1", "rfc-notifier"}) {
    Told step(profile);
    step.Before("load alpha @0", "n2:coming n0:coming n1:coming");
    step.Gone();
    const bool reverse = profile == "rfc-notifier";
    const std::string_view forward = "n2:going n0:going n1:going";
    const std::string_view mirror = "n1:going n0:going n2:going";
    EXPECT_EQ(step.With("unload alpha", reverse ? mirror : forward), "");
    EXPECT_EQ(step.With("unload alpha", reverse ? forward : mirror),
              "n0:going of alpha: called out of the order of the chain");
  }
}

TEST(Invariants, I8TellsGoingOnceThoseThatWereToldComing) {
  Told step;
  step.Before("load alpha @0", "n2:coming n0:coming n1:coming");
  step.Gone();
  EXPECT_EQ(step.With("unload alpha", "n2:going n0:going"),
            "n1: was told COMING of alpha, which is gone, and not GOING");
  EXPECT_EQ(step.With("unload alpha", ""),
            "n0: was told COMING of alpha, which is gone, and not GOING");
  // Told, and once more.
  step.Before("unload alpha", "n2:going n0:going n1:going");
  EXPECT_EQ(step.With("load alpha @0", "n2:going"),
            "n2:going of alpha: told, though nothing came up for it");
}

TEST(Invariants, I8RollsBackThoseBeforeTheOneThatStopped) {
  Told step;
  step.Before("script n0 coming bad");
  step.Gone();
  EXPECT_EQ(step.With("load alpha @0", "n2:coming n0:coming n2:going", Rc(Errno::kPerm)), "");
  EXPECT_EQ(step.With("load alpha @0", "n2:coming n0:coming n2:going n0:going", Rc(Errno::kPerm)),
            "n0:going of alpha: told, though nothing came up for it");
  EXPECT_EQ(step.With("load alpha @0", "n2:coming n0:coming n2:going n1:going", Rc(Errno::kPerm)),
            "n1:going of alpha: told, though nothing came up for it");
  EXPECT_EQ(step.With("load alpha @0", "n2:coming n0:coming", Rc(Errno::kPerm)),
            "n2: was told COMING of alpha, which is gone, and not GOING");
}

TEST(Invariants, I8KnowsWhoNeedNotHaveHeardComing) {
  // Who was put on the chain when the module was there already is told GOING all the same.
  Told late;
  late.Before("notifier n1 module 0");
  late.Gone();
  EXPECT_EQ(late.With("unload alpha", "n1:going"), "");
  EXPECT_EQ(late.With("unload alpha", "n0:going"),
            "n0:going of alpha: told, though nothing came up for it");
  // Who was taken off is owed nothing.
  Told off;
  off.Before("load alpha @0", "n2:coming n0:coming n1:coming");
  off.Before("unnotifier n1");
  off.Gone();
  EXPECT_EQ(off.With("unload alpha", "n2:going n0:going"), "");
  // `stop` has no errno: those before it are rolled back, the load goes on, and at its end all are
  // told.
  Told stop;
  stop.Before("script n0 coming stop");
  stop.Before("load alpha @0", "n2:coming n0:coming n2:going n2:live n0:live n1:live");
  EXPECT_EQ(stop.With("unload alpha", "n2:going n0:going n1:going"), "");
  // An answer to GOING ends the call, where ftrace and livepatch are not on the chain.
  for (const std::string_view profile : {"linux-6.1", "rfc-notifier"}) {
    Told going(profile);
    going.Before("script n0 going bad");
    going.Before("load alpha @0", "n2:coming n0:coming n1:coming");
    going.Gone();
    const bool direct = profile == "linux-6.1";
    EXPECT_EQ(going.With("unload alpha", direct ? "n2:going n0:going" : "n1:going n0:going"),
              direct ? "" : "n2: was told COMING of alpha, which is gone, and not GOING");
  }
  // An errno that stops nothing is not rolled back.
  Told error;
  error.Before("script n1 coming 0x2");
  error.Gone();
  EXPECT_EQ(error.With("load alpha @0", "n2:coming n0:coming n1:coming", Rc(Errno::kPerm)), "");
}

TEST(Invariants, I8ByChainTellsThoseThatHeardUnformed) {
  Told step("rfc-notifier");
  step.Before("script n1 unformed bad");
  step.Gone();
  EXPECT_EQ(step.With("load alpha @0", "n2:unformed n0:unformed n1:unformed n0:going n2:going",
                      Rc(Errno::kPerm)),
            "");
  EXPECT_EQ(step.With("load alpha @0", "n2:unformed n0:unformed n1:unformed n1:going n0:going",
                      Rc(Errno::kPerm)),
            "n1:going of alpha: told, though nothing came up for it");
}

TEST(Invariants, I8HoldsOfChainsThatAProgramCalls) {
  Told step;
  step.after.notifiers.chains[1] = {3, {NotifierId{6}, NotifierId{4}, NotifierId{5}}};
  step.before = step.after;
  EXPECT_EQ(step.With("notify raw live", "n6:live n4:live n5:live"), "");
  EXPECT_EQ(step.With("notify raw live", "n4:live n6:live"),
            "n6:live: called out of the order of the chain");
  EXPECT_EQ(step.With("notify_reverse raw live", "n5:live n4:live n6:live"), "");
  EXPECT_EQ(step.With("notify_reverse raw live", "n6:live n4:live"),
            "n4:live: called out of the order of the chain");
  EXPECT_EQ(step.With("notify raw live 1", "n6:live n4:live"), "notify called past its limit");
  EXPECT_EQ(step.With("notify raw live", "n0:live"), "n0:live: called, but not on the chain");
  EXPECT_EQ(step.With("notify blocking live", "n6:live"), "n6:live: called, but not on the chain");
}

TEST(Invariants, I8RefusesToGoBackOnAChainOfRcu) {
  Told step;
  step.after.notifiers.chains[4] = {2, {NotifierId{6}, NotifierId{4}}};
  step.after.notifiers.chains[5] = {1, {NotifierId{5}}};
  step.before = step.after;
  EXPECT_EQ(step.With("notify atomic live", "n6:live n4:live"), "");
  EXPECT_EQ(step.With("notify srcu live", "n5:live"), "");
  EXPECT_EQ(step.With("notify_reverse atomic live", "", Rc(Errno::kInval)), "");
  EXPECT_EQ(step.With("notify_robust srcu coming going", "", Rc(Errno::kInval)), "");
  EXPECT_EQ(step.With("notify_reverse atomic live", "n4:live n6:live"),
            "notify_reverse: not refused, but chain atomic has no such call");
  EXPECT_EQ(step.With("notify_robust srcu coming going", "n5:coming"),
            "notify_robust: not refused, but chain srcu has no such call");
  EXPECT_EQ(step.With("notify_robust atomic coming going", ""),
            "notify_robust: not refused, but chain atomic has no such call");
}

TEST(Invariants, I8HoldsOfRobustCalls) {
  for (const std::string_view profile : {"linux-6.1", "rfc-notifier"}) {
    Told step(profile);
    step.after.notifiers.chains[1] = {3, {NotifierId{6}, NotifierId{4}, NotifierId{5}}};
    step.before = step.after;
    const std::string up = "n6:coming n4:coming n5:coming";
    const bool reverse = profile == "rfc-notifier";
    const auto with = [&](std::string_view down) {
      return step.With("notify_robust raw coming going", up + std::string(down));
    };
    EXPECT_EQ(with(""), "");
    EXPECT_EQ(with(reverse ? " n4:going n6:going" : " n6:going n4:going"), "");
    EXPECT_EQ(with(reverse ? " n6:going n4:going" : " n4:going n6:going"),
              reverse ? "n4:going: called out of the order of the chain"
                      : "n6:going: called out of the order of the chain");
    EXPECT_EQ(with(" n5:going"),
              "n5:going: told, though it was not called before the one that stopped");
    EXPECT_EQ(step.With("notify_robust raw coming going", "n6:coming n4:going"),
              "n4:going: told, though it was not called before the one that stopped");
    // One event for both ways: where it turns is where the order does.
    EXPECT_EQ(step.With("notify_robust raw live live", "n6:live n4:live n5:live n6:live"), "");
  }
}

TEST(Invariants, I18AnnouncesWhatSuitsTheState) {
  const auto at = [](Stage next, std::string_view log, int rc, std::string_view profile) {
    Told step(profile);
    step.before.modules[0].state =
        next <= Stage::kFormation ? ModuleState::kUnformed : ModuleState::kComing;
    step.before.modules[0].next = next;
    if (rc != 0) step.Gone();
    step.Do("load_step alpha", rc);
    step.Log(log);
    return step.Reason("I18");
  };
  const auto wrong = [](std::string_view call) {
    return std::string(call) + " of alpha: not announced in this state";
  };
  const int error = Rc(Errno::kNoMem);
  for (const std::string_view profile : {"linux-6.1", "rfc-notifier"}) {
    EXPECT_EQ(at(Stage::kComing, "n2:coming n0:coming", 0, profile), "");
    EXPECT_EQ(at(Stage::kComing, "n2:coming n0:coming n2:going", error, profile), "");
    EXPECT_EQ(at(Stage::kLive, "n2:live", 0, profile), "");
    EXPECT_EQ(at(Stage::kInit, "n2:going", error, profile), "");
    EXPECT_EQ(at(Stage::kInit, "n2:going", 0, profile), wrong("n2:going"));
    EXPECT_EQ(at(Stage::kParams, "n2:coming", 0, profile), wrong("n2:coming"));
    EXPECT_EQ(at(Stage::kInit, "n2:live", 0, profile), wrong("n2:live"));
    EXPECT_EQ(at(Stage::kArgs, "n2:going", error, profile), wrong("n2:going"));
    const bool by_chain = profile == "rfc-notifier";
    EXPECT_EQ(at(Stage::kRecords, "n2:unformed", 0, profile), by_chain ? "" : wrong("n2:unformed"));
    EXPECT_EQ(at(Stage::kFormation, "n2:going", error, profile), by_chain ? "" : wrong("n2:going"));
  }
}

TEST(Invariants, I18ReadsTheLogOfAWholeLoad) {
  const auto with = [](std::string_view line, std::string_view log, int rc = 0) {
    Told step;
    if (rc != 0) step.Gone();
    step.Do(line, rc);
    step.Log(log);
    return step.Reason("I18");
  };
  EXPECT_EQ(with("load alpha @0", "n2:coming n0:coming n2:live n0:live"), "");
  EXPECT_EQ(with("load alpha @0", "n2:live n2:coming"),
            "n2:coming of alpha: not announced in this state");
  EXPECT_EQ(with("load alpha @0", "n2:coming n2:live n2:going"),
            "n2:going of alpha: not announced in this state");
  EXPECT_EQ(with("load alpha @0", "n2:coming n2:live", Rc(Errno::kIo)),
            "n2:live of alpha: not announced in this state");
  EXPECT_EQ(with("load alpha @0", "n2:unformed"),
            "n2:unformed of alpha: not announced in this state");
  EXPECT_EQ(with("unload alpha", "n2:going"), "");
  EXPECT_EQ(with("unload alpha", "n2:coming"), "n2:coming of alpha: not announced in this state");
  EXPECT_EQ(with("unload alpha", "n2:going", Rc(Errno::kBusy)),
            "n2:going of alpha: not announced in this state");
  EXPECT_EQ(with("notify raw live", "n4:coming"), "n4:coming: not announced in this state");
  EXPECT_EQ(with("notify_robust raw coming live", "n4:going"),
            "n4:going: not announced in this state");
  EXPECT_EQ(with("register o3", "n4:live"), "register calls no chain");
  Told step;
  step.Do("unload alpha");
  step.outcome.log = {{NotifierId{2}, Event::kGoing, ModuleId{1}}};
  EXPECT_EQ(step.Reason("I18"), "n2:going of beta: not what this is about");
  step.outcome.log = {{NotifierId{9}, Event::kGoing, ModuleId{0}}};
  EXPECT_EQ(step.Reason("I18"), "a call of a notifier there is not");
}

TEST(Invariants, I9LetsAChainTouchOnlyNotifiers) {
  const auto with = [](std::string_view line, Errno error, auto change) {
    Told step;
    step.Do(line, Rc(error));
    step.outcome.answer = AnswerOf(error);
    change(step);
    return step.Reason("I9");
  };
  const auto hold = [](Step& s) { s.after.notifiers.held[4] = 1; };
  const auto hash = [](Step& s) {
    s.after.ops[5].filter.ips = {s.Ip("probe")};
    s.Count();
  };
  EXPECT_EQ(with("notify raw live", Errno::kNoMem, hold), "");
  EXPECT_EQ(with("notify raw live", Errno::kOk, hold), "");
  EXPECT_EQ(with("notify raw live", Errno::kOk, hash), "notify: records or ops changed");
  EXPECT_EQ(with("notify_robust raw live going", Errno::kBusy, hash),
            "notify_robust failed, but records or ops changed");
  EXPECT_EQ(with("notifier n3 raw 0", Errno::kOk, hold), "");
  EXPECT_EQ(with("notifier n3 raw 0", Errno::kOk, hash), "notifier: records or ops changed");
  EXPECT_EQ(with("notifier n2 raw 0", Errno::kBusy, hold), "notifier failed, but the View changed");
  EXPECT_EQ(with("unnotifier n3", Errno::kNoEnt, hold), "unnotifier failed, but the View changed");
  EXPECT_EQ(with("unnotifier n2", Errno::kOk, [](Step& s) { s.after.livepatch.enabled_count = 1; }),
            "unnotifier: livepatch changed");
  EXPECT_EQ(with("notify raw live", Errno::kOk, [](Step& s) { s.after.modules[0] = {}; }),
            "notify: modules changed");
  // What a script says shows when it is called.
  EXPECT_EQ(with("script n2 live ok", Errno::kOk, hold), "script only asks, but the View changed");
}

TEST(Invariants, I10ReturnsTheErrnoOfTheAnswer) {
  const auto with = [](std::string_view line, int rc, Answer answer) {
    Told step;
    step.Do(line, rc);
    step.outcome.answer = answer;
    return step.Reason("I10");
  };
  EXPECT_EQ(with("notify raw live", Rc(Errno::kNoMem), AnswerOf(Errno::kNoMem)), "");
  EXPECT_EQ(with("notify raw live", 0, kNotifyStop), "");
  EXPECT_EQ(with("notify raw live", -32766, 0xffff), "");
  EXPECT_EQ(with("notify raw live", 0, kNotifyBad),
            "notify returned 0, but the chain answered bad");
  EXPECT_EQ(with("notify_robust raw live live", Rc(Errno::kNoMem), kNotifyOk),
            "notify_robust returned -ENOMEM, but the chain answered ok");
  EXPECT_EQ(with("unload alpha", 0, kNotifyOk), "unload returned 0, but the chain answered ok");
  EXPECT_EQ(with("notifier n2 module 0", Rc(Errno::kExist), kNotifyDone), "");
  EXPECT_EQ(with("notifier n2 module 0", Rc(Errno::kInval), kNotifyDone),
            "notifier cannot return -EINVAL");
  EXPECT_EQ(with("unnotifier n2", Rc(Errno::kBusy), kNotifyDone),
            "unnotifier cannot return -EBUSY");
  EXPECT_EQ(with("script n2 live ok", Rc(Errno::kBusy), kNotifyDone),
            "script cannot return -EBUSY");
  EXPECT_EQ(with("patch p0 probe", Rc(Errno::kInval), kNotifyDone), "patch cannot return -EINVAL");
  EXPECT_EQ(with("disable p0", Rc(Errno::kBusy), kNotifyDone), "disable cannot return -EBUSY");
  // A notifier may refuse a load with a number that has no name.
  Told step;
  step.Do("load beta @2", -32766);
  EXPECT_EQ(step.Reason("I10"), "load cannot return -32766");
  step.Log("n2:coming");
  EXPECT_EQ(step.Reason("I10"), "");
}

}  // namespace
}  // namespace recount
