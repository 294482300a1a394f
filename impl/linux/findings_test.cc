// Each known defect is one of the kernels it names, is explained by its own entry alone, and is
// none of the others'.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/known/known.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "impl/linux/kernel.h"
#include "impl/linux/linux_subject.h"
#include "model/reference/reference.h"
#include "model/text.h"

namespace recount {
namespace {

class Findings : public ::testing::Test {
 protected:
  // A tree may have put them right.
  void SetUp() override {
    if (kernel_ != RECOUNT_KERNEL) GTEST_SKIP() << RECOUNT_KERNEL << " is a tree of somebody's";
  }
  Program ProgramOf(const KnownDefect& defect) const {
    const absl::StatusOr<Program> program = ReadProgramFile(
        RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect.name) + "/program.prog");
    EXPECT_TRUE(program.ok()) << program.status();
    return *program;
  }
  // A read of freed memory: without a sanitizer it is a crash, which is caught.
  static bool EndsTheProcess(const KnownDefect& defect) {
    return rk_has_asan() != 0 && defect.name == "livepatch-frees-listed-ops";
  }
  RunResult Run(const Program& program, const std::vector<const KnownDefect*>& masked) {
    Lockstep lockstep(oracle_.get(), subject_.get());
    lockstep.Mask(masked);
    return lockstep.Run(program);
  }

  const std::string kernel_ = LinuxSubjectName().substr(6);
  const std::unique_ptr<Subject> oracle_ = MakeReference();
  const std::unique_ptr<Subject> subject_ = MakeLinux();
};

TEST_F(Findings, AreDefectsOfTheKernelsTheyNameAndOfNoOther) {
  for (const KnownDefect& defect : KnownDefects()) {
    if (EndsTheProcess(defect)) continue;
    const Program program = ProgramOf(defect);
    const RunResult result = Run(program, {});
    const bool seen = IsSeenOn(defect, kernel_);
    EXPECT_EQ(result.verdict, seen ? Verdict::kDiverge : Verdict::kAgree) << defect.name;
    if (!seen || !result.divergence) continue;
    EXPECT_EQ(result.divergence->op_index, program.ops.size() - 1) << defect.name;
  }
}

TEST_F(Findings, AreExplainedByTheirOwnEntryAlone) {
  for (const KnownDefect& defect : KnownDefects()) {
    if (!IsSeenOn(defect, kernel_) || EndsTheProcess(defect)) continue;
    const Program program = ProgramOf(defect);
    for (const KnownDefect& other : KnownDefects()) {
      const RunResult result = Run(program, {&other});
      EXPECT_EQ(result.verdict, &other == &defect ? Verdict::kKnown : Verdict::kDiverge)
          << defect.name << ", explained by " << other.name;
      EXPECT_EQ(result.known, &other == &defect ? &defect : nullptr) << defect.name;
    }
  }
}

// What a defect comes to when it meets an armed fault, a dead ftrace or another thing in the same
// step, as hunts have found it.
TEST_F(Findings, ConsequencesGoUnderTheirNames) {
  const std::string coming =
      "load_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "load_step alpha\n";
  const std::string both = "6.1, 6.12";
  const struct {
    const char* defect;
    std::string kernels;
    std::string operations;
  } kCases[] = {
      {"load-ignores-sysctl", both,
       "register o0\nftrace_enabled 0\nfault verify 1\nload alpha @0 fail=init\n"},
      // The patched records are gone at the end; the checks they passed are not.
      {"load-ignores-sysctl", both,
       "register o0\nftrace_enabled 0\nfault verify 9\nload alpha @0 fail=init\n"
       "ftrace_enabled 1\n"},
      {"ipmodify-reload", both,
       coming + "load_step alpha\nops o0 tracer ipmodify\nfilter o0 :mod:\n"
                "filter_ip o0 alpha_open\nregister o0\nload_step alpha\n"},
      // Nobody owns what came back, so another may.
      {"ipmodify-reload", both,
       coming + "filter_ip o1 alpha_open\nops o0 tracer\nfilter o0 :mod:alpha\n"
                "load_step alpha\nops o0 tracer ipmodify\n"
                "ops o1 kernel ipmodify\nregister o0\nregister o1\n"
                "load_step alpha\n"},
      // .. and dies over it in the same step.
      {"ipmodify-reload", both,
       coming + "filter_ip o1 alpha_open\nops o0 tracer ipmodify\nfilter o0 :mod:alpha\n"
                "load_step alpha\nfilter_ip o0 alpha_read\nops o1 kernel ipmodify\nregister o0\n"
                "register o1\nload_step alpha\n"},
      // A dead ftrace reads the list for cached filters too.
      {"livepatch-frees-listed-ops", both,
       "ops o0 tracer\nfilter o0 :mod:\nload alpha @0\nfilter o0 core_setup\nregister o0\n"
       "register o1\npatch p0 alpha_open\nenable p0\nfault verify 1\nload beta @2\n"
       "unload alpha\nload alpha @0\n"},
      // Kprobes with a post_handler share an IPMODIFY ops. (6.12 asks whether ftrace is dead.)
      {"livepatch-frees-listed-ops", "6.1",
       "patch p0 probe\nenable p0\nkprobe k0 core_setup post\nfault verify 1\nregister o0\n"
       "disable p0\nfree_init\n"},
      // .. which a module may find where its probe was left.
      {"ipmodify-reload", both,
       "load alpha @0\nnotifier n0 module 1\nscript n0 going bad\nkprobe k0 alpha_open post\n"
       "unload alpha\nload alpha @0\n"},
      // Owned for the sake of one that excludes it itself: the other's filter is not refused.
      {"ipmodify-reload", both,
       "load alpha @0\nfilter o0 alpha_open\nnotrace o0 alpha_open\nunload alpha\n"
       "ops o0 kernel ipmodify\nops o1 tracer ipmodify\nfilter o1 :mod:alpha\nregister o1\n"
       "register o0\nload alpha @0\n"},
      // The last kprobe stays in the filter, for want of memory; the one before it does not.
      {"stale-regs", both,
       "register o0\nkprobe k0 core_setup\nkprobe k1 core_read\nfault hash_copy 2\n"
       "kprobes_armed 0\n"},
      // A load that fails tells kprobes of its end, and what was left there is disarmed once more.
      {"kprobe-armed-not-kept", both,
       coming + "load_step alpha\nload_step alpha\nkprobe k0 alpha_open\nload_step alpha "
                "fail\nunkprobe k0\n"
                "load alpha @0 fail=init\n"},
      // .. which ends their ops under another one.
      {"kprobe-armed-not-kept", both,
       coming + "load_step alpha\nload_step alpha\nkprobe k0 core_setup\nkprobe k1 alpha_open\n"
                "kprobes_armed 0\nload_step alpha fail\nkprobes_armed 1\n"
                "load alpha @0 fail=init\n"},
      {"kprobe-post-on-plain", both,
       "kprobe k0 core_setup\nfault verify 1\nkprobe k1 core_setup post\n"},
      {"kprobe-left-writes-text", both,
       "notifier n0 module 1\nload gamma @0\nkprobe k0 gamma_gap\nscript n0 going bad\n"
       "unload gamma\nload alpha @0\nkprobe k1 alpha_read\nregister o0\nunkprobe k0\n"
       "unkprobe k1\n"},
      {"livepatch-frees-listed-ops", "6.12",
       "ops o0 tracer\nfilter o0 :mod:\npatch p0 core_setup\nenable p0\nfault verify 1\n"
       "register o1\ndisable p0\nload alpha @0\n"},
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nfilter o0 core_setup:mod:alpha\nregister o0\nfault verify 1\n"
       "load alpha @0\n"},
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nregister o0\nfault verify 1\nfilter o0 :mod:alpha\nload alpha @0\n"},
      {"stale-regs", both,
       "register o0\nregister o1\nkprobe k0 core_setup\nkprobe k1 core_read\nfault verify 2\n"
       "kprobes_armed 0\n"},
      // Who could not be disarmed is disarmed again with its module, and livepatch goes behind it.
      {"kprobe-armed-not-kept", both,
       "load alpha @0\npatch p0 alpha_open\nenable p0\nkprobe k0 alpha_open\nfault hash_copy 1\n"
       "unkprobe k0\nkprobe k1 core_setup\nunload alpha\n"},
      // .. or with the init text it was left in.
      {"kprobe-armed-not-kept", both,
       "load_begin beta @0\nload_step beta\nload_step beta\nload_step beta\nload_step beta\n"
       "load_step beta\nload_step beta\nfault stage 1\nkprobe k0 beta_init\nload_step beta\n"
       "kprobe k1 core_setup\nunkprobe k0\nload beta @0\n"},
      // A fault that waits for a check which a stale REGS bit spares a record that then goes.
      {"stale-regs", both,
       "load alpha @0\nregister o0\nregister o1\nkprobe k0 core_setup\nkprobe k1 alpha_open\n"
       "fault verify 2\nunload alpha\n"},
      {"kprobe-gone-hides-code", both,
       "load alpha @0\nkprobe k0 alpha_open\nkprobe k1 alpha_open+5\nunload alpha\n"
       "fault record_alloc 1\nload alpha @0\nkprobe k2 alpha_open+5\n"},
      // .. and what a probe takes with it when its module goes: only the one that is alive lets go.
      {"stale-regs", both,
       "load alpha @0\nregister o0\nregister o1\nkprobe k0 core_setup\nkprobe k1 alpha_open\n"
       "fault verify 1\nunload alpha\n"},
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nfilter o0 core_setup:mod:alpha\nnotrace o0 :mod:alpha\n"
       "fault hash_move 1\nload alpha @0\n"},
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nfilter o0 core_setup:mod:alpha\nnotrace o0 :mod:alpha\n"
       "fault hash_move 2\nload alpha @0\n"},
      // Shows nothing, and leaves the fault to the next that moves a hash.
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nfault hash_move 1\nfilter o0 core_setup:mod:alpha\n"
       "fault hash_move 1\nload alpha @0\nfilter o0 core_setup\n"},
      // The fault that an empty filter does not take, as it takes no memory, strikes the next list.
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nnotrace o0 :mod:alpha\nfault hash_move 1\nfilter o0 core_setup:mod:alpha\n"
       "fault hash_move 1\nload alpha @0\n"},
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer ipmodify\nfilter o0 core_setup:mod:alpha\nregister o0\n"
       "fault hash_move 1\nload alpha @0\nfilter o0 core_setup\n"},
      {"index-trailing", "6.1", "fault hash_move 1\nfilter o0 2*\n"},
      {"cached-module-glob-cut", both,
       "load delta @0\nops o0 tracer ipmodify\nfilter o0 core_setup\nregister o0\n"
       "filter o0 reset core_setup:mod:delta*\n"},
      // One more of a matched glob is owned by another: all of it is refused.
      {"glob-class-at-end", "6.1",
       "load alpha @0\nfilter o0 core_setup\nfilter o1 probe\nops o0 kernel ipmodify\n"
       "ops o1 kernel ipmodify\nregister o0\nregister o1\nfilter o0 probe[!z]*\n"},
      // The pass over everything is where ftrace dies, and the notrace list comes behind it.
      {"unmatched-cached-filter-traces-all", both,
       "ops o0 tracer\nfilter o0 core_setup:mod:alpha\nnotrace o0 :mod:alpha\nregister o0\n"
       "fault verify 1\nload alpha @0\n"},
      // Both die, the one that counts its owner before it has come to the cached list.
      {"ipmodify-reload", both,
       "load alpha @0\nfilter o0 alpha_open\nunload alpha\nops o0 kernel ipmodify\n"
       "ops o1 tracer\nfilter o1 :mod:alpha\nregister o0\nregister o1\nfault verify 1\n"
       "load alpha @0\n"},
      // Of two lists one is refused: the first for the owner's sake, or the second for the first's.
      {"ipmodify-reload", both,
       coming + "ops o0 tracer ipmodify\nfilter o0 :mod:alpha\nops o1 tracer ipmodify\n"
                "filter o1 :mod:alpha\nload_step alpha\nfilter_ip o1 alpha_open\nregister o0\n"
                "register o1\nload_step alpha\n"},
      // kp ends while one of it stays in its filter, and kpi as it should.
      {"stale-regs", both,
       "register o0\nkprobe k0 core_setup post\nkprobe k1 core_read\nkprobe k2 core_write\n"
       "fault hash_copy 2\nkprobes_armed 0\n"},
      // Disarmed once more, while others keep the ops: nothing shows but the fault that it took.
      {"kprobe-armed-not-kept", both,
       "load alpha @0\nkprobe k0 alpha_open\nfault hash_copy 1\nunkprobe k0\n"
       "kprobe k1 core_setup\nkprobe k2 core_read\nfault hash_copy 1\nunload alpha\n"
       "filter o0 -\n"},
      {"kprobe-armed-not-kept", both,
       "kprobe k0 core_setup\nfault hash_copy 1\nunkprobe k0\nkprobe k1 core_read\n"
       "fault hash_copy 1\nfault hash_move 1\nkprobes_armed 0\nfilter o0 core_setup\n"},
      // The byte is written where ftrace has not come to yet.
      {"kprobe-left-writes-text", both,
       "load_begin gamma @0\nload_step gamma\nload_step gamma\nload_step gamma\n"
       "load_step gamma\nload_step gamma\nload_step gamma\nfault stage 1\n"
       "kprobe k0 gamma_gap\nload_step gamma\nload_begin alpha @0\nload_step alpha\n"
       "load_step alpha\nload_step alpha\nunkprobe k0\nload_step alpha\n"},
      // .. or the one more was there before.
      {"glob-class-at-end", "6.1",
       "load alpha @0\nfilter o0 p*\nops o0 kernel ipmodify\nregister o0\n"
       "filter o0 reset probe[!z]*\n"},
      // .. or there is none more, but for one that a livepatch owns.
      {"glob-class-at-end", "6.1",
       "load alpha @0\nfilter o0 probe_shared\nops o0 kernel ipmodify\nregister o0\n"
       "patch p0 probe\nenable p0\nfilter o0 probe[!z]*\n"},
      // Two have one address, and the list of the one that waits comes in behind its records.
      {"ipmodify-reload", both,
       coming + "ops o0 tracer\nfilter_ip o0 alpha_open\nops o0 tracer ipmodify\n"
                "ops o1 tracer save_regs ipmodify\nfilter o1 :mod:alpha\nload_step alpha\n"
                "filter_ip o1 alpha_open\nregister o0\nregister o1\nload_step alpha\n"},
      // It is armed still, as ftrace was dead when all were to be disarmed, and disabled since.
      {"kprobe-post-on-plain", "6.1",
       "kprobe k0 core_setup\nfault verify 1\nregister o0\nkprobe k1 core_setup disabled\n"
       "kprobes_armed 0\nunkprobe k0\nkprobe k0 core_setup post\n"},
      // What is decoded with another first byte has instructions where there are none, too.
      {"kprobe-gone-hides-code", both,
       "load alpha @0\nfault record_alloc 1\nkprobe k0 alpha_open\nunload alpha\n"
       "load alpha @0\nkprobe k1 alpha_open+3\n"},
      // With ftrace dead nothing shows, until what was freed is there again.
      {"livepatch-init-text", both,
       "patch p0 core_setup\nenable p0\nfree_init\nfault verify 1\nregister o0\n"
       "disable p0\nenable p0\nenable p0\nenable p0\n"},
      {"stale-regs", "6.12",
       coming + "ops o0 tracer save_regs\nnotrace o0 :mod:alpha\nload_step alpha\n"
                "register o0\nregister o1\nload_step alpha\n"},
      {"stale-regs", "6.1",
       "notrace o0 core_setup\nops o0 kernel save_regs\nregister o0\nnotrace o0 -\n"},
  };
  const std::vector<const KnownDefect*> masked = KnownDefectsOf("linux:" + kernel_);
  for (const auto& one : kCases) {
    if (EndsTheProcess(*FindKnownDefect(one.defect))) continue;
    const absl::StatusOr<Program> program =
        ParseProgram("world small\nprofile linux-6.1\n" + one.operations);
    ASSERT_TRUE(program.ok()) << program.status();
    const RunResult result = Run(*program, masked);
    if (one.kernels != both && one.kernels != kernel_) {
      // At most it meets another one on the way.
      EXPECT_NE(result.verdict, Verdict::kDiverge) << one.operations;
      EXPECT_TRUE(result.known == nullptr || result.known->name != one.defect) << one.operations;
      continue;
    }
    ASSERT_EQ(result.verdict, Verdict::kKnown) << one.operations;
    EXPECT_EQ(result.known->name, one.defect) << one.operations;
    // Masked alone it explains the same.
    EXPECT_EQ(Run(*program, {result.known}).verdict, Verdict::kKnown) << one.operations;
    std::vector<const KnownDefect*> others = masked;
    std::erase(others, result.known);
    const bool shows = Run(*program, {}).verdict == Verdict::kDiverge;
    EXPECT_EQ(Run(*program, others).verdict, shows ? Verdict::kDiverge : Verdict::kAgree)
        << one.operations;
  }
}

// kp ends too early, as one of it was disarmed once more, and with stale bits; kpi as it should.
TEST_F(Findings, TwoDefectsInOneStepAreExplainedByBothOnly) {
  const Program program =
      ParseProgram(
          "world small\nprofile linux-6.1\nregister o0\nkprobe k0 core_setup\n"
          "fault hash_copy 1\nunkprobe k0\nkprobe k1 core_read post\nkprobe k2 core_write\n"
          "kprobe k3 probe\nkprobes_armed 0\n")
          .value();
  const KnownDefect* const stale = FindKnownDefect("stale-regs");
  const KnownDefect* const kept = FindKnownDefect("kprobe-armed-not-kept");
  EXPECT_EQ(Run(program, {kept, stale}).verdict, Verdict::kKnown);
  EXPECT_EQ(Run(program, {kept}).verdict, Verdict::kDiverge);
  EXPECT_EQ(Run(program, {stale}).verdict, Verdict::kDiverge);
}

TEST_F(Findings, AReadOfFreedMemoryIsReported) {
  if (rk_has_asan() == 0) GTEST_SKIP() << "without AddressSanitizer";
  const Program program = ProgramOf(*FindKnownDefect("livepatch-frees-listed-ops"));
  EXPECT_DEATH(Run(program, {}), "AddressSanitizer: use-after-poison");
}

TEST_F(Findings, ACrashOfTheKernelIsItsFateAndTheNextRunIsSound) {
  const KnownDefect* const oops = FindKnownDefect("uninitialised-ipmodify");
  ASSERT_NE(oops, nullptr);
  const RunResult result = Run(ProgramOf(*oops), {});
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->difference.field, "outcome.fate");
  EXPECT_EQ(result.divergence->difference.actual, "crashed");
  const absl::StatusOr<Program> next =
      ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/seeds/reload_filter.prog");
  ASSERT_TRUE(next.ok());
  Program fitting = *next;
  fitting.profile = FindProfile("linux-6.1");
  const RunResult after = Run(fitting, {});
  EXPECT_EQ(after.verdict, Verdict::kAgree)
      << (after.divergence ? DivergenceLine(fitting, *after.divergence) : after.unknown_reason);
}

}  // namespace
}  // namespace recount
