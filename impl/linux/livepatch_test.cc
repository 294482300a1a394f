// The kernel's livepatch code, driven by the language. Where a test is named after a recording of
// real kernels (corpus/kernel, 6.1 and 6.12 alike), the margins are what was recorded: which
// replacement ran is what a function returned there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "harness/known/known.h"
#include "harness/lockstep.h"
#include "impl/linux/linux_subject.h"
#include "impl/linux/test_runs.h"
#include "model/reference/reference.h"

namespace recount {
namespace {

using linux_test::Disagreement;
using linux_test::Do;
using linux_test::Parse;
using testing::HasSubstr;
using testing::Not;

TEST(LinuxLivepatch, RecordedKlpBasic) {
  const std::string_view patched =
      "load alpha @0         -> 0\n"
      "hit alpha_open        -> nobody\n"
      "patch p0 alpha_open\n"
      "enable p0             -> 0\n"
      "hit alpha_open        -> p0\n";
  EXPECT_THAT(Do(patched), HasSubstr("alpha_open 0x80000000 count 1 --TIE-t call l0"));
  const std::string traced = std::string(patched) +
                             "filter o0 alpha_open\n"
                             "register o0           -> 0\n"
                             "hit alpha_open        -> o0 p0\n";
  EXPECT_THAT(Do(traced), HasSubstr("alpha_open 0x80000000 count 2 ---IE-- call"));
  const std::string disabled = traced +
                               "disable p0            -> 0\n"
                               "hit alpha_open        -> o0\n";
  EXPECT_THAT(Do(disabled), HasSubstr("alpha_open 0x80000000 count 1 --T-E-t call o0"));
  EXPECT_THAT(Do(disabled + "unregister o0 -> 0\n"), Not(HasSubstr("count")));
}

TEST(LinuxLivepatch, RecordedKlpBeforeModule) {
  const std::string loaded =
      "notifier n0 module 0\n"
      "patch p0 alpha_open alpha_read\n"
      "enable p0             -> 0\n"
      "load alpha @0         -> 0 n0:coming n0:live\n"
      "hit alpha_open        -> p0\n"
      "hit alpha_read        -> p0\n"
      "hit alpha_write       -> nobody\n"
      "unload alpha          -> 0 n0:going\n"
      "load alpha @0         -> 0 n0:coming n0:live\n"
      "hit alpha_read        -> p0\n";
  EXPECT_THAT(Do(loaded), HasSubstr("alpha_read 0x80000010 count 1 --TIE-t call l1"));
  EXPECT_THAT(Do(loaded + "disable p0 -> 0\nhit alpha_open -> nobody\n"), Not(HasSubstr("count")));
}

TEST(LinuxLivepatch, AgreesWithTheReference) {
  for (const std::string_view ops : {
           "patch p0 probe core_read\nenable p0\npatch p1 probe\nenable p1\nhit probe\n"
           "disable p1\nhit probe\nenable p0\ndisable p0\ndisable p0\n",
           // The same name in two modules.
           "load alpha @0\nload beta @3\npatch p0 beta:probe_shared\nenable p0\n"
           "hit alpha:probe_shared\nhit beta:probe_shared\nunload beta\nload beta @2\n"
           "hit beta:probe_shared\n",
           // What cannot be patched.
           "patch p0 probe core_lock\nenable p0\npatch p1 core_old\nenable p1\nfree_init\n"
           "patch p2 core_setup\nenable p2\nload gamma @0\npatch p3 gamma_init\nenable p3\n",
           // A refused load: what came before is taken back.
           "patch p0 alpha_open\nenable p0\npatch p1 alpha_open alpha_read\nenable p1\n"
           "load_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\nload_step "
           "alpha\nload_step alpha\nload_step alpha\nfilter_ip o0 alpha_read\nops o0 kernel "
           "ipmodify\nregister o0\nload_step alpha\nload alpha @1\n",
           "filter_ip o0 probe\nops o0 kernel ipmodify\nregister o0\npatch p0 core_read probe\n"
           "enable p0\nunregister o0\nenable p0\nregister o0\nftrace_enabled 0\n",
           // Atomic replace.
           "load alpha @0\npatch p0 alpha_open probe beta_open\nenable p0\npatch p1 replace probe "
           "core_read\nenable p1\nhit alpha_open\nhit probe\nload beta @3\ndisable p1\n",
           "patch p0 probe\nenable p0\npatch p1 replace alpha_open\nload alpha @0\nfault "
           "klp_callback "
           "1 EIO\nenable p1\nenable p1\ndisable p1\n",
           // ftrace dies while a patch is enabled, and between that and its end.
           "patch p0 probe core_read\nfault verify 2\nenable p0\ndisable p0\nenable p0\n",
           "patch p0 probe\nenable p0\nregister o0\nfault verify 1\nregister o1\n"
           "disable p0\nenable p0\nload alpha @0\n",
       }) {
    EXPECT_EQ(Disagreement(ops), "") << ops;
  }
}

TEST(LinuxLivepatch, PassesEachFaultPointWhereTheReferenceDoes) {
  constexpr std::string_view kLeaks = "livepatch-leaks-filter";
  for (const std::string_view fault :
       {"hash_copy", "hash_move", "klp_alloc", "klp_symbol", "klp_callback"}) {
    for (const std::string_view nth : {"1", "2", "3", "4"}) {
      const std::string armed = "fault " + std::string(fault) + " " + std::string(nth) + "\n";
      const std::string enable =
          "load alpha @0\npatch p0 probe alpha_open core_read\npatch p1 replace probe\n" + armed +
          "enable p0\nenable p1\n";
      EXPECT_EQ(Disagreement(enable, kLeaks), "") << enable;
      const std::string load =
          "patch p0 probe alpha_open alpha_read\nenable p0\npatch p1 alpha_open "
          "alpha_write\nenable p1\n" +
          armed + "load alpha @0\nload alpha @0\n";
      EXPECT_EQ(Disagreement(load, kLeaks), "") << load;
    }
  }
}

// With more than one function there is a defect in the way (livepatch-frees-listed-ops).
TEST(LinuxLivepatch, DiesWhereTheReferenceDoes) {
  for (const std::string_view nth : {"1", "2", "3", "4"}) {
    const std::string ops = "load alpha @0\npatch p0 alpha_open\nfault verify " + std::string(nth) +
                            "\nenable p0\nunload alpha\nload alpha @0\ndisable p0\n";
    EXPECT_EQ(Disagreement(ops, "livepatch-leaks-filter"), "") << ops;
  }
}

// Each time the module of the patch is loaded, and unloaded.
TEST(LinuxLivepatch, EnablingAThousandTimesIsPossible) {
  std::string ops = "patch p0 probe core_read\n";
  for (int i = 0; i < 1000; ++i) ops += "enable p0 -> 0\nhit probe -> p0\ndisable p0 -> 0\n";
  EXPECT_THAT(Do(ops), Not(HasSubstr("enabled")));
}

// The folder of the finding has a program that disables; the other ways to come there.
TEST(LinuxLivepatch, KnownDefectsAreExplainedWhereverLivepatchTakesBack) {
  struct Case {
    std::string_view defect;
    std::string_view ops;
  };
  for (const Case& one : {
           Case{"livepatch-init-text",
                "patch p0 gamma_init gamma_read\nenable p0\nload gamma @0\nunload gamma\n"},
           Case{"livepatch-init-text",
                "patch p0 core_setup\nenable p0\nfree_init\npatch p1 replace probe\nenable p1\n"},
           Case{"livepatch-leaks-filter",
                "patch p0 alpha_open\nenable p0\nload alpha @0\nfault hash_copy 1\nunload alpha\n"},
           Case{"livepatch-leaks-filter",
                "patch p0 probe core_lock\nfault hash_copy 2\nenable p0\n"},
           Case{"livepatch-leaks-filter",
                "patch p0 probe core_read\nenable p0\nfault verify 1\ndisable p0\n"},
       }) {
    const std::unique_ptr<Subject> oracle = MakeReference();
    const std::unique_ptr<Subject> subject = MakeLinux();
    Lockstep lockstep(oracle.get(), subject.get());
    const KnownDefect* const defect = FindKnownDefect(one.defect);
    lockstep.Mask({defect});
    const RunResult result = lockstep.Run(Parse(one.ops));
    EXPECT_EQ(result.verdict, Verdict::kKnown) << one.ops;
    EXPECT_EQ(result.known, defect) << one.ops;
  }
}

}  // namespace
}  // namespace recount
