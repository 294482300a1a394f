#include "harness/conform/answers.h"

#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_join.h"
#include "harness/conform/guest_livepatch.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

std::string ListText(const std::vector<std::string>& list) {
  return Cat({"[", absl::StrJoin(list, ", "), "]"});
}

}  // namespace

void Answers::Add(const Op& op, const Outcome& outcome, const View& before) {
  if (rc == 0) rc = outcome.rc;
  for (std::size_t i = 0; i < outcome.called_count; ++i) {
    const std::size_t ops = Index(outcome.called[i]);
    if (ops < kOpsCount) ++hits[ops];
  }
  if (const auto* hit = std::get_if<Hit>(&op)) {
    redirections += Redirection(before, hit->function, outcome);
  }
  answer = outcome.answer;
  log.insert(log.end(), outcome.log.begin(), outcome.log.end());
  warnings.insert(warnings.end(), outcome.warnings.begin(), outcome.warnings.end());
}

void CompareAnswers(const World& world, const GuestNotifierTable& notifiers,
                    const RecordedStep& step, const StepPlan& plan, const Answers& answers,
                    const View& before, std::vector<Mismatch>* found, LeftOutCounts* left_out) {
  using Kind = StepPlan::Kind;
  const auto compare = [found](Aspect aspect, std::string_view field, std::string kernel,
                               std::string model) {
    if (kernel == model) return;
    found->push_back({aspect, std::string(field), std::move(kernel), std::move(model)});
  };
  if (plan.kind == Kind::kChain) {
    // The call itself always succeeds.
    compare(Aspect::kRc, "rc", RcText(step.rc), RcText(0));
    compare(Aspect::kAnswer, "out", step.out.value_or(""), GuestAnswerText(answers.answer));
  } else if (plan.kind != Kind::kNoChange && plan.kind != Kind::kWait) {
    compare(Aspect::kRc, "rc", RcText(step.rc), RcText(answers.rc));
  }
  if (plan.rc) compare(Aspect::kRc, "rc", RcText(step.rc), RcText(*plan.rc));
  if (plan.kprobe_in_use) {
    const auto& [kprobe, in_use] = *plan.kprobe_in_use;
    compare(Aspect::kKprobe, Cat({"kp.", std::to_string(Index(kprobe)), ".in use"}),
            in_use ? "1" : "0", before.kprobes.probes[Index(kprobe)].registered ? "1" : "0");
  }
  // A sequence without notifiers need not show that nobody was called.
  if (step.log || !answers.log.empty()) {
    compare(Aspect::kLog, "log", ListText(step.log.value_or(std::vector<std::string>())),
            ListText(GuestLog(world, notifiers, answers.log)));
  }
  if (plan.kind != Kind::kCall) return;
  if (step.returned) {
    // What a function of the guest returns itself is less than 1000, also of all together.
    compare(Aspect::kReturned, "ret", std::to_string(*step.returned / 1000 * 1000),
            std::to_string(answers.redirections));
  }
  if (!plan.hits_are_exact) return Count(LeftOut::kHitsOfInit, left_out);
  for (const auto& [index, count] : step.hits) {
    // An ops that traces everything counts what the kernel did on its own as well.
    if (index >= kOpsCount || before.ops[index].filter.empty()) {
      Count(LeftOut::kHitsOfAll, left_out);
      continue;
    }
    compare(Aspect::kHits, Cat({"hits.", std::to_string(index)}), std::to_string(count),
            std::to_string(answers.hits[index]));
  }
}

}  // namespace recount
