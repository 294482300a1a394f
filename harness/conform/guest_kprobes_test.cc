#include "harness/conform/guest_kprobes.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/conform/test_recording.h"
#include "harness/conform/translate.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> KprobeOps(const std::vector<Done>& steps,
                                   const std::string& kernel = "6.1.0") {
  const Recording recording = Record(steps, kernel);
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  if (!universe.ok()) return {std::string(universe.status().message())};
  const Translation translation = Translate(*universe, recording.sequences[0]);
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < translation.steps.size(); ++i) {
    for (const Op& op : translation.steps[i].ops) texts.push_back(PrintOp(*universe->world(), op));
  }
  return texts;
}

TEST(GuestKprobes, AreKprobesAndTheGuestsOwnAnswersAreNothing) {
  EXPECT_THAT(KprobeOps({{"kp 0 unreg", -6, "0x1000"},
                         {"kp 0 reg nosuch", -2, "0x1000"},
                         {"kp 0 reg tgA_f0 post dis", 0, "0x1000"},
                         {"kp 0 reg tgA_f0", -87, "0x1000"},
                         {"kp 0 en", 0, "0x1000"},
                         {"kp 0 rereg", -22, "0x1000"},
                         {"kp 0 dis", 0, "0x1000"},
                         {"kp 0 unreg", 0, "0x1000"},
                         {"kp 3 reg tgA:tgA_nt+1", -84, "0x1000"}}),
              ElementsAre("kprobe k0 tgA_f0 post disabled", "enable_kprobe k0",
                          "kprobe k0 tgA_f0 post disabled", "disable_kprobe k0", "unkprobe k0",
                          "kprobe k3 tgA_nt+1"));
}

TEST(GuestKprobes, AnEndbrMovesThemBehindItAndNoneIntoIt) {
  EXPECT_THAT(KprobeOps({{"kp 0 reg tgA_f0+4", 0, "0x1000"},
                         {"kp 1 reg tgA_f1+1", -84, "0x1000"},
                         {"kp 2 reg tgA_f2", 0, "0x1000"}},
                        "6.12.1"),
              ElementsAre("kprobe k0 tgA_f0", "kprobe k1 tgA_f1+1", "kprobe k2 tgA_f2"));
}

TEST(GuestKprobes, OfOneNameTheModuleThatCameLastIsMeant) {
  Recording recording = Record({{"kp 0 reg tg_shared", 0, "0x1000"}});
  std::vector<RecordedStep>& steps = recording.sequences[0].steps;
  for (RecordedStep& step : steps) step.mods.insert(step.mods.begin(), {"tgB", 0x2000});
  steps[0].recs.push_back({"tgB", {{"tg_shared", 0, "-"}}});
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  ASSERT_TRUE(universe.ok()) << universe.status();
  const Translation translation = Translate(*universe, recording.sequences[0]);
  ASSERT_EQ(translation.steps.size(), 2u);
  EXPECT_EQ(PrintOp(*universe->world(), translation.steps[1].ops.at(0)), "kprobe k0 tgB:tg_shared");
}

TEST(GuestKprobes, SayWhyTheyAreOutOfScope) {
  const struct {
    Done done;
    const char* why;
  } cases[] = {
      {{"kp 4 reg tgA_f0", 0, "0x1000"}, "the language has k0..k3"},
      {{"kp 0 reg tgA_f0+5", 0, "0x1000"}, "an offset behind the first instruction"},
      {{"kp 0 reg do_exit", 0, "0x1000"}, "a function that no recording shows"},
      {{"kp 0 rereg", -22, "0x1000"}, "nobody saw what is registered again"},
  };
  for (const auto& c : cases) {
    const Recording recording = Record({c.done});
    const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
    ASSERT_TRUE(universe.ok()) << universe.status();
    const Translation translation = Translate(*universe, recording.sequences[0]);
    EXPECT_EQ(translation.out_of_scope, c.done.op);
    EXPECT_EQ(translation.why, c.why);
  }
}

}  // namespace
}  // namespace recount
