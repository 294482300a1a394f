// recount shrink: the smallest program that shows what a given one shows.
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/cli/child.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/judge.h"
#include "harness/finding.h"
#include "harness/program_file.h"

namespace recount {
namespace {

struct ShrinkOptions {
  std::string file;
  std::string subject = "fast";
  std::string out;
  bool bytes = false;
  bool known = false;
  ShrinkLimits limits;
};

constexpr char kShrinkExamples[] =
    "Prints the minimal program, what differs, and the command that replays it. The FILE - is the\n"
    "standard input.\n"
    "\n"
    "Examples:\n"
    "  recount shrink crash-3f2a9c\n"
    "  recount shrink big.prog --subject fast+bug:reload-refcount-lost --out small.prog\n"
    "  recount shrink crash-3f2a9c --subject linux:6.1 --known";

// "dir/a.prog" -> "dir/a.min.prog", "crash-1f" -> "crash-1f.min.prog".
std::string MinimalName(const std::string& file) {
  if (file == kStandardInput) return "stdin.min.prog";
  std::filesystem::path path(file);
  if (path.extension() == ".prog") path.replace_extension();
  return path.string() + ".min.prog";
}

int Shrink(const ShrinkOptions& options) {
  absl::StatusOr<SubjectFactory> subject = SubjectNamed(options.subject);
  if (!subject.ok()) return Complain(subject.status());
  const absl::StatusOr<Program> program =
      ReadProgramFile(options.file, options.bytes ? ProgramForm::kBytes : ProgramForm::kAny);
  if (!program.ok()) return Complain(program.status());

  Judge judge(Reference(), *std::move(subject));
  if (options.known) {
    absl::StatusOr<std::vector<const KnownDefect*>> masked = MaskedBy(options.subject);
    if (!masked.ok()) return Complain(masked.status());
    judge.Mask(*std::move(masked));
  }
  RunResult result = judge.Run(*program);
  if (result.verdict == Verdict::kKnown) {
    Print(absl::StrCat(InputName(options.file), ": ", std::string(result.known->name),
                       " is known, there is nothing else to shrink\n"));
    return kExitAgree;
  }
  if (result.verdict == Verdict::kAgree) {
    Print(absl::StrCat(InputName(options.file), ": ", options.subject,
                       " agrees with the reference, there is nothing to shrink\n"));
    return kExitAgree;
  }
  const std::atomic<bool>& interrupted = CatchInterrupts();
  Finding finding = judge.MakeFinding(*program, std::move(result), options.limits, &interrupted);
  finding.provenance.found = InputName(options.file);
  if (finding.verdict == Verdict::kUnknown) {
    Print(FindingText(finding, ""));
    return kExitUnknown;
  }
  const std::string out = options.out.empty() ? MinimalName(options.file) : options.out;
  const absl::Status written = WriteFindingAs(finding, out);
  Print(FindingText(finding, written.ok() ? out : ""));
  if (!written.ok()) return Complain(written);
  return kExitDivergence;
}

}  // namespace

Command ShrinkCommand() {
  auto options = std::make_shared<ShrinkOptions>();
  return {
      .name = "shrink",
      .about = "Reduce a failing program to a minimal one",
      .examples = kShrinkExamples,
      .arguments = {{.name = "FILE",
                     .value = &options->file,
                     .help = "A program: text, or a fuzzer's bytes",
                     .required = true},
                    {.name = "--subject",
                     .value = &options->subject,
                     .type = "S",
                     .help = "What is held against the reference [fast]"},
                    {.name = "--out",
                     .value = &options->out,
                     .type = "FILE",
                     .help = "Where to write it [FILE.min.prog]"},
                    {.name = "--bytes",
                     .value = &options->bytes,
                     .help = "Take any file as bytes, as the fuzz target does"},
                    {.name = "--known",
                     .value = &options->known,
                     .help = "Mask the known defects of a kernel, as the hunt did that found it:\n"
                             "what is left is none of them"},
                    {.name = "--tries",
                     .value = &options->limits.max_tries,
                     .type = "N",
                     .help = "Programs to try at most [200000]",
                     .positive = true},
                    {.name = "--seconds",
                     .value = &options->limits.max_seconds,
                     .type = "S",
                     .help = "Seconds to take at most [10]"}},
      .run = [options](const auto&) { return Shrink(*options); },
  };
}

}  // namespace recount
