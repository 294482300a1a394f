// The program through its front door: exit codes, and what it says about bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "harness/atomic_file.h"
#include "harness/cli/cli_fixture.h"
#include "harness/program_file.h"
#include "impl/bugs/bugs.h"
#include "model/text.h"
#include "model/world.h"

namespace recount {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kBug[] = "reload-refcount-lost";

constexpr char kGood[] =
    "world small\nprofile linux-6.1\nregister o0 -> 0\nregister o0 -> -EBUSY\n";

TEST_F(Cli, EveryCommandHasHelpWithExamplesAndExitCodes) {
  for (const std::string command : {"", "run", "hunt", "equiv", "shrink", "export", "conform",
                                    "bugs", "worlds", "profiles", "bench", "completion"}) {
    const Said said = Run("recount " + command + " --help");
    EXPECT_EQ(said.code, 0) << command;
    EXPECT_THAT(said.out, AllOf(HasSubstr("Examples:"), HasSubstr("2 bad input or usage")));
    EXPECT_EQ(said.err, "") << command;
  }
}

TEST_F(Cli, WrongUsageIsExitTwoAndNamesTheHelp) {
  for (const std::string line :
       {"recount", "recount hnt", "recount hunt --no-such-option", "recount run",
        "recount hunt --seconds 0", "recount hunt --seconds x", "recount hunt --programs -1",
        "recount hunt --seed -1", "recount hunt --jobs 0",
        "recount hunt --bug canary --subject fast", "recount export x", "recount completion"}) {
    const Said said = Run(line);
    EXPECT_EQ(said.code, 2) << line;
    EXPECT_EQ(said.out, "") << line;
    EXPECT_THAT(said.err, AllOf(StartsWith("recount: "), HasSubstr("--help"))) << line;
  }
}

TEST_F(Cli, ANumberIsDecimalAndExactOrRefusedByName) {
  constexpr char kSeconds[] = ": a number above 0 is asked for\n";
  for (const std::string text : {"nan", "inf", "x", "0", "-5", "1e999"}) {
    ExpectRefused("recount hunt --seconds " + text, "--seconds: '" + text + "'" + kSeconds);
    ExpectRefused("recount shrink x --seconds=" + text, "--seconds: '" + text + "'" + kSeconds);
  }
  for (const std::string option : {"--programs", "--jobs"}) {
    ExpectRefused("recount hunt " + option + " 0", option + ": '0': a whole number from 1 to ");
  }
  for (const std::string text : {"99999999999999999999", "0x10", "-1", "1.5", "''"}) {
    const std::string said = text == "''" ? "" : text;
    ExpectRefused("recount hunt --seed " + text,
                  "--seed: '" + said + "': a whole number from 0 to");
  }
  // Not octal.
  const std::string line = std::string("recount hunt --seconds 60 --bug ") + kBug + " --seed ";
  EXPECT_THAT(Run(line + "010").out, HasSubstr("seed 10, program "));
}

TEST_F(Cli, AnUnknownOptionIsNamedBeforeAMissingFile) {
  ExpectRefused("recount run --bogus", "unknown option '--bogus'\nTry: recount run --help");
  ExpectRefused("recount export --bogus=1 x", "unknown option '--bogus'");
  ExpectRefused("recount hunt --sead 3", "unknown option '--sead' (did you mean --seed?)");
  ExpectRefused("recount run", "FILE is required");
}

TEST_F(Cli, EveryCorpusPathInAnExampleIsThere) {
  std::size_t paths = 0;
  for (const std::string command : {"", "run", "hunt", "equiv", "shrink", "export", "conform",
                                    "bugs", "worlds", "profiles", "bench", "completion"}) {
    std::istringstream help(Run("recount " + command + " --help").out);
    for (std::string word; help >> word;) {
      if (!word.starts_with("corpus/")) continue;
      ++paths;
      // The shell knows what "*" means.
      EXPECT_EQ(Run("cd '" RECOUNT_SOURCE_DIR "' && ls -d " + word + " >/dev/null").code, 0)
          << command << ": " << word;
    }
  }
  EXPECT_GE(paths, 6u);
}

TEST_F(Cli, RunAgreesOnAGoodProgram) {
  Write("good.prog", kGood);
  const Said said = Run("recount run good.prog");
  EXPECT_EQ(said.out, "good.prog: agrees (2 operations, 1 refused)\n");
  EXPECT_EQ(said.code, 0);
  Write("one.prog", "world small\nprofile linux-6.1\nregister o0\n");
  EXPECT_EQ(Run("recount run one.prog").out, "one.prog: agrees (1 operation, 0 refused)\n");
}

TEST_F(Cli, RunEndsWithTotalsAfterSeveralPrograms) {
  Write("a.prog", kGood);
  Write("b.prog", "world small\nprofile linux-6.1\nregister o0 -> -EBUSY\n");
  EXPECT_THAT(Run("recount run .").out, EndsWith("\n2 programs: 1 agree, 1 diverge, 0 unknown\n"));
  Write("c.prog", "world\n");
  const Said said = Run("recount run .");
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.out, EndsWith("\n3 programs: 1 agree, 1 diverge, 0 unknown, 1 bad input\n"));
}

TEST_F(Cli, ADashIsTheStandardInput) {
  Write("good.prog", kGood);
  EXPECT_EQ(Run("recount run - <good.prog").out, "<stdin>: agrees (2 operations, 1 refused)\n");
  EXPECT_EQ(Run("recount export - --as text <good.prog").out,
            Run("recount export good.prog --as text").out);
  EXPECT_EQ(Run("recount export good.prog --as bytes | recount run -").out,
            "<stdin>: agrees (2 operations, 1 refused)\n");
  ExpectRefused("echo nonsense | recount run -", "<stdin>:1:1: ");
  ExpectRefused("echo nonsense | recount conform -", "<stdin>:1: not JSON");
  EXPECT_THAT(
      Run("recount conform - <'" RECOUNT_SOURCE_DIR "/corpus/kernel/linux-6.1/written.jsonl'").out,
      StartsWith("<stdin> (kernel 6.1.0-56-amd64, rules of linux-6.1)\n"));
  const Said shrunk = Run("recount shrink - --subject fast+bug:canary <'" RECOUNT_SOURCE_DIR
                          "/corpus/bugs/canary.prog'");
  EXPECT_EQ(shrunk.code, 1) << shrunk.err;
  EXPECT_THAT(folder_.Names(), ElementsAre("good.prog", "stdin.min.prog"));
}

TEST_F(Cli, ConformTakesAFolderAsItsRecordings) {
  const Said said = Run("cd '" RECOUNT_SOURCE_DIR "' && recount conform corpus/kernel/linux-6.1");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, StartsWith("corpus/kernel/linux-6.1/random.jsonl (kernel "));
  EXPECT_THAT(said.out, HasSubstr("\ncorpus/kernel/linux-6.1/written.jsonl (kernel "));
  ExpectRefused("mkdir empty; recount conform empty", "empty: the folder holds no .jsonl file");
}

TEST_F(Cli, ConformRefusesADamagedRecording) {
  const std::string sed = "sed -e '1s/ops 1 reg/ops 1 bogus/' '" RECOUNT_SOURCE_DIR
                          "/corpus/kernel/linux-6.1/written.jsonl' >bad.jsonl; ";
  ExpectRefused(sed + "recount conform bad.jsonl",
                "bad.jsonl:1: step 6: 'ops 1 bogus': 'bogus' is nothing that is done with an ops");
}

TEST_F(Cli, ConformHoldsAnotherKernelOnlyAgainstRulesThatAreAskedFor) {
  const std::string sed =
      "sed -e 's/\"kernel\":\"[^\"]*\"/\"kernel\":\"3.2.0\"/' '" RECOUNT_SOURCE_DIR
      "/corpus/kernel/linux-6.1/written.jsonl' >old.jsonl; ";
  ExpectRefused(sed + "recount conform old.jsonl",
                "old.jsonl:1: kernel '3.2.0' is neither 6.1 nor 6.12: --profile says");
  const Said said = Run("recount conform old.jsonl --profile linux-6.1");
  EXPECT_EQ(said.code, 0) << said.out;
  EXPECT_THAT(said.out, StartsWith("old.jsonl (kernel 3.2.0, rules of linux-6.1)\n"));
  ExpectRefused("recount conform old.jsonl --profile linux-6.2", "linux-6.1");
}

TEST_F(Cli, RunHoldsTheMarginAgainstTheReference) {
  Write("wrong.prog", "world small\nprofile linux-6.1\nregister o0 -> -EBUSY\n");
  const Said said = Run("recount run wrong.prog");
  EXPECT_EQ(said.out,
            "wrong.prog:3: operation 1, register o0: the margin says -EBUSY, the reference answers "
            "0\n");
  EXPECT_EQ(said.code, 1);
}

TEST_F(Cli, AMarginThatIsNoOutcomeIsAnErrorOfTheText) {
  Write("bad.prog", "world small\nprofile linux-6.1\nregister o0 -> banana\n");
  ExpectRefused("recount run bad.prog", "bad.prog:3:16: 'banana' is no outcome of register: 0 or ");
}

TEST_F(Cli, TraceShowsOutcomesAndViews) {
  Write("good.prog", kGood);
  const Said said = Run("recount run --trace good.prog");
  EXPECT_THAT(said.out, StartsWith("world small\nprofile linux-6.1\n1  register o0  -> 0\n"));
  EXPECT_THAT(said.out, HasSubstr("2  register o0  -> -EBUSY\n"));
  EXPECT_THAT(said.out, HasSubstr("\nagrees: 2 operations, 1 refused\n"));
}

TEST_F(Cli, MalformedTextNamesFileLineAndColumn) {
  Write("bad.prog", "world small\nprofile linux-6.1\nhit no_such_function\n");
  ExpectRefused("recount run bad.prog", "bad.prog:3:5: unknown function 'no_such_function'");
  ExpectRefused("recount shrink bad.prog", "bad.prog:3:5: ");
  ExpectRefused("recount export bad.prog --as text", "bad.prog:3:5: ");
}

TEST_F(Cli, RandomAndTruncatedBytesAreRefused) {
  ASSERT_EQ(Run("head -c 200 /dev/urandom | tr -d '\\001' >random").code, 0);
  ExpectRefused("recount run random", "random: byte ");
  Write("good.prog", kGood);
  ASSERT_EQ(Run("recount export good.prog --as bytes --out good.bytes").code, 0);
  ASSERT_EQ(Run("head -c -1 good.bytes >cut.bytes").code, 0);
  ExpectRefused("recount run cut.bytes", "cut.bytes: byte ");
  EXPECT_EQ(Run("recount run good.bytes").code, 0);
  EXPECT_EQ(Run("recount run --bytes random cut.bytes").code, 0);
}

TEST_F(Cli, UnknownNamesAreRefusedWithWhatThereIs) {
  Write("good.prog", kGood);
  Write("world.prog", "world smal\nprofile linux-6.1\n");
  ExpectRefused("recount run world.prog", "world.prog:1:7: ");
  ExpectRefused("recount run good.prog --subject quick", "fast");
  ExpectRefused("recount hunt --bug reload-refcount-lst", kBug);
  ExpectRefused("recount hunt --world smal", "small");
  ExpectRefused("recount hunt --world ./no.world", "no.world: No such file or directory");
  ExpectRefused("recount hunt --profile linux-6.2", "linux-6.1");
  ExpectRefused("recount hunt --finder luck", "random, fuzz, all");
  ExpectRefused("recount export good.prog --as html", "text, bytes, gtest");
  ExpectRefused("recount worlds smal", "small");
  ExpectRefused("recount completion csh", "bash");
  ExpectRefused("recount hunt --jobs 100000", "--jobs: '100000': a whole number from 1 to 256 is");
}

TEST_F(Cli, AnEmptyValueIsNotNone) {
  Write("good.prog", kGood);
  for (const std::string option : {"--bug", "--profile", "--subject", "--world"}) {
    for (const std::string value : {" ''", "="}) {
      ExpectRefused("recount hunt --programs 1 " + option + value, option + ": ");
    }
  }
  ExpectRefused("recount run good.prog --subject ''", "--subject: a value is expected, not ''");
  ExpectRefused("recount equiv --left '' --right fast good.prog", "--left: ");
  ExpectRefused("recount equiv --left fast --right '' good.prog", "--right: ");
}

TEST_F(Cli, HuntSaysWhenABugShowsInAnotherProfile) {
  const std::string hunt = std::string("recount hunt --programs 1 --bug ") + kBug;
  EXPECT_EQ(Run(hunt + " --profile linux-6.1").err,
            std::string("recount: bug ") + kBug + " shows in profile linux-3.2\n");
  EXPECT_EQ(Run(hunt + " --profile linux-3.2").err, "");
}

TEST_F(Cli, KnownHasAHeadingForEachOfItsTwoLists) {
  EXPECT_THAT(Run("recount known").out, AllOf(StartsWith("# defects of kernels: "),
                                              HasSubstr("\n\n# differences between profiles: ")));
  EXPECT_THAT(Run("recount known --ids").out, ::testing::Not(HasSubstr("#")));
}

TEST_F(Cli, MissingFilesAndFoldersAreNamed) {
  ExpectRefused("recount run no.prog", "cannot read no.prog: No such file or directory");
  ExpectRefused("recount run no/folder", "cannot read no/folder: No such file or directory");
  ExpectRefused("recount hunt --corpus no/folder", "cannot read no/folder: No such file");
  ExpectRefused("mkdir empty; recount run empty", "empty: the folder holds no .prog file");
  ExpectRefused("recount conform no.jsonl", "no.jsonl");
  ExpectRefused("touch file; recount hunt --out file", "--out file: not a folder");
  ExpectRefused("touch file; recount hunt --out file/a/b", "/file is not a folder");
  ExpectRefused("recount hunt --profile linux-6.1,load_path=chain",
                "(single switches are for the sides of `recount equiv`)");
}

TEST_F(Cli, ABadRecordingIsRefused) {
  Write("bad.jsonl", "{\"id\": 1,\n");
  ExpectRefused("recount conform bad.jsonl", "bad.jsonl:1: ");
}

TEST_F(Cli, HuntFindsShrinksAndWritesAKnownBug) {
  const Said said = Run(std::string("recount hunt --seconds 60 --bug ") + kBug);
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.err, "") << "no progress line into a pipe";
  EXPECT_THAT(said.out, StartsWith("world small\nprofile linux-3.2\n"));
  EXPECT_THAT(said.out, AllOf(HasSubstr("\n  field     "), HasSubstr("\n  expected  "),
                              HasSubstr("\n  actual    "), HasSubstr(" 1 finding\n")));
  // The command it prints does replay it.
  const std::size_t at = said.out.find("replay: ci/recount ");
  ASSERT_NE(at, std::string::npos);
  const std::size_t begin = at + std::string("replay: ci/").size();
  const Said replay = Run(said.out.substr(begin, said.out.find('\n', begin) - begin));
  EXPECT_EQ(replay.code, 1);
  EXPECT_THAT(replay.out, HasSubstr(": differs at operation "));
  // One file, no left-overs.
  EXPECT_THAT(Run("ls findings").out,
              MatchesRegex("fast\\+bug-reload-refcount-lost-[0-9a-f]+.prog\n"));
}

TEST_F(Cli, HuntSaysTheSameWhateverTheNumberOfWorkers) {
  const std::string line = std::string("recount hunt --programs 3000 --seed 5 --bug ") + kBug;
  const auto without_speed = [](const std::string& out) {
    return out.substr(0, out.rfind("\n\n"));
  };
  const std::string one = without_speed(Run(line + " --jobs 1").out);
  EXPECT_THAT(one, HasSubstr("replay: "));
  EXPECT_EQ(without_speed(Run(line + " --jobs 3").out), one);
}

TEST_F(Cli, HuntEndsCleanWithItsBudget) {
  const Said said = Run("recount hunt --programs 50 --jobs 2");
  EXPECT_EQ(said.code, 0) << said.out;
  EXPECT_THAT(said.out, MatchesRegex("50 programs, [0-9]+ operations in [0-9.]+ s, [0-9]+ "
                                     "operations/s, [0-9.]+ % refused, 0 findings\n"));
  EXPECT_THAT(folder_.Names(), IsEmpty()) << "no findings, no folder";
}

TEST_F(Cli, HuntIsUnknownWhenInterrupted) {
  const Said said =
      Run("timeout -s INT 1 '" RECOUNT_PROGRAM
          "' hunt --seconds 100; test $? -eq 124 "
          "&& timeout -s INT --preserve-status 1 '" RECOUNT_PROGRAM "' hunt --seconds 100");
  EXPECT_EQ(said.code, 3) << said.out;
  EXPECT_THAT(said.out, EndsWith(", 0 findings, interrupted\n"));
}

TEST_F(Cli, AFindingThatCannotBeWrittenIsPrintedAndExitTwo) {
  // A limit on file sizes stands in for a full disk.
  const Said said =
      Run(std::string("( trap '' XFSZ; ulimit -f 0; recount hunt --seconds 60 --bug ") + kBug +
          " 2>&1; echo code $? ) | cat");
  EXPECT_THAT(said.out, AllOf(StartsWith("world small\n"), Not(HasSubstr("replay: ")),
                              HasSubstr("\nrecount: cannot write findings/"),
                              EndsWith(".prog: File too large\ncode 2\n")));
  EXPECT_THAT(Run("ls findings").out, IsEmpty());
}

TEST_F(Cli, OutputThatCannotBeWrittenIsExitTwo) {
  const Said said = Run("recount bugs >/dev/full");
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.err, "recount: cannot write to the standard output: No space left on device\n");
  Write("good.prog", kGood);
  ExpectRefused("recount export good.prog --as text --out /dev/full",
                "cannot write /dev/full: No space left on device");
  ExpectRefused("recount export good.prog --as text --out no/such/x.prog",
                "cannot write no/such/x.prog: No such file or directory");
}

TEST_F(Cli, ShrinkWritesTheMinimalProgramBesideTheFile) {
  ASSERT_EQ(Run(std::string("recount hunt --seconds 60 --bug ") + kBug + " >found").code, 1);
  ASSERT_EQ(
      Run("mv findings/*.prog big.prog && printf 'register o5\\nhit alpha_read\\n' >>big.prog")
          .code,
      0);
  const Said said = Run(std::string("recount shrink big.prog --subject fast+bug:") + kBug);
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("replay: ci/recount run big.min.prog --subject fast+bug:"));
  const absl::StatusOr<Program> big = ReadProgramFile(folder_.Path("big.prog"));
  const absl::StatusOr<Program> minimal = ReadProgramFile(folder_.Path("big.min.prog"));
  ASSERT_TRUE(big.ok() && minimal.ok());
  EXPECT_EQ(minimal->ops.size() + 2, big->ops.size());
}

TEST_F(Cli, ShrinkHasNothingToDoWhenAllAgree) {
  Write("good.prog", kGood);
  const Said said = Run("recount shrink good.prog");
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("nothing to shrink"));
  EXPECT_THAT(folder_.Names(), ElementsAre("good.prog"));
}

TEST_F(Cli, ExportGoesThereAndBack) {
  Write("good.prog", kGood);
  ASSERT_EQ(Run("recount export good.prog --as bytes --out x").code, 0);
  const Said back = Run("recount export x --as text");
  EXPECT_EQ(back.out, "world small\nprofile linux-6.1\nregister o0\nregister o0\n");
}

TEST_F(Cli, AWorldFromAFileWorksEverywhere) {
  ASSERT_EQ(Run("recount worlds tiny >my.world && recount worlds ./my.world | cmp - my.world").code,
            0);
  const Said said =
      Run("recount hunt --world ./my.world --out deep/down --seconds 60 --bug canary");
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(Run("ls deep/down").out, EndsWith(".prog\nmy.world\n"));
  EXPECT_EQ(Run("recount run deep/down --subject fast+bug:canary").code, 1);
}

TEST_F(Cli, ListsNameEveryBugWorldAndProfile) {
  std::string ids;
  for (const BugInfo& bug : Bugs()) ids += std::string(bug.id) + "\n";
  EXPECT_EQ(Run("recount bugs --ids").out, ids);
  for (const std::string_view world : BuiltinWorldNames()) {
    EXPECT_THAT(Run("recount worlds").out, HasSubstr(std::string(world)));
  }
  EXPECT_THAT(Run("recount profiles").out,
              AllOf(HasSubstr("linux-3.2\n"),
                    HasSubstr("early kprobes: on, optprobes: on, dead disarm: refused\n"),
                    HasSubstr("early kprobes: off, optprobes: on, dead disarm: done\n")));
}

TEST_F(Cli, VersionIsOneLine) {
  const Said said = Run("recount --version");
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, MatchesRegex("recount [0-9.]+\n"));
}

}  // namespace
}  // namespace recount
