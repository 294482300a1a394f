// Random programs, dense where jumps, neighbours and the worker meet; and what tells each of their
// bugs.
#include "impl/fast/optprobes.h"

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

// All within two functions of the core and two of a module that comes and goes.
Op RandomJumpOp(const World& world, Chooser* chooser) {
  const auto kprobe = [&] { return static_cast<KprobeId>(chooser->Pick(kKprobeCount)); };
  const auto place = [&]() -> Place {
    constexpr std::uint8_t kOffsets[] = {5, 5, 8, 8, 8, 12, 0, 3};
    const Module& image = chooser->Chance(1, 3) ? world.modules()[0] : world.core();
    return {static_cast<FunctionId>(image.first + chooser->Pick(2)), kOffsets[chooser->Pick(8)]};
  };
  switch (chooser->Pick(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return AddKprobe{kprobe(), place(), chooser->Chance(1, 6), chooser->Chance(1, 5)};
    case 4:
    case 5:
    case 6:
      return RemoveKprobe{kprobe()};
    case 7:
      return EnableKprobe{kprobe()};
    case 8:
    case 9:
      return DisableKprobe{kprobe()};
    case 10:
      return KprobesArmed{chooser->Chance(2, 3)};
    case 11:
      return Load{ModuleId{0}, SlotId{0}, std::nullopt};
    case 12:
      if (chooser->Chance(1, 2)) return Unload{ModuleId{0}};
      return Fault{
          .point = chooser->Chance(1, 2) ? FaultPoint::kKprobeAlloc : FaultPoint::kKprobeSlot,
          .nth = 1};
    case 13:
      return Hit{place().function};
    default:
      return Optimize{};
  }
}

Program RandomJumpProgram(std::uint64_t seed) {
  RandomChooser chooser(seed);
  Program program{.world = *BuiltinWorld("small"), .profile = FindProfile("early-kprobe")};
  for (int i = 0; i < 60; ++i) program.ops.push_back(RandomJumpOp(*program.world, &chooser));
  return program;
}

TEST(Optprobes, AgreeWithTheReferenceOnAnything) {
  SideBySide sides(MakeReference(), MakeFast());
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    ASSERT_EQ(sides.Disagreement(RandomJumpProgram(seed)), "") << "seed " << seed;
  }
}

#ifndef RECOUNT_NO_BUGS
constexpr struct {
  Bug bug;
  std::string_view text;
} kCases[] = {
    {Bug::kKprobesAllDisarmedLate, "kprobe k0 core_read+5\nkprobes_armed 0\nkprobes_armed 1\n"},
    {Bug::kOptprobePostHandlerKept, "kprobe k0 core_read+5\nkprobe k1 core_read+5 post\n"},
    {Bug::kOptprobeUnusedNotRevived,
     "kprobe k0 core_read+5\noptimize\nunkprobe k0\nkprobe k0 core_read+5\n"},
    {Bug::kOptprobeCancelLost,
     "kprobe k0 core_read+5\noptimize\ndisable_kprobe k0\nenable_kprobe k0\n"},
    {Bug::kOptprobeForcedUnusedKept,
     "kprobe k0 core_read+5\noptimize\nunkprobe k0\nkprobe k0 core_read+8\n"},
    {Bug::kOptprobeLeavingOverlapped,
     "kprobe k0 core_read+8\noptimize\ndisable_kprobe k0\nkprobe k1 core_read+5\n"},
};

TEST(Optprobes, TellEachOfTheirBugs) {
  for (const auto& one : kCases) {
    SideBySide sides(MakeReference(), MakeFast(BugSet(one.bug)));
    EXPECT_NE(sides.Disagreement(Parsed(one.text, "early-kprobe")), "") << one.text;
    EXPECT_EQ(
        SideBySide(MakeReference(), MakeFast()).Disagreement(Parsed(one.text, "early-kprobe")), "");
  }
}

TEST(Optprobes, TheProcessLivesWithAnyOfTheirBugs) {
  for (const auto& one : kCases) {
    const auto fast = MakeFast(BugSet(one.bug));
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      ExpectLivesThrough(RandomJumpProgram(seed), fast.get());
    }
  }
}
#endif

}  // namespace
}  // namespace recount::fast
