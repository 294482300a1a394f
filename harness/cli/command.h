// The subcommands. Each lives in a file of its own and describes itself as a Command;
// command_line.cc makes a command line of them.
#ifndef RECOUNT_HARNESS_CLI_COMMAND_H_
#define RECOUNT_HARNESS_CLI_COMMAND_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harness/cli/judge.h"
#include "harness/known/known.h"
#include "model/profile.h"

namespace recount {

inline constexpr char kVersion[] = "recount 0.1";

// An option ("--seed"), a flag (bool), or what stands by itself ("FILE").
struct Argument {
  std::string name;
  // Where it goes; what is there already is the default. It must live as long as the Command.
  // A double is a number above 0.
  std::variant<bool*, std::string*, std::vector<std::string>*, std::uint64_t*, double*> value;
  std::string type;  // how the help names the value: "N"
  std::string help;
  bool required = false;
  bool positive = false;  // a whole number that may not be 0
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();  // of a whole number
  std::string excludes;  // the option it cannot stand beside
};

struct Command {
  std::string name;
  std::string about;
  std::string examples;  // behind the options in the help
  std::vector<Argument> arguments;
  bool takes_rest = false;  // arguments that are not its own go to `run`
  // Returns an exit code (exit_code.h).
  std::function<int(const std::vector<std::string>& rest)> run;
  bool hidden = false;  // known, and not shown: for other programs
};

Command RunCommand();
Command HuntCommand();
Command EquivCommand();
Command ShrinkCommand();
Command ExportCommand();
Command ConformCommand();
Command BugsCommand();
Command KnownCommand();
Command WorldsCommand();
Command ProfilesCommand();
Command BenchCommand();
Command ServeCommand();
// Completes what `commands` describe. `commands` must outlive it.
Command CompletionCommand(const std::vector<Command>* commands);

// The whole program.
int Main(int argc, char** argv);

// --- what several of them need -------------------------------------------------------------------

// Says on stderr what is wrong with the input; returns kExitBadInput.
int Complain(const absl::Status& status);

// To stdout. An output that cannot be written is seen at the end of Main().
void Print(std::string_view text);

// A maker of subjects of that name (impl/roster.h). Error: NotFound.
absl::StatusOr<SubjectFactory> SubjectNamed(std::string_view name);
SubjectFactory Reference();

// What --known masks of a subject. Error: InvalidArgument when it is no kernel.
absl::StatusOr<std::vector<const KnownDefect*>> MaskedBy(const std::string& subject);
// How many programs met one: each program counts for one, the last it met.
using KnownCounts = std::map<const KnownDefect*, std::uint64_t>;
// "known: stale-regs 12, load-ignores-sysctl 3\n", as the table has them; empty when there was
// none.
std::string KnownLine(const KnownCounts& counts);

// "linux-6.1, linux-6.1-optprobes".
std::string FollowedBy(const Subject& subject);
// Error: NotFound that lists the profiles there are.
absl::StatusOr<const NamedProfile*> ProfileNamed(std::string_view name);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_COMMAND_H_
