// recount completion: what a shell needs to complete command lines.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"

namespace recount {
namespace {

constexpr char kCompletionExamples[] =
    "Examples:\n"
    "  eval \"$(ci/recount completion bash)\"";

// The words of each command come from the options themselves, so that none is forgotten; the ids of
// bugs, worlds and profiles are asked for when they are needed.
constexpr char kBashHead[] = R"sh(# bash completion of recount and ci/recount
_recount() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local command=${COMP_WORDS[1]} words=
  COMPREPLY=()
  case $before in
    --bug) words=$("$program" bugs --ids 2>/dev/null) ;;
    --world) words=$("$program" worlds --ids 2>/dev/null) ;;
    --profile) words=$("$program" profiles --ids 2>/dev/null) ;;
    --subject) words="reference fast $("$program" bugs --ids 2>/dev/null | sed 's/^/fast+bug:/')" ;;
    --finder) words="random fuzz all" ;;
    --as) words="text bytes gtest" ;;
    *)
      if [ "$COMP_CWORD" -eq 1 ]; then
        command=
      fi
      case $command in
)sh";

constexpr char kBashTail[] = R"sh(      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _recount recount ci/recount
)sh";

std::string BashScript(const std::vector<Command>& commands) {
  std::string script = kBashHead;
  std::string names;
  for (const Command& command : commands) {
    absl::StrAppend(&names, command.name, " ");
    std::string options;
    for (const Argument& argument : command.arguments) {
      if (argument.name.starts_with("-")) absl::StrAppend(&options, argument.name, " ");
    }
    absl::StrAppend(&script, "        ", command.name, ") words=\"", options, "--help\" ;;\n");
  }
  absl::StrAppend(&script, "        *) words=\"", names, "--help --version\" ;;\n");
  return script + kBashTail;
}

}  // namespace

Command CompletionCommand(const std::vector<Command>* commands) {
  auto shell = std::make_shared<std::string>();
  return {
      .name = "completion",
      .about = "Print a script for a shell's completion",
      .examples = kCompletionExamples,
      .arguments = {{.name = "SHELL", .value = shell.get(), .help = "bash", .required = true}},
      .run =
          [shell, commands](const auto&) {
            if (*shell != "bash") {
              return Complain(absl::NotFoundError(
                  absl::StrCat("unknown shell '", *shell, "'; there are: bash")));
            }
            Print(BashScript(*commands));
            return static_cast<int>(kExitAgree);
          },
  };
}

}  // namespace recount
