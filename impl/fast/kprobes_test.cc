// Random programs about kprobes, against the reference and with known bugs.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "impl/bugs/bugs.h"
#include "impl/fast/fast.h"
#include "impl/fast/side_by_side.h"
#include "model/op.h"
#include "model/profile.h"
#include "model/reference/reference.h"
#include "model/world.h"

namespace recount::fast {
namespace {

// Mostly kprobes, on few functions so that they meet; and of everything else what they meet with.
Op RandomKprobeOp(const World& world, Chooser* chooser) {
  const auto kprobe = [&] { return static_cast<KprobeId>(chooser->Pick(kKprobeCount)); };
  const auto function = [&] {
    const auto count = static_cast<std::uint32_t>(world.functions().size());
    return static_cast<FunctionId>(chooser->Pick(chooser->Chance(1, 3) ? count : 4));
  };
  const auto module = [&] {
    return static_cast<ModuleId>(
        chooser->Pick(static_cast<std::uint32_t>(world.modules().size()) - 1));
  };
  const auto ops = [&] { return static_cast<OpsId>(chooser->Pick(3)); };
  const auto place = [&]() -> Place {
    constexpr std::array<std::uint8_t, 8> kOffsets = {0, 0, 0, 0, 0, 5, 8, 3};
    FunctionId id = function();
    if (chooser->Chance(1, 2)) {
      const Module& image = world.module(module());
      id = static_cast<FunctionId>(image.first + chooser->Pick(image.count));
    }
    return {id, kOffsets[chooser->Pick(kOffsets.size())]};
  };
  switch (chooser->Pick(30)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return AddKprobe{kprobe(), place(), chooser->Chance(1, 3), chooser->Chance(1, 5)};
    case 6:
    case 7:
      return RemoveKprobe{kprobe()};
    case 8:
    case 9:
    case 10:
      return EnableKprobe{kprobe()};
    case 11:
    case 12:
      return DisableKprobe{kprobe()};
    case 13:
      return KprobesArmed{chooser->Chance(1, 2)};
    case 14:
    case 15:
    case 16:
      return Hit{place().function};
    case 17:
    case 18: {
      constexpr FaultPoint kPoints[] = {FaultPoint::kHashCopy,    FaultPoint::kHashMove,
                                        FaultPoint::kKprobeAlloc, FaultPoint::kKprobeSlot,
                                        FaultPoint::kStage,       FaultPoint::kRecordAlloc,
                                        FaultPoint::kHashCopy,    FaultPoint::kHashMove};
      const bool verify = chooser->Chance(1, 20);
      return Fault{.point = verify ? FaultPoint::kVerify : kPoints[chooser->Pick(8)],
                   .nth = static_cast<std::uint16_t>(1 + chooser->Pick(3))};
    }
    case 19:
    case 20:
      return LoadStep{module()};
    case 21:
      return LoadBegin{module(), static_cast<SlotId>(chooser->Pick(2))};
    case 22: {
      Load load{module(), static_cast<SlotId>(chooser->Pick(2))};
      if (chooser->Chance(1, 4)) load.failure = StageFailure{Stage::kInit};
      return load;
    }
    case 23:
      return Unload{module()};
    case 24:
      return chooser->Chance(1, 2) ? Op(Register{ops()}) : Op(Unregister{ops()});
    case 25:
      return SetFilterIp{
          .ops = ops(), .remove = chooser->Chance(1, 4), .places = {Place{function(), 0}}};
    case 26:
      return SetOps{.ops = ops(),
                    .user = chooser->Chance(1, 3) ? User::kTracer : User::kKernel,
                    .save_regs = chooser->Chance(1, 2),
                    .ipmodify = chooser->Chance(1, 2)};
    case 27:
      if (chooser->Chance(1, 2)) {
        return AddNotifier{.notifier = static_cast<NotifierId>(chooser->Pick(2)),
                           .priority = static_cast<std::int32_t>(chooser->Pick(3)) - 1};
      }
      return SetScript{.notifier = static_cast<NotifierId>(chooser->Pick(2)),
                       .event = static_cast<Event>(chooser->Pick(kEventCount)),
                       .answer = chooser->Chance(1, 2) ? kNotifyBad : kNotifyOk};
    case 28: {
      const auto patch = static_cast<PatchId>(chooser->Pick(2));
      if (chooser->Chance(1, 3)) return SetPatch{.patch = patch, .functions = {function()}};
      return chooser->Chance(1, 2) ? Op(EnablePatch{patch}) : Op(DisablePatch{patch});
    }
    default:
      return RandomOp(world, chooser);
  }
}

Program RandomKprobeProgram(std::string_view world, const NamedProfile& profile,
                            std::uint64_t seed) {
  RandomChooser chooser(seed);
  Program program{.world = *BuiltinWorld(world), .profile = &profile};
  const std::uint32_t size = 10 + chooser.Pick(70);
  while (program.ops.size() < size) {
    program.ops.push_back(RandomKprobeOp(*program.world, &chooser));
  }
  return program;
}

class RandomKprobes : public testing::TestWithParam<std::string_view> {};

TEST_P(RandomKprobes, AgreeInEveryProfile) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const NamedProfile& profile : Profiles()) {
    for (std::uint64_t seed = 1; seed <= 700; ++seed) {
      ASSERT_EQ(sides.Disagreement(RandomKprobeProgram(GetParam(), profile, seed)), "")
          << "seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, RandomKprobes, testing::Values("tiny", "small"),
                         [](const auto& info) { return std::string(info.param); });

#ifndef RECOUNT_NO_BUGS
constexpr Bug kKprobeBugs[] = {
    Bug::kKprobeFtraceNullOnModuleFree, Bug::kKillKprobeTwice,  Bug::kKillKprobeFlagOrder,
    Bug::kAggrPosthandlerFtrace,        Bug::kArmFailFlagsLeft, Bug::kDisarmErrorIgnored,
    Bug::kKprobeDoubleRegister,
};

TEST(Kprobes, RandomProgramsTellEachOfTheirBugs) {
  for (const Bug bug : kKprobeBugs) {
    SideBySide sides(MakeReference(), MakeFast(BugSet(bug)));
    std::uint64_t seed = 1;
    const NamedProfile& profile = *FindProfile("linux-6.1");
    while (seed <= 3000 &&
           sides.Disagreement(RandomKprobeProgram("small", profile, seed)).empty()) {
      ++seed;
    }
    EXPECT_LE(seed, 3000u) << Bugs()[static_cast<std::size_t>(bug)].id;
  }
}

TEST(Kprobes, TheProcessLivesWithAnyOfTheirBugs) {
  for (const Bug bug : kKprobeBugs) {
    const auto fast = MakeFast(BugSet(bug));
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      ExpectLivesThrough(RandomKprobeProgram("small", *FindProfile("linux-6.1"), seed), fast.get());
    }
  }
}
#endif

TEST(Kprobes, NothingIsLeftOfThemWhenAllAreGone) {
  const Program program = Parsed(
      "kprobe k0 core_read\nkprobe k1 core_read post\nkprobe k2 probe+5\nkprobe k3 core_write\n"
      "unkprobe k0\nunkprobe k1\nunkprobe k2\nunkprobe k3\n");
  const auto fast = MakeFast();
  fast->Reset(program.world, program.Rules());
  View before, after;
  fast->Observe(&before);
  for (const Op& op : program.ops) ASSERT_EQ(fast->Apply(op).rc, 0);
  fast->Observe(&after);
  EXPECT_EQ(after, before);
  ASSERT_EQ(fast->Apply(program.ops[0]).rc, 0);
  fast->Observe(&after);
  EXPECT_EQ(after.ledger.hash_entries, 1u);
  fast->Reset(program.world, program.Rules());
  fast->Observe(&after);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace recount::fast
