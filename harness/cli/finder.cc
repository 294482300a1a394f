#include "harness/cli/finder.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "fuzz/mutate.h"
#include "harness/generate/limits.h"
#include "model/check.h"
#include "model/profile.h"

namespace recount {
namespace {

constexpr std::array<std::string_view, 3> kFinderNames = {"random", "fuzz", "all"};

// Random programs do not depend on each other; a unit is only as long as it takes to make handing
// out work cheap. An island is long enough to learn from, short enough to be run again.
constexpr std::uint64_t kRandomUnit = 32;
constexpr std::uint64_t kIsland = 1024;
constexpr std::uint64_t kFounders = 24;  // generated programs an island starts with
constexpr std::size_t kPool = 256;
constexpr GenerateOptions kTail = {.min_ops = 10, .max_ops = 80};  // behind a kept beginning

// splitmix64, so that neighbouring seeds and numbers have nothing in common.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::uint32_t Size(const std::vector<Program>& programs) {
  return static_cast<std::uint32_t>(programs.size());
}

}  // namespace

std::string_view FinderName(FinderKind kind) {
  return kFinderNames[static_cast<std::size_t>(kind)];
}

std::optional<FinderKind> FinderFromName(std::string_view name) {
  for (std::size_t i = 0; i < kFinderNames.size(); ++i) {
    if (kFinderNames[i] == name) return static_cast<FinderKind>(i);
  }
  return std::nullopt;
}

Finder::Finder(FinderOptions options) : options_(std::move(options)) {
  RECOUNT_CHECK(options_.world != nullptr);
}

Unit Finder::UnitAt(std::uint64_t index) const {
  switch (options_.kind) {
    case FinderKind::kRandom:
      return {index * kRandomUnit, kRandomUnit, FinderKind::kRandom};
    case FinderKind::kFuzz:
      return {index * kIsland, kIsland, FinderKind::kFuzz};
    case FinderKind::kAll:
      break;
  }
  // Turn about, in units of one size.
  return {index * kIsland, kIsland, index % 2 == 0 ? FinderKind::kRandom : FinderKind::kFuzz};
}

std::uint64_t Finder::UnitIndexOf(std::uint64_t number) const { return number / UnitAt(0).count; }

void Finder::Begin(const Unit& unit) {
  unit_ = unit;
  if (unit.kind != FinderKind::kFuzz) return;
  pool_ = options_.corpus;
  for (Program& program : pool_) Fit(&program);
  seen_.assign(Feedback::kCounters, 0);
  counters_.assign(Feedback::kCounters, 0);
}

std::optional<RunResult> Finder::Run(std::uint64_t number, Lockstep* lockstep,
                                     const std::atomic<bool>* stop, Program* program) {
  RECOUNT_CHECK(number >= unit_.first && number - unit_.first < unit_.count);
  RandomChooser chooser(Mix(Mix(options_.seed) + number));
  if (number < options_.corpus.size()) {
    Plan plan;
    plan.program = options_.corpus[number];
    plan.as_it_is = true;
    return RunPlan(std::move(plan), &chooser, nullptr, lockstep, stop, program);
  }
  const bool away = options_.second_world != nullptr &&
                    number % options_.second_every == options_.second_every - 1;
  if (away || unit_.kind == FinderKind::kRandom) {
    return RunPlan(RandomPlan(away ? options_.second_world : options_.world, &chooser), &chooser,
                   nullptr, lockstep, stop, program);
  }
  const bool founder = pool_.empty() || number - unit_.first < kFounders;
  Feedback feedback{std::span<std::uint8_t, Feedback::kCounters>(counters_)};
  std::optional<RunResult> result =
      RunPlan(founder ? RandomPlan(options_.world, &chooser) : FuzzPlan(&chooser), &chooser,
              &feedback, lockstep, stop, program);
  // What ended with a known defect is worth keeping up to there: behind it, nothing can be seen.
  if (result && result->verdict == Verdict::kKnown) program->ops.pop_back();
  if (Learn() || founder) Remember(*program, &chooser);
  return result;
}

Finder::Plan Finder::RandomPlan(const WorldPtr& world, Chooser* chooser) const {
  Plan plan;
  plan.program.world = world;
  plan.program.profile = options_.profile;
  if (plan.program.profile == nullptr) {
    const std::span<const NamedProfile> all = Profiles();
    plan.program.profile = &all[chooser->Pick(static_cast<std::uint32_t>(all.size()))];
  }
  plan.program.from_boot = DrawFromBoot(*plan.program.profile, options_.generate.limits, chooser);
  plan.grow = options_.generate;
  return plan;
}

Finder::Plan Finder::FuzzPlan(Chooser* chooser) const {
  const Program& parent = pool_[chooser->Pick(Size(pool_))];
  Plan plan;
  switch (chooser->Pick(4)) {
    case 0:
      // Go back to a state on the way, and take another way from there.
      plan.program = parent;
      plan.program.ops.resize(chooser->Pick(static_cast<std::uint32_t>(parent.ops.size()) + 1));
      plan.grow = kTail;
      plan.grow->limits = options_.generate.limits;
      break;
    case 1:
      plan.program = CrossOver(parent, pool_[chooser->Pick(Size(pool_))], chooser);
      break;
    default:
      plan.program = MutateProgram(parent, chooser);
  }
  Fit(&plan.program);
  return plan;
}

void Finder::Fit(Program* program) const {
  if (program->world != options_.world) {
    program->world = options_.world;
    for (Op& op : program->ops) op = FitOp(*options_.world, op);
  }
  if (options_.profile != nullptr) program->profile = options_.profile;
  if (options_.generate.limits.after_boot) program->from_boot = false;
}

std::optional<RunResult> Finder::RunPlan(Plan plan, Chooser* chooser, Feedback* feedback,
                                         Lockstep* lockstep, const std::atomic<bool>* stop,
                                         Program* program) {
  RunResult result;
  *program = Program{.world = plan.program.world,
                     .profile = plan.program.profile,
                     .from_boot = plan.program.from_boot};
  result.unknown_reason = lockstep->CannotRun(*program);
  if (!result.unknown_reason.empty()) {
    result.verdict = Verdict::kUnknown;
    return result;
  }
  result.divergence = lockstep->Begin(program->world, program->Rules());
  if (result.divergence) {
    result.verdict = Verdict::kDiverge;
    return result;
  }
  if (feedback != nullptr) feedback->Begin(lockstep->view());

  const auto step = [&](const Op& op) {
    program->ops.push_back(op);
    Lockstep::StepResult did = lockstep->Step(op);
    ++result.operations;
    if (did.expected.rc != 0) ++result.refused;
    if (did.verdict == Verdict::kAgree) {
      if (feedback != nullptr) feedback->Step(op, did.expected, lockstep->view(), did.changed);
      return true;
    }
    result.verdict = did.verdict;
    result.divergence = std::move(did.divergence);
    result.unknown_reason = std::move(did.unknown_reason);
    result.known = did.known;
    return false;
  };
  program->ops.reserve(plan.program.ops.size() + (plan.grow ? plan.grow->max_ops : 0));
  for (const Op& op : plan.program.ops) {
    if (stop->load(std::memory_order_relaxed)) return std::nullopt;
    if (!plan.as_it_is && !IsWithin(options_.generate.limits, lockstep->view(), op)) continue;
    if (!step(op)) return result;
  }
  if (plan.grow) {
    Generator generator(program->world, program->Rules(), chooser, *plan.grow);
    while (!generator.Finished(lockstep->view())) {
      if (stop->load(std::memory_order_relaxed)) return std::nullopt;
      if (!step(generator.Next(lockstep->view()))) return result;
    }
  }
  return result;
}

bool Finder::Learn() {
  bool learned = false;
  for (std::size_t i = 0; i < counters_.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t eight;
    std::memcpy(&eight, &counters_[i], sizeof eight);
    if (eight == 0) continue;
    for (std::size_t k = i; k < i + sizeof eight; ++k) {
      if (counters_[k] == 0 || seen_[k] != 0) continue;
      seen_[k] = 1;
      learned = true;
    }
  }
  std::fill(counters_.begin(), counters_.end(), 0);
  return learned;
}

void Finder::Remember(const Program& program, Chooser* chooser) {
  if (pool_.size() < kPool) {
    pool_.push_back(program);
  } else {
    pool_[chooser->Pick(Size(pool_))] = program;
  }
}

}  // namespace recount
