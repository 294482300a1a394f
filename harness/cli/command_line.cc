// From Commands to a command line. The only file that knows CLI11, which takes long to compile.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/number.h"
#include "model/strings.h"

namespace recount {
namespace {

constexpr char kAbout[] =
    "recount counts every ftrace reference again, from first principles, and compares.\n"
    "\n"
    "A program is a sequence of operations (load a module, set a filter, register an ops,\n"
    "..). It runs in lockstep on a slow reference that says what should happen and on a\n"
    "subject that claims to do it; the first difference is shrunk to the smallest program\n"
    "that shows it.\n";

constexpr char kExamples[] =
    "Examples:\n"
    "  recount hunt --seconds 60                  random programs for a minute\n"
    "  recount hunt --bug reload-refcount-lost    see a known bug found and shrunk\n"
    "  recount run --trace corpus/seeds           what each program does, step by step\n"
    "  recount COMMAND --help                     more on one command";

std::string Footer(const std::string& examples) {
  return absl::StrCat("\n", examples, "\n\n", kExitCodeText);
}

absl::StatusOr<std::uint64_t> ParseAs(const std::uint64_t*, const Argument& argument,
                                      const std::string& text) {
  return ParseWhole(text, argument.positive ? 1 : 0, argument.most);
}
absl::StatusOr<double> ParseAs(const double*, const Argument&, const std::string& text) {
  return ParsePositive(text);
}

// A number, read by our own rules: CLI11's clamp, and know octal and nan.
template <typename Number>
CLI::Option* AddNumber(CLI::App* app, const Argument& argument, Number* value) {
  return app
      ->add_option_function<std::string>(
          argument.name,
          [argument, value](const std::string& text) {
            const absl::StatusOr<Number> number = ParseAs(value, argument, text);
            if (!number.ok()) {
              throw CLI::ValidationError(argument.name, std::string(number.status().message()));
            }
            *value = *number;
          },
          argument.help)
      ->type_name(argument.type);
}

CLI::Option* Add(CLI::App* app, const Argument& argument) {
  return std::visit(
      [&](auto* value) -> CLI::Option* {
        if constexpr (std::is_same_v<decltype(value), bool*>) {
          return app->add_flag(argument.name, *value, argument.help);
        } else if constexpr (std::is_arithmetic_v<std::remove_pointer_t<decltype(value)>>) {
          return AddNumber(app, argument, value)->required(argument.required);
        } else {
          CLI::Option* option =
              app->add_option(argument.name, *value, argument.help)->type_name(argument.type);
          // "--subject a FILE": one value each time, so that FILE is not a second one.
          if constexpr (std::is_same_v<decltype(value), std::vector<std::string>*>) {
            if (argument.name.starts_with("-")) option->allow_extra_args(false);
          }
          // An empty one would be taken for none at all.
          if (argument.name.starts_with("-")) {
            option->check([](const std::string& text) {
              return text.empty() ? std::string("a value is expected, not ''") : std::string();
            });
          }
          return option->required(argument.required);
        }
      },
      argument.value);
}

void Add(CLI::App* app, const Command& command, int* exit_code) {
  CLI::App* sub = app->add_subcommand(command.name, command.about);
  sub->footer(Footer(command.examples));
  if (command.hidden) sub->group("");
  if (command.takes_rest) sub->allow_extras();
  std::map<std::string, CLI::Option*> options;
  for (const Argument& argument : command.arguments) options[argument.name] = Add(sub, argument);
  for (const Argument& argument : command.arguments) {
    if (!argument.excludes.empty()) {
      options.at(argument.name)->excludes(options.at(argument.excludes));
    }
  }
  sub->callback([sub, &command, exit_code] { *exit_code = command.run(sub->remaining()); });
}

// A misspelt command: CLI11 would only say that there is none.
bool KnowsCommand(const std::vector<Command>& commands, const std::string& word) {
  std::string known;
  for (const Command& command : commands) {
    if (command.name == word) return true;
    if (!command.hidden) absl::StrAppend(&known, known.empty() ? "" : ", ", command.name);
  }
  std::fprintf(stderr, "recount: unknown command '%s'; there are: %s\nTry: recount --help\n",
               word.c_str(), known.c_str());
  return false;
}

// What a command does not know, if that is what is wrong: CLI11 would rather miss the FILE that an
// unknown option was taken for. Empty when it knows all options.
std::string UnknownOption(const CLI::App& app) {
  for (const CLI::App* sub : app.get_subcommands()) {
    for (const std::string& word : sub->remaining()) {
      if (!word.starts_with("--") && !(word.starts_with("-") && word.size() > 1)) continue;
      const std::string name = word.substr(0, word.find('='));
      std::vector<std::string> known = {"--help"};
      for (const CLI::Option* option : sub->get_options()) known.push_back(option->get_name());
      const std::vector<std::string_view> views(known.begin(), known.end());
      const std::string_view meant = internal::Nearest(name, views);
      return internal::Cat({"unknown option ", internal::Quote(name),
                            meant.empty() ? "" : " (did you mean ", meant,
                            meant.empty() ? "" : "?)"});
    }
  }
  return "";
}

int Parse(CLI::App* app, int argc, char** argv, const int& exit_code) {
  try {
    app->parse(argc, argv);
    return exit_code;
  } catch (const CLI::ParseError& error) {
    // Help and version come this way too, with code 0.
    if (error.get_exit_code() == 0) return app->exit(error);
    std::string command = "recount";
    for (const CLI::App* sub : app->get_subcommands()) command += " " + sub->get_name();
    const std::string unknown = UnknownOption(*app);
    std::fprintf(stderr, "recount: %s\nTry: %s --help\n",
                 unknown.empty() ? error.what() : unknown.c_str(), command.c_str());
    return kExitBadInput;
  }
}

}  // namespace

int Main(int argc, char** argv) {
  std::vector<Command> commands = {RunCommand(),      HuntCommand(),   EquivCommand(),
                                   ShrinkCommand(),   ExportCommand(), ConformCommand(),
                                   BugsCommand(),     KnownCommand(),  WorldsCommand(),
                                   ProfilesCommand(), BenchCommand(),  ServeCommand()};
  commands.push_back(CompletionCommand(&commands));

  if (argc > 1 && argv[1][0] != '-' && !KnowsCommand(commands, argv[1])) return kExitBadInput;

  CLI::App app(kAbout, "recount");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.get_formatter()->column_width(24);
  app.footer(Footer(kExamples));
  int exit_code = kExitAgree;
  for (const Command& command : commands) Add(&app, command, &exit_code);
  exit_code = Parse(&app, argc, argv, exit_code);

  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    std::fprintf(stderr, "recount: cannot write to the standard output: %s\n",
                 std::strerror(errno));
    return kExitBadInput;
  }
  return exit_code;
}

}  // namespace recount
