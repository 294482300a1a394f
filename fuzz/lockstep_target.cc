#include "fuzz/lockstep_target.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/known/known.h"
#include "harness/trace.h"
#include "impl/roster.h"
#include "model/check.h"
#include "model/text.h"

namespace recount {

LockstepTarget::LockstepTarget(std::unique_ptr<Subject> oracle, std::unique_ptr<Subject> subject)
    : subject_name_(subject->name()),
      oracle_(std::move(oracle)),
      subject_(std::move(subject)),
      lockstep_(oracle_.get(), subject_.get()) {
  for (const NamedProfile& profile : Profiles()) {
    if (subject_->IsHeldTo(profile.profile)) profiles_.push_back(&profile);
  }
  RECOUNT_CHECK(!profiles_.empty());
}

absl::StatusOr<std::unique_ptr<LockstepTarget>> LockstepTarget::Make(std::string_view subject,
                                                                     bool known) {
  absl::StatusOr<std::unique_ptr<Subject>> oracle = MakeSubject("reference");
  if (!oracle.ok()) return oracle.status();
  absl::StatusOr<std::unique_ptr<Subject>> made = MakeSubject(subject);
  if (!made.ok()) return made.status();
  std::vector<const KnownDefect*> masked;
  if (known) masked = KnownDefectsOf(subject);
  if (known && masked.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no defect of subject ", std::string(subject), " is known"));
  }
  std::unique_ptr<LockstepTarget> target(new LockstepTarget(*std::move(oracle), *std::move(made)));
  target->known_ = known;
  target->lockstep_.Mask(std::move(masked));
  return target;
}

absl::StatusOr<std::unique_ptr<LockstepTarget>> LockstepTarget::MakeFromEnvironment(
    std::string_view fallback) {
  const char* const name = std::getenv("RECOUNT_SUBJECT");
  const char* const known = std::getenv("RECOUNT_KNOWN");
  return Make(name == nullptr || *name == '\0' ? fallback : name,
              known != nullptr && std::string_view(known) == "1");
}

bool LockstepTarget::InReach(const Program& program) { return program.world->name() != "kernel"; }

bool LockstepTarget::Follows(const NamedProfile* profile) const {
  return std::find(profiles_.begin(), profiles_.end(), profile) != profiles_.end();
}

void LockstepTarget::Fit(Program* program) const {
  if (!Follows(program->profile)) {
    const auto alike =
        std::find_if(profiles_.begin(), profiles_.end(), [program](const NamedProfile* profile) {
          return profile->profile.optprobes == program->profile->profile.optprobes;
        });
    program->profile = alike == profiles_.end() ? profiles_.front() : *alike;
  }
  if (!lockstep_.CannotRun(*program).empty()) program->from_boot = false;
}

RunResult LockstepTarget::Run(const Program& program, Feedback* feedback) {
  RunResult result;
  result.unknown_reason = lockstep_.CannotRun(program);
  if (!result.unknown_reason.empty()) {
    result.verdict = Verdict::kUnknown;
    return result;
  }
  result.divergence = lockstep_.Begin(program.world, program.Rules());
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
      result.known = step.known;
      return result;
    }
    if (feedback != nullptr)
      feedback->Step(program.ops[i], step.expected, lockstep_.view(), step.changed);
  }
  return result;
}

std::string DivergenceReport(const Program& program, const Divergence& divergence,
                             std::string_view subject, std::string_view file, bool known) {
  Program cut{.world = program.world,
              .profile = program.profile,
              .from_boot = program.from_boot,
              .ops = program.ops};
  const std::size_t run = divergence.at_begin ? 0 : divergence.op_index + 1;
  if (cut.ops.size() > run) cut.ops.resize(run);
  std::string command = absl::StrCat("ci/recount shrink ", std::string(file));
  if (subject != "fast") absl::StrAppend(&command, " --subject ", std::string(subject));
  if (known) absl::StrAppend(&command, " --known");
  return absl::StrCat(PrintProgram(cut), "\n", DivergenceLine(program, divergence),
                      "\nto minimise: ", command, "\n");
}

}  // namespace recount
