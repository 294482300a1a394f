#include "harness/cli/judge.h"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "harness/cli/result_text.h"
#include "harness/trace.h"
#include "model/check.h"
#include "model/outcome.h"
#include "model/text.h"

namespace recount {
namespace {

// A Program on its way through a pipe. Its world is one that both ends have.
absl::StatusOr<Program> ParseInWorld(std::string_view text, const WorldPtr& world) {
  return ParseProgram(text, [&world](std::string_view) { return world; });
}

std::string SignatureClass(const std::string& signature) {
  return signature.substr(0, signature.find(':'));
}

// What the shrinking child writes: blocks that end with a NUL. "best TRIES\nPROGRAM" for each
// better Program, "end TRIES FINISHED\nSIGNATURE\n.." at the end.
constexpr char kBlockEnd = '\0';

void ReadBlock(const std::string& block, const WorldPtr& world, Judge::Minimal* minimal) {
  const std::size_t line_end = block.find('\n');
  const std::vector<std::string> head =
      absl::StrSplit(block.substr(0, line_end), ' ', absl::SkipEmpty());
  RECOUNT_CHECK(head.size() >= 2 && line_end != std::string::npos);
  minimal->tries = std::strtoull(head[1].c_str(), nullptr, 10);
  const std::string rest = block.substr(line_end + 1);
  if (head[0] == "best") {
    absl::StatusOr<Program> program = ParseInWorld(rest, world);
    RECOUNT_CHECK(program.ok());
    minimal->program = *std::move(program);
  } else {
    minimal->finished = head.at(2) == "1";
    minimal->others = absl::StrSplit(rest, '\n', absl::SkipEmpty());
  }
}

}  // namespace

void WatchedSubject::Reset(WorldPtr world, const Profile& profile) {
  pulse_->side.store(side_, std::memory_order_relaxed);
  subject_->Reset(std::move(world), profile);
  pulse_->side.store(Pulse::kHarness, std::memory_order_relaxed);
}

Outcome WatchedSubject::Apply(const Op& op) {
  pulse_->side.store(side_, std::memory_order_relaxed);
  // One writer, so no atomic addition.
  pulse_->beat.store(pulse_->beat.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  const Outcome outcome = subject_->Apply(op);
  pulse_->side.store(Pulse::kHarness, std::memory_order_relaxed);
  return outcome;
}

void WatchedSubject::Observe(View* view) {
  pulse_->side.store(side_, std::memory_order_relaxed);
  subject_->Observe(view);
  pulse_->side.store(Pulse::kHarness, std::memory_order_relaxed);
}

LockstepPair::LockstepPair(const SubjectFactory& oracle, const SubjectFactory& subject,
                           Pulse* pulse, const std::vector<const KnownDefect*>& masked)
    : oracle_(oracle(), Pulse::kOracle, pulse),
      subject_(subject(), Pulse::kSubject, pulse),
      lockstep_(&oracle_, &subject_) {
  lockstep_.Mask(masked);
  lockstep_.Tell(&pulse->applied);
}

Judge::Judge(SubjectFactory oracle, SubjectFactory subject, double patience)
    : oracle_(std::move(oracle)), subject_(std::move(subject)), patience_(patience) {
  const std::unique_ptr<Subject> one = subject_();
  subject_name_ = one->name();
  limits_ = one->limits();
}

Judge::Judge(SubjectFactory guide, Peers peers, double patience)
    : oracle_(std::move(guide)),
      peers_(std::move(peers)),
      patience_(patience),
      subject_name_(absl::StrCat(peers_.left, " or ", peers_.right)),
      limits_(peers_.limits) {}

std::unique_ptr<Trial> Judge::MakeTrial(Pulse* pulse) const {
  if (peers()) return peers_.trial(pulse);
  return std::make_unique<LockstepPair>(oracle_, subject_, pulse, masked_);
}

void Judge::Name(Provenance* provenance) const {
  provenance->subject = peers() ? peers_.right : subject_name_;
  provenance->left = peers_.left;
}

RunResult Judge::Run(const Program& program, const std::atomic<bool>* stop) {
  SharedPage<Pulse> pulse;
  Child child([&](const Child::Write& write) {
    write(EncodeResult(MakeTrial(pulse.get())->Run(program)));
  });
  const ChildEnd end = WaitFor(&child, *pulse.get(), patience_, stop);
  if (end.kind != ChildEnd::kDone) return Explain(program, end, *pulse.get());
  absl::StatusOr<RunResult> result = DecodeResult(child.output());
  RECOUNT_CHECK(result.ok());
  return *std::move(result);
}

RunResult Judge::Explain(const Program& program, const ChildEnd& end, const Pulse& pulse) const {
  const std::uint64_t applied = pulse.applied.load();
  const std::uint32_t side = pulse.side.load();
  Divergence divergence;
  divergence.at_begin = applied == 0;
  divergence.op_index = applied == 0 ? 0 : applied - 1;
  divergence.difference = {"outcome.fate", "returned", absl::StrCat("crashed (", end.how, ")")};

  RunResult result;
  result.operations = applied;
  if (end.kind == ChildEnd::kCrashed && side == Pulse::kSubject) {
    result.verdict = Verdict::kDiverge;
    result.divergence = std::move(divergence);
    return result;
  }
  const std::string who = side == Pulse::kSubject  ? subject_name_
                          : side == Pulse::kOracle ? "the oracle"
                                                   : "the harness";
  const std::string place = PlaceText(program, divergence);
  result.verdict = Verdict::kUnknown;
  switch (end.kind) {
    case ChildEnd::kHung:
      result.unknown_reason =
          absl::StrCat(who, " hangs at ", place, ": no answer in ", patience_, " s");
      break;
    case ChildEnd::kStopped:
      result.unknown_reason = absl::StrCat("interrupted at ", place);
      break;
    default:
      result.unknown_reason = absl::StrCat(who, " crashed (", end.how, ") at ", place);
  }
  return result;
}

// What the shrinker asks when candidates are likely to crash: each in a child of its own.
std::string Judge::Failure(const Program& program) {
  const RunResult result = Run(program);
  return result.divergence ? result.divergence->Signature(program) : std::string();
}

Judge::Minimal Judge::Shrink(const Program& program, const ShrinkLimits& limits,
                             const std::atomic<bool>* stop,
                             const std::function<void(const Program&)>& keep) {
  Minimal minimal;
  minimal.program = program;
  const std::string failure = Failure(program);
  if (failure.empty()) return minimal;  // not this time: nothing to go by
  const bool crashes = !peers() && failure.starts_with("fate:");
  SharedPage<Pulse> pulse;
  Child child([&](const Child::Write& write) {
    const std::unique_ptr<Trial> trial = MakeTrial(pulse.get());
    if (failure.ends_with(FateText(Fate::kHung))) trial->ExpectHangs();
    const FailureSignature fails = [&](const Program& candidate) {
      pulse->beat.fetch_add(1);
      if (crashes) return Failure(candidate);
      const RunResult result = trial->Run(candidate);
      return result.divergence ? result.divergence->Signature(candidate) : std::string();
    };
    auto last_kept = std::chrono::steady_clock::now();
    const ShrinkResult result =
        ::recount::Shrink(program, fails, limits, [&](const Program& best, std::uint64_t tries) {
          write(absl::StrCat("best ", tries, "\n", PrintProgram(best)) + kBlockEnd);
          const auto now = std::chrono::steady_clock::now();
          if (!keep || now - last_kept < std::chrono::seconds(1)) return;
          last_kept = now;
          keep(best);
        });
    write(absl::StrCat("best ", result.tries, "\n", PrintProgram(result.program)) + kBlockEnd);
    std::string end = absl::StrCat("end ", result.tries, " ", result.finished ? 1 : 0, "\n");
    for (const auto& [signature, other] : result.others) {
      if (SignatureClass(signature) != SignatureClass(result.signature)) {
        absl::StrAppend(&end, signature, "\n");
      }
    }
    write(end + kBlockEnd);
  });
  // A candidate that crashes or hangs ends the child; what it had by then is still smaller.
  const ChildEnd end = WaitFor(&child, *pulse.get(), patience_ + (crashes ? patience_ : 0), stop);

  const std::string& output = child.output();
  for (std::size_t begin = 0, stop_at;
       (stop_at = output.find(kBlockEnd, begin)) != std::string::npos; begin = stop_at + 1) {
    ReadBlock(output.substr(begin, stop_at - begin), program.world, &minimal);
  }
  if (end.kind == ChildEnd::kCrashed || end.kind == ChildEnd::kHung) {
    minimal.others.push_back(absl::StrCat(pulse->side.load() == Pulse::kSubject
                                              ? "a program on which the subject ends: "
                                              : "the shrinker itself ends: ",
                                          end.kind == ChildEnd::kHung ? "hung" : end.how));
  }
  return minimal;
}

Finding Judge::MakeFinding(const Program& program, RunResult result, const ShrinkLimits& limits,
                           const std::atomic<bool>* stop,
                           const std::function<void(const Program&)>& keep) {
  RECOUNT_CHECK(result.verdict != Verdict::kAgree);
  Finding finding;
  finding.program = program;
  Name(&finding.provenance);
  finding.provenance.from_ops = program.ops.size();
  if (result.verdict == Verdict::kDiverge) {
    Minimal minimal = Shrink(UpTo(program, *result.divergence), limits, stop, keep);
    finding.program = std::move(minimal.program);
    finding.provenance.tries = minimal.tries;
    finding.provenance.finished = minimal.finished;
    finding.provenance.others = std::move(minimal.others);
    RunResult again = Run(finding.program);
    if (again.verdict == Verdict::kAgree || again.verdict == Verdict::kKnown) {
      again.verdict = Verdict::kUnknown;
      again.unknown_reason =
          absl::StrCat(subject_name_, " does not answer the same every time. Once it differed at ",
                       DifferenceText(program, result), "; run again, it agrees");
      finding.program = UpTo(program, *result.divergence);
    }
    result = std::move(again);
  } else if (result.operations < finding.program.ops.size()) {
    // What was not reached has no part in it.
    finding.program.ops.resize(result.operations);
    finding.program.margin.clear();
  }
  finding.verdict = result.verdict;
  finding.unknown_reason = std::move(result.unknown_reason);
  if (result.divergence) finding.divergence = *std::move(result.divergence);
  return finding;
}

Program UpTo(Program program, const Divergence& divergence) {
  if (divergence.op_index < program.ops.size()) program.ops.resize(divergence.op_index + 1);
  if (divergence.at_begin) program.ops.clear();
  program.margin.clear();
  program.notes.clear();
  return program;
}

}  // namespace recount
