// What the operations of a step were answered, all together, against what was recorded.
#ifndef RECOUNT_HARNESS_CONFORM_ANSWERS_H_
#define RECOUNT_HARNESS_CONFORM_ANSWERS_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/conform/deviations.h"
#include "harness/conform/guest_notifiers.h"
#include "harness/conform/left_out.h"
#include "harness/conform/recording.h"
#include "harness/conform/translate.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

struct Answers {
  int rc = 0;  // the first that is not 0
  std::array<std::uint64_t, kOpsCount> hits{};
  std::int64_t redirections = 0;  // what the replacements that ran returned
  Answer answer = kNotifyDone;
  std::vector<NotifierCall> log;
  std::vector<std::string> warnings;

  // `before` is the View before the step.
  void Add(const Op& op, const Outcome& outcome, const View& before);
};

// Adds every mismatch to `found`. Warnings are not compared here (complaints.h).
void CompareAnswers(const World& world, const GuestNotifierTable& notifiers,
                    const RecordedStep& step, const StepPlan& plan, const Answers& answers,
                    const View& before, std::vector<Mismatch>* found, LeftOutCounts* left_out);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_ANSWERS_H_
