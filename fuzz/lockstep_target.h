// One fuzz input, start to verdict: bytes to Program, Program to lockstep, divergence to a text
// that says what to do next. The libFuzzer target and the replay main are two doors to this.
#ifndef RECOUNT_FUZZ_LOCKSTEP_TARGET_H_
#define RECOUNT_FUZZ_LOCKSTEP_TARGET_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "fuzz/feedback.h"
#include "harness/lockstep.h"
#include "model/program.h"
#include "model/subject.h"

namespace recount {

// Operations of one input that are run. Later ones are ignored, so that no input is slow.
inline constexpr std::size_t kMaxFuzzOps = 400;

class LockstepTarget {
 public:
  // `subject` as impl/roster.h names it; with `known` its known defects are masked
  // (harness/known/known.h). Error: NotFound; InvalidArgument when none of its defects is known.
  static absl::StatusOr<std::unique_ptr<LockstepTarget>> Make(std::string_view subject,
                                                              bool known = false);
  // The subject that the environment's RECOUNT_SUBJECT names, `fallback` without it; masked with
  // RECOUNT_KNOWN=1.
  static absl::StatusOr<std::unique_ptr<LockstepTarget>> MakeFromEnvironment(
      std::string_view fallback = "fast");

  // Runs the first kMaxFuzzOps operations. `feedback` may be null. REQUIRES: InReach(program).
  RunResult Run(const Program& program, Feedback* feedback);
  // False for Programs that are too slow to fuzz with: those in world `kernel`.
  static bool InReach(const Program& program);
  // The profiles that the subject is held to, one at least: a kernel, to its own.
  const std::vector<const NamedProfile*>& profiles() const { return profiles_; }
  bool Follows(const NamedProfile* profile) const;
  // Makes of a Program one that the subject can run: a profile that it is held to, with
  // jumps where the Program has them, and after boot where it begins there.
  void Fit(Program* program) const;

  // For mutations that look at states. Every Run() resets it.
  Subject* oracle() { return oracle_.get(); }
  const std::string& subject_name() const { return subject_name_; }
  bool known() const { return known_; }

 private:
  LockstepTarget(std::unique_ptr<Subject> oracle, std::unique_ptr<Subject> subject);

  std::string subject_name_;
  std::unique_ptr<Subject> oracle_;
  std::unique_ptr<Subject> subject_;
  Lockstep lockstep_;
  bool known_ = false;
  std::vector<const NamedProfile*> profiles_;
};

// What differed, the operations up to there as text, and how to go on from the file that holds
// them; `known`: behind the known defects.
std::string DivergenceReport(const Program& program, const Divergence& divergence,
                             std::string_view subject, std::string_view file, bool known = false);

}  // namespace recount

#endif  // RECOUNT_FUZZ_LOCKSTEP_TARGET_H_
