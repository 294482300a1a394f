#include "harness/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/atomic_file.h"
#include "harness/program_file.h"
#include "harness/test_folder.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

Finding SampleFinding() {
  Finding finding;
  finding.program = *ParseProgram(
      "# an old note\nworld small\nprofile linux-3.2\nregister o0 -> 0\nunregister o0\n");
  finding.divergence.op_index = 1;
  finding.divergence.difference = {"outcome.rc", "0", "-EBUSY"};
  finding.provenance.subject = "fast+bug:some";
  finding.provenance.found = "random finder, seed 3, program 14";
  finding.provenance.from_ops = 143;
  finding.provenance.tries = 900;
  return finding;
}

TEST(Finding, TextBeginsWithTheProgramAndEndsWithTheReplay) {
  EXPECT_EQ(FindingText(SampleFinding(), "findings/x.prog"),
            R"(world small
profile linux-3.2
register o0
unregister o0

differs at operation 2, unregister o0
  subject   fast+bug:some
  field     outcome.rc
  expected  0
  actual    -EBUSY
found: random finder, seed 3, program 14; 143 operations before 900 tries of the shrinker
replay: ci/recount run findings/x.prog --subject fast+bug:some
)");
}

TEST(Finding, NamesWhatAnInvariantSays) {
  Finding finding = SampleFinding();
  finding.divergence.broken_invariants = {"I1"};
  EXPECT_THAT(FindingText(finding, ""), MatchesRegex("(.|\n)*  broken    I1: [^\n]+\n(.|\n)*"));
}

TEST(Finding, SaysWhatTheSubjectWarnedOf) {
  Finding finding = SampleFinding();
  finding.divergence.warnings = {"kernel/trace/ftrace.c:1791"};
  EXPECT_THAT(FindingText(finding, ""),
              HasSubstr("  actual    -EBUSY\n  warning   kernel/trace/ftrace.c:1791\nfound: "));
}

TEST(Finding, UnknownSaysWhy) {
  Finding finding = SampleFinding();
  finding.verdict = Verdict::kUnknown;
  finding.unknown_reason = "fast hangs";
  EXPECT_THAT(FindingText(finding, ""), HasSubstr("\nunknown: fast hangs\n"));
  EXPECT_EQ(FindingFileName(finding).substr(0, 8), "unknown-");
}

TEST(Finding, FileNameDependsOnTheOperationsOnly) {
  Finding a = SampleFinding();
  Finding b = SampleFinding();
  b.program.notes = {"something else"};
  b.provenance.found = "fuzz finder, seed 9, program 2";
  EXPECT_EQ(FindingFileName(a), FindingFileName(b));
  EXPECT_THAT(FindingFileName(a), MatchesRegex("fast\\+bug-some-[0-9a-f]{8}\\.prog"));
  b.program.ops.pop_back();
  EXPECT_NE(FindingFileName(a), FindingFileName(b));
}

TEST(Finding, WrittenFileIsTheProgramWithItsStory) {
  const TestFolder folder;
  const Finding finding = SampleFinding();
  const absl::StatusOr<std::string> path = WriteFinding(finding, folder.Path("new/below"));
  ASSERT_TRUE(path.ok()) << path.status();
  const absl::StatusOr<Program> read = ReadProgramFile(*path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, finding.program);
  EXPECT_THAT(read->notes,
              ElementsAre("why: fast+bug:some differs at operation 2, unregister o0: outcome.rc is "
                          "-EBUSY, expected 0",
                          "found: random finder, seed 3, program 14; 143 operations before 900 "
                          "tries of the shrinker"));
}

TEST(Finding, TakesItsWorldFileAlong) {
  const TestFolder folder;
  const std::string tiny = PrintWorld(**BuiltinWorld("tiny"));
  ASSERT_TRUE(MakeFolder(folder.Path("from")).ok());
  ASSERT_TRUE(WriteFile(folder.Path("from/my.world"), tiny).ok());
  ASSERT_TRUE(WriteFile(folder.Path("from/x.prog"),
                        "world ./my.world\nprofile linux-6.1\nregister o0\nunregister o0\n")
                  .ok());
  Finding finding = SampleFinding();
  finding.program = *ReadProgramFile(folder.Path("from/x.prog"));
  const absl::StatusOr<std::string> path = WriteFinding(finding, folder.Path("to"));
  ASSERT_TRUE(path.ok()) << path.status();
  const absl::StatusOr<Program> read = ReadProgramFile(*path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(PrintWorld(*read->world), tiny);
  EXPECT_EQ(read->ops, finding.program.ops);
}

TEST(Finding, NeverReplacesAnotherWorldFile) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("my.world"), PrintWorld(**BuiltinWorld("small"))).ok());
  Finding finding = SampleFinding();
  finding.program.world = *ParseWorld(PrintWorld(**BuiltinWorld("tiny")), "elsewhere/my.world");
  finding.program.ops.clear();
  const absl::StatusOr<std::string> path = WriteFinding(finding, folder.Path(""));
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(*ReadFile(folder.Path("my.world")), PrintWorld(**BuiltinWorld("small")));
  EXPECT_EQ(PrintWorld(*ReadProgramFile(*path)->world), PrintWorld(**BuiltinWorld("tiny")));
}

TEST(Finding, ReplayCommandIsQuotedForAShell) {
  const Provenance fast{.subject = "fast"};
  EXPECT_EQ(ReplayCommand("a/b.prog", fast), "ci/recount run a/b.prog --subject fast");
  EXPECT_EQ(ReplayCommand("it's.prog", fast), "ci/recount run 'it'\\''s.prog' --subject fast");
  EXPECT_EQ(ReplayCommand("-x.prog", fast), "ci/recount run ./-x.prog --subject fast");
  EXPECT_EQ(ReplayCommand("x.prog", {.subject = "linux:/my tree", .left = "linux:6.1"}),
            "ci/recount equiv x.prog --left linux:6.1 --right 'linux:/my tree'");
}

TEST(Finding, BetweenPeersNamesBothAndCallsNeitherRight) {
  Finding finding = SampleFinding();
  finding.provenance.left = "linux-3.2";
  finding.divergence.peers = true;
  finding.divergence.broken_invariants.clear();
  EXPECT_THAT(FindingText(finding, "x.prog"), HasSubstr("differs at operation 2, unregister o0\n"
                                                        "  left      linux-3.2\n"
                                                        "  right     fast+bug:some\n"
                                                        "  field     outcome.rc\n"
                                                        "  on left   0\n"
                                                        "  on right  -EBUSY\n"
                                                        "found: "));
  EXPECT_EQ(AnnotatedProgram(finding).notes[0],
            "why: linux-3.2 and fast+bug:some differ at operation 2, unregister o0: outcome.rc: "
            "left 0, right -EBUSY");
  EXPECT_THAT(FindingFileName(finding), MatchesRegex("linux-3.2-fast\\+bug-some-[0-9a-f]+.prog"));
  finding.verdict = Verdict::kUnknown;
  finding.unknown_reason = "both are tired";
  EXPECT_THAT(FindingText(finding, ""),
              HasSubstr("unknown: both are tired\n  left      linux-3.2\n  right     fast+bug:"));
}

}  // namespace
}  // namespace recount
