// Two sides of `recount equiv` against each other: neither is the measure of the other.
//
// Both play a Program at the same time and tell digests. Equal digests are equal answers and Views;
// where they part, both play it again and tell everything, and the one judge (lockstep.h) says what
// differs.
#ifndef RECOUNT_HARNESS_CLI_SIDES_H_
#define RECOUNT_HARNESS_CLI_SIDES_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/child.h"
#include "harness/cli/finder.h"
#include "harness/cli/judge.h"
#include "harness/cli/side.h"
#include "harness/cli/side_process.h"
#include "harness/lockstep.h"

namespace recount {

// What a difference may be without being one (Verdict::kKnown): known defects of kernels, and what
// two profiles are declared to differ in.
struct SidesMasks {
  std::vector<const KnownDefect*> left, right;
  std::vector<const KnownDefect*> declared;
};

class Sides final : public Trial {
 public:
  // `guide` is the subject whose Views programs are made from (finder.h): the sides have no part in
  // what is played.
  Sides(const Side& left, const Side& right, const SidesMasks& masks, const SubjectFactory& guide,
        double patience, Pulse* pulse);

  // A crash and a hang are outcomes, of either side; the same of both at one operation is
  // agreement, and ends the program.
  RunResult Run(const Program& program) override;
  std::optional<RunResult> Find(Finder* finder, std::uint64_t number, const std::atomic<bool>* stop,
                                Program* program) override;
  void ExpectHangs() override;

 private:
  // Both play `program` in brief. nullopt: something differs, or a side did not live to tell.
  std::optional<RunResult> Agreement(const Program& program);
  // Both play it in full.
  RunResult Judged(const Program& program);
  // `result` of `program`, or kKnown where a masked defect is at work within the load that differs.
  RunResult Explained(const Program& program, RunResult result);

  SideProcess left_;
  SideProcess right_;
  SidesMasks masks_;
  Pulse* pulse_;
  bool hangs_ = false;
  WatchedSubject guide_;
  Lockstep made_by_;
};

// For Judge and Hunt.
Judge JudgeOfSides(const Side& left, const Side& right, const SidesMasks& masks,
                   const SubjectFactory& guide, double patience = kPatience);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_SIDES_H_
