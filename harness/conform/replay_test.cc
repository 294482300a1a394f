// The replay against recordings that were changed: a comparison that cannot fail compares nothing.
#include "harness/conform/replay.h"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "harness/conform/recording.h"
#include "harness/conform/recordings_fixture.h"

namespace recount {
namespace {

TEST(Replay, SeesEveryFieldThatIsChanged) {
  const struct {
    const char* id;
    std::size_t step;
    std::function<void(RecordedStep*)> change;
    const char* line;
  } cases[] = {
      {"ops-overlap-3", 5, [](RecordedStep* s) { s->rc = -16; },
       "differs at step 5 (ops 0 reg): rc kernel=-EBUSY model=0"},
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).count = 3; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.count kernel=3 model=2"},
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "-"; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.E kernel=0 model=1"},
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "EI"; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.I kernel=1 model=0"},
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "ED"; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.D kernel=1 model=0"},
      // REGS out of nowhere is not the stale one.
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "ERr"; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.R kernel=1 model=0"},
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "ETt"; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.T kernel=1 model=0"},
      {"ops-overlap-3", 6, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "EX"; },
       "differs at step 6 (ops 1 reg): recs.tgA.tgA_f0.X kernel=1 model=0"},
      {"ops-overlap-3", 3, [](RecordedStep* s) { s->recs.at(0).records.pop_back(); },
       "differs at step 3 (ops 2 filter tgA_f1 1): recs.tgA.tgA_f3 kernel=no record "
       "model=a record"},
      {"ops-overlap-3", 3, [](RecordedStep* s) { s->mods.clear(); },
       "differs at step 3 (ops 2 filter tgA_f1 1): mods.tgA kernel=absent model=live @1"},
      {"ops-overlap-3", 3, [](RecordedStep* s) { s->ops.at(2).filter.entries = {"tgA:tgA_f0"}; },
       "differs at step 3 (ops 2 filter tgA_f1 1): ops.2.filter kernel=[tgA:tgA_f0] "
       "model=[tgA:tgA_f1]"},
      {"ops-overlap-3", 5, [](RecordedStep* s) { s->ops.at(0).registered = false; },
       "differs at step 5 (ops 0 reg): ops.0.reg kernel=0 model=1"},
      {"ops-overlap-3", 8, [](RecordedStep* s) { s->hits.at(1).second = 9; },
       "differs at step 8 (call tgA -1): hits.1 kernel=9 model=4"},
      {"reload-kernel-ops", 5,
       [](RecordedStep* s) { s->ops.at(0).filter.entries = {"tgA:tgA_f0", "tgA:tgA_f2"}; },
       "differs at step 5 (rmmod tgA): ops.0.filter kernel=[tgA:tgA_f0 tgA:tgA_f2] "
       "model=[stale tgA:tgA_f0 stale tgA:tgA_f2]"},
      {"mod-filter-before-load", 0, [](RecordedStep* s) { s->filter_lines->clear(); },
       "differs at step 0 (echo *:mod:tgA > set_ftrace_filter): set_ftrace_filter kernel= "
       "model=*:mod:tgA"},
      {"tracefs-bang", 3, [](RecordedStep* s) { s->filter_lines->pop_back(); },
       "differs at step 3 (echo !tgA_f1 >> set_ftrace_filter): set_ftrace_filter "
       "kernel=tgA_f0 [tgA] model=tgA_f0 [tgA] | tgA_f2 [tgA]"},
      {"tracefs-bang", 3, [](RecordedStep* s) { s->notrace_lines->clear(); },
       "differs at step 3 (echo !tgA_f1 >> set_ftrace_filter): set_ftrace_notrace kernel= "
       "model=#### no functions disabled ####"},
      // A complaint that nobody declared.
      {"ops-overlap-3", 5,
       [](RecordedStep* s) {
         s->warned = true;
         s->kmsg = {"WARNING: somewhere"};
       },
       "differs at step 5 (ops 0 reg): warn kernel=WARNING: somewhere model=none"},
      // Who was called, in what order, for which module; also in a step that did nothing else.
      {"notifier-coming-bad", 4, [](RecordedStep* s) { s->log->pop_back(); },
       "differs at step 4 (insmod tgA): log kernel=[m0 COMING tgA, m1 COMING tgA] "
       "model=[m0 COMING tgA, m1 COMING tgA, m0 GOING tgA]"},
      {"notifier-same-prio", 8, [](RecordedStep* s) { std::swap(s->log->at(1), s->log->at(2)); },
       "differs at step 8 (rmmod tgA): log kernel=[m0 GOING tgA, m1 GOING tgA, m2 GOING tgA] "
       "model=[m0 GOING tgA, m2 GOING tgA, m1 GOING tgA]"},
      {"klp-before-module", 1, [](RecordedStep* s) { s->log->at(1) = "m0 LIVE tgA"; },
       "differs at step 1 (insmod tklp obj=tgA fn0=tgA_f0 fn1=tgA_f1): "
       "log kernel=[m0 COMING tklp, m0 LIVE tgA] model=[m0 COMING tklp, m0 LIVE tklp]"},
      {"klp-basic", 9, [](RecordedStep* s) { s->log = {"m0 LIVE tgA"}; },
       "differs at step 9 (klpwait tklp): log kernel=[m0 LIVE tgA] model=[]"},
      {"chain-raw", 0, [](RecordedStep* s) { s->rc = -17; },
       "differs at step 0 (ch raw reg 0 10): rc kernel=-EEXIST model=0"},
      {"chain-raw", 10, [](RecordedStep* s) { s->out = "ret=0x8016 errno=-21"; },
       "differs at step 10 (ch raw call 1): out kernel=ret=0x8016 errno=-21 "
       "model=ret=0x8017 errno=-22"},
      {"chain-raw", 10, [](RecordedStep* s) { s->rc = -22; },
       "differs at step 10 (ch raw call 1): rc kernel=-EINVAL model=0"},
      {"chain-robust-raw", 5, [](RecordedStep* s) { s->log->back() = "c1 2"; },
       "differs at step 5 (ch raw robust 1 2): log kernel=[c0 1, c1 1, c1 2] "
       "model=[c0 1, c1 1, c0 2]"},
      // Livepatch: what ran, what the record says, and whether the patch is there.
      {"klp-basic", 4, [](RecordedStep* s) { s->returned = 1; },
       "differs at step 4 (call tgA 0): ret kernel=0 model=1000"},
      {"klp-before-module", 4, [](RecordedStep* s) { s->returned = 2013; },
       "differs at step 4 (call tgA -1): ret kernel=2000 model=3000"},
      {"klp-basic", 2, [](RecordedStep* s) { s->recs.at(0).records.at(1).flags = "ETt"; },
       "differs at step 2 (insmod tklp obj=tgA fn0=tgA_f0): recs.tgA.tgA_f0.I kernel=0 model=1"},
      {"klp-basic", 3, [](RecordedStep* s) { s->rc = -2; },
       "differs at step 3 (klpwait tklp): rc kernel=-ENOENT model=0"},
      {"klp-basic", 9, [](RecordedStep* s) { s->rc = 0; },
       "differs at step 9 (klpwait tklp): rc kernel=0 model=-ENOENT"},
      // Kprobes: the answer, the flags, the list, the guest's own answers, the symbol.
      {"kprobe-basic", 4, [](RecordedStep* s) { s->rc = -22; },
       "differs at step 4 (kp 0 en): rc kernel=-EINVAL model=0"},
      {"kprobe-basic", 3, [](RecordedStep* s) { s->kprobes.at(0).second = "FTRACE"; },
       "differs at step 3 (kp 0 dis): kp.0 kernel=FTRACE model=DISABLED,FTRACE"},
      {"kprobe-basic", 12, [](RecordedStep* s) { s->kprobes.at(0).second = "FTRACE"; },
       "differs at step 12 (kp 0 reg tgA_nt): kp.0 kernel=FTRACE model="},
      {"kprobe-basic", 1, [](RecordedStep* s) { s->kprobes.at(0).second = std::nullopt; },
       "differs at step 1 (kp 0 reg tgA_f0): kp.0 kernel=never registered model=FTRACE"},
      {"kprobe-basic", 13, [](RecordedStep* s) { s->rc = 0; },
       "differs at step 13 (kp 1 reg tgA_f1+1): rc kernel=0 model=-EILSEQ"},
      {"kprobe-basic", 14, [](RecordedStep* s) { s->rc = -87; },
       "differs at step 14 (kp 1 unreg): kp.1.in use kernel=1 model=0"},
      {"kprobe-basic", 1, [](RecordedStep* s) { s->enabled->clear(); },
       "differs at step 1 (kp 0 reg tgA_f0): enabled_functions kernel= model=tgA:tgA_f0 1"},
      {"kprobe-gone", 4, [](RecordedStep* s) { s->kprobes.at(1).second = "DISABLED,FTRACE"; },
       "differs at step 4 (rmmod tgA): kp.1 kernel=DISABLED,FTRACE model=GONE,DISABLED,FTRACE"},
      {"kprobe-gone", 3, [](RecordedStep* s) { s->out->resize(s->out->find('\n')); },
       "differs at step 3 (read /sys/kernel/debug/kprobes/list): kprobes/list "
       "kernel=tgA_f0+0 tgA [FTRACE] "
       "model=tgA_f0+0 tgA [FTRACE] | tgA_f1+0 tgA [DISABLED][FTRACE]"},
      {"notifier-coming-bad", 3, [](RecordedStep* s) { s->mods = {{"tgA", 0xffffffffc022d000}}; },
       "differs at step 3 (nb 1 ret COMING bad): mods.tgA kernel=live @1 model=absent"},
  };
  for (const auto& c : cases) {
    Recorded recorded = GetRecorded(c.id);
    ASSERT_LT(c.step, recorded.sequence.steps.size()) << c.id;
    c.change(&recorded.sequence.steps[c.step]);
    EXPECT_EQ(LineOf(recorded), c.line);
  }
}

TEST(Replay, ShowsOfLongListsWhereTheyBeginToDiffer) {
  Recorded recorded = GetRecorded("globs");
  RecordedStep& step = recorded.sequence.steps.at(6);
  ASSERT_EQ(step.op, "ops 0 filter *A_* 1");
  ASSERT_EQ(step.ops.at(0).filter.entries.back(), "unmask_8259A_irq");
  step.ops[0].filter.entries.pop_back();
  EXPECT_EQ(LineOf(recorded),
            "differs at step 6 (ops 0 filter *A_* 1): ops.0.filter kernel=... tgA:tgA_f3] "
            "model=... tgA:tgA_f3 unmask_8259A_irq]");
}

#ifndef RECOUNT_NO_BUGS
// The recordings alone are enough to see these: each sequence is about that very thing.
TEST(Replay, FindsBugsOfAnImplementation) {
  const struct {
    const char* bug;
    const char* id;
    const char* line;
  } cases[] = {
      {"fast+bug:reload-refcount-lost", "reload-kernel-ops",
       "differs at step 6 (insmod tgA): recs.tgA.tgA_f0.count kernel=1 model=0"},
      {"fast+bug:stale-hash-traces-other-module", "reload-tracefs",
       "differs at step 4 (insmod tgA): recs.tgA.tgA_f0.count kernel=0 model=1"},
      {"fast+bug:module-load-trace-all-not-counted", "failed-init",
       "differs at step 2 (insmod tgA): recs.tgA.tg_shared.count kernel=1 model=0"},
      {"fast+bug:permanent-ops-disabled-by-sysctl", "permanent",
       "differs at step 5 (read /proc/sys/kernel/ftrace_enabled): ftrace_enabled kernel=1 model=0"},
      {"fast+bug:kprobe-double-register", "kprobe-gone",
       "differs at step 10 (kp 0 rereg): rc kernel=-EINVAL model=0"},
  };
  for (const auto& c : cases) {
    const Recorded recorded = GetRecorded(c.id);
    EXPECT_EQ(LineOf(recorded, c.bug), c.line) << c.bug;
  }
}
#endif

TEST(Replay, SaysHowEachSequenceEnds) {
  EXPECT_EQ(LineOf(GetRecorded("ops-overlap-3")), "agrees (13 steps)");
  EXPECT_EQ(LineOf(GetRecorded("notifier-coming-bad")), "agrees (10 steps)");
  EXPECT_EQ(LineOf(GetRecorded("permanent")), "agrees (15 steps; 1 that leave ftrace alone)");
  EXPECT_EQ(LineOf(GetRecorded("kprobe-basic")), "agrees (15 steps; 2 that leave ftrace alone)");
  EXPECT_EQ(LineOf(GetRecorded("ipmodify-reload")),
            "agrees up to step 6, then deviation ipmodify-reload (insmod tgA)");
  EXPECT_EQ(LineOf(GetRecorded("filter-ip", "linux-6.12/written.jsonl")),
            "agrees (12 steps; endbr-before-call-site x1)");
}

}  // namespace
}  // namespace recount
