// recount export: a program in another form.
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/export/export.h"
#include "harness/program_file.h"

namespace recount {
namespace {

struct ExportFlags {
  std::string file;
  std::string form;
  std::string out;
  std::string subject = "fast";
  bool bytes = false;
};

constexpr char kExportExamples[] =
    "text   the canonical .prog\n"
    "bytes  the binary form, for a fuzzer's corpus\n"
    "gtest  a GoogleTest source file that needs this project's libraries only\n"
    "\n"
    "The FILE - is the standard input.\n"
    "\n"
    "Examples:\n"
    "  recount export findings/fast-0c5f62a7.prog --as gtest --out reload_test.cc\n"
    "  recount export crash-3f2a9c --as text\n"
    "  recount export corpus/seeds/reload_filter.prog --as bytes --out reload_filter";

int Export(const ExportFlags& flags) {
  const std::optional<ExportForm> form = ExportFormFromName(flags.form);
  if (!form) {
    return Complain(absl::NotFoundError(
        absl::StrCat("unknown form '", flags.form, "'; there are: text, bytes, gtest")));
  }
  // The subject's name goes into a test that is compiled later: be sure of it now.
  const absl::StatusOr<SubjectFactory> subject = SubjectNamed(flags.subject);
  if (!subject.ok()) return Complain(subject.status());
  const absl::StatusOr<Program> program =
      ReadProgramFile(flags.file, flags.bytes ? ProgramForm::kBytes : ProgramForm::kAny);
  if (!program.ok()) return Complain(program.status());

  ExportOptions options;
  options.subject = flags.subject;
  options.test_name = std::filesystem::path(flags.file).stem().string();
  const absl::StatusOr<std::string> exported = ExportProgram(*program, *form, options);
  if (!exported.ok()) {
    return Complain(absl::InvalidArgumentError(
        absl::StrCat(InputName(flags.file), ": ", exported.status().message())));
  }
  if (flags.out.empty()) {
    Print(*exported);
    return kExitAgree;
  }
  const absl::Status written = WriteFile(flags.out, *exported);
  return written.ok() ? kExitAgree : Complain(written);
}

}  // namespace

Command ExportCommand() {
  auto flags = std::make_shared<ExportFlags>();
  return {
      .name = "export",
      .about = "Write a program in another form",
      .examples = kExportExamples,
      .arguments = {{.name = "FILE",
                     .value = &flags->file,
                     .help = "A program: text, or a fuzzer's bytes",
                     .required = true},
                    {.name = "--as",
                     .value = &flags->form,
                     .type = "FORM",
                     .help = "text, bytes or gtest",
                     .required = true},
                    {.name = "--out",
                     .value = &flags->out,
                     .type = "FILE",
                     .help = "Where to write it [the standard output]"},
                    {.name = "--subject",
                     .value = &flags->subject,
                     .type = "S",
                     .help = "What the gtest holds against the reference [fast]"},
                    {.name = "--bytes",
                     .value = &flags->bytes,
                     .help = "Take any file as bytes, as the fuzz target does"}},
      .run = [flags](const auto&) { return Export(*flags); },
  };
}

}  // namespace recount
