// The kernel's jumps (SEMANTICS 16): really in the text, through a detour that runs. What it does
// agrees with the reference up to the defects that are declared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "harness/known/known.h"
#include "harness/lockstep.h"
#include "harness/trace.h"
#include "impl/linux/kernel.h"
#include "impl/linux/kprobe_programs.h"
#include "impl/linux/linux_subject.h"
#include "impl/linux/test_runs.h"
#include "model/reference/reference.h"

namespace recount {
namespace {

using linux_test::Do;
using linux_test::KprobePrograms;
using linux_test::Parse;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kJumps[] = "linux-6.1-optprobes";

RunResult RunMasked(const Program& program) {
  const std::unique_ptr<Subject> oracle = MakeReference();
  const std::unique_ptr<Subject> subject = MakeLinux();
  Lockstep lockstep(oracle.get(), subject.get());
  lockstep.Mask(KnownDefectsOf(LinuxSubjectName()));
  return lockstep.Run(program);
}

TEST(LinuxOptprobe, IsPutInAndTakenOffByTheWorkerAlone) {
  const std::string queued = "kprobe k0 probe+5\nhit probe -> k0\n";
  EXPECT_THAT(Do(queued, kJumps), HasSubstr("jump queued: k0"));
  const std::string installed = queued + "optimize -> 0\nhit probe -> k0\n";
  EXPECT_THAT(Do(installed, kJumps), HasSubstr("jump installed: k0"));
  const std::string leaving = installed + "disable_kprobe k0\nhit probe -> nobody\n";
  EXPECT_THAT(Do(leaving, kJumps), HasSubstr("jump leaving: k0"));
  EXPECT_THAT(Do(leaving + "optimize\nhit probe -> nobody\n", kJumps), Not(HasSubstr("jump")));
}

TEST(LinuxOptprobe, ThereIsNoneInTheOtherProfile) {
  const std::string view = Do("kprobe k0 probe+5\noptimize -> -EINVAL\nhit probe -> k0\n");
  EXPECT_THAT(view, HasSubstr("probed"));
  EXPECT_THAT(view, Not(HasSubstr("aggregate")));
}

// In one function there may be a breakpoint in front of a jump, and one behind.
TEST(LinuxOptprobe, FiresInTheOrderOfAddresses) {
  Do("kprobe k3 core_gap+12\nkprobe k0 core_gap+5\nkprobe k1 core_gap\noptimize\n"
     "kprobe k2 core_gap+5\nhit core_gap -> k1 k2 k0 k3\n",
     kJumps);
  Do("kprobe k0 probe+8\noptimize\nkprobe k1 probe+5\nkprobe k2 probe\n"
     "hit probe -> k2 k1 k0\n",
     kJumps);
}

// A copy of a relative call elsewhere would not be the same, and the kernel does not make one.
TEST(LinuxOptprobe, DoesNotReplaceACallOfMcountWithoutARecord) {
  const Program program = Parse(
      "fault record_alloc 1\nload alpha @0\nkprobe k0 alpha_open\nkprobe k1 alpha_open+5\n"
      "optimize\nhit alpha_open\nkprobe k2 alpha_open\nunkprobe k0\n",
      kJumps);
  const RunResult result = RunMasked(program);
  EXPECT_EQ(result.verdict, Verdict::kAgree)
      << (result.divergence ? DivergenceLine(program, *result.divergence) : result.unknown_reason);
}

// Who is armed again keeps the jump, though a breakpoint is over its first byte.
TEST(LinuxOptprobe, OneThatStaysAfterAllFires) {
  EXPECT_THAT(Do("kprobe k0 probe+5\noptimize\ndisable_kprobe k0\nenable_kprobe k0\n"
                 "hit probe -> k0\ndisable_kprobe k0\noptimize\nhit probe -> nobody\n"
                 "enable_kprobe k0\nhit probe -> k0\noptimize\nhit probe -> k0\n",
                 kJumps),
              HasSubstr("jump installed: k0"));
}

// What corpus/findings/kprobe-forced-jump-lingers comes to in the kernel.
TEST(LinuxOptprobe, OneThatWasForcedOffWhileItLeftIsNotOptimisedAndWarnedOf) {
  const rk_warning* newest = nullptr;
  const std::string forced =
      "kprobe k0 probe+5\noptimize\ndisable_kprobe k0\nkprobe k1 probe+8\nunkprobe k1\n";
  Do(forced, kJumps);
  EXPECT_EQ(rk_warnings(&newest), 0u);
  EXPECT_THAT(Do(forced + "enable_kprobe k0\noptimize\nhit probe -> k0\n", kJumps),
              Not(HasSubstr("jump")));
  ASSERT_EQ(rk_warnings(&newest), 1u);
  EXPECT_STREQ(newest[0].file, "kernel/kprobes.c");
}
TEST(LinuxOptprobe, OneThatWasForcedOffWhileItLeftFiresThoughAllAreDisarmed) {
  Do("kprobe k0 probe+5\noptimize\ndisable_kprobe k0\nkprobe k1 probe+8\nenable_kprobe k0\n"
     "kprobes_armed 0\nhit probe -> k0\noptimize\nhit probe -> k0\n",
     kJumps);
}

// .. and of kprobe-killed-unused-stays and kprobe-unused-enabled.
TEST(LinuxOptprobe, WhereAnUnusedOneWasKilledThereIsNoneAnyMore) {
  EXPECT_THAT(Do("load beta @0\nkprobe k0 beta_open+5\noptimize\nunkprobe k0\nunload beta\n"
                 "optimize\nload beta @0\nkprobe k0 beta_open+5 -> -EINVAL\n"
                 "kprobe k0 beta_open+5 -> -EINVAL\nhit beta_open -> nobody\n",
                 kJumps),
              HasSubstr("unused"));
}
TEST(LinuxOptprobe, AnUnusedOneThatWasEnabledStays) {
  EXPECT_THAT(Do("kprobe k0 probe+5\noptimize\nunkprobe k0\nkprobe k1 probe+5 disabled\n"
                 "unkprobe k1\noptimize\noptimize\nhit probe -> nobody\n",
                 kJumps),
              HasSubstr("unused"));
}

// .. and of kprobe-revived-stale-byte, also without jumps.
TEST(LinuxOptprobe, OneWhereOtherCodeWasBreaksTheFunction) {
  const Program program = Parse(
      "load gamma @1\nkprobe k0 gamma_gap\nunload gamma\nfault record_alloc 1\n"
      "load alpha @0\nkprobe k1 alpha:probe_shared\nhit alpha:probe_shared\n");
  const std::unique_ptr<Subject> subject = MakeLinux();
  subject->Reset(program.world, program.Rules());
  Outcome last;
  for (const Op& op : program.ops) last = subject->Apply(op);
  EXPECT_EQ(last.fate, Fate::kCrashed);
  EXPECT_EQ(RunMasked(program).known, FindKnownDefect("kprobe-revived-stale-byte"));
}

TEST(LinuxOptprobe, KnownDefectsAreExplainedInEachShapeTheyTake) {
  const std::string unused = "kprobe k0 core_setup+5\noptimize\nunkprobe k0\n";
  const std::string leaving = "kprobe k0 core_setup+8\noptimize\ndisable_kprobe k0\n";
  const std::string deaf = "load gamma @0\nnotifier n0 module 1\nscript n0 going bad\n";
  const struct {
    std::string_view defect;
    std::string ops;
  } kCases[] = {
      {"kprobe-neighbour-forgotten", leaving + "kprobe k1 core_setup+5\noptimize\n"},
      {"kprobe-neighbour-forgotten",
       "kprobe k0 core_setup+8\nkprobe k1 core_setup+5\nunkprobe k0\n"},
      // Nothing shows it before the next step, or never.
      {"kprobe-forced-jump-lingers", leaving + "kprobe k1 core_setup+8 post\n"},
      {"kprobe-forced-jump-lingers",
       leaving + "kprobe k1 core_setup+12 disabled\nenable_kprobe k1\nunkprobe k0\n"},
      {"kprobe-unused-enabled", unused + "kprobe k1 core_setup+5 post disabled\n"},
      {"kprobe-killed-unused-stays", unused + "free_init\n"},
      {"kprobe-killed-unused-stays",
       deaf + "kprobe k0 gamma_gap\noptimize\nunkprobe k0\nunload gamma\n"},
      {"kprobe-left-keeps-jump", deaf + "kprobe k0 gamma_gap\noptimize\nunload gamma\n"},
  };
  for (const auto& [name, ops] : kCases) {
    const KnownDefect* const defect = FindKnownDefect(name);
    const std::unique_ptr<Subject> oracle = MakeReference();
    const std::unique_ptr<Subject> subject = MakeLinux();
    Lockstep lockstep(oracle.get(), subject.get());
    lockstep.Mask({defect});
    const Program program = Parse(ops, kJumps);
    const RunResult result = lockstep.Run(program);
    EXPECT_EQ(result.known, defect)
        << ops
        << (result.divergence ? DivergenceLine(program, *result.divergence) : "no difference");
  }
}

// The worker runs at any time.
TEST(LinuxOptprobe, RandomProgramsAgreeUpToTheKnownDefects) {
  int agreed = 0;
  std::map<std::string_view, int> known;
  constexpr std::uint64_t kCount = 2000;
  for (std::uint64_t seed = 0; seed < kCount; ++seed) {
    KprobePrograms programs(seed);
    std::string ops;
    for (int i = 0; i < 8; ++i) ops += programs.Next(3) + "optimize\n";
    const Program program = Parse(ops, kJumps);
    const RunResult result = RunMasked(program);
    if (result.verdict == Verdict::kAgree) ++agreed;
    if (result.known != nullptr) ++known[result.known->name];
    if (!result.divergence) continue;
    ADD_FAILURE() << "seed " << seed << ": " << DivergenceLine(program, *result.divergence);
  }
  EXPECT_GT(agreed, static_cast<int>(kCount / 2));
  EXPECT_GT(known["kprobe-neighbour-forgotten"], 0);
}

}  // namespace
}  // namespace recount
