// Where a known defect meets an armed fault.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "harness/known/known.h"
#include "harness/known/known_fixture.h"

namespace recount {
namespace {

constexpr char kLoadUnderSysctl[] =
    "register o0\nftrace_enabled 0\nfault verify 1\nload alpha @0\n";

// The pass that should not be: its first check fails.
void DieAtTheFirstCheck(KnownStep* step) {
  bool first = true;
  for (RecordView& record : step->shown.records) {
    if (step->program.world->function(record.function).module == kCore) continue;
    if (!std::exchange(first, false)) {
      record = {.ip = record.ip, .function = record.function, .flags = kDisabled};
    } else {
      record.flags |= kEnabled | kTrampEn;
    }
  }
  Kill(step);
}

TEST(Known, ALoadThatIgnoresTheSysctlMeetsTheFault) {
  KnownStep step = LastStepOfText(kLoadUnderSysctl);
  DieAtTheFirstCheck(&step);
  EXPECT_TRUE(step.IsExplainedBy(Defect("load-ignores-sysctl")));
  EXPECT_FALSE(step.IsExplainedBy(Defect("stale-regs")));
  // Without a fault nothing dies there; nor does it elsewhere.
  KnownStep unarmed = step;
  unarmed.armed = {};
  EXPECT_FALSE(unarmed.IsExplainedBy(Defect("load-ignores-sysctl")));
  KnownStep elsewhere = step;
  elsewhere.Record("alpha_read").flags = 0;
  EXPECT_FALSE(elsewhere.IsExplainedBy(Defect("load-ignores-sysctl")));
  KnownStep alive = step;
  alive.shown.globals.dead = false;
  EXPECT_FALSE(alive.IsExplainedBy(Defect("load-ignores-sysctl")));
}

TEST(Known, AStaleBitSparesTheCheckThatWasToFail) {
  // The one site to change is core_setup's, from the regs entry to the plain one.
  KnownStep step = LastStepOfText(
      "load alpha @0\nops o0 kernel save_regs\nfilter_ip o0 core_setup alpha_open\n"
      "unload alpha\nregister o0\nregister o1\nregister o2\nfault verify 1\n"
      "filter_ip o0 remove core_setup\n");
  ASSERT_TRUE(step.after.globals.dead);
  step.shown.globals = step.before.globals;
  RecordView& setup = step.Record("core_setup");
  setup.flags |= kRegs;
  ASSERT_EQ(setup.flags, kRegs | kEnabled | kRegsEn);
  EXPECT_TRUE(step.IsExplainedBy(Defect("stale-regs")));
  EXPECT_FALSE(step.IsExplainedBy(Defect("load-ignores-sysctl")));
  KnownStep dead = step;
  Kill(&dead);
  EXPECT_FALSE(dead.IsExplainedBy(Defect("stale-regs")));
  KnownStep other = step;
  other.Record("core_read").flags |= kRegs;
  EXPECT_FALSE(other.IsExplainedBy(Defect("stale-regs")));
}

TEST(Known, AnIndexThatIsTakenIsRefusedForMemoryOnlyWhereThatWasToFail) {
  KnownStep step = LastStepOfText("fault hash_move 1\nfilter o0 2*\n");
  step.actual.rc = Rc(Errno::kNoMem);
  EXPECT_TRUE(step.IsExplainedBy(Defect("index-trailing")));
  step.actual.rc = Rc(Errno::kBusy);
  EXPECT_FALSE(step.IsExplainedBy(Defect("index-trailing")));
  step.actual.rc = Rc(Errno::kNoMem);
  step.armed = {};
  EXPECT_FALSE(step.IsExplainedBy(Defect("index-trailing")));
  // There is no record of that number.
  KnownStep none = LastStepOfText("fault hash_move 1\nfilter o0 200*\n");
  none.actual.rc = Rc(Errno::kNoMem);
  EXPECT_FALSE(none.IsExplainedBy(Defect("index-trailing")));
}

// A cached filter and an IPMODIFY ops whose module comes back, in one step.
TEST(Known, ACachedFilterAfterAReloadIsCountedDownFromNothing) {
  KnownStep step = LastStepOfText(
      "load_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "load_step alpha\nload_step alpha\nops o0 tracer ipmodify\nfilter o0 :mod:\n"
      "filter_ip o0 alpha_open\nregister o0\nload_step alpha\n");
  ASSERT_EQ(step.before.modules[0].next, Stage::kEnable);
  // Not counted when it came, and taken away with the old filter: a warning, and death.
  RecordView& open = step.Record("alpha_open");
  open.flags = kTramp;
  open.site = {};
  Kill(&step);
  EXPECT_TRUE(step.IsExplainedBy(Defect("ipmodify-reload")));
  EXPECT_FALSE(step.IsExplainedBy(Defect("load-ignores-sysctl")));
  open.flags |= kIpModify;
  EXPECT_FALSE(step.IsExplainedBy(Defect("ipmodify-reload")));
}

TEST(Known, AnEmptyFilterLeavesTheFaultToTheNextList) {
  KnownStep step = LastStepOfText(
      "ops o0 tracer\nfilter o0 core_setup:mod:alpha\nnotrace o0 :mod:alpha\n"
      "fault hash_move 1\nload alpha @0\n");
  OpsView& ops = step.shown.ops[0];
  ASSERT_TRUE(ops.filter.mod);
  ops.filter = {};
  step.shown.ledger.hash_entries -= static_cast<std::uint32_t>(ops.notrace.ips.size());
  ops.notrace = {};
  EXPECT_TRUE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
  ops.notrace.ips = {step.Record("core_setup").ip};
  ++step.shown.ledger.hash_entries;
  EXPECT_FALSE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
}

// The oracle is struck at the filter, which is empty on both sides; the subject one list later.
TEST(Known, AFaultThatAnEmptyFilterLeavesUnseenStrikesTheNextList) {
  const std::string filter = "ops o0 tracer\nnotrace o0 :mod:alpha\nfault hash_move 1\n";
  KnownStep step =
      LastStepOfText(filter + "filter o0 core_setup:mod:alpha\nfault hash_move 1\nload alpha @0\n");
  OpsView& ops = step.shown.ops[0];
  ASSERT_TRUE(ops.filter.empty());
  ASSERT_FALSE(ops.notrace.ips.empty());
  step.shown.ledger.hash_entries -= static_cast<std::uint32_t>(ops.notrace.ips.size());
  ops.notrace = {};
  EXPECT_TRUE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
  step.armed = {};
  EXPECT_FALSE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
  // A list that is applied before the filter was not struck by what the filter left.
  KnownStep before = LastStepOfText(
      "ops o0 tracer\nnotrace o0 :mod:alpha\nops o1 tracer\nfault hash_move 1\n"
      "filter o1 core_setup:mod:alpha\nfault hash_move 2\nload alpha @0\n");
  ASSERT_FALSE(before.shown.ops[0].notrace.ips.empty());
  before.shown.ledger.hash_entries -=
      static_cast<std::uint32_t>(before.shown.ops[0].notrace.ips.size());
  before.shown.ops[0].notrace = {};
  EXPECT_FALSE(before.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
}

TEST(Known, AFilterThatStaysEmptyForWantOfMemoryHidesTheDefect) {
  const std::string operations =
      "ops o0 tracer\nfault hash_move 1\nfilter o0 core_setup:mod:alpha\n";
  const auto hidden = [](const KnownStep& step) {
    const KnownDefect& defect = Defect("unmatched-cached-filter-traces-all");
    const KnownDefect* const defects[] = {&Defect("stale-regs"), &defect};
    return HiddenIn(defects, step.Diverging()) == &defect;
  };
  KnownStep step = LastStepOfText(operations + "fault hash_move 1\nload alpha @0\n");
  ASSERT_TRUE(step.after.ops[0].filter.empty());
  EXPECT_TRUE(hidden(step));
  step.armed = {};
  EXPECT_FALSE(hidden(step));
  // Where there was memory the entry shows.
  EXPECT_FALSE(hidden(LastStepOfText(operations + "fault hash_move 2\nload alpha @0\n")));
  EXPECT_FALSE(hidden(LastStepOfText(operations + "fault hash_move 1\nload beta @0\n")));
}

}  // namespace
}  // namespace recount
