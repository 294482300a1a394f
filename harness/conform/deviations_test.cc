// The table of deviations, and those that the recordings here do not meet, on steps changed to what
// the kernel is known to do.
#include "harness/conform/deviations.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "harness/atomic_file.h"
#include "harness/conform/recordings_fixture.h"
#include "harness/known/known.h"

namespace recount {
namespace {

TEST(Deviations, AreNamedOnceAndComplete) {
  std::set<std::string_view> names;
  for (const Deviation& deviation : Deviations()) {
    EXPECT_TRUE(names.insert(deviation.name).second) << deviation.name;
    EXPECT_EQ(FindDeviation(deviation.name), &deviation);
    EXPECT_FALSE(deviation.kernel_does.empty() || deviation.intent.empty() ||
                 deviation.kernels.empty() || deviation.source.empty())
        << deviation.name;
  }
  EXPECT_EQ(FindDeviation("no-such"), nullptr);
}

// Two tables speak of the same kernels: of deviations those that are no other configuration are
// known defects, and a defect that a recording shows is one that a replay meets.
TEST(Deviations, AreInStepWithTheKnownDefects) {
  for (const Deviation& deviation : Deviations()) {
    const KnownDefect* const defect = FindKnownDefect(deviation.name);
    EXPECT_EQ(defect != nullptr, deviation.kind != DeviationKind::kConfiguration) << deviation.name;
    if (defect == nullptr) continue;
    EXPECT_EQ(defect->kernels, deviation.kernels) << deviation.name;
  }
  for (const KnownDefect& defect : KnownDefects()) {
    const absl::StatusOr<std::string> text =
        ReadFile(RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect.name) + "/README.md");
    ASSERT_TRUE(text.ok()) << text.status();
    if (text->find("confirmed under QEMU: yes (recorded)") == std::string::npos) continue;
    EXPECT_NE(FindDeviation(defect.name), nullptr) << defect.name;
  }
}

// Deviations that the recordings here do not meet, on steps changed to what the kernel is known to
// do.
TEST(Replay, EndsAtALoadThatIgnoresTheSysctl) {
  Recorded recorded = GetRecorded("ftrace-enabled");
  RecordedStep& off = recorded.sequence.steps.at(3);
  ASSERT_EQ(off.op, "echo 0 > /proc/sys/kernel/ftrace_enabled");
  RecordedStep unload = off;
  unload.op = "rmmod tgA";
  unload.mods.clear();
  unload.recs.clear();
  unload.ops.at(0).filter.entries = {"stale tgA:tgA_f0"};
  RecordedStep load = recorded.sequence.steps.at(2);
  load.op = "insmod tgA";
  recorded.sequence.steps.resize(4);
  recorded.sequence.steps.push_back(unload);
  recorded.sequence.steps.push_back(load);
  EXPECT_EQ(LineOf(recorded),
            "agrees up to step 4, then deviation load-ignores-sysctl (insmod tgA)");
}

TEST(Replay, EndsAtACrashOfAnUninitialisedIpmodifyOps) {
  Recorded recorded = GetRecorded("ipmodify-conflict");
  recorded.sequence.steps.resize(2);
  RecordedStep& crash = recorded.sequence.steps.emplace_back();
  crash.op = "ops 0 reg";
  crash.crashed = true;
  EXPECT_EQ(LineOf(recorded),
            "agrees up to step 1, then deviation uninitialised-ipmodify (ops 0 reg)");
}

TEST(Replay, EndsAtACachedFilterThatMatchedNothing) {
  Recorded recorded = GetRecorded("mod-filter-before-load");
  std::vector<RecordedStep>& steps = recorded.sequence.steps;
  steps.resize(3);
  steps[0].op = "echo nosuch:mod:tgA > set_ftrace_filter";
  steps[0].filter_lines = {"nosuch:mod:tgA"};
  steps[1].filter_lines = {"nosuch:mod:tgA"};
  steps[2].filter_lines = {"#### all functions enabled ####"};
  EXPECT_EQ(LineOf(recorded),
            "agrees up to step 1, then deviation unmatched-cached-filter-traces-all (insmod tgA)");
}

// k1 with a post_handler joins k0, which is armed: the site is not marked as owned, on 6.1
// and 6.12.
TEST(Replay, EndsAtAPostHandlerThatJoinsAPlainProbe) {
  for (const char* file : {"linux-6.1/written.jsonl", "linux-6.12/written.jsonl"}) {
    Recorded recorded = GetRecorded("kprobe-basic", file);
    std::vector<RecordedStep>& steps = recorded.sequence.steps;
    steps.resize(6);
    ASSERT_EQ(steps[5].op, "kp 1 reg tgA:tgA_f0");
    steps[5].op += " post";
    EXPECT_EQ(
        LineOf(recorded),
        "agrees up to step 4, then deviation kprobe-post-on-plain (kp 1 reg tgA:tgA_f0 post)");
  }
}

// A probe with a post_handler of its own that is not marked is another matter.
TEST(Replay, APostHandlerAloneMustOwnItsSite) {
  Recorded recorded = GetRecorded("kprobe-post-ipmodify");
  RecordedStep& step = recorded.sequence.steps.at(1);
  ASSERT_EQ(step.op, "kp 0 reg tgA_f0 post");
  for (RecordedRecord& record : step.recs.at(0).records) {
    if (record.function == "tgA_f0") record.flags = "ERrTt";
  }
  EXPECT_EQ(LineOf(recorded),
            "differs at step 1 (kp 0 reg tgA_f0 post): recs.tgA.tgA_f0.I kernel=0 model=1");
}

}  // namespace
}  // namespace recount
