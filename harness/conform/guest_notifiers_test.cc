#include "harness/conform/guest_notifiers.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

WorldPtr SmallWorld() {
  const absl::StatusOr<WorldPtr> world = FindBuiltinWorld("small");
  EXPECT_TRUE(world.ok()) << world.status();
  return *world;
}

// What `ops` become, one text each; "|" for one that is out of scope.
std::vector<std::string> Translated(GuestNotifiers* notifiers,
                                    const std::vector<std::string>& guest_ops) {
  const WorldPtr world = SmallWorld();
  std::vector<std::string> texts;
  for (const std::string& guest_op : guest_ops) {
    const std::vector<std::string> words = absl::StrSplit(guest_op, ' ');
    std::vector<Op> ops;
    const bool known = notifiers->Apply(words, &ops);
    for (const Op& op : ops) texts.push_back(PrintOp(*world, op));
    if (!known) texts.push_back("|");
  }
  return texts;
}
std::vector<std::string> Translated(const std::vector<std::string>& guest_ops) {
  GuestNotifiers notifiers;
  return Translated(&notifiers, guest_ops);
}

TEST(GuestNotifiers, OfModules) {
  EXPECT_THAT(Translated({"nb 0 reg 2147483647", "nb 0 ret UNFORMED stop",
                          "nb 0 ret GOING stopmask", "nb 0 unreg"}),
              ElementsAre("notifier n0 module 2147483647", "script n0 unformed stop",
                          "script n0 going 0x8000", "unnotifier n0"));
}

TEST(GuestNotifiers, OfChainsOfTheirOwn) {
  EXPECT_THAT(
      Translated({"ch raw reg 3 -5", "ch raw ret 3 1 5", "ch raw ret 3 0 -30000", "ch raw unreg 3",
                  "ch raw call 3", "ch raw robust 3 0"}),
      ElementsAre("notifier n3 raw -5", "script n3 coming 0x5", "script n3 live 0xf531",
                  "unnotifier n3", "notify raw unformed", "notify_robust raw unformed live"));
}

TEST(GuestNotifiers, OnlyARawChainHasNoUniquePriorities) {
  EXPECT_THAT(Translated({"ch blk regu 0 5"}), ElementsAre("notifier n0 blocking 5 unique"));
  EXPECT_THAT(Translated({"ch atomic regu 0 5"}), ElementsAre("notifier n0 atomic 5 unique"));
  EXPECT_THAT(Translated({"ch raw regu 0 5"}), ElementsAre("notifier n0 raw 5"));
}

TEST(GuestNotifiers, ClearTakesBackWhatWasScripted) {
  EXPECT_THAT(Translated({"nb 2 clr"}), IsEmpty());
  EXPECT_THAT(Translated({"nb 2 ret LIVE ok", "nb 2 ret GOING bad", "nb 2 clr", "nb 2 clr"}),
              ElementsAre("script n2 live ok", "script n2 going bad", "script n2 live done",
                          "script n2 going done"));
  EXPECT_THAT(Translated({"ch raw ret 2 1 ok", "ch raw clr 2"}),
              ElementsAre("script n2 coming ok", "script n2 coming done"));
}

TEST(GuestNotifiers, BlocksOfTwoChainsAreTwo) {
  GuestNotifiers notifiers;
  EXPECT_THAT(Translated(&notifiers, {"nb 1 reg 0", "ch raw reg 1 0", "ch blk reg 0 0",
                                      "nb 1 unreg", "ch raw unreg 1", "ch raw reg 40 0"}),
              ElementsAre("notifier n1 module 0", "notifier n0 raw 0", "notifier n2 blocking 0",
                          "unnotifier n1", "unnotifier n0", "notifier n3 raw 0"));
  EXPECT_EQ(notifiers.table()[1], (GuestNotifier{Chain::kModule, 1}));
  EXPECT_EQ(notifiers.table()[3], (GuestNotifier{Chain::kRaw, 40}));
  EXPECT_EQ(notifiers.table()[4], std::nullopt);
}

TEST(GuestNotifiers, WhatTheLanguageCannotSay) {
  for (const char* op : {
           "ch raw call 5",            // no Event
           "ch raw ret 0 9 stop",      // the same
           "ch raw ret 0 1 65536",     // not in 16 bits
           "ch raw ret 0 1 -32767",    // the same
           "nb 0 ret COMING 5",        // -EPERM or so, unless one of the kernel's own comes later
           "nb 0 reg 99999999999999",  // no int
           "ch rcu reg 0 1",
           "nb 0",
           "nb 0 regu 5",
           "nb 0 call",
           "ch raw reg",
           "ch raw frobnicate 1",
       }) {
    EXPECT_THAT(Translated({op}), ElementsAre("|")) << op;
  }
  EXPECT_THAT(Translated({"ch atomic call 1", "ch atomic robust 1 2"}),
              ElementsAre("notify atomic coming", "|"));
  EXPECT_THAT(Translated({"nb 0 clr", "nb 1 clr", "nb 2 clr", "nb 3 clr", "nb 4 clr", "nb 5 clr",
                          "nb 6 clr", "nb 7 clr", "ch raw clr 0"}),
              ElementsAre("|"));
}

TEST(GuestNotifiers, TheLogNamesThemAsTheRecorderDoes) {
  const WorldPtr world = SmallWorld();
  const ModuleId alpha = *world->FindModule("alpha");
  GuestNotifierTable table{};
  table[4] = GuestNotifier{Chain::kModule, 1};
  table[5] = GuestNotifier{Chain::kRaw, 12};
  const std::vector<NotifierCall> of_modules = {{NotifierId{4}, Event::kComing, alpha},
                                                {NotifierId{4}, Event::kLive, alpha}};
  const std::vector<NotifierCall> of_raw = {{NotifierId{5}, Event::kGoing, kCore}};
  const std::vector<std::string> module_log = {"m1 COMING alpha", "m1 LIVE alpha"};
  const std::vector<std::string> raw_log = {"c12 2"};
  EXPECT_EQ(GuestLog(*world, table, of_modules), module_log);
  EXPECT_EQ(GuestLog(*world, table, of_raw), raw_log);
  EXPECT_EQ(CallsInLog(*world, table, Chain::kModule, module_log), of_modules);
  EXPECT_EQ(CallsInLog(*world, table, Chain::kRaw, raw_log), of_raw);
  // Nobody of that chain, no such module, no such event.
  EXPECT_EQ(CallsInLog(*world, table, Chain::kBlocking, raw_log), std::nullopt);
  for (const char* line : {"m1 COMING nosuch", "m0 COMING alpha"}) {
    const std::string log[] = {line};
    EXPECT_EQ(CallsInLog(*world, table, Chain::kModule, log), std::nullopt) << line;
  }
  const std::string log[] = {"c12 7"};
  EXPECT_EQ(CallsInLog(*world, table, Chain::kRaw, log), std::nullopt);
  // One that the guest does not have.
  const NotifierCall stranger[] = {{NotifierId{0}, Event::kGoing, alpha}};
  EXPECT_THAT(GuestLog(*world, table, stranger), ElementsAre("n0 going"));
}

TEST(GuestNotifiers, AnswersAreWrittenAsTheGuestDoes) {
  const struct {
    Answer answer;
    const char* out;
  } cases[] = {{kNotifyDone, "ret=0x0 errno=0"},
               {kNotifyStop, "ret=0x8001 errno=0"},
               {kNotifyBad, "ret=0x8002 errno=-1"},
               {AnswerOf(Errno::kInval), "ret=0x8017 errno=-22"},
               {5, "ret=0x5 errno=-4"}};
  for (const auto& c : cases) {
    EXPECT_EQ(GuestAnswerText(c.answer), c.out);
    EXPECT_EQ(AnswerInOut(c.out), c.answer);
  }
  for (const char* out : {"", "ret=", "ret=0x", "ret=0x5", "ret=0x5 errno=0", "ret=0x10000 errno=0",
                          "ret=0x5 errno=-4 "}) {
    EXPECT_EQ(AnswerInOut(out), std::nullopt) << out;
  }
}

}  // namespace
}  // namespace recount
