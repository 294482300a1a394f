#include "harness/cli/sides.h"

#include <cstddef>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "harness/generate/limits.h"
#include "harness/load_stages.h"
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

// `program` up to the `load` at `at`, which is done stage by stage, as Lockstep looks into one.
// nullopt: that is no `load`, or might not do the same, as its module may be loaded by stages.
std::optional<Program> InStages(const Program& program, std::size_t at) {
  const auto* const load = std::get_if<Load>(&program.ops[at]);
  if (load == nullptr) return std::nullopt;
  for (const Op& op : program.ops) {
    const auto* const begin = std::get_if<LoadBegin>(&op);
    if (begin != nullptr && begin->module == load->module) return std::nullopt;
  }
  Program staged = program;
  staged.margin.clear();
  staged.ops.resize(at);
  staged.ops.push_back(BeginOf(*load));
  for (auto stage = static_cast<int>(kFirstStep); stage <= static_cast<int>(kLastStep); ++stage) {
    staged.ops.push_back(StepOf(*load, Stage{static_cast<std::uint8_t>(stage)}));
  }
  return staged;
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
  if (hangs_) return Explained(program, Judged(program));
  if (std::optional<RunResult> agreed = Agreement(program)) return *std::move(agreed);
  RunResult result = Explained(program, Judged(program));
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

// A defect that shows on the way of a load, and is masked there, may be too far gone at its end.
RunResult Sides::Explained(const Program& program, RunResult result) {
  if (!result.divergence || result.divergence->at_begin) return result;
  if (masks_.left.empty() && masks_.right.empty()) return result;
  const std::size_t at = result.divergence->op_index;
  const std::optional<Program> staged = InStages(program, at);
  if (!staged) return result;
  const RunResult on_the_way = Judged(*staged);
  if (on_the_way.verdict != Verdict::kKnown || on_the_way.operations <= at) return result;
  result.verdict = Verdict::kKnown;
  result.known = on_the_way.known;
  result.operations = at + 1;
  result.divergence.reset();
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
