#include "model/reference/optprobes.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TestSession WithJumps() { return TestSession("small", "early-kprobe"); }

// "k0 installed, k1 none; unused 1": the newest entry first.
std::string Jumps(const TestSession& s) {
  const KprobesView kprobes = s.Look().kprobes;
  std::string text;
  for (std::size_t i = 0; i < kprobes.entry_count; ++i) {
    const KprobeEntryView& entry = kprobes.entries[i];
    text += i == 0 ? "" : ", ";
    for (std::size_t j = 0; j < entry.count; ++j) {
      text += "k" + std::to_string(Index(entry.probes[j])) + " ";
    }
    text += JumpText(entry.jump);
  }
  if (kprobes.unused_count > 0) text += "; unused " + std::to_string(kprobes.unused_count);
  return text;
}

TEST(Optprobes, AProbeOffFtraceGetsItsJumpWhenTheWorkerRuns) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+5 -> 0\n");
  EXPECT_EQ(Jumps(s), "k0 queued");
  EXPECT_TRUE(s.Look().kprobes.entries[0].aggregate);
  s.Do("hit core_read -> k0\noptimize -> 0\nhit core_read -> k0\n");
  EXPECT_EQ(Jumps(s), "k0 installed");
}

TEST(Optprobes, AProfileWithoutJumpsHasNoWorker) {
  TestSession s("small", "linux-6.1");
  s.Do("kprobe k0 core_read+5 -> 0\noptimize -> -EINVAL\n");
  EXPECT_EQ(Jumps(s), "k0 none");
  EXPECT_FALSE(s.Look().kprobes.entries[0].aggregate);
  TestSession::FromBoot().Do("optimize -> -EAGAIN\n");
}

TEST(Optprobes, NoJumpIsForACallSiteOrAPostHandlerOrWhereItDoesNotFit) {
  TestSession s = WithJumps();
  s.Do(
      "kprobe k0 core_read\n"
      "kprobe k1 core_write+5 post\n"
      "kprobe k2 core_lock+12\n"
      "kprobe k3 core_setup+5 disabled\n"
      "optimize -> 0\n");
  EXPECT_EQ(Jumps(s), "k3 none, k2 none, k1 none, k0 none");
  s.Do("enable_kprobe k3 -> 0\n");
  EXPECT_EQ(Jumps(s), "k3 queued, k2 none, k1 none, k0 none");
}

TEST(Optprobes, WithoutMemoryAProbeStaysABreakpointUntilASecondOneComes) {
  TestSession s = WithJumps();
  s.Do("fault kprobe_alloc 1\nkprobe k0 core_read+5 -> 0\noptimize\n");
  EXPECT_EQ(Jumps(s), "k0 none");
  s.Do("kprobe k1 core_read+5 -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 k0 none");
  s.Do("unkprobe k0 -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 queued");
}

TEST(Optprobes, ANeighbourUnderAJumpForcesItOffAndWhenItGoesItIsQueuedAgain) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+5\noptimize\nkprobe k1 core_read+8 disabled -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 none, k0 installed");
  s.Do("enable_kprobe k1 -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 queued, k0 none");
  s.Do("hit core_read -> k0 k1\ndisable_kprobe k1 -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 none, k0 queued");
  s.Do("enable_kprobe k1\noptimize\ndisable_kprobe k1 -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 leaving, k0 none");  // the other jump is still there
  s.Do("optimize -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 none, k0 installed");
}

TEST(Optprobes, OnlyFourBytesAheadAreInTheWay) {
  TestSession s = WithJumps();
  s.Do(
      "kprobe k0 core_lock -> 0\n"
      "kprobe k1 core_lock+5 -> 0\n"
      "kprobe k2 core_lock+12 -> 0\n"
      "optimize\n"
      "hit core_lock -> k0 k1 k2\n");
  EXPECT_EQ(Jumps(s), "k2 none, k1 installed, k0 installed");
}

TEST(Optprobes, AJumpGoesAtOnceWhileItIsQueuedAndByTheWorkerWhenItIsThere) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+5\ndisable_kprobe k0 -> 0\n");
  EXPECT_EQ(Jumps(s), "k0 none");
  s.Do("enable_kprobe k0\noptimize\ndisable_kprobe k0 -> 0\nhit core_read -> nobody\n");
  EXPECT_EQ(Jumps(s), "k0 leaving");
  s.Do("enable_kprobe k0 -> 0\n");
  EXPECT_EQ(Jumps(s), "k0 installed");
  s.Do("disable_kprobe k0\noptimize -> 0\n");
  EXPECT_EQ(Jumps(s), "k0 none");
}

TEST(Optprobes, TheLastProbeLeavesAnUnusedEntryWhichANewOneRevives) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+5\noptimize\nunkprobe k0 -> 0\nhit core_read -> nobody\n");
  EXPECT_EQ(Jumps(s), "; unused 1");
  s.Do("fault kprobe_alloc 1\nkprobe k1 core_read+5 -> 0\nhit core_read -> k1\n");
  EXPECT_EQ(Jumps(s), "k1 installed");
  s.Do("unkprobe k1\nkprobe k2 core_read+5 disabled -> 0\n");
  EXPECT_EQ(Jumps(s), "k2 leaving");
  s.Do("unkprobe k2\n");
  EXPECT_EQ(Jumps(s), "; unused 1");
  s.Do("optimize -> 0\n");
  EXPECT_EQ(s.Look().kprobes, KprobesView{});
}

TEST(Optprobes, AnUnusedEntryGoesWhenItsJumpIsForcedOff) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+5\noptimize\nunkprobe k0\nkprobe k1 core_read+8 -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 queued");
}

TEST(Optprobes, APostHandlerForcesTheJumpOffAndLetsItComeBackWhenItGoes) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+5\noptimize\nkprobe k1 core_read+5 post -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 k0 none");
  s.Do("optimize\nunkprobe k1 -> 0\n");
  EXPECT_EQ(Jumps(s), "k0 queued");
  s.Do("optimize\nunkprobe k0\nkprobe k2 core_read+5 post -> 0\nhit core_read -> k2\n");
  EXPECT_EQ(Jumps(s), "k2 none");
}

TEST(Optprobes, AJumpThatLeavesMakesWayWhenAPostHandlerComesDisabled) {
  TestSession s = WithJumps();
  s.Do("kprobe k0 core_read+8\noptimize\nkprobe k1 core_read+5\ndisable_kprobe k0\n");
  EXPECT_EQ(Jumps(s), "k1 none, k0 leaving");
  s.Do("kprobe k2 core_read+8 post disabled -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 queued, k2 k0 none");
}

TEST(Optprobes, DisarmingAllForcesAndWaitsAndArmingAllQueuesAgain) {
  TestSession s = WithJumps();
  s.Do(
      "kprobe k0 core_read+5\nkprobe k1 core_write+5\noptimize\n"
      "unkprobe k1\nkprobe k2 core_lock+5\nkprobes_armed 0 -> 0\n");
  EXPECT_EQ(Jumps(s), "k2 none, k0 none");
  s.Do("kprobe k3 core_write+5 -> 0\noptimize -> 0\n");
  EXPECT_EQ(Jumps(s), "k3 none, k2 none, k0 none");
  s.Do("kprobes_armed 1 -> 0\n");
  EXPECT_EQ(Jumps(s), "k3 queued, k2 queued, k0 queued");
}

TEST(Optprobes, ThatAreKilledOrWhoseModuleIsGoneHaveNoJump) {
  TestSession s = WithJumps();
  s.Do(
      "load alpha @0\n"
      "kprobe k0 alpha_open+5\nkprobe k1 alpha_read+5\nkprobe k2 alpha_write+5\noptimize\n"
      "disable_kprobe k1\nunkprobe k2\nkprobe k3 alpha_open\n");
  EXPECT_EQ(Jumps(s), "k3 none, k1 leaving, k0 installed; unused 1");
  s.Do("unload alpha -> 0\n");
  EXPECT_EQ(Jumps(s), "k3 none, k1 none, k0 none");
  s.Do("load alpha @0\nkprobe k2 alpha_open+5 -> 0\n");
  EXPECT_EQ(Jumps(s), "k3 none, k1 none, k2 k0 queued");
}

TEST(Optprobes, AnEarlyProbeOffFtraceIsQueuedWhenItIsConverted) {
  TestSession s = TestSession::FromBoot();
  s.Do("kprobe k0 core_read+5\nboot\nkprobe k1 core_read\nboot\n");
  EXPECT_EQ(Jumps(s), "k1 none, k0 none");
  s.Do("boot -> 0\n");
  EXPECT_EQ(Jumps(s), "k1 none, k0 queued");
}

TEST(Optprobes, AnEarlyProbeThatIsConvertedWithoutMemoryKeepsItsBreakpoint) {
  TestSession s = TestSession::FromBoot();
  s.Do("kprobe k0 core_read+5\nboot\nboot\nfault kprobe_alloc 1\nboot -> 0\nhit core_read -> k0\n");
  EXPECT_EQ(Jumps(s), "k0 none");
}

}  // namespace
}  // namespace recount::reference
