// The kernel's kprobes, driven by the language: every rule of SEMANTICS 14, by hand and at random,
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
#include "impl/linux/kprobe_programs.h"
#include "impl/linux/linux_subject.h"
#include "impl/linux/test_runs.h"
#include "model/reference/reference.h"

namespace recount {
namespace {

using linux_test::Disagreement;
using linux_test::Do;
using linux_test::KprobePrograms;
using linux_test::Parse;
using testing::HasSubstr;
using testing::Not;

// Up to stage `formation`, and up to `enable`: alpha is COMING, its records are there.
constexpr std::string_view kFormed =
    "load_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
    "load_step alpha\n";
const std::string kComing = std::string(kFormed) + "load_step alpha\n";

TEST(LinuxKprobe, FiresOnAndOffFtraceInTheOrderOfTheCode) {
  const std::string view =
      Do("kprobe k0 probe+8   -> 0\n"
         "kprobe k1 probe     -> 0\n"
         "kprobe k2 probe+5   -> 0\n"
         "kprobe k3 probe     -> 0\n"
         "hit probe           -> k3 k1 k2 k0\n"
         "disable_kprobe k1   -> 0\n"
         "disable_kprobe k2   -> 0\n"
         "hit probe           -> k3 k0\n"
         "register o0         -> 0\n"
         "hit probe           -> o0 k3 k0\n"
         "unkprobe k3         -> 0\n"
         "hit probe           -> o0 k0\n"
         "kprobes_armed 0     -> 0\n"
         "hit probe           -> o0\n");
  EXPECT_THAT(view, HasSubstr("kprobes disarmed"));
  EXPECT_THAT(view, HasSubstr("probed probe aggregate ftrace disabled: k1"));
  EXPECT_THAT(view, Not(HasSubstr("kp registered")));
}

TEST(LinuxKprobe, AreAskedForWhereAnInstructionBegins) {
  Do("kprobe k0 core_lock+1   -> -EILSEQ\n"
     "kprobe k0 core_lock+4   -> -EILSEQ\n"
     "kprobe k0 probe+6       -> -EILSEQ\n"
     "kprobe k0 probe+13      -> -EILSEQ\n"
     "kprobe k0 core_lock     -> 0\n"
     "kprobe k1 core_lock+12  -> 0\n"
     "kprobe k2 core_lock+5   -> 0\n"
     "kprobe k3 core_lock+8   -> 0\n"
     "kprobe k3 core_lock+8   -> -EINVAL\n"
     "hit core_lock           -> k0 k2 k3 k1\n");
  // A breakpoint in front is no instruction of its own, and neither is a call of ftrace's.
  Do("kprobe k0 core_lock     -> 0\n"
     "kprobe k1 core_lock+1   -> -EILSEQ\n"
     "register o0             -> 0\n"
     "kprobe k1 probe+3       -> -EILSEQ\n"
     "kprobe k1 probe+5       -> 0\n");
}

TEST(LinuxKprobe, AreAskedForWhereThereIsText) {
  Do("kprobe k0 core_old      -> -ENOENT\n"
     "kprobe k0 alpha_open    -> -ENOENT\n"
     "load_begin alpha @0     -> 0\n"
     "kprobe k0 alpha_open    -> -ENOENT\n"
     "free_init               -> 0\n"
     "kprobe k0 core_setup    -> -EINVAL\n"
     "load gamma @2           -> 0\n"
     "kprobe k0 gamma_init    -> -ENOENT\n"
     "unkprobe k0             -> -EINVAL\n"
     "enable_kprobe k0        -> -EINVAL\n"
     "disable_kprobe k0       -> -EINVAL\n");
}

TEST(LinuxKprobe, AgreeWithTheReference) {
  for (const std::string& ops : {
           // Flags of one and of several.
           std::string("kprobe k0 probe disabled\nhit probe\nkprobe k1 probe\nhit probe\n"
                       "enable_kprobe k0\nhit probe\ndisable_kprobe k1\nhit probe\nunkprobe k1\n"
                       "unkprobe k0\nhit probe\n"),
           std::string("kprobe k0 core_lock post\nkprobe k1 core_lock\nunkprobe k0\nhit core_lock\n"
                       "disable_kprobe k1\nkprobe k2 core_lock post disabled\nenable_kprobe k2\n"
                       "hit core_lock\nunkprobe k1\nunkprobe k2\nkprobe k2 core_lock\n"),
           std::string("kprobe k0 probe post\nkprobe k1 probe\nunkprobe k0\nhit probe\n"
                       "unkprobe k1\n"),
           // Two ops, and who shares a site with them.
           std::string("kprobe k0 probe\nkprobe k1 core_read post\nops o0 kernel save_regs\n"
                       "register o0\nhit probe\n"
                       "hit core_read\nkprobe k2 core_write\nunkprobe k0\nunkprobe k2\nhit probe\n"
                       "unkprobe k1\n"),
           std::string(
               "ops o0 kernel ipmodify\nfilter o0 probe\nregister o0\nkprobe k0 probe post\n"
               "kprobe k0 probe\nkprobe k1 core_read post\nfilter o0 core_read\n"
               "unregister o0\nkprobe k2 core_read\nhit core_read\n"),
           std::string("patch p0 probe\nenable p0\nkprobe k2 probe post\nkprobe k0 probe\n"
                       "kprobe k1 probe+5\nhit probe\ndisable p0\nhit probe\n"),
           std::string(
               "ftrace_enabled 0\nkprobe k0 probe\nhit probe\nftrace_enabled 1\nhit probe\n"),
           // The switch for all.
           std::string(
               "kprobe k0 probe\nkprobe k1 core_lock\nkprobes_armed 0\nkprobes_armed 0\n"
               "kprobe k2 core_read\nhit probe\nhit core_lock\ndisable_kprobe k2\n"
               "enable_kprobe k2\nkprobes_armed 1\nhit probe\nhit core_lock\nhit core_read\n"
               "unkprobe k0\n"),
           // Modules that go, init text that goes, and what comes after them.
           std::string(
               "load alpha @0\nkprobe k0 alpha_open\nkprobe k1 alpha_open\nkprobe k2 "
               "alpha_read+5 post\nunload alpha\nunkprobe k1\nload alpha @0\nhit alpha_open\n"
               "enable_kprobe k0\nkprobe k3 alpha_open\nhit alpha_open\nunkprobe k0\n"
               "kprobe k0 alpha_read+5\nhit alpha_read\n"),
           kComing + "kprobe k0 alpha_open\nkprobe k1 alpha_open+5\nload_step alpha fail\n"
                     "load alpha @0\nhit alpha_open\nunkprobe k0\nunkprobe k1\n",
           std::string(kFormed) + "kprobe k0 alpha_open\nload_step alpha\nhit alpha_open\n"
                                  "load_step alpha fail\nload alpha @0\nhit alpha_open\n",
           std::string("load_begin gamma @0\nload_step gamma\nload_step gamma\nload_step gamma\n"
                       "load_step gamma\nload_step gamma\nload_step gamma\nload_step gamma\n"
                       "kprobe k0 gamma_init\nkprobe k1 gamma_init+5\nhit gamma_init\n"
                       "load_step gamma\nload_step gamma\nload_step gamma\nload_step gamma\n"
                       "load_step gamma\nload_step gamma\nhit gamma_init\nkprobe k2 gamma_init\n"
                       "load_step gamma\nunload gamma\n"),
           std::string("kprobe k0 core_setup\nkprobe k1 core_setup+12\nkprobe k2 probe\nhit "
                       "core_setup\nfree_init\nunkprobe k1\nhit probe\nenable_kprobe k0\n"),
           // Its entry of the loader's chain has a place and an answer.
           std::string("notifier n0 module 0\nnotifier n1 module 1\nscript n0 coming bad\n"
                       "load alpha @0\nscript n1 coming bad\nload alpha @0\nnotifier n2 module -1\n"
                       "script n0 coming ok\nscript n1 coming ok\nload alpha @0\nunload alpha\n"),
           // No record where a call is.
           std::string("fault record_alloc 1\nload alpha @0\nkprobe k0 alpha_open\nhit alpha_open\n"
                       "kprobe k1 alpha_open+1\nkprobe k1 alpha_open+5\nhit alpha_open\n"
                       "unkprobe k0\nunload alpha\n"),
           // A dead ftrace.
           std::string("fault verify 1\nregister o0\nkprobe k0 probe\nkprobe k1 probe+5\nkprobe k2 "
                       "probe disabled\nenable_kprobe k2\nload alpha @0\nkprobe k3 alpha_open\n"
                       "unload alpha\nload beta @0\nkprobe k0 beta_open+8\nunkprobe k2\n"),
       }) {
    EXPECT_EQ(Disagreement(ops), "") << ops;
  }
}

// What corpus/findings/kprobe-post-on-plain and kprobe-armed-not-kept come to in the kernel.
TEST(LinuxKprobe, OneThatLeavesWhereItNeverWasStaysForEver) {
  EXPECT_THAT(Do("kprobe k0 probe       -> 0\n"
                 "kprobe k1 probe post  -> 0\n"
                 "unkprobe k1           -> 0\n"
                 "unkprobe k0           -> -EBUSY\n"
                 "unkprobe k0           -> -EBUSY\n"
                 "hit probe             -> k0\n"),
              HasSubstr("kp registered probe"));
}
TEST(LinuxKprobe, OneThatIsDisarmedTwiceKeepsTheNextFromFiring) {
  Do("fault hash_copy 2  -> 0\n"
     "kprobe k0 probe    -> 0\n"
     "unkprobe k0        -> -EBUSY\n"
     "unkprobe k0        -> 0\n"
     "kprobe k1 probe    -> 0\n"
     "hit probe          -> nobody\n");
}

TEST(LinuxKprobe, PassEachFaultPointWhereTheReferenceDoes) {
  const std::string many =
      "kprobe k0 probe\nkprobe k1 core_read post\nkprobe k2 core_lock\nkprobe k3 core_lock\n"
      "hit core_lock\nunkprobe k3\ndisable_kprobe k2\nenable_kprobe k2\nunkprobe k0\n";
  const std::string revived =
      "load alpha @0\nkprobe k0 alpha_open\nkprobe k1 alpha_open+5\nkprobe k2 alpha_open+5 post\n"
      "unload alpha\nload alpha @0\nkprobe k3 alpha_open+5\nkprobe k3 alpha_open\nkprobe k3 "
      "alpha_open\nhit alpha_open\n";
  for (const std::string_view fault :
       {"hash_copy", "hash_move", "verify", "kprobe_alloc", "kprobe_slot"}) {
    for (const std::string_view nth : {"1", "2", "3", "4", "5", "6"}) {
      for (const std::string& what : {many, revived}) {
        const std::string ops =
            "fault " + std::string(fault) + " " + std::string(nth) + "\n" + what;
        const std::unique_ptr<Subject> oracle = MakeReference();
        const std::unique_ptr<Subject> subject = MakeLinux();
        Lockstep lockstep(oracle.get(), subject.get());
        lockstep.Mask(KnownDefectsOf(LinuxSubjectName()));
        const Program program = Parse(ops);
        const RunResult result = lockstep.Run(program);
        EXPECT_FALSE(result.divergence) << ops << DivergenceLine(program, *result.divergence);
      }
    }
  }
}

TEST(LinuxKprobe, RandomProgramsAgreeUpToTheKnownDefects) {
  const std::unique_ptr<Subject> oracle = MakeReference();
  const std::unique_ptr<Subject> subject = MakeLinux();
  Lockstep lockstep(oracle.get(), subject.get());
  lockstep.Mask(KnownDefectsOf(LinuxSubjectName()));
  int agreed = 0;
  std::map<std::string_view, int> known;
  constexpr std::uint64_t kCount = 2000;
  for (std::uint64_t seed = 0; seed < kCount; ++seed) {
    const Program program = Parse(KprobePrograms(seed).Next(25));
    const RunResult result = lockstep.Run(program);
    if (result.verdict == Verdict::kAgree) ++agreed;
    if (result.known != nullptr) ++known[result.known->name];
    if (!result.divergence) continue;
    ADD_FAILURE() << "seed " << seed << ": " << DivergenceLine(program, *result.divergence);
  }
  EXPECT_GT(agreed, static_cast<int>(kCount / 2));
  EXPECT_GT(known["kprobe-post-on-plain"], 0);
}

TEST(LinuxKprobe, KnownDefectsAreExplainedInEachShapeTheyTake) {
  const std::string revived =
      "load gamma @0\nkprobe k0 gamma_gap disabled\nunload gamma\n"
      "load alpha @0\n";
  const struct {
    std::string_view defect;
    std::string ops;
  } kCases[] = {
      // Who moves cannot, and stays with what it was.
      {"kprobe-post-on-plain", "kprobe k0 probe\nfault hash_copy 1\nkprobe k1 probe post\n"},
      {"kprobe-post-on-plain", "kprobe k0 probe\nfault verify 1\nkprobe k1 probe post disabled\n"},
      {"kprobe-post-on-plain",
       "ops o0 kernel ipmodify\nfilter o0 probe\nregister o0\nkprobe k0 probe\n"
       "kprobe k1 probe post\n"},
      // It could not be armed, it could not be disarmed, and another one of its ops pays for it.
      {"kprobe-armed-not-kept",
       "kprobes_armed 0\nkprobe k0 probe\nfault hash_copy 1\nkprobes_armed 1\ndisable_kprobe k0\n"},
      {"kprobe-armed-not-kept",
       "fault hash_copy 2\nkprobe k0 probe\ndisable_kprobe k0\nkprobes_armed 0\n"},
      {"kprobe-armed-not-kept",
       "kprobe k0 probe\nkprobe k1 core_read\nfault hash_copy 1\nunkprobe k1\nunkprobe k1\n"},
      {"kprobe-armed-not-kept",
       "load alpha @0\nkprobe k0 probe\nkprobe k1 alpha_open\nfault hash_copy 1\nunkprobe k1\n"
       "unload alpha\n"},
      // Nobody hears the error of a probe whose text goes.
      {"kprobe-armed-not-kept",
       "kprobes_armed 0\nload alpha @0\nkprobe k0 alpha_open\nfault hash_copy 1\n"
       "kprobes_armed 1\nunload alpha\nkprobe k1 probe\n"},
      // Over ftrace's call, where it is armed.
      {"kprobe-revived-keeps-ftrace", revived + "kprobe k1 alpha_read\n"},
      {"kprobe-revived-keeps-ftrace", revived + "kprobe k1 alpha_read post\n"},
      {"kprobe-revived-keeps-ftrace", revived + "kprobe k1 alpha_read disabled\n"},
      {"kprobe-revived-keeps-ftrace", revived + "fault hash_copy 1\nkprobe k1 alpha_read\n"},
  };
  for (const auto& [name, ops] : kCases) {
    const KnownDefect* const defect = FindKnownDefect(name);
    const std::unique_ptr<Subject> oracle = MakeReference();
    const std::unique_ptr<Subject> subject = MakeLinux();
    Lockstep lockstep(oracle.get(), subject.get());
    lockstep.Mask({defect});
    const Program program = Parse(ops);
    const RunResult result = lockstep.Run(program);
    EXPECT_EQ(result.known, defect)
        << ops
        << (result.divergence ? DivergenceLine(program, *result.divergence) : "no difference");
  }
}

}  // namespace
}  // namespace recount
