// Each known defect is one of the kernels it names, is explained by its own entry alone, and is
// none of the others'.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/known.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "impl/linux/linux_subject.h"
#include "model/reference/reference.h"

namespace recount {
namespace {

class Findings : public ::testing::Test {
 protected:
  // A tree may have put them right.
  void SetUp() override {
    if (kernel_ != RECOUNT_KERNEL) GTEST_SKIP() << RECOUNT_KERNEL << " is a tree of somebody's";
  }
  Program ProgramOf(const KnownDefect& defect) const {
    const absl::StatusOr<Program> program = ReadProgramFile(
        RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect.name) + "/program.prog");
    EXPECT_TRUE(program.ok()) << program.status();
    return *program;
  }
  RunResult Run(const Program& program, const std::vector<const KnownDefect*>& masked) {
    Lockstep lockstep(oracle_.get(), subject_.get());
    lockstep.Mask(masked);
    return lockstep.Run(program);
  }

  const std::string kernel_ = LinuxSubjectName().substr(6);
  const std::unique_ptr<Subject> oracle_ = MakeReference();
  const std::unique_ptr<Subject> subject_ = MakeLinux();
};

TEST_F(Findings, AreDefectsOfTheKernelsTheyNameAndOfNoOther) {
  for (const KnownDefect& defect : KnownDefects()) {
    const Program program = ProgramOf(defect);
    const RunResult result = Run(program, {});
    const bool seen = IsSeenOn(defect, kernel_);
    EXPECT_EQ(result.verdict, seen ? Verdict::kDiverge : Verdict::kAgree) << defect.name;
    if (!seen || !result.divergence) continue;
    EXPECT_EQ(result.divergence->op_index, program.ops.size() - 1) << defect.name;
  }
}

TEST_F(Findings, AreExplainedByTheirOwnEntryAlone) {
  for (const KnownDefect& defect : KnownDefects()) {
    if (!IsSeenOn(defect, kernel_)) continue;
    const Program program = ProgramOf(defect);
    for (const KnownDefect& other : KnownDefects()) {
      const RunResult result = Run(program, {&other});
      EXPECT_EQ(result.verdict, &other == &defect ? Verdict::kKnown : Verdict::kDiverge)
          << defect.name << ", explained by " << other.name;
      EXPECT_EQ(result.known, &other == &defect ? &defect : nullptr) << defect.name;
    }
  }
}

TEST_F(Findings, ACrashOfTheKernelIsItsFateAndTheNextRunIsSound) {
  const KnownDefect* const oops = FindKnownDefect("uninitialised-ipmodify");
  ASSERT_NE(oops, nullptr);
  const RunResult result = Run(ProgramOf(*oops), {});
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->difference.field, "outcome.fate");
  EXPECT_EQ(result.divergence->difference.actual, "crashed");
  const absl::StatusOr<Program> next =
      ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/seeds/reload_filter.prog");
  ASSERT_TRUE(next.ok());
  Program fitting = *next;
  fitting.profile = FindProfile("linux-6.1");
  const RunResult after = Run(fitting, {});
  EXPECT_EQ(after.verdict, Verdict::kAgree)
      << (after.divergence ? DivergenceLine(fitting, *after.divergence) : after.unknown_reason);
}

}  // namespace
}  // namespace recount
