// The recordings in corpus/kernel/ against every subject that claims to obey, and the replay itself
// against recordings that were changed: a comparison that cannot fail compares nothing.
#include "harness/conform/conform.h"

#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/atomic_file.h"
#include "harness/conform/deviations.h"
#include "harness/conform/recording.h"
#include "harness/conform/replay.h"
#include "harness/conform/translate.h"
#include "harness/conform/universe.h"
#include "harness/known.h"
#include "harness/program_file.h"
#include "impl/roster.h"
#include "model/outcome.h"

namespace recount {
namespace {

const char kFolder[] = RECOUNT_SOURCE_DIR "/corpus/kernel/";
const char* const kFiles[] = {"linux-6.1/written.jsonl", "linux-6.1/random.jsonl",
                              "linux-6.12/written.jsonl", "linux-6.12/random.jsonl"};

std::unique_ptr<Subject> Make(std::string_view name) {
  absl::StatusOr<std::unique_ptr<Subject>> subject = MakeSubject(name);
  EXPECT_TRUE(subject.ok()) << subject.status();
  return *std::move(subject);
}

FileReport Conform(const std::string& file, const std::string& subject_name) {
  const std::unique_ptr<Subject> subject = Make(subject_name);
  Subject* const subjects[] = {subject.get()};
  absl::StatusOr<FileReport> report = ConformFile(kFolder + file, subjects);
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

class EverySubject : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(EverySubject, NothingDiffersFromTheRecordings) {
  const FileReport report = Conform(std::get<0>(GetParam()), std::get<1>(GetParam()));
  for (const SequenceReport& sequence : report.subjects.at(0).sequences) {
    EXPECT_NE(sequence.result, ConformResult::kDiffers) << sequence.id << ": " << sequence.line;
  }
}

INSTANTIATE_TEST_SUITE_P(Subjects, EverySubject,
                         testing::Combine(testing::ValuesIn(kFiles),
                                          testing::Values("reference", "fast")),
                         [](const auto& info) {
                           std::string name =
                               std::string(std::get<1>(info.param)) + "_" + std::get<0>(info.param);
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

TEST(Recordings, OnlyKprobesAreOutOfScope) {
  for (const char* file : kFiles) {
    const absl::StatusOr<Recording> recording = ReadRecording(std::string(kFolder) + file);
    ASSERT_TRUE(recording.ok()) << recording.status();
    ASSERT_EQ(recording->sequences.size(),
              std::string(file).find("written") != std::string::npos ? 30u : 40u);
    const absl::StatusOr<Universe> universe = Universe::Derive(*recording, "w.world");
    ASSERT_TRUE(universe.ok()) << universe.status();
    for (const Sequence& sequence : recording->sequences) {
      const Translation translation = Translate(*universe, sequence);
      if (!translation.out_of_scope) continue;
      EXPECT_TRUE(translation.out_of_scope->starts_with("kp "))
          << file << " " << sequence.id << ": " << *translation.out_of_scope;
    }
  }
}

TEST(Recordings, MeetExactlyTheDeviationsDeclaredAsRecorded) {
  std::set<std::string> met;
  for (const char* file : kFiles) {
    const FileReport report = Conform(file, "reference");
    for (const SequenceReport& sequence : report.subjects.at(0).sequences) {
      for (const auto& [name, count] : sequence.deviations) met.insert(name);
    }
  }
  std::set<std::string> declared;
  for (const Deviation& deviation : Deviations()) {
    if (deviation.recorded) declared.insert(std::string(deviation.name));
  }
  EXPECT_EQ(met, declared);
}

TEST(Recordings, WorldsAndProgramsInTheCorpusAreWhatTheyMake) {
  const bool update = std::getenv("RECOUNT_UPDATE_CORPUS") != nullptr;
  for (const char* file : kFiles) {
    const std::string path = std::string(kFolder) + file;
    const auto derived = DerivedFiles(path);
    ASSERT_TRUE(derived.ok()) << derived.status();
    for (const auto& [name, contents] : *derived) {
      const std::string beside = path.substr(0, path.rfind('/') + 1) + name;
      if (update) {
        ASSERT_TRUE(WriteFile(beside, contents).ok()) << beside;
      }
      const absl::StatusOr<std::string> stored = ReadFile(beside);
      ASSERT_TRUE(stored.ok()) << stored.status();
      EXPECT_EQ(*stored, contents) << beside;
    }
  }
}

TEST(Recordings, ProgramsGiveTheirMargins) {
  const std::unique_ptr<Subject> reference = Make("reference");
  std::size_t margins = 0;
  for (const char* folder : {"linux-6.1", "linux-6.12"}) {
    const auto paths = ListProgramFiles(std::string(kFolder) + folder);
    ASSERT_TRUE(paths.ok()) << paths.status();
    EXPECT_EQ(paths->size(), 70u);
    for (const std::string& path : *paths) {
      const absl::StatusOr<Program> program = ReadProgramFile(path);
      ASSERT_TRUE(program.ok()) << program.status();
      reference->Reset(program->world, program->profile->profile);
      for (std::size_t i = 0; i < program->ops.size(); ++i) {
        const Op& op = program->ops[i];
        const Outcome outcome = reference->Apply(op);
        if (program->margin.empty() || program->margin[i].empty()) continue;
        ++margins;
        EXPECT_EQ(OutcomeText(*program->world, op, outcome), program->margin[i])
            << path << ", operation " << i;
      }
    }
  }
  EXPECT_GT(margins, 1000u);
}

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
// known defects, and a defect that a real kernel was seen to have is one that a replay may meet.
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
    if (text->find("confirmed under QEMU: yes") == std::string::npos) continue;
    EXPECT_NE(FindDeviation(defect.name), nullptr) << defect.name;
  }
}

// The recorded sequence `id`, to be changed.
struct Recorded {
  Universe universe;
  Sequence sequence;
};
Recorded Get(const std::string& id, const std::string& file = "linux-6.1/written.jsonl") {
  absl::StatusOr<Recording> recording = ReadRecording(kFolder + file);
  EXPECT_TRUE(recording.ok()) << recording.status();
  absl::StatusOr<Universe> universe = Universe::Derive(*recording, "w.world");
  EXPECT_TRUE(universe.ok()) << universe.status();
  for (Sequence& sequence : recording->sequences) {
    if (sequence.id == id) return {*std::move(universe), std::move(sequence)};
  }
  ADD_FAILURE() << "no sequence " << id;
  return {*std::move(universe), {}};
}

const Profile& Rules() { return FindProfile("linux-6.1")->profile; }

std::string LineOf(const Recorded& recorded) {
  const std::unique_ptr<Subject> reference = Make("reference");
  return Replay(recorded.universe, Rules(), recorded.sequence, reference.get()).line;
}

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
      {"notifier-coming-bad", 3, [](RecordedStep* s) { s->mods = {{"tgA", 0xffffffffc022d000}}; },
       "differs at step 3 (nb 1 ret COMING bad): mods.tgA kernel=live @1 model=absent"},
  };
  for (const auto& c : cases) {
    Recorded recorded = Get(c.id);
    ASSERT_LT(c.step, recorded.sequence.steps.size()) << c.id;
    c.change(&recorded.sequence.steps[c.step]);
    EXPECT_EQ(LineOf(recorded), c.line);
  }
}

TEST(Replay, ShowsOfLongListsWhereTheyBeginToDiffer) {
  Recorded recorded = Get("globs");
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
       "differs at step 6 (ops 0 unreg): recs.tgA.tgA_f0.E kernel=0 model=1"},
  };
  for (const auto& c : cases) {
    const Recorded recorded = Get(c.id);
    const std::unique_ptr<Subject> subject = Make(c.bug);
    EXPECT_EQ(Replay(recorded.universe, Rules(), recorded.sequence, subject.get()).line, c.line)
        << c.bug;
  }
}
#endif

TEST(Replay, SaysHowEachSequenceEnds) {
  EXPECT_EQ(LineOf(Get("ops-overlap-3")), "agrees (13 steps)");
  EXPECT_EQ(LineOf(Get("notifier-coming-bad")), "agrees (10 steps)");
  EXPECT_EQ(LineOf(Get("permanent")), "agrees (15 steps; 1 that leave ftrace alone)");
  EXPECT_EQ(LineOf(Get("kprobe-basic")),
            "out of scope from step 1: kp 0 reg tgA_f0 (agrees before)");
  EXPECT_EQ(LineOf(Get("ipmodify-reload")),
            "agrees up to step 6, then deviation ipmodify-reload (insmod tgA)");
  EXPECT_EQ(LineOf(Get("filter-ip", "linux-6.12/written.jsonl")),
            "agrees (12 steps; endbr-before-call-site x1)");
}

// Deviations that the recordings here do not meet, on steps changed to what the kernel is known to
// do.
TEST(Replay, EndsAtALoadThatIgnoresTheSysctl) {
  Recorded recorded = Get("ftrace-enabled");
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
  Recorded recorded = Get("ipmodify-conflict");
  recorded.sequence.steps.resize(2);
  RecordedStep& crash = recorded.sequence.steps.emplace_back();
  crash.op = "ops 0 reg";
  crash.crashed = true;
  EXPECT_EQ(LineOf(recorded),
            "agrees up to step 1, then deviation uninitialised-ipmodify (ops 0 reg)");
}

TEST(Replay, EndsAtACachedFilterThatMatchedNothing) {
  Recorded recorded = Get("mod-filter-before-load");
  std::vector<RecordedStep>& steps = recorded.sequence.steps;
  steps.resize(3);
  steps[0].op = "echo nosuch:mod:tgA > set_ftrace_filter";
  steps[0].filter_lines = {"nosuch:mod:tgA"};
  steps[1].filter_lines = {"nosuch:mod:tgA"};
  steps[2].filter_lines = {"#### all functions enabled ####"};
  EXPECT_EQ(LineOf(recorded),
            "agrees up to step 1, then deviation unmatched-cached-filter-traces-all (insmod tgA)");
}

TEST(Report, PrintsOneLineWhereSubjectsAgreeAndOneEachWhereNot) {
  FileReport file{.path = "f.jsonl",
                  .kernel = "6.1",
                  .profile = "linux-6.1",
                  .subjects = {{"a", {}}, {"b", {}}}};
  SequenceReport same{.id = "one", .steps = 3, .compared = 3, .line = "agrees (3 steps)"};
  SequenceReport other{.id = "three", .steps = 2, .compared = 2, .line = "agrees (2 steps)"};
  SequenceReport differs{.id = "three",
                         .result = ConformResult::kDiffers,
                         .steps = 2,
                         .compared = 1,
                         .line = "differs at step 1 (x): rc kernel=0 model=-EINVAL"};
  file.subjects[0].sequences = {same, other};
  file.subjects[1].sequences = {same, differs};
  EXPECT_EQ(ReportText(file),
            "f.jsonl (kernel 6.1, rules of linux-6.1)\n"
            "  one    agrees (3 steps)\n"
            "  three  a: agrees (2 steps)\n"
            "  three  b: differs at step 1 (x): rc kernel=0 model=-EINVAL\n");
  const ConformSummary summary = Summarize({&file, 1});
  EXPECT_FALSE(summary.ok());
  EXPECT_EQ(SummaryText(summary),
            "4 replays: 3 agree, 0 agree up to a defect, 0 agree up to an operation out of scope, "
            "1 differ; 9 of 10 steps compared\n");
}

}  // namespace
}  // namespace recount
