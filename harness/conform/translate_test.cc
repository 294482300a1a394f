#include "harness/conform/translate.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/conform/test_recording.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::ElementsAre;

// The operations that `steps` become, one text each; "| OP" when one is out of scope.
std::vector<std::string> Translated(const std::vector<Done>& steps,
                                    const std::string& kernel = "6.1.0") {
  const Recording recording = Record(steps, kernel);
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  if (!universe.ok()) return {std::string(universe.status().message())};
  const Translation translation = Translate(*universe, recording.sequences[0]);
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < translation.steps.size(); ++i) {
    for (const Op& op : translation.steps[i].ops) texts.push_back(PrintOp(*universe->world(), op));
  }
  if (translation.out_of_scope) texts.push_back("| " + *translation.out_of_scope);
  return texts;
}

TEST(Universe, HoldsWhatARecordingNamesAndTheTargetsOfTheGuest) {
  const Recording recording = Record({{"rmmod tgA", 0, ""},
                                      {"insmod tgA", 0, "0x3000"},
                                      {"ops 0 ip tgA:tgA_odd 0 0", -22, "0x3000"},
                                      {"ops 0 ip tgA:tgA_gone 0 0", -3, "0x3000"},
                                      {"rmmod other", -2, "0x3000"}});
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  ASSERT_TRUE(universe.ok()) << universe.status();
  const World& world = *universe->world();
  EXPECT_EQ(world.name(), "f.world");
  ASSERT_EQ(world.modules().size(), 2u);
  EXPECT_EQ(world.modules()[0].name, "other");
  EXPECT_EQ(world.modules()[0].count, 0u);
  const ModuleId tg = *world.FindModule("tgA");
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < world.module(tg).count; ++i) {
    names.push_back(world.functions()[world.module(tg).first + i].name);
  }
  EXPECT_THAT(names, ElementsAre("tg_shared", "tgA_f0", "tgA_f1", "tgA_f2", "tgA_f3", "tgA_odd",
                                 "tgA_nt", "tgA_initfn", "init_module"));
  EXPECT_EQ(world.function(*universe->FindFunction(tg, "tgA_odd")).kind, FunctionKind::kNotrace);
  EXPECT_EQ(universe->FindFunction(tg, "tgA_gone"), std::nullopt);
  // Two base addresses and the spare, too far apart to overlap.
  EXPECT_EQ(world.slot_count(), 3u);
  EXPECT_NE(universe->SlotOf(0x1000), universe->SlotOf(0x3000));
  EXPECT_EQ(Index(universe->spare_slot()), 2u);
  EXPECT_GE(world.SlotAddress(SlotId{1}) - world.SlotAddress(SlotId{0}),
            names.size() * World::kFunctionStride);
}

TEST(Translate, ModulesWithTheirParameters) {
  EXPECT_THAT(
      Translated({{"rmmod tgA", 0, ""},
                  {"insmod tgA init_ret=-5 init_calls=1", -5, ""},
                  {"insmod tgA init_ret=x", -22, ""},
                  {"insmod tgA nosuch=1", 0, "0x1000"},
                  {"insmod tgA init_ret=5", -17, "0x1000"},
                  {"insmod tgA init_ret=-999", -999, ""}}),
      ElementsAre("unload tgA", "load tgA @1 fail=init:EIO", "load tgA @1 fail=params:EINVAL",
                  "load tgA @0", "load tgA @1", "| insmod tgA init_ret=-999"));
}

TEST(Translate, FilesOfTheGlobalTracer) {
  EXPECT_THAT(Translated({{"echo tgA_f0 tgA_f1 > set_ftrace_filter", 0, "0x1000"},
                          {"echo !tgA_f* >> set_ftrace_notrace", 0, "0x1000"},
                          {"echo '' > set_ftrace_filter", 0, "0x1000"},
                          {"echo nop > current_tracer", 0, "0x1000"},
                          {"echo function > current_tracer", 0, "0x1000"},
                          {"echo function > current_tracer", 0, "0x1000"},
                          {"echo nop > current_tracer", 0, "0x1000"},
                          {"echo 0 > /proc/sys/kernel/ftrace_enabled", 0, "0x1000"},
                          {"read set_ftrace_filter", 0, "0x1000"},
                          {"echo 1 > tracing_on", 0, "0x1000"}}),
              ElementsAre("filter o7 reset tgA_f0", "filter o7 tgA_f1", "notrace o7 !tgA_f*",
                          "filter o7 reset -", "register o7", "unregister o7", "ftrace_enabled 0",
                          "| echo 1 > tracing_on"));
}

TEST(Translate, OpsOfTheGuest) {
  EXPECT_THAT(
      Translated({{"ops 2 flags IPMODIFY SAVE_REGS", 0, "0x1000"},
                  {"ops 2 filter tg?_f* 1", 0, "0x1000"},
                  {"ops 2 notrace - 0", -22, "0x1000"},
                  {"ops 2 ip tgA:tgA_f1+1 1 0", -2, "0x1000"},
                  {"ops 2 ip 0x1234 0 1", -22, "0x1000"},
                  {"ops 2 reg", 0, "0x1000"},
                  {"ops 2 unreg", 0, "0x1000"},
                  {"call tgA 4", 0, "0x1000"},
                  {"ops 7 reg", 0, "0x1000"}}),
      ElementsAre("ops o2 kernel save_regs ipmodify", "filter o2 reset tg?_f*", "notrace o2 -",
                  "filter_ip o2 remove tgA_f1+1", "filter_ip o2 reset no_call_site", "register o2",
                  "unregister o2", "hit tg_shared", "| ops 7 reg"));
}

TEST(Translate, AnEndbrMovesPlacesBehindIt) {
  const std::vector<Done> steps = {{"ops 0 ip tgA:tgA_f1 0 0", 0, "0x1000"},
                                   {"ops 0 ip tgA:tgA_f1+1 0 0", -22, "0x1000"},
                                   {"ops 0 ip tgA:tgA_f1+8 0 0", 0, "0x1000"}};
  EXPECT_THAT(Translated(steps, "6.12.1"),
              ElementsAre("filter_ip o0 tgA_f1", "filter_ip o0 tgA_f1+5", "filter_ip o0 tgA_f1+4"));
  EXPECT_THAT(Translated(steps, "6.1.1"),
              ElementsAre("filter_ip o0 tgA_f1", "filter_ip o0 tgA_f1+1", "filter_ip o0 tgA_f1+8"));
}

TEST(Translate, NotifiersAndTheirChains) {
  EXPECT_THAT(
      Translated({{"nb 1 reg -10", 0, "0x1000"},
                  {"nb 1 ret COMING -12", 0, "0x1000"},
                  {"nb 1 clr", 0, "0x1000"},
                  {"nb 1 unreg", 0, "0x1000"},
                  {"ch raw reg 0 5", 0, "0x1000"},
                  {"ch raw call 1", 0, "0x1000"},
                  {"ch raw robust 1 2", 0, "0x1000"},
                  {"ch raw call 5", 0, "0x1000"}}),
      ElementsAre("notifier n1 module -10", "script n1 coming -ENOMEM", "script n1 coming done",
                  "unnotifier n1", "notifier n0 raw 5", "notify raw coming",
                  "notify_robust raw coming going", "| ch raw call 5"));
}

// The notifiers are the language's own: what they refuse is not said again.
TEST(Translate, ALoadThatANotifierRefusesIsALoad) {
  EXPECT_THAT(Translated({{"rmmod tgA", 0, ""},
                          {"nb 0 reg 5", 0, ""},
                          {"nb 0 ret COMING bad", 0, ""},
                          {"insmod tgA init_ret=-5", -1, ""}}),
              ElementsAre("unload tgA", "notifier n0 module 5", "script n0 coming bad",
                          "load tgA @1 fail=init:EIO"));
}

TEST(Translate, ALivepatchModuleEnablesItsPatchInInit) {
  const Recording recording = Record({{"insmod tklp obj=tgA fn0=tgA_f1 fn1=tgA_f0", 0, "0x1000"},
                                      {"klpwait tklp", 0, "0x1000"},
                                      {"insmod tklp", -17, "0x1000"},
                                      {"echo 0 > /sys/kernel/livepatch/tklp/enabled", 0, "0x1000"},
                                      {"rmmod tklp", 0, "0x1000"}});
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  ASSERT_TRUE(universe.ok()) << universe.status();
  const Translation translation = Translate(*universe, recording.sequences[0]);
  ASSERT_EQ(translation.steps.size(), 6u);
  const auto texts = [&](std::size_t step) {
    std::vector<std::string> result;
    for (const Op& op : translation.steps[step].ops) {
      result.push_back(PrintOp(*universe->world(), op));
    }
    return result;
  };
  // percpu to init_alloc; init, live, free_init.
  std::vector<std::string> load = {"load_begin tklp @1"};
  load.insert(load.end(), 11, "load_step tklp");
  load.insert(load.end(), {"patch p0 tgA_f1 tgA_f0", "enable p0"});
  load.insert(load.end(), 3, "load_step tklp");
  EXPECT_EQ(texts(1), load);
  EXPECT_EQ(translation.steps[2].kind, StepPlan::Kind::kWait);
  EXPECT_EQ(translation.steps[2].patch, PatchId{0});
  EXPECT_THAT(texts(3), ElementsAre("load tklp @1"));
  EXPECT_THAT(texts(4), ElementsAre("disable p0"));
  EXPECT_THAT(texts(5), ElementsAre("unload tklp"));
}

TEST(Translate, LivepatchesThatTheLanguageCannotSay) {
  for (const auto& [op, rc] : std::initializer_list<std::pair<const char*, int>>{
           {"insmod tklp", 0},
           {"insmod tklp obj=tgA", 0},
           {"insmod tklp fn0=tgA_f0", 0},
           {"insmod tklp obj=nosuch fn0=tgA_f0", 0},
           {"insmod tklp obj=tgA fn0=nosuch", 0},
           {"insmod tklp obj=tgA fn1=tgA_f0", 0},
           {"insmod tklp obj=tgA fn0=tgA_f0 replace=1", 0},
           {"insmod tklp obj=tgA fn0=tgA_f0 replace", 0},
           {"insmod tklp obj=tgA fn0=tgA_f0", -16},
           {"rmmod tklp", -11},
           {"klpwait tgA", 0},
           {"echo 1 > /sys/kernel/livepatch/tklp/enabled", 0},
           {"echo 0 > /sys/kernel/livepatch/tklr/enabled", 0}}) {
    EXPECT_THAT(Translated({{op, rc, "0x1000"}}), ElementsAre("| " + std::string(op)));
  }
}

}  // namespace
}  // namespace recount
