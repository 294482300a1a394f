#include "harness/cli/sides.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/limits.h"
#include "harness/trace.h"
#include "model/outcome.h"

namespace recount {
namespace {

// A Divergence of peers in what came of an operation, or of the start.
Divergence FateDivergence(std::string left, std::string right) {
  Divergence divergence;
  divergence.at_begin = true;
  divergence.peers = true;
  divergence.difference = {"outcome.fate", std::move(left), std::move(right)};
  return divergence;
}

std::string FateWords(Fate fate) { return std::string(FateText(fate)); }

}  // namespace

Sides::Sides(const Side& left, const Side& right, const SidesMasks& masks,
             const SubjectFactory& guide, double patience, Pulse* pulse)
    : left_(left, patience, pulse),
      right_(right, patience, pulse),
      masks_(masks),
      pulse_(pulse),
      guide_(guide(), Pulse::kOracle, pulse),
      made_by_(&guide_) {}

std::optional<RunResult> Sides::Find(Finder* finder, std::uint64_t number,
                                     const std::atomic<bool>* stop, Program* program) {
  const std::optional<RunResult> made = finder->Run(number, &made_by_, stop, program);
  // What the guide itself does not come back from is not for the sides to be asked.
  if (!made || made->verdict != Verdict::kAgree) return made;
  return Run(*program);
}

RunResult Sides::Run(const Program& program) {
  pulse_->beat.fetch_add(1, std::memory_order_relaxed);
  for (const SideProcess* side : {&left_, &right_}) {
    RunResult result;
    result.unknown_reason = CannotBegin(side->side().name, side->side().limits, program);
    if (result.unknown_reason.empty()) continue;
    result.verdict = Verdict::kUnknown;
    return result;
  }
  // To learn that a program hangs takes long, and in brief one does not learn where.
  if (hangs_) return Judged(program);
  if (std::optional<RunResult> agreed = Agreement(program)) return *std::move(agreed);
  RunResult result = Judged(program);
  // Not so this time. (Two that die alike agree, and cannot say so in brief.)
  const bool died = left_.ended() || right_.ended();
  if (result.verdict == Verdict::kAgree && !died) {
    result.verdict = Verdict::kUnknown;
    result.unknown_reason = absl::StrCat(left_.side().name, " or ", right_.side().name,
                                         " does not answer the same every time");
  }
  return result;
}

void Sides::ExpectHangs() {
  hangs_ = true;
  left_.BeImpatient();
  right_.BeImpatient();
}

std::optional<RunResult> Sides::Agreement(const Program& program) {
  left_.Ask(program, /*full=*/false);
  right_.Ask(program, /*full=*/false);
  RunResult result;
  SideProcess::Step left, right;
  for (bool start = true;; start = false) {
    const bool more_left = left_.Next(&left);
    const bool more_right = right_.Next(&right);
    if (left_.ended() || right_.ended() || more_left != more_right) return std::nullopt;
    if (!more_left) return result;
    if (left.digest != right.digest) return std::nullopt;
    if (start) continue;
    if (left.outcome.fate == Fate::kUnsupported) return std::nullopt;
    ++result.operations;
    if (left.outcome.rc != 0) ++result.refused;
  }
}

RunResult Sides::Judged(const Program& program) {
  left_.Ask(program, /*full=*/true);
  right_.Ask(program, /*full=*/true);
  Retold left(&left_);
  Retold right(&right_);
  RunResult result;
  if (left.start() != Fate::kReturned || right.start() != Fate::kReturned) {
    if (left.start() != right.start()) {
      result.verdict = Verdict::kDiverge;
      result.divergence = FateDivergence(FateWords(left.start()), FateWords(right.start()));
    } else {
      result.verdict = Verdict::kUnknown;
      result.unknown_reason = "neither side comes back from the start";
    }
  } else {
    Lockstep lockstep(&left, &right, Lockstep::Between::kPeers);
    lockstep.Mask(masks_.right);
    lockstep.MaskLeft(masks_.left);
    const Profile rules = program.Rules();
    Declared declared(masks_.declared, left_.side().rules.value_or(rules),
                      right_.side().rules.value_or(rules));
    if (!masks_.declared.empty()) lockstep.Declare(&declared);
    result = lockstep.Run(program);
  }
  if (result.divergence && result.divergence->difference.field == "outcome.fate") {
    // What the operating system says is more than that it crashed.
    Difference& difference = result.divergence->difference;
    if (left_.ended()) difference.expected = left_.how();
    if (right_.ended()) difference.actual = right_.how();
  }
  return result;
}

Judge JudgeOfSides(const Side& left, const Side& right, const SidesMasks& masks,
                   const SubjectFactory& guide, double patience) {
  return Judge(
      guide,
      {.left = left.name,
       .right = right.name,
       .trial =
           [=](Pulse* pulse) {
             return std::make_unique<Sides>(left, right, masks, guide, patience, pulse);
           },
       .limits = {.one_shared_pair = left.limits.one_shared_pair || right.limits.one_shared_pair,
                  .forward_only = left.limits.forward_only || right.limits.forward_only,
                  .after_boot = left.limits.after_boot || right.limits.after_boot}},
      patience);
}

}  // namespace recount
