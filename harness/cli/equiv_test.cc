// recount equiv through the front door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/cli/cli_fixture.h"

namespace recount {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

using Equiv = Cli;

// Programs that the corpus of the tree has no part in.
constexpr char kNothing[] = "world small\nprofile linux-6.1\nfree_init\n";

constexpr char kCanary[] =
    "\n"
    "ftrace_enabled 1\n"
    "\n"
    "differs at operation 1, ftrace_enabled 1\n"
    "  left      fast\n"
    "  right     fast+bug:canary\n"
    "  field     outcome.rc\n"
    "  on left   0\n"
    "  on right  -EINVAL\n"
    "found: ";

TEST_F(Equiv, FindsTheShortestProgramOnWhichABugShows) {
  Write("nothing.prog", kNothing);
  for (const std::string seed : {"1", "2"}) {
    const Said said =
        Run("recount equiv --left fast --right fast+bug:canary --seconds 60 --corpus nothing.prog "
            "--seed " +
            seed);
    EXPECT_EQ(said.code, 1) << said.err;
    EXPECT_EQ(said.err, "");
    EXPECT_THAT(said.out, AllOf(StartsWith("world small\nprofile "), HasSubstr(kCanary)));
  }
  // The command it prints does replay it.
  const Said replay = Run("recount equiv findings/*.prog --left fast --right fast+bug:canary");
  EXPECT_EQ(replay.code, 1);
  EXPECT_THAT(replay.out, MatchesRegex("findings/fast-fast\\+bug-canary-[0-9a-f]+.prog: differ at "
                                       "operation 1, ftrace_enabled 1: outcome.rc: left 0, right "
                                       "-EINVAL\n"));
}

// All that the two profiles differ in: what becomes of a filter whose functions vanish (cleared or
// kept, to be counted again), and what a failed code change leaves behind.
TEST_F(Equiv, FindsTheShortestProgramForEachRuleThatTwoProfilesDifferIn) {
  Write("reload.prog",
        "world small\nprofile linux-6.1\nops o0 tracer\nload alpha @0\nfilter o0 alpha_read\n"
        "register o0\nunload alpha\nload alpha @0\n");
  Write("verify.prog",
        "world small\nprofile linux-6.1\nload alpha @0\nfault verify 2\nregister o0\n");
  const Said said =
      Run("recount equiv --left linux-3.2 --right linux-6.1 --corpus . --programs 2 --keep-going "
          "--jobs 2");
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("world small\n"
                                  "profile linux-3.2\n"
                                  "ops o0 tracer\n"
                                  "filter o0 :mod:beta\n"
                                  "load beta @0\n"
                                  "\n"
                                  "differs at operation 3, load beta @0\n"
                                  "  left      linux-3.2\n"
                                  "  right     linux-6.1\n"
                                  "  field     ops[o0].filter\n"
                                  "  on left   beta_open 0x80000010 beta_read beta_write "
                                  "beta:probe_shared\n"
                                  "  on right  beta_open beta_read beta_write beta:probe_shared\n"
                                  "  also      ops[o0].filter.cleared: left 0, right 1\n"
                                  "found: "));
  EXPECT_THAT(said.out, HasSubstr("world small\n"
                                  "profile linux-3.2\n"
                                  "fault verify 1\n"
                                  "register o0\n"
                                  "\n"
                                  "differs at operation 2, register o0\n"
                                  "  left      linux-3.2\n"
                                  "  right     linux-6.1\n"
                                  "  field     records[core_setup].flags\n"
                                  "  on left   --T-E-t\n"
                                  "  on right  --T----\n"
                                  "found: "));
  EXPECT_THAT(said.out, HasSubstr(" 2 findings\n"));
}

TEST_F(Equiv, TheCorpusOfTheTreeComesFirst) {
  // Its programs are few and short; this bug takes a random search longer.
  const Said said =
      Run("recount equiv --left fast --right fast+bug:reload-refcount-lost --programs 100");
  EXPECT_EQ(said.code, 1) << said.out << said.err;
  EXPECT_THAT(said.out, HasSubstr("profile linux-3.2\n"));
}

TEST_F(Equiv, IsCleanBetweenTwoThatAreAlike) {
  const Said said =
      Run("recount equiv --left reference --right fast --programs 120 --jobs 2 --world small");
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  EXPECT_THAT(said.out, MatchesRegex("120 programs, [0-9]+ operations in .* 0 findings\n"));
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(Equiv, ASideIsAProfileASubjectOrBoth) {
  Write("verify.prog", "world small\nprofile linux-6.1\nfault verify 1\nregister o0\n");
  const std::string agree = "verify.prog: agree (2 operations, 1 refused)\n";
  const std::string differ =
      "verify.prog: differ at operation 2, register o0: records[core_setup].flags: left --T-E-t, "
      "right --T----\n";
  EXPECT_EQ(Run("recount equiv verify.prog --left linux-3.2 --right reference@linux-6.1").out,
            differ);
  EXPECT_EQ(Run("recount equiv verify.prog --left fast@linux-3.2 --right linux-6.1").out, differ);
  Write("other.prog", kNothing);
  const Said both = Run("recount equiv . --left linux-3.2 --right linux-6.1");
  EXPECT_EQ(both.code, 1);
  EXPECT_THAT(both.out, HasSubstr("\n2 programs: 1 agree, 1 differ, 0 unknown\n"));
  // One that names no profile goes by that of the other; two that name none, by the program's.
  EXPECT_EQ(Run("recount equiv verify.prog --left linux-3.2 --right reference").out, agree);
  EXPECT_EQ(Run("recount equiv verify.prog --left fast --right reference").code, 0);
}

TEST_F(Equiv, ASwitchOfAProfileMayBeSetOtherwise) {
  Write("load.prog", "world small\nprofile linux-3.2\nnotifier n0 module 0\nload alpha @0\n");
  const auto run = [&](const std::string& left, const std::string& right) {
    return Run("recount equiv load.prog --left " + left + " --right " + right).out;
  };
  const std::string agree = "load.prog: agree (2 operations, 0 refused)\n";
  const std::string differ =
      "load.prog: differ at operation 2, load alpha @0: outcome.log: left n0:coming(alpha) "
      "n0:live(alpha), right n0:unformed(alpha) n0:coming(alpha) n0:live(alpha)\n";
  EXPECT_EQ(run("linux-6.1", "linux-6.1,load_path=chain"), differ);
  EXPECT_EQ(run("linux-6.1,rollback=reverse", "reference@rfc-notifier"), differ);
  EXPECT_EQ(run("rfc-notifier", "reference@linux-6.1,load_path=chain,rollback=reverse"), agree);
  EXPECT_EQ(run("rfc-notifier,load_path=direct", "linux-6.1"), agree);
  // Whoever names no rules goes by the other's, switches and all.
  EXPECT_EQ(run("fast", "reference@linux-6.1,load_path=chain"), agree);
  EXPECT_EQ(run("linux-6.1,load_path=chain", "fast"), agree);
}

TEST_F(Equiv, AProgramFromBootBeginsThereOnBothSides) {
  const Said said = Run("recount equiv '" RECOUNT_SOURCE_DIR
                        "/corpus/seeds/early_coexistence.prog' --left fast --right "
                        "fast+bug:early-missed-events-window");
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("early_coexistence.prog: differ at operation 4"));
}

TEST_F(Equiv, EverySwitchThatProfilesShowCanBeSet) {
  for (const char* rules : {"early-kprobe,patch_failure=verify-first,optprobes=off",
                            "linux-6.1,patch_failure=repairable,early_kprobes=on,optprobes=on"}) {
    EXPECT_EQ(
        Run(std::string("recount equiv --programs 3 --left ") + rules + " --right " + rules).code,
        0)
        << rules;
  }
  ExpectRefused("recount equiv --left fast --right linux-6.1,patch_failure=never",
                "patch_failure is flags-first, verify-first or repairable, not 'never'");
}

TEST_F(Equiv, SaysWhichDeclaredDifferencesWereMet) {
  const std::string sides = " --left linux-6.1,rollback=reverse --right rfc-notifier --known";
  const Said seeds =
      Run("recount equiv '" RECOUNT_SOURCE_DIR "/corpus/seeds/'differs_*.prog" + sides);
  EXPECT_EQ(seeds.code, 0) << seeds.out;
  EXPECT_THAT(seeds.out, HasSubstr("differs_unformed_refused.prog: agree up to operation 3: known: "
                                   "unformed-refused\n"));
  for (const std::string name :
       {"unformed-announced 2, ", "going-without-coming 1, ", "errno-tells-going 1, ",
        "going-not-stopped 1, ", "stop-takes-records 1, ", "ahead-of-livepatch 1\n"}) {
    EXPECT_THAT(seeds.out, HasSubstr(name));
  }
  const Said hunt = Run("recount equiv --programs 300 --world small" + sides);
  EXPECT_EQ(hunt.code, 0) << hunt.out;
  EXPECT_THAT(hunt.out, AllOf(HasSubstr(" 0 findings\n"), HasSubstr("known: unformed-announced ")));
  // What nobody declared is found.
  EXPECT_THAT(Run("recount equiv '" RECOUNT_SOURCE_DIR
                  "/corpus/bugs/rfc-formed-pseudo-state.prog' --left linux-6.1,rollback=reverse "
                  "--right fast+bug:rfc-formed-pseudo-state@rfc-notifier --known")
                  .out,
              HasSubstr("differ at operation "));
  EXPECT_THAT(Run("recount known").out,
              HasSubstr("\ngoing-in-reverse  (profiles: rollback)\n    GOING is told "));
}

TEST_F(Equiv, WithoutMasksTheFirstDeclaredDifferenceIsFound) {
  const Said said = Run("recount equiv --left linux-6.1,rollback=reverse --right rfc-notifier");
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, StartsWith("world small\nprofile linux-6.1\nnotifier n0 module 0\n"
                                   "load alpha @0\n\ndiffers at operation 2, load alpha @0\n"));
}

TEST_F(Equiv, RefusesWhatIsNoSideWithWhatThereIs) {
  ExpectRefused("recount equiv --left fast", "--right is required");
  ExpectRefused("recount equiv --left linux6.1 --right fast",
                "unknown side 'linux6.1'; a side is a profile (linux-3.2, linux-6.1, ");
  ExpectRefused("recount equiv --left fast+bug:reload-refcount-lst --right fast",
                "reload-refcount-lost");
  ExpectRefused("recount equiv --left fast --right fast@linux-3", "unknown profile 'linux-3'");
  ExpectRefused("recount equiv --left fast --right linux:6.1@linux-3.2",
                "a kernel has rules of its own; write linux:6.1");
  ExpectRefused("recount equiv --left fast --right linux:6.1,load_path=chain",
                "a kernel has rules of its own; write linux:6.1");
  const std::string with = "recount equiv --left fast --right linux-6.1,";
  ExpectRefused(with + "load_path=chian",
                "'linux-6.1,load_path=chian': load_path is direct or chain, not 'chian'");
  ExpectRefused(
      with + "loadpath=chain",
      "a profile has no switch 'loadpath'; there are: reload, patch_failure, load_path, ");
  ExpectRefused(with + "chain", "expected SWITCH=VALUE behind a comma, not 'chain'");
  ExpectRefused(with + "rollback=reverse,rollback=forward", "rollback is set twice");
  ExpectRefused("recount equiv --left fast --right linux:9.9", "subject linux:9.9 is not built (");
  ExpectRefused("recount equiv --left fast --right reference --known",
                "--known: no defect of fast or reference is known, and no difference between them "
                "is declared (recount known)");
  ExpectRefused("recount equiv --left fast --right reference no.prog", "cannot read no.prog");
}

TEST_F(Equiv, HasHelpAndItsServerIsNotShown) {
  EXPECT_THAT(Run("recount equiv --help").out,
              AllOf(HasSubstr("Examples:"), HasSubstr("2 bad input or usage")));
  EXPECT_THAT(Run("recount --help").out, ::testing::Not(HasSubstr("serve")));
  EXPECT_EQ(Run("recount serve </dev/null | wc -c").code, 0);
}

}  // namespace
}  // namespace recount
