// recount bugs, worlds, profiles: what there is to name.
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/known/declared_table.h"
#include "harness/known/known.h"
#include "harness/world_finder.h"
#include "impl/bugs/bugs.h"
#include "model/world.h"

namespace recount {
namespace {

int ListBugs(bool ids) {
  for (const BugInfo& bug : Bugs()) {
    if (ids) {
      Print(absl::StrCat(std::string(bug.id), "\n"));
      continue;
    }
    Print(absl::StrFormat("%s  (%s)\n    %s\n    %s\n", std::string(bug.id),
                          std::string(bug.profile), std::string(bug.title),
                          std::string(bug.origin)));
  }
  return kExitAgree;
}

int ListKnown(bool ids) {
  if (!ids) Print("# defects of kernels: name  (where seen)\n");
  for (const KnownDefect& defect : KnownDefects()) {
    if (ids) {
      Print(absl::StrCat(std::string(defect.name), "\n"));
      continue;
    }
    Print(absl::StrFormat("%s  (%s)\n    %s\n", std::string(defect.name),
                          std::string(defect.kernels), std::string(defect.sentence)));
  }
  if (!ids) Print("\n# differences between profiles: name  (profiles: switches they come from)\n");
  for (const KnownDefect& declared : DeclaredDifferences()) {
    if (ids) {
      Print(absl::StrCat(std::string(declared.name), "\n"));
      continue;
    }
    Print(absl::StrFormat("%s  (profiles: %s)\n    %s\n", std::string(declared.name),
                          std::string(declared.kernels), std::string(declared.sentence)));
  }
  return kExitAgree;
}

std::string WorldLine(const World& world) {
  return absl::StrFormat("%-8s  %6d core functions, %3d modules, %3d slots, %6d functions in all\n",
                         world.name(), world.core().count, world.modules().size(),
                         world.slot_count(), world.functions().size());
}

int ListWorlds(const std::string& name, bool ids) {
  if (!name.empty()) {
    const absl::StatusOr<WorldPtr> world = WorldsRelativeTo("")(name);
    if (!world.ok()) return Complain(world.status());
    Print(PrintWorld(**world));
    return kExitAgree;
  }
  for (const std::string_view known : BuiltinWorldNames()) {
    const absl::StatusOr<WorldPtr> world = BuiltinWorld(known);
    if (!world.ok()) return Complain(world.status());
    Print(ids ? absl::StrCat((*world)->name(), "\n") : WorldLine(**world));
  }
  return kExitAgree;
}

int ListProfiles(bool ids) {
  for (const NamedProfile& profile : Profiles()) {
    if (ids) {
      Print(absl::StrCat(std::string(profile.name), "\n"));
      continue;
    }
    Print(absl::StrFormat(
        "%s\n    %s\n    reload: %s, patch failure: %s, load path: %s, rollback: %s,\n"
        "    early kprobes: %s, optprobes: %s, dead disarm: %s\n",
        std::string(profile.name), std::string(profile.title),
        std::string(ToText(profile.profile.reload)),
        std::string(ToText(profile.profile.patch_failure)),
        std::string(ToText(profile.profile.load_path)),
        std::string(ToText(profile.profile.rollback)),
        std::string(ToText(profile.profile.early_kprobes)),
        std::string(ToText(profile.profile.optprobes)),
        std::string(ToText(profile.profile.dead_disarm))));
  }
  return kExitAgree;
}

}  // namespace

Command BugsCommand() {
  auto ids = std::make_shared<bool>(false);
  return {
      .name = "bugs",
      .about = "List the known bugs: id, profile, title, origin",
      .examples = "Examples:\n  recount bugs\n  recount hunt --bug reload-refcount-lost",
      .arguments = {{.name = "--ids", .value = ids.get(), .help = "The ids only, one a line"}},
      .run = [ids](const auto&) { return ListBugs(*ids); },
  };
}

Command KnownCommand() {
  auto ids = std::make_shared<bool>(false);
  return {
      .name = "known",
      .about = "List what --known masks: defects of kernels, differences of profiles",
      .examples =
          "Defects of kernels: name, where seen, what happens. What each is, and its shortest\n"
          "program, is in corpus/findings/NAME/.\n"
          "\n"
          "Differences that are declared between two profiles: name, the switches that they come\n"
          "from, what differs. The shortest program of each is corpus/seeds/differs_NAME.prog;\n"
          "see section 13 of model/SEMANTICS.md.\n"
          "\n"
          "Examples:\n"
          "  recount known\n"
          "  recount hunt --subject linux:6.1 --known\n"
          "  recount equiv --left linux-6.1 --right rfc-notifier --known",
      .arguments = {{.name = "--ids", .value = ids.get(), .help = "The names only, one a line"}},
      .run = [ids](const auto&) { return ListKnown(*ids); },
  };
}

Command WorldsCommand() {
  auto ids = std::make_shared<bool>(false);
  auto name = std::make_shared<std::string>();
  return {
      .name = "worlds",
      .about = "List the built-in worlds, or print one",
      .examples = "Examples:\n  recount worlds\n  recount worlds small > my.world",
      .arguments = {{.name = "NAME",
                     .value = name.get(),
                     .help = "Print this one, or this .world file, as a .world file"},
                    {.name = "--ids", .value = ids.get(), .help = "The names only, one a line"}},
      .run = [name, ids](const auto&) { return ListWorlds(*name, *ids); },
  };
}

Command ProfilesCommand() {
  auto ids = std::make_shared<bool>(false);
  return {
      .name = "profiles",
      .about = "List the profiles: which rules are in force",
      .examples = "Examples:\n  recount profiles",
      .arguments = {{.name = "--ids", .value = ids.get(), .help = "The names only, one a line"}},
      .run = [ids](const auto&) { return ListProfiles(*ids); },
  };
}

}  // namespace recount
