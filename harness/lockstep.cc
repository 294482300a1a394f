#include "harness/lockstep.h"

#include <string_view>
#include <utility>

#include "model/check.h"
#include "model/invariants.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

constexpr std::string_view kInvariantField = "invariant ";

// "records[alpha_read].count" -> "records[].count".
std::string Shape(std::string_view field) {
  std::string shape;
  bool inside = false;
  for (const char c : field) {
    if (c == ']') inside = false;
    if (!inside) shape.push_back(c);
    if (c == '[') inside = true;
  }
  return shape;
}

}  // namespace

std::string Divergence::Signature(const Program& program) const {
  const std::string_view op = at_begin || op_index >= program.ops.size()
                                  ? std::string_view("boot")
                                  : OpName(program.ops[op_index]);
  const std::string_view field = difference.field;
  if (field.starts_with(kInvariantField)) {
    return Cat({"invariant:", op, ":", field.substr(kInvariantField.size())});
  }
  if (field == "outcome.fate") return Cat({"fate:", op, ":", difference.actual});
  const std::string signature = Cat({"difference:", op, ":", Shape(field)});
  if (field != "outcome.rc") return signature;
  return Cat({signature, ":", difference.expected, "/", difference.actual});
}

Lockstep::Lockstep(Subject* oracle, Subject* subject) : oracle_(oracle), subject_(subject) {
  RECOUNT_CHECK(oracle != nullptr && subject != nullptr && oracle != subject);
}

std::optional<Divergence> Lockstep::Begin(const WorldPtr& world, const NamedProfile& profile) {
  world_ = world;
  profile_ = &profile;
  steps_ = 0;
  view_checked_ = false;
  oracle_->Reset(world, profile.profile);
  subject_->Reset(world, profile.profile);
  oracle_->Observe(&oracle_views_[now_]);
  subject_->Observe(&actual_view_);
  if (view() == actual_view_) return std::nullopt;
  Divergence divergence;
  divergence.at_begin = true;
  divergence.difference = *CompareViews(*world_, view(), actual_view_);
  return divergence;
}

Observation Lockstep::Observed(const Op& op, const Outcome& actual) {
  const View& before = oracle_views_[1 - now_];
  const bool unchanged = before == actual_view_;
  // Who traces what is known then, unless the step before was the first.
  if (!unchanged || !view_checked_) Recount(actual_view_, &traced_);
  return {*world_, profile_->profile, op, actual, before, actual_view_, unchanged, traced_};
}

Lockstep::StepResult Lockstep::Step(const Op& op) {
  RECOUNT_CHECK(world_ != nullptr);
  StepResult result;
  result.expected = oracle_->Apply(op);
  const Outcome actual = subject_->Apply(op);
  ++steps_;

  // Where the oracle itself does not return there is nothing to compare with.
  const Subject* mute = result.expected.fate != Fate::kReturned ? oracle_
                        : actual.fate == Fate::kUnsupported     ? subject_
                                                                : nullptr;
  if (mute != nullptr) {
    const Outcome& said = mute == oracle_ ? result.expected : actual;
    result.verdict = Verdict::kUnknown;
    result.unknown_reason =
        Cat({mute->name(), ": ", OpName(op), ": ", OutcomeText(*world_, op, said)});
    return result;
  }

  // The View ahead of the operation is the one both agreed on.
  now_ = 1 - now_;
  oracle_->Observe(&oracle_views_[now_]);
  if (actual.fate != Fate::kReturned) {
    result.known = Explanation(op, result.expected, actual);
    if (result.known != nullptr) {
      result.verdict = Verdict::kKnown;
      return result;
    }
    StepResult diverged = Diverged(*CompareOutcomes(*world_, op, result.expected, actual), op,
                                   actual, /*observed=*/false);
    diverged.expected = result.expected;
    return diverged;
  }
  subject_->Observe(&actual_view_);

  std::optional<Difference> difference;
  if (!(result.expected == actual)) {
    difference = CompareOutcomes(*world_, op, result.expected, actual);
  } else if (!(view() == actual_view_)) {
    difference = CompareViews(*world_, view(), actual_view_);
  }
  if (!difference) {
    const Observation observation = Observed(op, actual);
    difference = BrokenInvariant(observation);
    result.changed = !observation.unchanged;
  }
  if (!difference) return result;
  result.known = Explanation(op, result.expected, actual);
  if (result.known != nullptr) {
    result.verdict = Verdict::kKnown;
    return result;
  }
  StepResult diverged = Diverged(*std::move(difference), op, actual, /*observed=*/true);
  diverged.expected = result.expected;
  return diverged;
}

const KnownDefect* Lockstep::Explanation(const Op& op, const Outcome& expected,
                                         const Outcome& actual) const {
  const DivergingStep step{*world_, profile_->profile,       op,     expected,
                           actual,  oracle_views_[1 - now_], view(), actual_view_};
  return recount::Explanation(masked_, step);
}

std::optional<Difference> Lockstep::BrokenInvariant(const Observation& observation) {
  // A third of all operations change nothing: what held of this View holds of it still.
  const bool known = view_checked_ && observation.unchanged;
  for (const Invariant& invariant : Invariants()) {
    if (known && invariant.of == Invariant::Of::kView) continue;
    std::optional<std::string> broken = invariant.broken(observation);
    if (!broken) continue;
    return Difference{Cat({kInvariantField, invariant.id}), std::string(invariant.sentence),
                      *std::move(broken)};
  }
  view_checked_ = true;
  return std::nullopt;
}

Lockstep::StepResult Lockstep::Diverged(Difference difference, const Op& op, const Outcome& actual,
                                        bool observed) {
  StepResult result;
  result.verdict = Verdict::kDiverge;
  result.divergence.emplace();
  result.divergence->op_index = steps_ - 1;
  result.divergence->difference = std::move(difference);
  if (!observed) return result;
  for (Difference& other :
       ViewDifferences(*world_, view(), actual_view_, Divergence::kMostAlso + 1)) {
    if (other != result.divergence->difference &&
        result.divergence->also.size() < Divergence::kMostAlso) {
      result.divergence->also.push_back(std::move(other));
    }
  }
  const Observation observation = Observed(op, actual);
  for (const Invariant& invariant : Invariants()) {
    if (invariant.broken(observation)) {
      result.divergence->broken_invariants.emplace_back(invariant.id);
    }
  }
  return result;
}

RunResult Lockstep::Run(const Program& program) {
  RunResult result;
  result.divergence = Begin(program.world, *program.profile);
  if (result.divergence) {
    result.verdict = Verdict::kDiverge;
    return result;
  }
  for (const Op& op : program.ops) {
    StepResult step = Step(op);
    ++result.operations;
    if (step.expected.rc != 0) ++result.refused;
    if (step.verdict == Verdict::kAgree) continue;
    result.verdict = step.verdict;
    result.divergence = std::move(step.divergence);
    result.unknown_reason = std::move(step.unknown_reason);
    result.known = step.known;
    break;
  }
  return result;
}

std::string Lockstep::Failure(const Program& program) {
  const RunResult result = Run(program);
  return result.divergence ? result.divergence->Signature(program) : std::string();
}

}  // namespace recount
