// recount run: programs in lockstep, one after the other.
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/cli/child.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/judge.h"
#include "harness/cli/linux_program.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "model/outcome.h"
#include "model/strings.h"
#include "model/text.h"

namespace recount {
namespace {

struct RunOptions {
  std::vector<std::string> files;
  std::string subject = "fast";
  bool trace = false;
  bool bytes = false;
  bool known = false;
};

constexpr char kRunExamples[] =
    "A FILE may be a folder: all .prog files in it and below; - is the standard input. What "
    "stands\n"
    "behind \"->\" in a program is held against the reference. After several programs the last "
    "line\n"
    "has the totals.\n"
    "\n"
    "Examples:\n"
    "  recount run corpus/seeds\n"
    "  recount run --trace findings/fast-0c5f62a7.prog\n"
    "  recount run corpus/bugs/reload-refcount-lost.prog --subject fast+bug:reload-refcount-lost";

// The first operation whose margin is not what the reference answers, as "LINE: what"; empty when
// there is none.
std::string WrongMargin(const Program& program, Subject* reference) {
  if (program.margin.empty() || program.margin_lines.empty()) return "";
  reference->Reset(program.world, program.Rules());
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const Op& op = program.ops[i];
    const std::string answer = OutcomeText(*program.world, op, reference->Apply(op));
    if (!program.margin[i].empty() && program.margin[i] != answer) {
      return absl::StrCat(program.margin_lines[i], ": operation ", i + 1, ", ",
                          PrintOp(*program.world, op), ": the margin says ", program.margin[i],
                          ", the reference answers ", answer);
    }
  }
  return "";
}

// The line of a result, and its exit code.
std::string ResultLine(const Program& program, const RunResult& result, int* exit_code) {
  switch (result.verdict) {
    case Verdict::kAgree:
      *exit_code = kExitAgree;
      return absl::StrCat("agrees (", internal::Counted(result.operations, "operation"), ", ",
                          result.refused, " refused)");
    case Verdict::kDiverge:
      *exit_code = kExitDivergence;
      return absl::StrCat("differs at ", DivergenceLine(program, *result.divergence));
    case Verdict::kKnown:
      *exit_code = kExitAgree;
      return absl::StrCat("agrees up to operation ", result.operations, ", ",
                          PrintOp(*program.world, program.ops[result.operations - 1]),
                          ": known: ", std::string(result.known->name));
    case Verdict::kUnknown:
      break;
  }
  *exit_code = kExitUnknown;
  return absl::StrCat("unknown: ", result.unknown_reason);
}

// In a child, so that what was printed before a crash has been printed.
void PrintTrace(const Program& program, const Judge& judge) {
  SharedPage<Pulse> pulse;
  Child child([&](const Child::Write&) {
    LockstepPair pair(judge.oracle(), judge.subject(), pulse.get(), judge.masked());
    RunTraced(program, pair.lockstep(), [](std::string_view piece) {
      Print(piece);
      std::fflush(stdout);
    });
  });
  WaitFor(&child, *pulse.get(), kPatience);
}

int RunFile(const std::string& file, const RunOptions& options, Judge* judge, KnownCounts* known) {
  const absl::StatusOr<Program> program =
      ReadProgramFile(file, options.bytes ? ProgramForm::kBytes : ProgramForm::kAny);
  if (!program.ok()) return Complain(program.status());
  if (options.trace) PrintTrace(*program, *judge);
  int exit_code = kExitAgree;
  RunResult result = judge->Run(*program);
  const std::unique_ptr<Subject> subject = judge->subject()();
  if (result.verdict == Verdict::kUnknown && !subject->Follows(program->profile->profile)) {
    result.unknown_reason =
        absl::StrCat(options.subject, " follows ", FollowedBy(*subject), ", the program says ",
                     std::string(program->profile->name));
  }
  if (result.known != nullptr) ++(*known)[result.known];
  std::string line = absl::StrCat(" ", ResultLine(*program, result, &exit_code));
  if (exit_code == kExitAgree) {
    const std::string wrong = WrongMargin(*program, Reference()().get());
    if (!wrong.empty()) {
      exit_code = kExitDivergence;
      line = wrong;
    }
  }
  Print(absl::StrCat(InputName(file), ":", line, "\n"));
  return exit_code;
}

int Run(const RunOptions& options) {
  absl::StatusOr<SubjectFactory> subject = SubjectNamed(options.subject);
  if (!subject.ok()) return Complain(subject.status());
  // All names first: a folder that is missing is said at once, not after a long run.
  std::vector<std::string> files;
  for (const std::string& name : options.files) {
    const absl::StatusOr<std::vector<std::string>> found = ListProgramFiles(name);
    if (!found.ok()) return Complain(found.status());
    files.insert(files.end(), found->begin(), found->end());
  }
  Judge judge(Reference(), *std::move(subject));
  if (options.known) {
    absl::StatusOr<std::vector<const KnownDefect*>> masked = MaskedBy(options.subject);
    if (!masked.ok()) return Complain(masked.status());
    judge.Mask(*std::move(masked));
  }
  KnownCounts known;
  int exit_code = kExitAgree;
  std::array<std::size_t, 4> count{};  // by exit code
  for (const std::string& file : files) {
    const int code = RunFile(file, options, &judge, &known);
    ++count[static_cast<std::size_t>(code)];
    exit_code = WorseExit(exit_code, code);
  }
  if (files.size() > 1) {
    std::string totals = absl::StrCat(internal::Counted(files.size(), "program"), ": ",
                                      count[kExitAgree], " agree, ", count[kExitDivergence],
                                      " diverge, ", count[kExitUnknown], " unknown");
    if (count[kExitBadInput] > 0) {
      absl::StrAppend(&totals, ", ", count[kExitBadInput], " bad input");
    }
    Print(totals + "\n");
    Print(KnownLine(known));
  }
  return exit_code;
}

}  // namespace

Command RunCommand() {
  auto options = std::make_shared<RunOptions>();
  return {
      .name = "run",
      .about = "Run programs in lockstep with the reference",
      .examples = kRunExamples,
      .arguments = {{.name = "FILE",
                     .value = &options->files,
                     .help = "Programs: text, or a fuzzer's bytes",
                     .required = true},
                    {.name = "--trace",
                     .value = &options->trace,
                     .help = "Print each operation, its outcome, and what can be seen after it"},
                    {.name = "--subject",
                     .value = &options->subject,
                     .type = "S",
                     .help = "What is held against the reference [fast]"},
                    {.name = "--known",
                     .value = &options->known,
                     .help = "Mask the known defects of a kernel (recount known): a program\n"
                             "ends, as agreed up to there, with the first of them"},
                    {.name = "--bytes",
                     .value = &options->bytes,
                     .help = "Take any file as bytes, as the fuzz target does"}},
      .run = [options](const auto&) { return Run(*options); },
  };
}

}  // namespace recount
