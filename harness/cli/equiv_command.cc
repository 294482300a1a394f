// recount equiv: search for a program on which two sides differ, with nobody to say who is right.
#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/hunt_command.h"
#include "harness/cli/linux_program.h"
#include "harness/cli/side.h"
#include "harness/cli/side_process.h"
#include "harness/cli/sides.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "harness/world_finder.h"
#include "impl/bugs/bugs.h"
#include "model/strings.h"

namespace recount {
namespace {

// A try takes a round trip to two processes, so that the shrinker needs more time than in a hunt.
constexpr double kShrinkSeconds = 30;

struct EquivFlags {
  std::string left;
  std::string right;
  std::vector<std::string> files;
  HuntFlags hunt;
};

constexpr char kEquivExamples[] =
    "A SIDE is a profile (recount profiles), which fast plays by; a subject: fast, reference,\n"
    "fast+bug:ID, linux:6.1, linux:PATH (a kernel tree); or SUBJECT@PROFILE. So linux-6.1 are\n"
    "rules, and linux:6.1 is the kernel's own code. A profile can have switches set otherwise:\n"
    "linux-6.1,load_path=chain,rollback=reverse. Programs follow the profile of the left side,\n"
    "else of the right one; a side without one goes by theirs. Outcomes and what can be seen are\n"
    "compared after every operation; a crash or a hang of one side is a difference. There is no\n"
    "reference in the verdict. What a kernel warns of is shown, not compared. Between a kernel\n"
    "and rules --known does not mask what shows in the stages of a load: recount hunt does.\n"
    "\n"
    "Programs of the corpus come first, then those of recount hunt. With FILEs only these are "
    "run.\n"
    "A finding of which the shrinker says that it was stopped early is shrunk again by\n"
    "`--corpus FILE --programs 1`.\n"
    "\n"
    "Examples:\n"
    "  recount equiv --left linux-3.2 --right linux-6.1\n"
    "  recount equiv --left linux-6.1,rollback=reverse --right rfc-notifier --known\n"
    "  recount equiv --left linux:6.1 --right linux:$HOME/src/linux --seconds 60\n"
    "  recount equiv --left linux:6.1 --right linux:6.12 --known --keep-going\n"
    "  recount equiv --left fast --right reference@linux-3.2 --world paged\n"
    "  recount equiv corpus/seeds --left linux:6.1 --right linux:6.12";

// The profile that programs are made under; empty: drawn for each.
std::string ProfileOf(const Side& left, const Side& right) {
  for (const Side* side : {&left, &right}) {
    if (side->profile != nullptr) return std::string(side->profile->name);
  }
  constexpr std::string_view kBug = "fast+bug:";
  for (const Side* side : {&left, &right}) {
    if (!side->subject.starts_with(kBug)) continue;
    const BugInfo* bug = FindBug(std::string_view(side->subject).substr(kBug.size()));
    if (bug != nullptr) return std::string(bug->profile);
  }
  return "";
}

// Error: InvalidArgument when there is nothing to mask.
absl::StatusOr<SidesMasks> KnownOf(const Side& left, const Side& right) {
  SidesMasks masks{KnownDefectsOf(left.subject), KnownDefectsOf(right.subject), {}};
  if (left.rules && right.rules) masks.declared = DeclaredBetween(*left.rules, *right.rules);
  if (!masks.left.empty() || !masks.right.empty() || !masks.declared.empty()) return masks;
  return absl::InvalidArgumentError(
      absl::StrCat("--known: no defect of ", left.name, " or ", right.name,
                   " is known, and no difference between them is declared (recount known)"));
}

// The corpus of the tree that this program was built in, if it lies where it was built: in
// build/PRESET/.
std::string OwnCorpus() {
  const std::filesystem::path build = std::filesystem::path(LinuxProgramFolder()).parent_path();
  const std::filesystem::path corpus = build.parent_path() / "corpus";
  std::error_code error;
  return std::filesystem::is_directory(corpus, error) ? corpus.string() : "";
}

// Its programs, but for those that bring a world along or play in another than is asked for.
absl::StatusOr<std::vector<Program>> OwnCorpusPrograms(const std::string& world) {
  std::vector<Program> programs;
  const std::string folder = OwnCorpus();
  if (folder.empty()) return programs;
  const absl::StatusOr<std::vector<std::string>> files = ListProgramFiles(folder);
  if (!files.ok()) return files.status();
  for (const std::string& file : *files) {
    absl::StatusOr<Program> program = ReadProgramFile(file);
    if (!program.ok()) return program.status();
    const std::string& name = program->world->name();
    if (NamesWorldFile(name) || (!world.empty() && name != world)) continue;
    programs.push_back(*std::move(program));
  }
  return programs;
}

absl::StatusOr<HuntOptions> MakeEquivOptions(const EquivFlags& flags, const Side& left,
                                             const Side& right, const SidesMasks& masks) {
  HuntFlags hunt = flags.hunt;
  hunt.known = false;  // of a subject's defects; of the sides' they are here
  hunt.profile = ProfileOf(left, right);
  absl::StatusOr<HuntOptions> options = MakeHuntOptions(hunt, nullptr);
  if (!options.ok()) return options.status();
  options->shrink.max_seconds = kShrinkSeconds;
  for (const std::vector<const KnownDefect*>* known :
       {&masks.left, &masks.right, &masks.declared}) {
    for (const KnownDefect* defect : *known) {
      std::vector<const KnownDefect*>& all = options->masked;
      if (std::find(all.begin(), all.end(), defect) == all.end()) all.push_back(defect);
    }
  }
  FinderOptions& finder = options->finder;
  if (hunt.corpus.empty()) {
    absl::StatusOr<std::vector<Program>> corpus = OwnCorpusPrograms(hunt.world);
    if (!corpus.ok()) return corpus.status();
    finder.corpus = *std::move(corpus);
  }
  for (Program& program : finder.corpus) {
    if (finder.profile != nullptr) program.profile = finder.profile;
  }
  return options;
}

int EquivFile(const std::string& file, const NamedProfile* profile, Judge* judge,
              KnownCounts* known) {
  absl::StatusOr<Program> program = ReadProgramFile(file);
  if (!program.ok()) return Complain(program.status());
  if (profile != nullptr) program->profile = profile;
  const RunResult result = judge->Run(*program);
  const auto say = [&](const std::string& what, ExitCode code) {
    Print(absl::StrCat(InputName(file), ": ", what, "\n"));
    return static_cast<int>(code);
  };
  switch (result.verdict) {
    case Verdict::kAgree:
      return say(absl::StrCat("agree (", internal::Counted(result.operations, "operation"), ", ",
                              result.refused, " refused)"),
                 kExitAgree);
    case Verdict::kDiverge:
      return say("differ at " + DivergenceLine(*program, *result.divergence), kExitDivergence);
    case Verdict::kKnown:
      ++(*known)[result.known];
      return say(absl::StrCat("agree up to operation ", result.operations,
                              ": known: ", std::string(result.known->name)),
                 kExitAgree);
    case Verdict::kUnknown:
      break;
  }
  return say("unknown: " + result.unknown_reason, kExitUnknown);
}

int EquivFiles(const std::vector<std::string>& names, const NamedProfile* profile, Judge* judge) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    const absl::StatusOr<std::vector<std::string>> some = ListProgramFiles(name);
    if (!some.ok()) return Complain(some.status());
    files.insert(files.end(), some->begin(), some->end());
  }
  KnownCounts known;
  int exit_code = kExitAgree;
  std::array<std::size_t, 4> count{};  // by exit code
  for (const std::string& file : files) {
    const int code = EquivFile(file, profile, judge, &known);
    ++count[static_cast<std::size_t>(code)];
    exit_code = WorseExit(exit_code, code);
  }
  if (files.size() > 1) {
    std::string totals = absl::StrCat(internal::Counted(files.size(), "program"), ": ",
                                      count[kExitAgree], " agree, ", count[kExitDivergence],
                                      " differ, ", count[kExitUnknown], " unknown");
    if (count[kExitBadInput] > 0)
      absl::StrAppend(&totals, ", ", count[kExitBadInput], " bad input");
    Print(totals + "\n");
  }
  Print(KnownLine(known));
  return exit_code;
}

int RunEquiv(const EquivFlags& flags) {
  const std::string programs = LinuxProgramFolder();
  absl::StatusOr<Side> left = SideNamed(flags.left, programs);
  if (!left.ok()) return Complain(left.status());
  absl::StatusOr<Side> right = SideNamed(flags.right, programs);
  if (!right.ok()) return Complain(right.status());
  // A side without rules goes by those of the other one.
  if (!left->rules && right->rules) HoldTo(*right->rules, &*left);
  if (!right->rules && left->rules) HoldTo(*left->rules, &*right);
  SidesMasks masks;
  if (flags.hunt.known) {
    absl::StatusOr<SidesMasks> known = KnownOf(*left, *right);
    if (!known.ok()) return Complain(known.status());
    masks = *std::move(known);
  }
  absl::StatusOr<HuntOptions> options = MakeEquivOptions(flags, *left, *right, masks);
  if (!options.ok()) return Complain(options.status());
  for (const Side* side : {&*left, &*right}) {
    SharedPage<Pulse> pulse;
    const absl::Status starts = SideProcess(*side, kPatience, pulse.get()).Start();
    if (!starts.ok()) return Complain(starts);
  }
  Judge judge = JudgeOfSides(*left, *right, masks, Reference(), options->patience);
  if (!flags.files.empty()) return EquivFiles(flags.files, options->finder.profile, &judge);
  return RunHunt(flags.hunt, *std::move(options), std::move(judge));
}

}  // namespace

Command EquivCommand() {
  auto flags = std::make_shared<EquivFlags>();
  HuntFlags& hunt = flags->hunt;
  return {
      .name = "equiv",
      .about = "Search for a program on which two subjects or profiles differ",
      .examples = kEquivExamples,
      .arguments = {{.name = "--left",
                     .value = &flags->left,
                     .type = "SIDE",
                     .help = "One side",
                     .required = true},
                    {.name = "--right",
                     .value = &flags->right,
                     .type = "SIDE",
                     .help = "What it is held against",
                     .required = true},
                    {.name = "FILE",
                     .value = &flags->files,
                     .help = "Run these programs, and search for no others: a .prog file, a\n"
                             "folder of them, or -"},
                    {.name = "--seconds",
                     .value = &hunt.seconds,
                     .type = "S",
                     .help = "Stop after so many seconds [60]"},
                    {.name = "--programs",
                     .value = &hunt.programs,
                     .type = "N",
                     .help = "Stop after so many programs",
                     .positive = true},
                    {.name = "--seed",
                     .value = &hunt.seed,
                     .type = "N",
                     .help = "Where the choices come from [1]"},
                    {.name = "--jobs",
                     .value = &hunt.jobs,
                     .type = "N",
                     .help = "Pairs of processes [1]",
                     .positive = true,
                     .most = kMaxJobs},
                    {.name = "--finder",
                     .value = &hunt.finder,
                     .type = "F",
                     .help = "random, fuzz or all, as in recount hunt [all]"},
                    {.name = "--world",
                     .value = &hunt.world,
                     .type = "W",
                     .help = "A built-in world, or a .world file [small, and now and\n"
                             "then paged]"},
                    {.name = "--corpus",
                     .value = &hunt.corpus,
                     .type = "DIR",
                     .help = "Programs that are run first: a file or a folder [those of\n"
                             "corpus/ in built-in worlds]"},
                    {.name = "--out",
                     .value = &hunt.out,
                     .type = "DIR",
                     .help = "The folder findings are written to [findings]"},
                    {.name = "--known",
                     .value = &hunt.known,
                     .help = "Mask the known defects of either kernel, and what two profiles\n"
                             "are declared to differ in (recount known): go on behind\n"
                             "them, and say how many programs met any, each program by\n"
                             "the last difference met"},
                    {.name = "--keep-going",
                     .value = &hunt.keep_going,
                     .help = "Go on behind a finding, and report each different one once"}},
      .run = [flags](const auto&) { return RunEquiv(*flags); },
  };
}

}  // namespace recount
