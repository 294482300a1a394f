// The kernel code as a Subject: it boots, it is reset, its faults and warnings are seen, and it
// does what real kernels of its version were recorded doing.
#include "impl/linux/linux_subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/conform/conform.h"
#include "harness/known/known.h"
#include "harness/lockstep.h"
#include "impl/linux/kernel.h"
#include "impl/linux/test_runs.h"
#include "model/reference/reference.h"
#include "model/text.h"

namespace recount {

std::string linux_test::Disagreement(std::string_view ops, std::string_view known) {
  const std::unique_ptr<Subject> oracle = MakeReference();
  const std::unique_ptr<Subject> subject = MakeLinux();
  Lockstep lockstep(oracle.get(), subject.get());
  if (!known.empty()) lockstep.Mask({FindKnownDefect(known)});
  const RunResult result = lockstep.Run(Parse(ops));
  if (result.verdict == Verdict::kUnknown) return result.unknown_reason;
  if (!result.divergence) return "";
  const Difference& difference = result.divergence->difference;
  return difference.field + ": expected " + difference.expected + ", actual " + difference.actual;
}

namespace {

using linux_test::Disagreement;
using linux_test::Parse;
using testing::ElementsAre;

// What each operation is answered, and the last View.
std::vector<std::string> Answers(Subject* subject, const Program& program, View* view) {
  std::vector<std::string> answers;
  subject->Reset(program.world, program.Rules());
  for (const Op& op : program.ops) {
    answers.push_back(OutcomeText(*program.world, op, subject->Apply(op)));
  }
  subject->Observe(view);
  return answers;
}

std::vector<std::string> Answers(std::string_view ops) {
  const std::unique_ptr<Subject> subject = MakeLinux();
  View view;
  return Answers(subject.get(), Parse(ops), &view);
}

TEST(LinuxSubject, IsNamedAfterTheRelease) {
  EXPECT_THAT(LinuxSubjectName(), testing::MatchesRegex("linux:[0-9]+\\.[0-9]+"));
  EXPECT_EQ(MakeLinux()->name(), LinuxSubjectName());
}

TEST(LinuxSubject, CallsWhoTracesThroughTheSite) {
  EXPECT_THAT(Answers("hit probe\nregister o0\nhit probe\nregister o3\nhit probe\n"
                      "unregister o0\nhit probe\nftrace_enabled 0\nhit probe\n"),
              ElementsAre("nobody", "0", "o0", "0", "o3 o0", "0", "o3", "0", "nobody"));
}

// One program a rule of the language that the stubs could get wrong.
TEST(LinuxSubject, AgreesWithTheReference) {
  for (const std::string_view ops : {
           "filter o0 *_read\nregister o0\nload alpha @0\nfilter o0 alpha_*\nunload alpha\n",
           "ops o0 tracer\nfilter o0 *:mod:alpha\nregister o0\nload alpha @0\nunload alpha\n"
           "load alpha @0\n",
           "ops o0 kernel save_regs\nregister o0\nregister o1\nhit probe\nunregister o0\n",
           "filter o1 probe\nshare o0 o1\nregister o0\nnotrace o1 core_read\nregister o1\n",
           "load beta @0 fail=init\nload_begin beta @3\nload_step beta\nunload beta\n",
           "load gamma @0\nfree_init\nlocate gamma_init+1\nlocate core_setup\nlocate probe+4\n",
           "load alpha @0\nnotrace_ip o0 alpha_open+1\nregister o0\nunload alpha\nload beta @0\n",
       }) {
    EXPECT_EQ(Disagreement(ops), "") << ops;
  }
}

TEST(LinuxSubject, PassesEachFaultPointWhereTheReferenceDoes) {
  for (const std::string_view fault :
       {"record_alloc", "hash_copy", "hash_move", "verify", "stage"}) {
    for (const std::string_view nth : {"1", "2", "3", "4"}) {
      const std::string ops =
          "fault " + std::string(fault) + " " + std::string(nth) +
          "\nfilter o0 *_read\nregister o0\nload alpha @0\nfilter_ip o0 alpha_open\n"
          "unload alpha\nunregister o0\n";
      EXPECT_EQ(Disagreement(ops), "") << ops;
    }
  }
}

TEST(LinuxSubject, ForgetsEverythingAtReset) {
  const std::unique_ptr<Subject> subject = MakeLinux();
  const Program fresh = Parse("hit probe\n");
  View first;
  View again;
  Answers(subject.get(), fresh, &first);
  View dead;
  Answers(subject.get(), Parse("load alpha @0\nregister o0\nfault verify 1\nfilter o0 probe\n"),
          &dead);
  EXPECT_TRUE(dead.globals.dead);
  Answers(subject.get(), fresh, &again);
  EXPECT_TRUE(first == again);
}

TEST(LinuxSubject, AnswersTheSameWhateverRanBefore) {
  const Program program =
      Parse("load delta @1\nfilter o2 !*_read\nregister o2\nfilter o2 delta_*\nhit delta_read\n");
  const std::unique_ptr<Subject> subject = MakeLinux();
  View alone;
  const std::vector<std::string> answers = Answers(subject.get(), program, &alone);
  View other;
  Answers(subject.get(), Parse("ops o2 tracer save_regs\nregister o2\nload beta @0\n"), &other);
  View after;
  EXPECT_EQ(Answers(subject.get(), program, &after), answers);
  EXPECT_TRUE(alone == after);
}

TEST(LinuxSubject, SaysWhatTheKernelWarnedOfAndWhen) {
  const std::unique_ptr<Subject> subject = MakeLinux();
  const Program program = Parse("register o0\nunregister o0\nunregister o0\nunregister o0\n");
  for (int run = 0; run < 2; ++run) {
    subject->Reset(program.world, program.Rules());
    std::vector<std::size_t> counts;
    for (const Op& op : program.ops) {
      const Outcome outcome = subject->Apply(op);
      counts.push_back(outcome.warnings.size());
      for (const std::string& warning : outcome.warnings) {
        EXPECT_THAT(warning, testing::MatchesRegex("kernel/trace/ftrace\\.c:[0-9]+"));
      }
    }
    EXPECT_THAT(counts, ElementsAre(0, 0, 1, 1)) << "run " << run;
  }
}

// More at a time than are remembered: those that come first are forgotten.
TEST(LinuxSubject, RemembersTheNewestWarnings) {
  const std::unique_ptr<Subject> subject = MakeLinux();
  std::string ops = "notifier n0 raw 0\n";
  for (int i = 0; i < 40; ++i) ops += "notifier n0 raw 0\n";
  const Program program = Parse(ops);
  subject->Reset(program.world, program.Rules());
  std::size_t warnings = 0;
  for (const Op& op : program.ops) warnings += subject->Apply(op).warnings.size();
  EXPECT_EQ(warnings, 40u);
}

// ftrace_free_mem() looks at the last record of each group, also of one that has none: the group of
// a module with nothing but null call sites.
TEST(LinuxSubjectDeathTest, AReadInFrontOfABlockIsReported) {
  if (rk_has_asan() == 0) GTEST_SKIP() << "without AddressSanitizer";
  const absl::StatusOr<Program> program =
      ParseProgram("world paged\nprofile linux-6.1\nload blank @0\nfree_init\n");
  ASSERT_TRUE(program.ok()) << program.status();
  const std::unique_ptr<Subject> subject = MakeLinux();
  View view;
  EXPECT_DEATH(Answers(subject.get(), *program, &view), "AddressSanitizer: use-after-poison");
}

// Large blocks are used again; where a sanitizer watches they are not, so that it sees more.
TEST(LinuxSubject, ManyFilterChangesTakeNoMoreRoomThanAFew) {
  const std::unique_ptr<Subject> subject = MakeLinux();
  const auto heap_after = [&subject](int changes) {
    std::string ops;
    for (int i = 0; i < changes; ++i) ops += "filter o0 probe\n";
    View view;
    Answers(subject.get(), Parse(ops), &view);
    rk_range ranges[RK_RANGES];
    rk_ranges(0, ranges);
    return ranges[RK_HEAP].size;
  };
  const unsigned long few = heap_after(10);
  const unsigned long more = heap_after(110);
  if (rk_has_asan() != 0) {
    EXPECT_GT(more - few, 100 * 8192u);
  } else {
    EXPECT_LT(more - few, 100 * 2048u);
  }
}

TEST(LinuxSubject, DoesNotSpeakTheRulesOfAnotherEra) {
  const std::unique_ptr<Subject> subject = MakeLinux();
  subject->Reset(*BuiltinWorld("small"), FindProfile("linux-3.2")->profile);
  EXPECT_EQ(subject->Apply(Register{}).fate, Fate::kUnsupported);
}

TEST(LinuxSubject, ASecondSharedPairIsMoreThanTheKernelHas) {
  EXPECT_EQ(Answers("share o0 o1\nshare o2 o3\nshare o2 o1\n").at(1), "unsupported");
}

TEST(LinuxSubject, DoesWhatARealKernelWasRecordedDoing) {
  const std::string folder =
      std::string(RECOUNT_SOURCE_DIR) + "/corpus/kernel/linux-" + LinuxSubjectName().substr(6);
  const std::unique_ptr<Subject> subject = MakeLinux();
  Subject* const subjects[] = {subject.get()};
  for (const std::string_view file : {"/written.jsonl", "/random.jsonl"}) {
    absl::StatusOr<FileReport> report = ConformFile(folder + std::string(file), subjects);
    // Only some versions were recorded.
    if (!report.ok()) GTEST_SKIP() << report.status();
    for (const SequenceReport& sequence : report->subjects.at(0).sequences) {
      EXPECT_NE(sequence.result, ConformResult::kDiffers) << sequence.id << ": " << sequence.line;
    }
  }
}

}  // namespace
}  // namespace recount
