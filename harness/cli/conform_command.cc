// recount conform: what a real kernel was recorded doing, against reference and implementation.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/conform/conform.h"
#include "harness/program_file.h"
#include "model/profile.h"

namespace recount {
namespace {

struct ConformFlags {
  std::vector<std::string> files;
  std::vector<std::string> subjects = {"reference", "fast"};
  std::string profile;  // empty: that of the recorded kernel
};

constexpr char kConformExamples[] =
    "One line a sequence: agrees; differs, at which step and in what; or out of scope, at which\n"
    "operation. Known deviations of the kernel are named and counted. Exit code 0 only when "
    "nothing\n"
    "differs. A FILE may be a folder: all .jsonl files in it and below; - is the standard input.\n"
    "\n"
    "A recording names its kernel. 6.1 and 6.12 are held against the rules of their name; any "
    "other "
    "is\n"
    "refused unless --profile says which rules to hold it against.\n"
    "\n"
    "Examples:\n"
    "  recount conform corpus/kernel/linux-6.1/written.jsonl\n"
    "  recount conform corpus/kernel --subject fast";

int Conform(const ConformFlags& flags) {
  std::vector<std::unique_ptr<Subject>> subjects;
  std::vector<Subject*> pointers;
  const auto is_kernel = [](const std::string& name) { return name.starts_with("linux:"); };
  if (std::count_if(flags.subjects.begin(), flags.subjects.end(), is_kernel) > 1) {
    return Complain(absl::InvalidArgumentError(
        "--subject: one kernel at a time, as each is a program of its own"));
  }
  for (const std::string& name : flags.subjects) {
    const absl::StatusOr<SubjectFactory> factory = SubjectNamed(name);
    if (!factory.ok()) return Complain(factory.status());
    subjects.push_back((*factory)());
    pointers.push_back(subjects.back().get());
  }
  const NamedProfile* profile = nullptr;
  if (!flags.profile.empty()) {
    const absl::StatusOr<const NamedProfile*> named = ProfileNamed(flags.profile);
    if (!named.ok()) return Complain(named.status());
    profile = *named;
    for (const Subject* subject : pointers) {
      if (subject->Follows(profile->profile)) continue;
      return Complain(absl::InvalidArgumentError(
          absl::StrCat("--profile ", flags.profile, ": ", std::string(subject->name()), " follows ",
                       FollowedBy(*subject), " only")));
    }
  }
  std::vector<std::string> files;
  for (const std::string& name : flags.files) {
    const absl::StatusOr<std::vector<std::string>> found = ListFiles(name, ".jsonl");
    if (!found.ok()) return Complain(found.status());
    files.insert(files.end(), found->begin(), found->end());
  }
  std::vector<FileReport> reports;
  for (const std::string& file : files) {
    absl::StatusOr<FileReport> report = ConformFile(file, pointers, profile);
    if (!report.ok()) return Complain(report.status());
    Print(ReportText(*report));
    reports.push_back(*std::move(report));
  }
  const ConformSummary summary = Summarize(reports);
  Print(SummaryText(summary));
  return summary.ok() ? kExitAgree : kExitDivergence;
}

}  // namespace

Command ConformCommand() {
  auto flags = std::make_shared<ConformFlags>();
  return {
      .name = "conform",
      .about = "Replay recordings of a real kernel, step by step",
      .examples = kConformExamples,
      .arguments = {{.name = "FILE",
                     .value = &flags->files,
                     .help = "Recordings (.jsonl)",
                     .required = true},
                    {.name = "--subject",
                     .value = &flags->subjects,
                     .type = "S",
                     .help = "What is held against the recording; more than once for\n"
                             "several [reference and fast]"},
                    {.name = "--profile",
                     .value = &flags->profile,
                     .type = "P",
                     .help = "The rules in force [linux-6.1 or linux-6.12, as the\n"
                             "recorded kernel; linux-6.1 where a subject follows no other]"}},
      .run = [flags](const auto&) { return Conform(*flags); },
  };
}

}  // namespace recount
