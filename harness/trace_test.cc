#include "harness/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/atomic_file.h"
#include "harness/program_file.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string Trace(const Program& program, std::string_view subject_name = "fast") {
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  const std::unique_ptr<Subject> subject = *MakeSubject(subject_name);
  Lockstep lockstep(oracle.get(), subject.get());
  std::string trace;
  const RunResult result =
      RunTraced(program, &lockstep, [&trace](std::string_view piece) { trace += piece; });
  // The same verdict as without a trace.
  EXPECT_EQ(result.verdict, lockstep.Run(program).verdict);
  return trace;
}

// corpus/golden/NAME.trace is the trace of corpus/seeds/NAME.prog. With RECOUNT_UPDATE_CORPUS=1 the
// files are written anew, and the difference is there to be read.
TEST(Trace, GoldenTracesHaveNotChanged) {
  const std::filesystem::path corpus = RECOUNT_SOURCE_DIR "/corpus";
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus / "golden")) {
    if (entry.path().extension() != ".trace") continue;
    const std::string name = entry.path().stem().string() + ".prog";
    const absl::StatusOr<Program> program = ReadProgramFile((corpus / "seeds" / name).string());
    ASSERT_TRUE(program.ok()) << program.status();
    const std::string trace = Trace(*program);
    if (std::getenv("RECOUNT_UPDATE_CORPUS") != nullptr) {
      ASSERT_TRUE(WriteFile(entry.path().string(), trace).ok());
    }
    EXPECT_EQ(*ReadFile(entry.path().string()), trace) << name;
    ++compared;
  }
  EXPECT_GE(compared, 4u);
}

TEST(Trace, EndsWithTheDivergence) {
  const Program program = *ParseProgram(
      "world small\nprofile linux-6.1\nregister o0\nftrace_enabled 1\nunregister o0\n");
  EXPECT_THAT(Trace(program, "fast+bug:canary"),
              EndsWith("2  ftrace_enabled 1  -> 0\n"
                       "differs at operation 2, ftrace_enabled 1: outcome.rc is -EINVAL, expected "
                       "0 (broken: I10)\n"));
}

// The reference, as a kernel that complains of every registration.
class Complainer final : public Subject {
 public:
  std::string_view name() const override { return "complainer"; }
  void Reset(WorldPtr world, const Profile& profile) override { reference_->Reset(world, profile); }
  Outcome Apply(const Op& op) override {
    Outcome outcome = reference_->Apply(op);
    if (OpName(op) == "register") outcome.warnings = {"kernel/trace/ftrace.c:1", "kernel/a.c:22"};
    return outcome;
  }
  void Observe(View* view) override { reference_->Observe(view); }

 private:
  const std::unique_ptr<Subject> reference_ = *MakeSubject("reference");
};

TEST(Trace, ShowsWhatTheSubjectWarnedOf) {
  const Program program =
      *ParseProgram("world small\nprofile linux-6.1\nregister o0\nunregister o0\n");
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  Complainer subject;
  Lockstep lockstep(oracle.get(), &subject);
  std::string trace;
  RunTraced(program, &lockstep, [&trace](std::string_view piece) { trace += piece; });
  EXPECT_THAT(trace, HasSubstr("1  register o0  -> 0\n"
                               "    warning kernel/trace/ftrace.c:1\n"
                               "    warning kernel/a.c:22\n"));
  EXPECT_THAT(trace, HasSubstr("2  unregister o0  -> 0\n    "));
  EXPECT_EQ(trace.find("warning", trace.find("unregister")), std::string::npos);
}

TEST(Trace, DivergenceLineReadsAsASentence) {
  const Program program = *ParseProgram("world small\nprofile linux-6.1\nregister o0\n");
  Divergence divergence;
  divergence.difference = {"outcome.rc", "0", "-EBUSY"};
  divergence.broken_invariants = {"I1", "I3"};
  EXPECT_EQ(DivergenceLine(program, divergence),
            "operation 1, register o0: outcome.rc is -EBUSY, expected 0 (broken: I1, I3)");
  divergence.at_begin = true;
  EXPECT_THAT(DivergenceLine(program, divergence), HasSubstr("the start: "));
}

TEST(Trace, ABrokenInvariantIsNamedWithWhatDoesNotHold) {
  const Program program = *ParseProgram("world small\nprofile linux-6.1\nregister o0\n");
  Divergence divergence;
  divergence.difference = {"invariant I4", "a sentence", "alpha_read: two owners"};
  EXPECT_EQ(DivergenceLine(program, divergence),
            "operation 1, register o0: invariant I4 does not hold: alpha_read: two owners");
}

}  // namespace
}  // namespace recount
