// recount hunt: search for a program on which a subject and the reference differ.
#include "harness/cli/hunt_command.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/atomic_file.h"
#include "harness/cli/child.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/hunt.h"
#include "harness/cli/linux_program.h"
#include "harness/finding.h"
#include "harness/program_file.h"
#include "harness/world_finder.h"
#include "impl/bugs/bugs.h"
#include "model/strings.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr double kDefaultSeconds = 60;
constexpr char kDefaultWorld[] = "small";

constexpr char kHuntExamples[] =
    "Stops at the first finding: prints the minimal program, what differs, and the command that\n"
    "replays it, and writes the program to --out. The same --seed and --programs find the same,\n"
    "whatever --jobs. Without --seconds and --programs it hunts for 60 seconds.\n"
    "\n"
    "Examples:\n"
    "  recount hunt --seconds 60 --jobs 2\n"
    "  recount hunt --bug reload-refcount-lost --seed 7\n"
    "  recount hunt --programs 100000 --profile linux-3.2 --world paged\n"
    "  recount hunt --finder fuzz --corpus corpus/seeds\n"
    "  recount hunt --world ./my.world --keep-going --seconds 600\n"
    "  recount hunt --subject linux:6.1 --known";

double OperationsPerSecond(const HuntProgress& progress) {
  return progress.seconds > 0 ? static_cast<double>(progress.operations) / progress.seconds : 0;
}

double RefusedShare(const HuntProgress& progress) {
  return progress.operations == 0 ? 0
                                  : 100.0 * static_cast<double>(progress.refused) /
                                        static_cast<double>(progress.operations);
}

std::string SummaryLine(const HuntProgress& progress, bool interrupted) {
  std::string line =
      absl::StrFormat("%s, %s in %.1f s, %.0f operations/s, %.1f %% refused, ",
                      internal::Counted(progress.programs, "program"),
                      internal::Counted(progress.operations, "operation"), progress.seconds,
                      OperationsPerSecond(progress), RefusedShare(progress));
  if (progress.unknown > 0) absl::StrAppend(&line, progress.unknown, " unknown, ");
  absl::StrAppend(&line, internal::Counted(progress.findings, "finding"));
  if (interrupted) line += ", interrupted";
  return line + "\n";
}

void ShowProgress(const HuntProgress& progress) {
  const std::string line = absl::StrFormat(
      "%s  %.0f operations/s  %.1f %% refused  %s  %.0f s",
      internal::Counted(progress.programs, "program"), OperationsPerSecond(progress),
      RefusedShare(progress), internal::Counted(progress.findings, "finding"), progress.seconds);
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
}

// A kernel's own rules, without jumps.
const NamedProfile* OwnProfile(const Subject& kernel) {
  for (const NamedProfile& profile : Profiles()) {
    const bool jumps = profile.profile.optprobes == Profile::Optprobes::kOn;
    if (!jumps && kernel.IsHeldTo(profile.profile)) return &profile;
  }
  RECOUNT_CHECK(false);
  return nullptr;
}

}  // namespace

absl::StatusOr<HuntOptions> MakeHuntOptions(const HuntFlags& flags, const Subject* subject) {
  HuntOptions options;
  options.jobs = static_cast<unsigned>(flags.jobs);
  options.keep_going = flags.keep_going;
  if (flags.programs > 0) options.programs = flags.programs;
  if (flags.seconds > 0) options.seconds = flags.seconds;
  if (flags.programs == 0 && flags.seconds == 0) options.seconds = kDefaultSeconds;

  if (flags.known) {
    absl::StatusOr<std::vector<const KnownDefect*>> masked = MaskedBy(flags.subject);
    if (!masked.ok()) return masked.status();
    options.masked = *std::move(masked);
  }

  FinderOptions& finder = options.finder;
  const std::optional<FinderKind> kind = FinderFromName(flags.finder);
  if (!kind) {
    return absl::NotFoundError(
        absl::StrCat("unknown finder '", flags.finder, "'; there are: random, fuzz, all"));
  }
  finder.kind = *kind;
  finder.seed = flags.seed;
  absl::StatusOr<WorldPtr> world =
      WorldsRelativeTo("")(flags.world.empty() ? kDefaultWorld : flags.world);
  if (!world.ok()) return world.status();
  finder.world = *std::move(world);
  // Some bugs need more records than the default world has: groups of several pages, and several
  // groups. A program there costs thirty times as much. Who hunts a known bug wants it soon.
  if (flags.world.empty()) {
    finder.second_world = *BuiltinWorld("paged");
    if (!flags.bug.empty()) finder.second_every = 32;
  }

  std::string profile = flags.profile;
  if (const BugInfo* bug = FindBug(flags.bug); bug != nullptr && profile.empty()) {
    profile = std::string(bug->profile);
  }
  if (!profile.empty()) {
    const absl::StatusOr<const NamedProfile*> named = ProfileNamed(profile);
    if (!named.ok()) return named.status();
    finder.profile = *named;
  }
  if (subject != nullptr && IsKernel(flags.subject) && finder.profile == nullptr) {
    finder.profile = OwnProfile(*subject);
  }
  if (subject != nullptr && finder.profile != nullptr &&
      !subject->Follows(finder.profile->profile)) {
    return absl::InvalidArgumentError(absl::StrCat("--profile ", profile, ": ", flags.subject,
                                                   " follows ", FollowedBy(*subject), " only"));
  }
  if (flags.corpus.empty()) return options;
  const absl::StatusOr<std::vector<std::string>> files = ListProgramFiles(flags.corpus);
  if (!files.ok()) return files.status();
  for (const std::string& file : *files) {
    absl::StatusOr<Program> program = ReadProgramFile(file);
    if (!program.ok()) return program.status();
    finder.corpus.push_back(*std::move(program));
  }
  return options;
}

namespace {

// A hunt of hours must not end with a folder that cannot be written to.
absl::Status CheckOut(const std::string& folder) {
  std::error_code error;
  // While it is not there, the one it is to be made in.
  const std::filesystem::path wanted = std::filesystem::absolute(folder, error).lexically_normal();
  std::filesystem::path there = wanted;
  while (!std::filesystem::exists(there, error) && there != there.root_path()) {
    there = there.parent_path();
  }
  const std::string which = there == wanted ? "" : absl::StrCat(there.string(), " is ");
  if (!std::filesystem::is_directory(there, error)) {
    return absl::InvalidArgumentError(absl::StrCat("--out ", folder, ": ", which, "not a folder"));
  }
  if (::access(there.c_str(), W_OK) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("--out ", folder, ": ", which, "not writable"));
  }
  return absl::OkStatus();
}

int RunHunt(const HuntFlags& flags) {
  const std::string subject_name = flags.bug.empty() ? flags.subject : "fast+bug:" + flags.bug;
  absl::StatusOr<SubjectFactory> subject = SubjectNamed(subject_name);
  if (!subject.ok()) return Complain(subject.status());
  absl::StatusOr<HuntOptions> options = MakeHuntOptions(flags, (*subject)().get());
  if (!options.ok()) return Complain(options.status());
  const BugInfo* const bug = FindBug(flags.bug);
  if (bug != nullptr && options->finder.profile->name != bug->profile) {
    std::fprintf(stderr, "recount: bug %s shows in profile %s\n", flags.bug.c_str(),
                 std::string(bug->profile).c_str());
  }
  Judge judge(Reference(), *std::move(subject), options->patience);
  judge.Mask(options->masked);
  return RunHunt(flags, *std::move(options), std::move(judge));
}

}  // namespace

int RunHunt(const HuntFlags& flags, HuntOptions options, Judge judge) {
  if (absl::Status out = CheckOut(flags.out); !out.ok()) return Complain(out);

  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const auto clear_line = [terminal] {
    if (terminal) std::fputs("\r\033[K", stderr);
  };
  const std::string candidate = absl::StrCat(flags.out, "/shrinking-", ::getpid(), ".prog");
  absl::Status failed = absl::OkStatus();

  const std::vector<const KnownDefect*> masked = options.masked;
  Hunt hunt(std::move(options), std::move(judge));
  if (terminal) hunt.on_progress = ShowProgress;
  // An error here is met again, and said, when the finding itself is written.
  hunt.on_candidate = [&](const Program& best) {
    if (MakeFolder(flags.out).ok()) WriteFile(candidate, PrintProgram(best)).IgnoreError();
  };
  hunt.on_finding = [&](const Finding& finding) {
    clear_line();
    const absl::StatusOr<std::string> path = WriteFinding(finding, flags.out);
    Print(FindingText(finding, path.ok() ? *path : ""));
    Print("\n");
    std::fflush(stdout);
    if (path.ok()) {
      ::unlink(candidate.c_str());
    } else {
      failed = path.status();
    }
    return path.ok();
  };
  const HuntResult result = hunt.Run(CatchInterrupts());
  ::unlink(candidate.c_str());
  clear_line();
  Print(SummaryLine(result.progress, result.interrupted));
  KnownCounts known;
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if (result.progress.known[i] > 0) known[masked[i]] = result.progress.known[i];
  }
  Print(KnownLine(known));
  if (!failed.ok()) return Complain(failed);
  if (result.diverged) return kExitDivergence;
  const bool unknown = result.unknown || result.interrupted || result.progress.unknown > 0;
  return unknown ? kExitUnknown : kExitAgree;
}

Command HuntCommand() {
  auto flags = std::make_shared<HuntFlags>();
  return {
      .name = "hunt",
      .about = "Search for a program on which subject and reference differ",
      .examples = kHuntExamples,
      .arguments = {{.name = "--seconds",
                     .value = &flags->seconds,
                     .type = "S",
                     .help = "Stop after so many seconds [60]"},
                    {.name = "--programs",
                     .value = &flags->programs,
                     .type = "N",
                     .help = "Stop after so many programs",
                     .positive = true},
                    {.name = "--seed",
                     .value = &flags->seed,
                     .type = "N",
                     .help = "Where the choices come from [1]"},
                    {.name = "--jobs",
                     .value = &flags->jobs,
                     .type = "N",
                     .help = "Worker processes [1]",
                     .positive = true,
                     .most = kMaxJobs},
                    {.name = "--finder",
                     .value = &flags->finder,
                     .type = "F",
                     .help = "random (programs made anew), fuzz (mutated towards new\n"
                             "states) or all (turn about) [all]"},
                    {.name = "--bug",
                     .value = &flags->bug,
                     .type = "ID",
                     .help = "Hunt this known bug, switched on in fast"},
                    {.name = "--subject",
                     .value = &flags->subject,
                     .type = "S",
                     .help = "What is held against the reference [fast]",
                     .excludes = "--bug"},
                    {.name = "--world",
                     .value = &flags->world,
                     .type = "W",
                     .help = "A built-in world, or a .world file [small, and now and\n"
                             "then paged]"},
                    {.name = "--profile",
                     .value = &flags->profile,
                     .type = "P",
                     .help = "The rules in force [drawn for each program; with --bug,\n"
                             "the bug's; for a kernel its own]"},
                    {.name = "--corpus",
                     .value = &flags->corpus,
                     .type = "DIR",
                     .help = "Programs that are run first, and that the fuzz finder\n"
                             "starts from: a file or a folder"},
                    {.name = "--out",
                     .value = &flags->out,
                     .type = "DIR",
                     .help = "The folder findings are written to [findings]"},
                    {.name = "--known",
                     .value = &flags->known,
                     .help = "Mask the known defects of a kernel (recount known): go on\n"
                             "behind them, and say how many programs ended with each"},
                    {.name = "--keep-going",
                     .value = &flags->keep_going,
                     .help = "Go on behind a finding, and report each different one once"}},
      .run = [flags](const auto&) { return RunHunt(*flags); },
  };
}

}  // namespace recount
