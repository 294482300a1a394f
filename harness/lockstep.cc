#include "harness/lockstep.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>

#include "harness/generate/limits.h"
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

bool MayWriteText(const Op& op) {
  return std::holds_alternative<RemoveKprobe>(op) || std::holds_alternative<EnableKprobe>(op) ||
         std::holds_alternative<DisableKprobe>(op) || std::holds_alternative<KprobesArmed>(op);
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
  if (field == "outcome.fate") {
    const bool left = peers && difference.actual == FateText(Fate::kReturned);
    return Cat({"fate:", op, ":", left ? difference.expected : difference.actual});
  }
  const std::string signature = Cat({"difference:", op, ":", Shape(field)});
  if (field != "outcome.rc") return signature;
  return Cat({signature, ":", difference.expected, "/", difference.actual});
}

Lockstep::Lockstep(Subject* oracle, Subject* subject, Between between)
    : oracle_(oracle), subject_(subject), between_(between) {
  RECOUNT_CHECK(oracle != nullptr && subject != nullptr && oracle != subject);
}

Lockstep::Lockstep(Subject* oracle) : oracle_(oracle), subject_(nullptr) {
  RECOUNT_CHECK(oracle != nullptr);
}

std::optional<Divergence> Lockstep::Begin(const WorldPtr& world, const Profile& rules) {
  world_ = world;
  rules_ = rules;
  steps_ = 0;
  if (applied_ != nullptr) applied_->store(0, std::memory_order_relaxed);
  armed_ = {};
  view_checked_ = false;
  told_.Reset(world->modules().size());
  if (declared_ != nullptr) declared_->Begin(*world);
  oracle_->Reset(world, rules_);
  if (subject_ != nullptr) subject_->Reset(world, rules_);
  oracle_->Observe(&oracle_views_[now_]);
  if (subject_ == nullptr) return std::nullopt;
  subject_->Observe(&actual_view_);
  if (view() == actual_view_) return std::nullopt;
  Divergence divergence;
  divergence.at_begin = true;
  divergence.peers = peers();
  divergence.difference = *CompareViews(*world_, view(), actual_view_);
  return divergence;
}

Observation Lockstep::Observed(const Op& op, const Outcome& actual) {
  const View& before = oracle_views_[1 - now_];
  const bool unchanged = before == actual_view_;
  // Who traces what is known then, unless the step before was the first.
  if (!unchanged || !view_checked_) Recount(actual_view_, &traced_);
  return {*world_, rules_, op, actual, before, actual_view_, unchanged, traced_, told_};
}

Lockstep::StepResult Lockstep::Step(const Op& op) {
  RECOUNT_CHECK(world_ != nullptr);
  StepResult result;
  ++steps_;
  if (applied_ != nullptr) applied_->store(steps_, std::memory_order_relaxed);
  if (declared_ != nullptr) result.known = declared_->EndsBefore(op);
  if (result.known != nullptr) {
    result.verdict = Verdict::kKnown;
    return result;
  }
  Outcome actual;
  if (IsToBeWatched(op)) {
    result.known = LoadWatched(std::get<Load>(op), &result.expected, &actual);
    if (result.known != nullptr) {
      result.verdict = Verdict::kKnown;
      return result;
    }
  } else {
    result.expected = oracle_->Apply(op);
    actual = subject_ != nullptr ? subject_->Apply(op) : result.expected;
  }
  result.warnings = actual.warnings;
  if (const auto* fault = std::get_if<Fault>(&op)) {
    armed_[static_cast<std::size_t>(fault->point)] = fault->nth;
  }

  // Where the oracle itself does not return there is nothing to compare with.
  const bool oracle_returned = result.expected.fate == Fate::kReturned;
  const Subject* mute = !oracle_returned && (!peers() || result.expected.fate == Fate::kUnsupported)
                            ? oracle_
                        : actual.fate == Fate::kUnsupported ? subject_
                                                            : nullptr;
  if (mute != nullptr) {
    const Outcome& said = mute == oracle_ ? result.expected : actual;
    result.verdict = Verdict::kUnknown;
    result.unknown_reason =
        Cat({mute->name(), ": ", OpName(op), ": ", OutcomeText(*world_, op, said)});
    return result;
  }
  if (!oracle_returned && actual.fate == result.expected.fate) {
    result.ended = true;
    return result;
  }

  // The View ahead of the operation is the one both agreed on.
  now_ = 1 - now_;
  if (oracle_returned) oracle_->Observe(&oracle_views_[now_]);
  if (subject_ == nullptr) {
    result.changed = !(oracle_views_[0] == oracle_views_[1]);
    return result;
  }
  const bool both_returned = oracle_returned && actual.fate == Fate::kReturned;
  if (actual.fate == Fate::kReturned) subject_->Observe(&actual_view_);

  std::optional<Difference> difference;
  if (!both_returned || !(result.expected == actual)) {
    difference = CompareOutcomes(*world_, op, result.expected, actual);
  } else if (!(view() == actual_view_)) {
    difference = CompareViews(*world_, view(), actual_view_);
  }
  if (!difference && !peers()) {
    const Observation observation = Observed(op, actual);
    difference = BrokenInvariant(observation);
    result.changed = !observation.unchanged;
  }
  if (both_returned && declared_ != nullptr) {
    const Declared::Met met = declared_->Explain(
        {op, oracle_views_[1 - now_], result.expected, actual, view(), actual_view_});
    result.known = met.which;
    if (met.goes_on) return result;
    if (met.which != nullptr) {
      result.verdict = Verdict::kKnown;
      return result;
    }
  }
  result.known =
      difference ? Explanation(op, result.expected, actual) : Hidden(op, result.expected);
  if (!difference && result.known == nullptr) {
    told_.Note(rules_, op, actual, actual_view_);
    return result;
  }
  if (result.known != nullptr) {
    result.verdict = Verdict::kKnown;
    return result;
  }
  StepResult diverged = Diverged(*std::move(difference), op, actual, both_returned);
  diverged.expected = result.expected;
  return diverged;
}

const KnownDefect* Lockstep::Explanation(const Op& op, const Outcome& expected,
                                         const Outcome& actual) const {
  const View& before = oracle_views_[1 - now_];
  // What a side showed that did not return is not there to be looked at.
  if (expected.fate == Fate::kReturned) {
    const DivergingStep step{*world_, rules_, op,           expected, actual,
                             before,  view(), actual_view_, armed_};
    if (const KnownDefect* known = recount::Explanation(masked_, step)) return known;
  }
  if (masked_left_.empty() || actual.fate != Fate::kReturned) return nullptr;
  // The left one has the defect: what is right is what the right one shows.
  const DivergingStep mirrored{*world_, rules_,       op,     actual, expected,
                               before,  actual_view_, view(), armed_};
  return recount::Explanation(masked_left_, mirrored);
}

const KnownDefect* Lockstep::Hidden(const Op& op, const Outcome& expected) const {
  // Who arms may force a jump off.
  const bool forces =
      rules_.optprobes == Profile::Optprobes::kOn &&
      (std::holds_alternative<AddKprobe>(op) || std::holds_alternative<EnableKprobe>(op));
  // Who disarms may write over what is not his; what takes text away may leave things there; and
  // what is patched there may not be let go of.
  const bool unpatches =
      std::holds_alternative<EnablePatch>(op) || std::holds_alternative<DisablePatch>(op);
  const bool may_hide = forces || unpatches || MayWriteText(op) ||
                        std::holds_alternative<LoadStep>(op) ||
                        std::holds_alternative<Unload>(op) || std::holds_alternative<FreeInit>(op);
  if (masked_.empty() || peers() || !may_hide) return nullptr;
  return HiddenIn(masked_, {*world_, rules_, op, expected, expected, oracle_views_[1 - now_],
                            view(), actual_view_, armed_});
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
  result.warnings = actual.warnings;
  result.divergence.emplace();
  result.divergence->warnings = actual.warnings;
  result.divergence->op_index = steps_ - 1;
  result.divergence->peers = peers();
  result.divergence->difference = std::move(difference);
  if (!observed) return result;
  for (Difference& other :
       ViewDifferences(*world_, view(), actual_view_, Divergence::kMostAlso + 1)) {
    if (other != result.divergence->difference &&
        result.divergence->also.size() < Divergence::kMostAlso) {
      result.divergence->also.push_back(std::move(other));
    }
  }
  if (peers()) return result;
  const Observation observation = Observed(op, actual);
  for (const Invariant& invariant : Invariants()) {
    if (invariant.broken(observation)) {
      result.divergence->broken_invariants.emplace_back(invariant.id);
    }
  }
  return result;
}

std::string Lockstep::CannotRun(const Program& program) const {
  for (const Subject* subject : {oracle_, subject_}) {
    if (subject == nullptr) continue;
    std::string why = CannotBegin(subject->name(), subject->limits(), program);
    if (!why.empty()) return why;
  }
  return "";
}

RunResult Lockstep::Run(const Program& program) {
  RunResult result;
  result.unknown_reason = CannotRun(program);
  if (!result.unknown_reason.empty()) {
    result.verdict = Verdict::kUnknown;
    return result;
  }
  result.divergence = Begin(program.world, program.Rules());
  if (result.divergence) {
    result.verdict = Verdict::kDiverge;
    return result;
  }
  for (const Op& op : program.ops) {
    StepResult step = Step(op);
    ++result.operations;
    if (step.expected.rc != 0) ++result.refused;
    if (step.ended) break;
    if (step.verdict == Verdict::kAgree) {
      // Of the declared differences on the way the last in the table.
      if (step.known != nullptr) result.known = std::max(result.known, step.known, std::less<>());
      continue;
    }
    result.known = step.known;
    result.verdict = step.verdict;
    result.divergence = std::move(step.divergence);
    result.unknown_reason = std::move(step.unknown_reason);
    break;
  }
  if (result.verdict == Verdict::kAgree && result.known != nullptr) {
    result.verdict = Verdict::kKnown;
  }
  return result;
}

std::string Lockstep::Failure(const Program& program) {
  const RunResult result = Run(program);
  return result.divergence ? result.divergence->Signature(program) : std::string();
}

}  // namespace recount
