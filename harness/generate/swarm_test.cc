#include "harness/generate/swarm.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "model/profile.h"

namespace recount {
namespace {

TEST(Swarm, SwitchesKindsOffAndFaultsMostly) {
  const WorldPtr world = BuiltinWorld("small").value();
  std::array<int, kOpKindCount> off{};
  int without_faults = 0;
  int deadly = 0;
  constexpr int kPrograms = 400;
  for (int seed = 0; seed < kPrograms; ++seed) {
    RandomChooser chooser(static_cast<std::uint64_t>(seed));
    const Swarm swarm = DrawSwarm(*world, FindProfile("linux-6.1")->profile, &chooser);
    ASSERT_GT(swarm.kinds.total, 0u);
    ASSERT_FALSE(swarm.ops.empty() || swarm.slots.empty() || swarm.modules.empty());
    for (std::size_t kind = 0; kind < kOpKindCount; ++kind)
      off[kind] += swarm.kinds.weight[kind] == 0;
    without_faults += swarm.faults.total == 0;
    deadly += swarm.faults.weight[static_cast<std::size_t>(FaultPoint::kVerify)] > 0;
  }
  EXPECT_EQ(off[static_cast<std::size_t>(OpKind::kRegister)], 0);
  EXPECT_GT(off[static_cast<std::size_t>(OpKind::kUnregister)], 0);
  EXPECT_GT(off[static_cast<std::size_t>(OpKind::kLoadBegin)], kPrograms / 4);
  EXPECT_GT(without_faults, kPrograms / 2);
  EXPECT_GT(deadly, 0);
  EXPECT_LT(deadly, kPrograms / 5);
}

TEST(Swarm, MostProgramsDoWithoutNotifiersOrLivepatchOrKprobes) {
  const WorldPtr world = BuiltinWorld("small").value();
  int notifiers = 0, livepatch = 0, kprobes = 0, none = 0, all = 0, calls = 0;
  std::array<int, kChainCount> on{};
  constexpr int kPrograms = 400;
  for (int seed = 0; seed < kPrograms; ++seed) {
    RandomChooser chooser(static_cast<std::uint64_t>(seed));
    const Swarm swarm = DrawSwarm(*world, FindProfile("linux-6.1")->profile, &chooser);
    const auto weight = [&](OpKind kind) {
      return swarm.kinds.weight[static_cast<std::size_t>(kind)];
    };
    const bool chain = !swarm.notifiers.notifiers.empty();
    const bool patch = !swarm.livepatch.patches.empty();
    const bool probe = !swarm.kprobes.kprobes.empty();
    EXPECT_EQ(probe, weight(OpKind::kAddKprobe) > 0);
    EXPECT_TRUE(probe || weight(OpKind::kKprobesArmed) == 0);
    EXPECT_TRUE(probe ||
                swarm.faults.weight[static_cast<std::size_t>(FaultPoint::kKprobeSlot)] == 0);
    EXPECT_EQ(chain, weight(OpKind::kAddNotifier) > 0);
    EXPECT_EQ(chain, weight(OpKind::kSetScript) > 0);
    EXPECT_EQ(patch, weight(OpKind::kSetPatch) > 0);
    EXPECT_EQ(patch, weight(OpKind::kEnablePatch) > 0);
    EXPECT_TRUE(swarm.notifiers.calls() || weight(OpKind::kNotifyRobust) == 0);
    EXPECT_TRUE(patch || swarm.faults.weight[static_cast<std::size_t>(FaultPoint::kKlpAlloc)] == 0);
    notifiers += chain;
    livepatch += patch;
    kprobes += probe;
    none += !chain && !patch && !probe;
    all += chain && patch && probe;
    calls += swarm.notifiers.calls();
    for (std::size_t i = 0; i < kChainCount; ++i) on[i] += swarm.notifiers.chains.weight[i] > 0;
  }
  EXPECT_NEAR(notifiers, kPrograms * 3 / 8, 40);
  EXPECT_NEAR(livepatch, kPrograms * 3 / 8, 40);
  EXPECT_NEAR(kprobes, kPrograms * 3 / 8, 40);
  EXPECT_GT(none, kPrograms / 6);
  EXPECT_GT(all, kPrograms / 40);
  EXPECT_GT(calls, kPrograms / 8);
  for (const Chain chain : kFreeChains) EXPECT_GT(on[static_cast<std::size_t>(chain)], 0);
}

TEST(Weights, DrawByWeight) {
  Weights<3> weights;
  weights.Set(0, 1);
  weights.Set(2, 3);
  RandomChooser chooser(0);
  std::array<int, 3> drawn{};
  for (int i = 0; i < 4000; ++i) ++drawn[weights.Draw(&chooser)];
  EXPECT_EQ(drawn[1], 0);
  EXPECT_NEAR(drawn[0], 1000, 150);
  weights.Set(2, 0);
  EXPECT_EQ(weights.total, 1u);
  EXPECT_EQ(weights.Draw(&chooser), 0u);
}

}  // namespace
}  // namespace recount
