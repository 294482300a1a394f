// recount completion: what a shell needs to complete command lines.
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
  local program=${COMP_WORDS[0]/#\~/$HOME} command=${COMP_WORDS[1]} words= head=
  local IFS=$' \t\n' at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} before
  COMPREPLY=()
  # Bash cuts words at ':' and '=' too: "--subject=fast+bug:re" comes as five, and
  # "linux-6.1,load_path=ch" as three.
  case $word in
    :) head=${COMP_WORDS[at-1]}: word= at=$((at - 1)) ;;
    =) word=
      case ${COMP_WORDS[at-1]} in *,*) head=${COMP_WORDS[at-1]}= at=$((at - 1)) ;; esac ;;
    *) case ${COMP_WORDS[at-1]}${COMP_WORDS[at-2]} in
        :*) head=${COMP_WORDS[at-2]}: at=$((at - 2)) ;;
        =*,*) head=${COMP_WORDS[at-2]}= at=$((at - 2)) ;;
      esac ;;
  esac
  before=${COMP_WORDS[at-1]}
  if [ "$before" = = ]; then before=${COMP_WORDS[at-2]}; fi
  case $before in
    --bug) words=$("$program" bugs --ids 2>/dev/null) ;;
    --world) words=$("$program" worlds --ids 2>/dev/null) ;;
    --profile) words=$("$program" profiles --ids 2>/dev/null) ;;
    --subject) words="linux:6.1 linux:6.12 reference fast $("$program" bugs --ids 2>/dev/null | sed 's/^/fast+bug:/')" ;;
    --left | --right)
      words="linux:6.1 linux:6.12 reference fast $("$program" profiles --ids 2>/dev/null) "
      words+=$("$program" bugs --ids 2>/dev/null | sed 's/^/fast+bug:/')
      case $head$word in
        *,*) words=$(printf "${COMP_WORDS[at]%%,*},%s " reload={recounted,cleared} \
          patch_failure={flags-first,verify-first,repairable} load_path={direct,chain} \
          rollback={forward,reverse} early_kprobes={on,off} optprobes={on,off} \
          dead_disarm={refused,done}) ;;
      esac ;;
    --finder) words="random fuzz all" ;;
    --as) words="text bytes gtest" ;;
)sh";

constexpr char kBashMiddle[] = R"sh(    *)
      if [ "$COMP_CWORD" -eq 1 ]; then
        command=
      fi
      case $command in
)sh";

constexpr char kBashTail[] = R"sh(      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$head$word"))
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
}
complete -o default -F _recount recount ci/recount
)sh";

// What can stand for an argument that is no option.
std::string ValuesOf(const std::string& command) {
  if (command == "worlds") return "$(\"$program\" worlds --ids 2>/dev/null) ";
  if (command == "completion") return "bash ";
  return "";
}

std::string BashScript(const std::vector<Command>& commands) {
  std::string script = kBashHead;
  // Behind any other option comes a number or a file, which Bash completes itself.
  std::set<std::string> with_value;
  for (const Command& command : commands) {
    for (const Argument& argument : command.arguments) {
      const bool flag = std::holds_alternative<bool*>(argument.value);
      if (argument.name.starts_with("-") && !flag) with_value.insert(argument.name);
    }
  }
  absl::StrAppend(&script, "    ", absl::StrJoin(with_value, "|"), ") ;;\n", kBashMiddle);
  std::string names;
  for (const Command& command : commands) {
    if (command.hidden) continue;
    absl::StrAppend(&names, command.name, " ");
    std::string options = ValuesOf(command.name);
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
      .about = "Print a script for the completion of command lines by bash",
      .examples = kCompletionExamples,
      .arguments = {{.name = "SHELL",
                     .value = shell.get(),
                     .help = "bash (there is no other)",
                     .required = true}},
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
