#include "harness/cli/hunt.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/cli/child.h"
#include "harness/cli/result_text.h"
#include "model/check.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
constexpr int kPollMilliseconds = 100;
constexpr std::size_t kMostMasked = 64;

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Add(std::atomic<std::uint64_t>* counter, std::uint64_t n) {
  counter->fetch_add(n, std::memory_order_relaxed);
}

void LowerTo(std::atomic<std::uint64_t>* limit, std::uint64_t value) {
  std::uint64_t old = limit->load();
  while (value < old && !limit->compare_exchange_weak(old, value)) {
  }
}

}  // namespace

// What all workers see.
struct Hunt::Shared {
  std::atomic<bool> stop{false};
  // Programs from here on are not run: the budget, or the lowest finding so far.
  std::atomic<std::uint64_t> limit{kNone};
};

struct Hunt::Worker {
  struct Page {
    Pulse pulse;
    std::atomic<std::uint64_t> programs{0}, operations{0}, refused{0}, unknown{0};
    std::atomic<std::uint64_t> number{0};     // of the program that runs
    std::atomic<std::uint64_t> found{kNone};  // of the program that did not agree
    std::array<std::atomic<std::uint64_t>, kMostMasked> known{};
  };
  SharedPage<Page> page;
  std::unique_ptr<Child> child;
  std::uint64_t unit = 0;    // to begin with
  std::uint64_t number = 0;  // in that unit
  std::optional<Standstill> standstill;
};

Hunt::Hunt(HuntOptions options, SubjectFactory oracle, SubjectFactory subject)
    : Hunt(options, Judge(std::move(oracle), std::move(subject), options.patience)) {
  judge_.Mask(options_.masked);
}

Hunt::Hunt(HuntOptions options, Judge judge)
    : options_(std::move(options)), judge_(std::move(judge)) {
  RECOUNT_CHECK(options_.masked.size() <= kMostMasked);
  options_.finder.generate.limits = judge_.limits();
}

std::string Hunt::Work(Worker* worker, Shared* shared) {
  Worker::Page* page = worker->page.get();
  const std::unique_ptr<Trial> trial = judge_.MakeTrial(&page->pulse);
  Finder finder(options_.finder);
  Program program;
  for (std::uint64_t index = worker->unit;; index += options_.jobs) {
    const Unit unit = finder.UnitAt(index);
    finder.Begin(unit);
    const std::uint64_t first = std::max(unit.first, worker->number);
    for (std::uint64_t number = first; number < unit.first + unit.count; ++number) {
      if (number >= shared->limit.load(std::memory_order_relaxed)) return "";
      page->number.store(number, std::memory_order_relaxed);
      const std::optional<RunResult> result = trial->Find(&finder, number, &shared->stop, &program);
      if (!result) return "";
      Add(&page->programs, 1);
      Add(&page->operations, result->operations);
      Add(&page->refused, result->refused);
      if (result->verdict == Verdict::kDiverge) {
        page->found.store(number);
        if (!options_.keep_going) LowerTo(&shared->limit, number);
        return DifferenceText(program, *result);
      }
      if (result->verdict == Verdict::kKnown) {
        const auto which = std::find(options_.masked.begin(), options_.masked.end(), result->known);
        Add(&page->known[static_cast<std::size_t>(which - options_.masked.begin())], 1);
        continue;
      }
      if (result->verdict == Verdict::kAgree) continue;
      Add(&page->unknown, 1);
      // What an island has learned is no longer what it would learn without the subject. (Between
      // peers it is, whatever they say.)
      const bool learns = number >= options_.finder.corpus.size();
      if (unit.kind == FinderKind::kFuzz && learns && !judge_.peers()) break;
    }
  }
}

void Hunt::Start(Worker* worker, Shared* shared) {
  const Unit unit = Finder(options_.finder).UnitAt(worker->unit);
  worker->page->number.store(std::max(unit.first, worker->number));
  worker->page->found.store(kNone);
  worker->child = std::make_unique<Child>(
      [this, worker, shared](const Child::Write& write) { write(Work(worker, shared)); });
  worker->standstill.emplace(options_.patience);
  worker->standstill->Begin(*worker->child);
}

bool Hunt::HasEnded(Worker* worker, std::optional<std::uint64_t>* found) {
  Worker::Page* page = worker->page.get();
  if (worker->child->Drain()) {
    if (!worker->standstill->Lasts(*worker->child, page->pulse.beat.load())) return false;
    worker->child->Kill();
    *found = page->number.load();
  }
  const ChildEnd end = worker->child->Wait();
  if (end.kind == ChildEnd::kCrashed) *found = page->number.load();
  if (page->found.load() != kNone) *found = page->found.load();
  if (*found) said_[**found] = end.kind == ChildEnd::kDone ? worker->child->output() : end.how;
  worker->child.reset();
  return true;
}

void Hunt::Count(const std::vector<std::unique_ptr<Worker>>& workers) {
  HuntProgress& progress = result_.progress;
  progress.programs = progress.operations = progress.refused = progress.unknown = 0;
  progress.known.assign(options_.masked.size(), 0);
  for (const auto& worker : workers) {
    progress.programs += worker->page->programs.load();
    progress.operations += worker->page->operations.load();
    progress.refused += worker->page->refused.load();
    progress.unknown += worker->page->unknown.load();
    for (std::size_t i = 0; i < progress.known.size(); ++i) {
      progress.known[i] += worker->page->known[i].load();
    }
  }
}

HuntResult Hunt::Run(const std::atomic<bool>& interrupted) {
  result_ = {};
  SharedPage<Shared> shared;
  shared->limit.store(options_.programs);
  const double start = Now();
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned k = 0; k < options_.jobs; ++k) {
    workers.push_back(std::make_unique<Worker>());
    workers.back()->unit = k;
    Start(workers.back().get(), shared.get());
  }

  const Finder finder(options_.finder);  // for its numbering
  double reporting = 0;                  // seconds
  std::optional<std::uint64_t> lowest;
  for (;;) {
    std::vector<pollfd> ends;
    for (const auto& worker : workers) {
      if (worker->child) ends.push_back({worker->child->fd(), POLLIN, 0});
    }
    if (ends.empty()) break;
    ::poll(ends.data(), ends.size(), kPollMilliseconds);
    const double now = Now();
    result_.interrupted = interrupted.load();
    if (result_.interrupted || now - start >= options_.seconds) shared->stop.store(true);

    for (const auto& worker : workers) {
      std::optional<std::uint64_t> found;
      if (!worker->child || !HasEnded(worker.get(), &found) || !found) continue;
      if (!options_.keep_going) {
        LowerTo(&shared->limit, *found);
        lowest = std::min(lowest.value_or(*found), *found);
        continue;
      }
      const double before = Now();
      if (!Report(*found, interrupted)) shared->stop.store(true);
      reporting += Now() - before;
      if (shared->stop.load()) continue;
      worker->unit = finder.UnitIndexOf(*found);
      worker->number = *found + 1;
      // An island ends with its first finding: what comes behind would have to be learned again.
      if (finder.UnitAt(worker->unit).kind == FinderKind::kFuzz) worker->unit += options_.jobs;
      Start(worker.get(), shared.get());
    }
    Count(workers);
    result_.progress.seconds = Now() - start - (options_.jobs == 1 ? reporting : 0);
    if (on_progress) on_progress(result_.progress);
  }
  if (lowest) Report(*lowest, interrupted);
  return result_;
}

absl::StatusOr<Program> Hunt::Regenerate(std::uint64_t number) {
  // The oracle alone: the same operations, and the subject is not touched.
  SharedPage<Pulse> pulse;
  Child child([&](const Child::Write& write) {
    WatchedSubject oracle(judge_.oracle()(), Pulse::kOracle, pulse.get());
    Lockstep alone(&oracle);
    // What a masked defect ended on an island is shorter than the oracle alone would make it, and
    // the island has learned from it.
    std::unique_ptr<Trial> past;
    if (!options_.masked.empty() && !judge_.peers()) past = judge_.MakeTrial(pulse.get());
    Finder finder(options_.finder);
    const Unit unit = finder.UnitAt(finder.UnitIndexOf(number));
    finder.Begin(unit);
    const std::atomic<bool> never{false};
    Program program;
    const std::uint64_t first = unit.kind == FinderKind::kFuzz ? unit.first : number;
    for (std::uint64_t i = first; i <= number; ++i) {
      if (past && i < number) {
        past->Find(&finder, i, &never, &program);
      } else {
        finder.Run(i, &alone, &never, &program);
      }
    }
    write(PrintProgram(program));
  });
  const ChildEnd end = WaitFor(&child, *pulse.get(), options_.patience);
  if (end.kind != ChildEnd::kDone) {
    return absl::InternalError(absl::StrCat(
        "the oracle ", end.kind == ChildEnd::kHung ? "hangs" : "crashed (" + end.how,
        end.kind == ChildEnd::kHung ? "" : ")", " while program ", number, " was made again"));
  }
  return ParseProgram(child.output(), [this](std::string_view name) {
    for (const Program& program : options_.finder.corpus) {
      if (program.world->name() == name) return program.world;
    }
    const WorldPtr& second = options_.finder.second_world;
    return second != nullptr && second->name() == name ? second : options_.finder.world;
  });
}

bool Hunt::Report(std::uint64_t number, const std::atomic<bool>& interrupted) {
  const Finder finder(options_.finder);
  const FinderKind kind = finder.UnitAt(finder.UnitIndexOf(number)).kind;
  const std::string found = absl::StrCat(std::string(FinderName(kind)), " finder, seed ",
                                         options_.finder.seed, ", program ", number);

  Finding finding;
  const absl::StatusOr<Program> program = Regenerate(number);
  if (!program.ok()) {
    finding.program.world = options_.finder.world;
    finding.program.profile = &Profiles().front();
    finding.verdict = Verdict::kUnknown;
    finding.unknown_reason = std::string(program.status().message());
  } else {
    RunResult first = judge_.Run(*program);
    if (first.divergence && options_.keep_going &&
        !reported_.insert(first.divergence->Signature(*program)).second) {
      return true;
    }
    if (first.verdict == Verdict::kAgree || first.verdict == Verdict::kKnown) {
      first.verdict = Verdict::kUnknown;
      first.unknown_reason = absl::StrCat(
          judge_.subject_name(), " does not answer the same every time. Once: ", said_[number],
          "; run again, it agrees");
    }
    const auto keep = [&](Program best) {
      if (!on_candidate) return;
      best.notes = {absl::StrCat("why: ", judge_.subject_name(), ", not yet shrunk to the end"),
                    "found: " + found};
      on_candidate(best);
    };
    if (first.divergence) keep(UpTo(*program, *first.divergence));
    finding = judge_.MakeFinding(*program, std::move(first), options_.shrink, &interrupted, keep);
  }
  judge_.Name(&finding.provenance);
  finding.provenance.found = found;
  if (options_.keep_going && !reported_.insert(FindingFileName(finding)).second) return true;
  ++result_.progress.findings;
  (finding.verdict == Verdict::kDiverge ? result_.diverged : result_.unknown) = true;
  return !on_finding || on_finding(finding);
}

}  // namespace recount
