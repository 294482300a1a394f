// Random programs that boot, dense where early kprobes, repair and ftrace meet; and what tells each
// of their bugs.
#include "impl/fast/early_kprobes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/generate/chooser.h"
#include "impl/bugs/bugs.h"
#include "impl/fast/fast.h"
#include "impl/fast/side_by_side.h"
#include "model/op.h"
#include "model/profile.h"
#include "model/reference/reference.h"
#include "model/world.h"

namespace recount::fast {
namespace {

Op RandomBootOp(const World& world, Chooser* chooser) {
  const auto ops = [&] { return static_cast<OpsId>(chooser->Pick(2)); };
  const auto notifier = [&] { return static_cast<NotifierId>(chooser->Pick(2)); };
  const auto kprobe = [&] { return static_cast<KprobeId>(chooser->Pick(3)); };
  const auto place = [&]() -> Place {
    constexpr std::uint8_t kOffsets[] = {0, 0, 0, 0, 5, 8, 12, 3};
    const std::uint32_t functions = chooser->Chance(1, 3) ? world.core().count : 3;
    return {static_cast<FunctionId>(chooser->Pick(functions)), kOffsets[chooser->Pick(8)]};
  };
  switch (chooser->Pick(17)) {
    case 0:
    case 1:
    case 2:
      return AddKprobe{kprobe(), place(), chooser->Chance(1, 20), chooser->Chance(1, 20)};
    case 3:
      return RemoveKprobe{kprobe()};
    case 4:
    case 5:
      return Boot{};
    case 6:
      return Register{ops()};
    case 7:
      return Unregister{ops()};
    case 8:
      return SetFilterIp{.which = chooser->Chance(2, 3) ? Which::kFilter : Which::kNotrace,
                         .ops = ops(),
                         .remove = chooser->Chance(1, 3),
                         .reset = chooser->Chance(1, 5),
                         .places = {Place{place().function}}};
    case 9:
      return Hit{place().function};
    case 10:
      return Locate{place()};
    case 11:
      return SetOps{
          .ops = ops(), .save_regs = chooser->Chance(1, 2), .ipmodify = chooser->Chance(1, 4)};
    case 12:
    case 13: {
      constexpr FaultPoint kPoints[] = {FaultPoint::kWrite,       FaultPoint::kVerify,
                                        FaultPoint::kKprobeSlot,  FaultPoint::kHashCopy,
                                        FaultPoint::kRecordAlloc, FaultPoint::kWrite};
      return Fault{.point = kPoints[chooser->Pick(6)],
                   .nth = static_cast<std::uint16_t>(1 + chooser->Pick(6))};
    }
    case 14:
      return AddNotifier{.notifier = notifier(),
                         .chain = Chain::kTryFix,
                         .priority = static_cast<std::int32_t>(chooser->Pick(3)) - 1};
    case 15: {
      constexpr Answer kAnswers[] = {kNotifyDone, kNotifyOk,       kNotifyStop,
                                     kNotifyStop, kNotifyStopMask, kNotifyBad};
      return SetScript{.notifier = notifier(),
                       .event = Event::kFix,
                       .answer = kAnswers[chooser->Pick(6)],
                       .act = chooser->Chance(1, 4) ? Act::kAlloc : Act::kNone};
    }
    default:
      if (chooser->Chance(1, 2)) return KprobesArmed{chooser->Chance(1, 2)};
      return Load{.module = static_cast<ModuleId>(chooser->Pick(2)),
                  .slot = static_cast<SlotId>(chooser->Pick(2))};
  }
}

Program RandomBootProgram(std::string_view world, const NamedProfile& profile, std::uint64_t seed) {
  RandomChooser chooser(seed);
  Program program{.world = *BuiltinWorld(world), .profile = &profile, .from_boot = true};
  const std::uint32_t size = 8 + chooser.Pick(40);
  while (program.ops.size() < size) {
    program.ops.push_back(RandomBootOp(*program.world, &chooser));
  }
  return program;
}

class RandomBoots : public testing::TestWithParam<std::string_view> {};

TEST_P(RandomBoots, AgreeInEveryProfile) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const NamedProfile& profile : Profiles()) {
    const std::uint64_t programs = profile.name == "early-kprobe" ? 6000 : 300;
    for (std::uint64_t seed = 1; seed <= programs; ++seed) {
      ASSERT_EQ(sides.Disagreement(RandomBootProgram(GetParam(), profile, seed)), "")
          << "seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, RandomBoots, testing::Values("tiny", "small"),
                         [](const auto& info) { return std::string(info.param); });

#ifndef RECOUNT_NO_BUGS
struct Told {
  Bug bug;
  std::string_view text;
};

constexpr Told kTold[] = {
    {Bug::kEarlyUnsortedSearch, "from boot\nboot\nlocate core_write\n"},
    {Bug::kEarlyLookupBeforeInit, "from boot\nboot\nlocate core_write\n"},
    {Bug::kEarlyMissingMakeNop, "from boot\nboot\nkprobe k0 core_read\nunkprobe k0\nboot\n"},
    {Bug::kEarlyMissingTryfix, "from boot\nboot\nkprobe k0 core_read\nboot\nregister o0\n"},
    {Bug::kEarlyMissingTryfix, "notifier n0 tryfix 0\nfault write 1\nregister o0\n"},
    {Bug::kEarlyProbeReservedArea, "from boot\nkprobe k0 core_slots\n"},
    {Bug::kEarlySlotsExhausted, "from boot\nkprobe k0 core_lock\nunkprobe k0\n"},
    {Bug::kEarlyEnabledFlagMixup, "from boot\nkprobe k0 core_lock\nboot\nboot\nboot\n"},
    {Bug::kEarlyMissedEventsWindow, "from boot\nboot\nkprobe k0 core_read\nboot\nhit core_read\n"},
    {Bug::kEarlyProbeNotConverted,
     "from boot\nboot\nkprobe k0 core_read\nboot\nregister o0\nboot\n"},
    {Bug::kEarlyFlagsChangedOnFailedPatch, "fault write 1\nregister o0\n"},
    {Bug::kEarlyFlagsChangedOnFailedPatch,
     "from boot\nboot\nkprobe k0 core_read\nboot\nregister o0\nhit core_read\n"},
};

TEST(EarlyKprobes, AShortProgramTellsEachOfTheirBugs) {
  SideBySide clean(MakeReference(), MakeFast());
  for (const Told& told : kTold) {
    const std::string_view id = Bugs()[static_cast<std::size_t>(told.bug)].id;
    const Program program = Parsed(told.text, "early-kprobe");
    EXPECT_EQ(clean.Disagreement(program), "") << id;
    SideBySide sides(MakeReference(), MakeFast(BugSet(told.bug)));
    EXPECT_NE(sides.Disagreement(program), "") << id;
  }
}

TEST(EarlyKprobes, TheProcessLivesWithAnyOfTheirBugs) {
  for (const Told& told : kTold) {
    const auto fast = MakeFast(BugSet(told.bug));
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      ExpectLivesThrough(RandomBootProgram("small", *FindProfile("early-kprobe"), seed),
                         fast.get());
    }
  }
}
#endif

// Of kprobes that come and go before they are converted a NOP is left, which ftrace_init() makes
// anyway.
TEST(EarlyKprobes, NothingIsLeftOfThemWhenAllAreGoneBeforeTheConversion) {
  const auto run = [](std::string_view text, View* view) {
    const Program program = Parsed(text, "early-kprobe");
    const auto fast = MakeFast();
    fast->Reset(program.world, program.Rules());
    for (const Op& op : program.ops) ASSERT_EQ(fast->Apply(op).rc, 0) << text;
    fast->Observe(view);
  };
  View with, without;
  run("from boot\nboot\nkprobe k0 core_read\nkprobe k1 core_write+5\nboot\nregister o0\n"
      "unkprobe k0\nunkprobe k1\nboot\n",
      &with);
  run("from boot\nboot\nboot\nregister o0\nboot\n", &without);
  EXPECT_EQ(with, without);
  run("from boot\nboot\nkprobe k0 core_read\nunkprobe k0\nboot\nboot\n", &with);
  run("", &without);
  EXPECT_EQ(with, without);
}

}  // namespace
}  // namespace recount::fast
