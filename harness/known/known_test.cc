// Known defects in shapes that their own programs do not have; several at once; who masks which.
#include "harness/known/known.h"

#include <gtest/gtest.h>

#include <string>

#include "harness/known/known_fixture.h"

namespace recount {
namespace {

TEST(Known, ACrashOfAnotherOpsIsNotExplained) {
  KnownStep step = LastStepOf("uninitialised-ipmodify");
  step.actual = Outcome();
  step.actual.fate = Fate::kCrashed;
  step.before.ops[0].ipmodify = false;
  EXPECT_FALSE(step.IsExplainedBy(Defect("uninitialised-ipmodify")));
  step.before.ops[0].ipmodify = true;
  step.before.ops[0].filter.cleared = 1;
  EXPECT_FALSE(step.IsExplainedBy(Defect("uninitialised-ipmodify")));
  step.before.ops[0].filter = {};
  step.actual.fate = Fate::kHung;
  EXPECT_FALSE(step.IsExplainedBy(Defect("uninitialised-ipmodify")));
}

TEST(Known, ACommandWithoutModuleIsExplainedInEachShapeItTakes) {
  const KnownDefect& defect = Defect("mod-without-module");
  const std::string tracer = "ops o0 tracer\n";
  KnownStep wants_memory = LastStepOfText(tracer + "filter o0 x:mod\n");
  wants_memory.actual.rc = Rc(Errno::kNoMem);
  EXPECT_TRUE(wants_memory.IsExplainedBy(defect));
  wants_memory.shown.globals.core_init_freed = true;
  EXPECT_FALSE(wants_memory.IsExplainedBy(defect));

  KnownStep filters = LastStepOfText(tracer + "filter o0 core_read:mod\n");
  Found(&filters, filters.Record("core_read").ip);
  EXPECT_TRUE(filters.IsExplainedBy(defect));
  filters.shown.ops[1].filter.ips = {1};
  EXPECT_FALSE(filters.IsExplainedBy(defect));

  // Nothing is cached, so there is no name to compare.
  KnownStep crashes = LastStepOfText(tracer + "filter o0 !x:mod\n");
  crashes.actual.fate = Fate::kCrashed;
  EXPECT_FALSE(crashes.IsExplainedBy(defect));
  // Another command.
  KnownStep other = LastStepOfText(tracer + "filter o0 x:mo\n");
  other.actual.rc = Rc(Errno::kNoMem);
  EXPECT_FALSE(other.IsExplainedBy(defect));
}

TEST(Known, TwoAtOnceAreExplainedWhenBothAreMasked) {
  KnownStep step = LastStepOf("stale-regs");
  for (RecordView& record : step.shown.records) {
    if (record.count == 1) record.flags |= kRegs | kRegsEn;
  }
  ++step.shown.ledger.pages;
  static constexpr KnownDefect kPage = {"page", "", "",
                                        [](const DivergingStep&, View* shown, Outcome*) {
                                          --shown->ledger.pages;
                                          return true;
                                        }};
  const KnownDefect& stale = Defect("stale-regs");
  const KnownDefect* const both[] = {&kPage, &stale};
  EXPECT_EQ(Explanation(both, step.Diverging()), &kPage);
  const KnownDefect* const one[] = {&stale};
  EXPECT_EQ(Explanation(one, step.Diverging()), nullptr);
}

TEST(Known, IsMaskedByTheKernelThatShowsItAndByAnyTree) {
  const KnownDefect& old = Defect("index-trailing");
  EXPECT_TRUE(IsSeenOn(old, "6.1"));
  EXPECT_FALSE(IsSeenOn(old, "6.12"));
  EXPECT_FALSE(IsSeenOn(Defect("stale-regs"), "6"));
  EXPECT_TRUE(IsSeenOn(Defect("stale-regs"), "6.12"));
  EXPECT_LT(KnownDefectsOf("linux:6.12").size(), KnownDefectsOf("linux:6.1").size());
  EXPECT_EQ(KnownDefectsOf("linux:/src/linux").size(), KnownDefects().size());
  EXPECT_TRUE(KnownDefectsOf("fast").empty());
}

}  // namespace
}  // namespace recount
