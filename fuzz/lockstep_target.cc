#include "fuzz/lockstep_target.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/trace.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {

LockstepTarget::LockstepTarget(std::unique_ptr<Subject> oracle, std::unique_ptr<Subject> subject)
    : subject_name_(subject->name()),
      oracle_(std::move(oracle)),
      subject_(std::move(subject)),
      lockstep_(oracle_.get(), subject_.get()) {}

absl::StatusOr<std::unique_ptr<LockstepTarget>> LockstepTarget::Make(std::string_view subject) {
  absl::StatusOr<std::unique_ptr<Subject>> oracle = MakeSubject("reference");
  if (!oracle.ok()) return oracle.status();
  absl::StatusOr<std::unique_ptr<Subject>> made = MakeSubject(subject);
  if (!made.ok()) return made.status();
  return std::unique_ptr<LockstepTarget>(new LockstepTarget(*std::move(oracle), *std::move(made)));
}

absl::StatusOr<std::unique_ptr<LockstepTarget>> LockstepTarget::MakeFromEnvironment() {
  const char* name = std::getenv("RECOUNT_SUBJECT");
  return Make(name == nullptr || *name == '\0' ? "fast" : name);
}

bool LockstepTarget::InReach(const Program& program) { return program.world->name() != "kernel"; }

RunResult LockstepTarget::Run(const Program& program, Feedback* feedback) {
  RunResult result;
  result.divergence = lockstep_.Begin(program.world, *program.profile);
  if (result.divergence.has_value()) {
    result.verdict = Verdict::kDiverge;
    return result;
  }
  if (feedback != nullptr) feedback->Begin(lockstep_.view());
  const std::size_t count = std::min(program.ops.size(), kMaxFuzzOps);
  for (std::size_t i = 0; i < count; ++i) {
    Lockstep::StepResult step = lockstep_.Step(program.ops[i]);
    ++result.operations;
    if (step.expected.rc != 0) ++result.refused;
    result.verdict = step.verdict;
    if (step.verdict != Verdict::kAgree) {
      result.divergence = std::move(step.divergence);
      result.unknown_reason = std::move(step.unknown_reason);
      return result;
    }
    if (feedback != nullptr)
      feedback->Step(program.ops[i], step.expected, lockstep_.view(), step.changed);
  }
  return result;
}

std::string DivergenceReport(const Program& program, const Divergence& divergence,
                             std::string_view subject, std::string_view file) {
  Program cut{.world = program.world, .profile = program.profile, .ops = program.ops};
  const std::size_t run = divergence.at_begin ? 0 : divergence.op_index + 1;
  if (cut.ops.size() > run) cut.ops.resize(run);
  std::string command = absl::StrCat("ci/recount shrink ", std::string(file));
  if (subject != "fast") absl::StrAppend(&command, " --subject ", std::string(subject));
  return absl::StrCat(PrintProgram(cut), "\n", DivergenceLine(program, divergence),
                      "\nto minimise: ", command, "\n");
}

}  // namespace recount
