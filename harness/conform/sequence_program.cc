#include "harness/conform/sequence_program.h"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/conform/guest_livepatch.h"
#include "harness/conform/guest_notifiers.h"
#include "harness/conform/translate.h"
#include "model/check.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

// The chain that `op` calls.
Chain ChainOf(const Op& op) {
  if (const auto* notify = std::get_if<Notify>(&op)) return notify->chain;
  if (const auto* robust = std::get_if<NotifyRobust>(&op)) return robust->chain;
  return Chain::kModule;
}

// What the kernel answered to operation `index` of `plan`; empty where the recording does not tell.
std::string MarginOf(const World& world, const GuestNotifierTable& notifiers, const StepPlan& plan,
                     std::size_t index, const RecordedStep& step) {
  if (step.crashed) return "";
  // Callbacks were counted, not listed.
  if (plan.kind == StepPlan::Kind::kCall) return step.rc == 0 ? "" : RcText(step.rc);
  // One write of several words that failed: which word it was is not recorded.
  if (plan.ops.size() > 1 && step.rc != 0) return "";
  const Op& op = plan.ops[index];
  Outcome outcome;
  outcome.rc = step.rc;
  if (plan.kind == StepPlan::Kind::kChain) {
    const std::optional<Answer> answer = AnswerInOut(step.out.value_or(""));
    if (!answer) return "";
    outcome.answer = *answer;
    outcome.rc = RcOf(*answer);
  }
  const std::optional<std::vector<NotifierCall>> calls =
      CallsInLog(world, notifiers, ChainOf(op), step.log.value_or(std::vector<std::string>()));
  if (!calls) return "";
  // Of the operations that load a livepatch module, two call somebody.
  const Stage stage = StageOf(plan.ops, index);
  for (const NotifierCall& call : *calls) {
    const Stage caller = call.event == Event::kLive ? Stage::kLive : Stage::kComing;
    if (plan.ops.size() == 1 || stage == caller) outcome.log.push_back(call);
  }
  return OutcomeText(world, op, outcome);
}

}  // namespace

Program MakeProgram(const Universe& universe, const NamedProfile& profile,
                    const Sequence& sequence) {
  const Translation translation = Translate(universe, sequence);
  Program program;
  program.world = universe.world();
  program.profile = &profile;
  program.notes.push_back(Cat({sequence.id, ": ", sequence.description}));
  program.notes.push_back(Cat({"recorded on ", sequence.kernel}));
  for (const Op& op : translation.prelude) {
    program.ops.push_back(op);
    program.margin.push_back("");
  }
  std::size_t i = 0;
  for (; i < translation.steps.size(); ++i) {
    const RecordedStep& step = sequence.steps[i];
    const StepPlan& plan = translation.steps[i];
    for (std::size_t k = 0; k < plan.ops.size(); ++k) {
      program.ops.push_back(plan.ops[k]);
      program.margin.push_back(MarginOf(*universe.world(), translation.notifiers, plan, k, step));
    }
    if (LeavesKernelUnsound(step)) {
      program.notes.push_back(Cat({"ends at step ", std::to_string(i), ", where the kernel ",
                                   step.crashed ? "crashed" : "warned"}));
      return program;
    }
  }
  if (translation.out_of_scope) {
    program.notes.push_back(Cat({"ends before step ", std::to_string(i), ", '",
                                 *translation.out_of_scope, "', which is out of scope"}));
  }
  return program;
}

}  // namespace recount
