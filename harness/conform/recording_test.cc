#include "harness/conform/recording.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recount {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One sequence of one step, in which `step` stands.
std::string Line(const std::string& step, const std::string& kernel = "6.1.0") {
  return R"({"id":"a","desc":"b","kernel":")" + kernel +
         R"(","smp":1,"clean_start":true,"steps":[)" + step + "]}\n";
}
const char kStep[] = R"({"op":"insmod tgA","rc":0,"recs":{},"mods":{}})";

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Recording> recording = ParseRecording(text, "f.jsonl");
  return recording.ok() ? "" : std::string(recording.status().message());
}

TEST(Recording, KeepsTheOrderOfRecords) {
  const absl::StatusOr<Recording> recording =
      ParseRecording(Line(R"({"op":"x","rc":-22,"recs":{"tgA":{"z":[1,"ETt"],"a":[0,"-"]}},)"
                          R"("mods":{"tgA":"0xffffffffc022d000"}})"),
                     "f.jsonl");
  ASSERT_TRUE(recording.ok()) << recording.status();
  const RecordedStep& step = recording->sequences.at(0).steps.at(0);
  EXPECT_EQ(step.rc, -22);
  ASSERT_EQ(step.recs.at(0).records.size(), 2u);
  EXPECT_EQ(step.recs[0].records[0].function, "z");
  EXPECT_EQ(step.recs[0].records[0].count, 1u);
  EXPECT_TRUE(step.recs[0].records[0].has('t'));
  EXPECT_EQ(step.recs[0].records[1].function, "a");
  EXPECT_EQ(step.BaseOf("tgA"), 0xffffffffc022d000u);
  EXPECT_EQ(step.BaseOf("tgB"), std::nullopt);
}

TEST(Recording, NullAndEmptyHashesAreEmptyAndLongOnesElided) {
  const absl::StatusOr<Recording> recording = ParseRecording(
      Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"ops":{"2":{"reg":1,"flags":"843","tramp":1,)"
           R"("filter":{"n":500},"notrace":null},"0":{"reg":0,"filter":["0x0"],"notrace":[]}}})"),
      "f.jsonl");
  ASSERT_TRUE(recording.ok()) << recording.status();
  const std::vector<RecordedOps>& ops = recording->sequences.at(0).steps.at(0).ops;
  ASSERT_EQ(ops.size(), 2u);
  EXPECT_EQ(ops[0].index, 2u);
  EXPECT_TRUE(ops[0].registered);
  EXPECT_TRUE(ops[0].filter.elided);
  EXPECT_FALSE(ops[0].notrace.elided);
  EXPECT_TRUE(ops[0].notrace.entries.empty());
  EXPECT_THAT(ops[1].filter.entries, ElementsAre("0x0"));
}

TEST(Recording, AStepThatCrashedNeedsNoState) {
  const absl::StatusOr<Recording> recording =
      ParseRecording(Line(R"({"op":"ops 0 reg","crash":true,"kmsg":["BUG: null"]})"), "f.jsonl");
  ASSERT_TRUE(recording.ok()) << recording.status();
  EXPECT_TRUE(recording->sequences.at(0).steps.at(0).crashed);
}

TEST(Recording, NamesFileLineAndKeyOfWhatIsWrong) {
  const std::string good = Line(kStep);
  const struct {
    std::string text;
    std::string error;
  } cases[] = {
      {"", "f.jsonl:1: holds no sequence"},
      {"\n\n", "f.jsonl:1: holds no sequence"},
      {good + "hello\n", "f.jsonl:2: not JSON, or cut short"},
      {good + good.substr(0, good.size() / 2), "f.jsonl:2: not JSON, or cut short"},
      {good + std::string("\x00\xff", 2), "f.jsonl:2: not JSON, or cut short"},
      {"[1]\n", "f.jsonl:1: not a JSON object"},
      {"{}\n", "f.jsonl:1: id: a string is expected"},
      {good + Line(kStep, "6.12"), "f.jsonl:2: kernel '6.12' in a recording of '6.1.0'"},
      {Line(R"({"op":"x","recs":{},"mods":{}})"), "f.jsonl:1: steps[0].rc: is missing"},
      {Line(R"({"op":"x","rc":"0","recs":{},"mods":{}})"),
       "f.jsonl:1: steps[0].rc: an integer in range is expected"},
      {Line(R"({"op":"x","rc":99999999999,"recs":{},"mods":{}})"),
       "f.jsonl:1: steps[0].rc: an integer in range is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{"m":{"f":[1]}},"mods":{}})"),
       "f.jsonl:1: steps[0].recs.m.f: [count, flags] is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{"m":{"f":[-1,"-"]}},"mods":{}})"),
       "f.jsonl:1: steps[0].recs.m.f: an integer in range is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{"m":"there"}})"),
       "f.jsonl:1: steps[0].mods.m: an address like \"0xffffffffc0000000\" is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"ops":{"0":{"reg":1,"filter":[3],)"
            R"("notrace":null}}})"),
       "f.jsonl:1: steps[0].ops.0.filter: a list of strings is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{"m":{"f":[0,"Z"]}},"mods":{}})"),
       "f.jsonl:1: steps[0].recs.m.f: unknown flag 'Z', there are ERrTtIDXxOM"},
      {Line(R"({"op":"x","rc":0,"recs":{"m":{"f":[0,"E-"]}},"mods":{}})"),
       "f.jsonl:1: steps[0].recs.m.f: unknown flag '-', there are ERrTtIDXxOM"},
      {Line(R"({"op":"x","rc":0,"recs":{"m":{"f":[0,""]}},"mods":{}})"),
       "f.jsonl:1: steps[0].recs.m.f: no flags; \"-\" says that there are none"},
      {good + Line(R"({"op":"","rc":0,"recs":{},"mods":{}})"),
       "f.jsonl:2: step 0: '': no operation"},
      {Line(std::string(kStep) + R"(,{"op":"ops 0 filter","rc":0,"recs":{},"mods":{}})"),
       "f.jsonl:1: step 1: 'ops 0 filter': ops I filter PATTERN RESET is asked for"},
      {Line(R"({"op":"ops 99999999999999999999 filter x 1","rc":0,"recs":{},"mods":{}})"),
       "f.jsonl:1: step 0: 'ops 99999999999999999999 filter x 1': '99999999999999999999' is not "
       "the number of an ops"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"hits":{"0":-1}})"),
       "f.jsonl:1: steps[0].hits.0: an integer in range is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"ret":"1"})"),
       "f.jsonl:1: steps[0].ret: an integer in range is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"out":1})"),
       "f.jsonl:1: steps[0].out: a string is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"log":"m0 LIVE tgA"})"),
       "f.jsonl:1: steps[0].log: a list of strings is expected"},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"log":["m0 BORN tgA"]})"),
       "f.jsonl:1: steps[0].log: 'm0 BORN tgA' is no call of a notifier like \"m0 COMING tgA\" or "
       "\"c0 1\""},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"log":["m COMING tgA"]})"),
       "f.jsonl:1: steps[0].log: 'm COMING tgA' is no call of a notifier like \"m0 COMING tgA\" or "
       "\"c0 1\""},
      {Line(R"({"op":"x","rc":0,"recs":{},"mods":{},"log":["c0"]})"),
       "f.jsonl:1: steps[0].log: 'c0' is no call of a notifier like \"m0 COMING tgA\" or "
       "\"c0 1\""},
      {R"({"id":"a","desc":"b","kernel":"c","clean_start":false,"steps":[]})",
       "f.jsonl:1: clean_start: true is expected: a replay begins with an idle ftrace"},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorOf(c.text), c.error) << c.text;
}

// In the recordings the key is there in every step of a sequence that works with ops, and in none
// of the others.
TEST(Recording, AStepThatShowsNoOpsIsRefusedWhereTheSequenceHasSome) {
  const std::string reg = R"({"op":"ops 1 reg","rc":0,"recs":{},"mods":{})";
  const std::string other = R"({"op":"rmmod tgA","rc":0,"recs":{},"mods":{})";
  const auto ops = [](const std::string& index) {
    return R"(,"ops":{")" + index + R"(":{"reg":1,"filter":null,"notrace":null}}})";
  };
  EXPECT_EQ(ErrorOf(Line(other + "}")), "");
  EXPECT_EQ(ErrorOf(Line(reg + ops("1") + "," + other + ops("1"))), "");
  EXPECT_EQ(ErrorOf(Line(reg + "}")), "f.jsonl:1: steps[0].ops: is missing");
  EXPECT_EQ(ErrorOf(Line(other + "}," + reg + ops("1"))), "f.jsonl:1: steps[0].ops: is missing");
  EXPECT_EQ(ErrorOf(Line(reg + ops("1") + "," + other + "}")),
            "f.jsonl:1: steps[1].ops: is missing");
  EXPECT_EQ(ErrorOf(Line(reg + ops("0"))), "f.jsonl:1: steps[0].ops.1: is missing");
  EXPECT_EQ(ErrorOf(Line(reg + ops("1") + "," + other + ops("0"))),
            "f.jsonl:1: steps[1].ops.1: is missing");
  // A kernel that went down shows nothing.
  EXPECT_EQ(ErrorOf(Line(other + ops("1") + R"(,{"op":"ops 1 reg","crash":true})")), "");
}

TEST(Recording, ACallThatCountsNothingIsRefused) {
  const std::string call = R"({"op":"call tgA 0","rc":0,"recs":{},"mods":{})";
  const std::string ops = R"(,"ops":{"1":{"reg":1,"filter":null,"notrace":null}})";
  EXPECT_EQ(ErrorOf(Line(call + R"(,"hits":{},"ret":1})")), "");
  EXPECT_EQ(ErrorOf(Line(call + ops + R"(,"hits":{"1":0},"ret":1})")), "");
  EXPECT_EQ(ErrorOf(Line(call + R"(,"hits":{}})")), "f.jsonl:1: steps[0].ret: is missing");
  EXPECT_EQ(ErrorOf(Line(call + "}")), "f.jsonl:1: steps[0].hits: is missing");
  EXPECT_EQ(ErrorOf(Line(call + ops + R"(,"hits":{"0":1},"ret":1})")),
            "f.jsonl:1: steps[0].hits.1: is missing");
  // Nothing was called.
  EXPECT_EQ(ErrorOf(Line(R"({"op":"call tgA 0","rc":-2,"recs":{},"mods":{}})")), "");
}

TEST(Recording, CallsOfNotifiersStandInEveryStepWhereThereAreNotifiers) {
  const std::string nb = R"({"op":"nb 0 clr","rc":0,"recs":{},"mods":{})";
  const std::string call = R"({"op":"ch raw call 1","rc":0,"recs":{},"mods":{})";
  const std::string other = R"({"op":"rmmod tgA","rc":0,"recs":{},"mods":{})";
  const std::string log = R"(,"log":["m0 COMING tgA","c12 3"]})";
  const std::string out = R"(,"out":"ret=0x0 errno=0\n")";
  EXPECT_EQ(ErrorOf(Line(other + "}")), "");
  EXPECT_EQ(ErrorOf(Line(nb + log + "," + other + log)), "");
  EXPECT_EQ(ErrorOf(Line(nb + "}")), "f.jsonl:1: steps[0].log: is missing");
  EXPECT_EQ(ErrorOf(Line(other + "}," + nb + log)), "f.jsonl:1: steps[0].log: is missing");
  EXPECT_EQ(ErrorOf(Line(other + log + "," + other + "}")), "f.jsonl:1: steps[1].log: is missing");
  EXPECT_EQ(ErrorOf(Line(call + out + log)), "");
  EXPECT_EQ(ErrorOf(Line(call + log)), "f.jsonl:1: steps[0].out: is missing");
  // A kernel that went down shows nothing.
  EXPECT_EQ(ErrorOf(Line(nb + log + R"(,{"op":"nb 0 clr","crash":true})")), "");
}

TEST(Recording, KeepsWhatWasSaidWithoutTheLineEnd) {
  const absl::StatusOr<Recording> recording = ParseRecording(
      Line(R"({"op":"ch raw call 1","rc":0,"recs":{},"mods":{},"log":["c1 1"],"ret":3012,)"
           R"("out":"ret=0x8001 errno=0\n"})"),
      "f.jsonl");
  ASSERT_TRUE(recording.ok()) << recording.status();
  const RecordedStep& step = recording->sequences.at(0).steps.at(0);
  EXPECT_EQ(step.out, "ret=0x8001 errno=0");
  EXPECT_EQ(step.returned, 3012);
  EXPECT_THAT(*step.log, ElementsAre("c1 1"));
}

TEST(Recording, LinesOfTheFilterFilesStandInEveryStepOrNone) {
  const std::string step = R"({"op":"rmmod tgA","rc":0,"recs":{},"mods":{})";
  const std::string filter = R"(,"set_ftrace_filter":[])";
  const std::string notrace = R"(,"set_ftrace_notrace":[])";
  EXPECT_EQ(ErrorOf(Line(step + filter + notrace + "}")), "");
  EXPECT_EQ(ErrorOf(Line(step + "}," + step + filter + notrace + "}")),
            "f.jsonl:1: steps[0].set_ftrace_filter: is missing");
  EXPECT_EQ(ErrorOf(Line(step + filter + "}")),
            "f.jsonl:1: steps[0].set_ftrace_notrace: is missing");
}

TEST(Recording, AReleaseBelongsToItsSeriesOnly) {
  EXPECT_TRUE(IsOfSeries("6.1.0-56-amd64", "6.1"));
  EXPECT_TRUE(IsOfSeries("6.1", "6.1"));
  EXPECT_TRUE(IsOfSeries("6.12-rc1", "6.12"));
  EXPECT_FALSE(IsOfSeries("6.12.117", "6.1"));
  EXPECT_FALSE(IsOfSeries("3.2.0", "6.1"));
}

TEST(Recording, DeepNestingIsAnErrorNotACrash) {
  EXPECT_THAT(ErrorOf(std::string(100000, '[')), HasSubstr("not JSON"));
}

TEST(Recording, AFileThatIsNotThereIsNamed) {
  const absl::StatusOr<Recording> recording = ReadRecording("/nowhere/x.jsonl");
  ASSERT_FALSE(recording.ok());
  EXPECT_THAT(std::string(recording.status().message()), HasSubstr("/nowhere/x.jsonl"));
}

}  // namespace
}  // namespace recount
