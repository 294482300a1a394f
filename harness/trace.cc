#include "harness/trace.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/outcome.h"
#include "model/strings.h"
#include "model/text.h"
#include "model/view.h"

namespace recount {
namespace {

// The View's lines, set in under the operation's.
std::string Indented(const std::string& text) {
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    absl::StrAppend(&out, "    ", text.substr(begin, end - begin), "\n");
    begin = end + 1;
  }
  return out;
}

RunResult Diverged(const Program& program, Divergence divergence, RunResult result,
                   const TraceSink& sink) {
  sink(absl::StrCat("differs at ", DivergenceLine(program, divergence), "\n"));
  result.verdict = Verdict::kDiverge;
  result.divergence = std::move(divergence);
  return result;
}

}  // namespace

RunResult RunTraced(const Program& program, Lockstep* lockstep, const TraceSink& sink) {
  RunResult result;
  sink(absl::StrCat("world ", program.world->name(), "\nprofile ",
                    std::string(program.profile->name), "\n",
                    program.from_boot ? "from boot\n" : ""));
  result.unknown_reason = lockstep->CannotRun(program);
  if (!result.unknown_reason.empty()) {
    sink(absl::StrCat("unknown: ", result.unknown_reason, "\n"));
    result.verdict = Verdict::kUnknown;
    return result;
  }
  std::optional<Divergence> at_start = lockstep->Begin(program.world, program.Rules());
  if (at_start) return Diverged(program, std::move(*at_start), std::move(result), sink);
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const Op& op = program.ops[i];
    sink(absl::StrCat(i + 1, "  ", PrintOp(*program.world, op)));
    Lockstep::StepResult step = lockstep->Step(op);
    if (step.verdict == Verdict::kUnknown) {
      sink(absl::StrCat("\nunknown: ", step.unknown_reason, "\n"));
      result.verdict = Verdict::kUnknown;
      result.unknown_reason = std::move(step.unknown_reason);
      return result;
    }
    ++result.operations;
    if (step.expected.rc != 0) ++result.refused;
    sink(absl::StrCat("  -> ", OutcomeText(*program.world, op, step.expected), "\n"));
    for (const std::string& warning : step.warnings) {
      sink(absl::StrCat("    warning ", warning, "\n"));
    }
    if (step.verdict == Verdict::kDiverge) {
      return Diverged(program, std::move(*step.divergence), std::move(result), sink);
    }
    if (step.verdict == Verdict::kKnown) {
      sink(absl::StrCat("known: ", std::string(step.known->name), "\n"));
      result.verdict = Verdict::kKnown;
      result.known = step.known;
      return result;
    }
    sink(Indented(ViewText(*program.world, lockstep->view())));
  }
  sink(absl::StrCat("agrees: ", internal::Counted(result.operations, "operation"), ", ",
                    result.refused, " refused\n"));
  return result;
}

std::string PlaceText(const Program& program, const Divergence& divergence) {
  if (divergence.at_begin || divergence.op_index >= program.ops.size()) return "the start";
  return absl::StrCat("operation ", divergence.op_index + 1, ", ",
                      PrintOp(*program.world, program.ops[divergence.op_index]));
}

std::string DivergenceLine(const Program& program, const Divergence& divergence) {
  std::string line = PlaceText(program, divergence);
  const Difference& difference = divergence.difference;
  if (difference.field.starts_with("invariant ")) {
    absl::StrAppend(&line, ": ", difference.field, " does not hold: ", difference.actual);
    return line;
  }
  if (divergence.peers) {
    absl::StrAppend(&line, ": ", difference.field, ": left ", difference.expected, ", right ",
                    difference.actual);
    return line;
  }
  absl::StrAppend(&line, ": ", difference.field, " is ", difference.actual, ", expected ",
                  difference.expected);
  if (!divergence.broken_invariants.empty()) {
    absl::StrAppend(&line, " (broken: ", absl::StrJoin(divergence.broken_invariants, ", "), ")");
  }
  return line;
}

}  // namespace recount
