#include "harness/known.h"

#include <cstddef>
#include <utility>

#include "harness/known_undo.h"

namespace recount {
namespace {

constexpr std::string_view kBoth = "6.1, 6.12";
constexpr std::string_view kKernel = "linux:";

constexpr KnownDefect kKnownDefects[] = {
    {"all-null-module-leaves-group", kBoth,
     "A module whose call-site entries are all null leaves an empty page group in the list for "
     "ever.",
     UndoAllNullGroup},
    {"cached-module-glob-cut", kBoth,
     "A module filter that is kept for later loses the `*` at the end of its module part.",
     UndoCachedModuleGlobCut},
    {"failed-open-drops-cached-filters", kBoth,
     "Opening a filter file with truncation drops the cached module filters also when the open "
     "fails with -ENOMEM.",
     UndoFailedOpen},
    {"glob-class-at-end", "6.1",
     "An inverted class at the end of a glob matches the end of the name, and what lies behind it.",
     UndoGlobClassAtEnd},
    {"index-trailing", "6.1",
     "A filter by index takes the number at its front and ignores what follows.",
     UndoIndexTrailing},
    {"ipmodify-notrace", kBoth,
     "An IPMODIFY ops loses its mark on a function that its own notrace excludes, as soon as the "
     "function's count goes to 0.",
     UndoIpModifyNotrace},
    {"ipmodify-reload", kBoth,
     "A module comes back under a registered IPMODIFY ops: the ops is not counted and its record "
     "not marked.",
     UndoIpModifyReload},
    {"load-ignores-sysctl", kBoth,
     "Loading a module patches its traced functions although ftrace_enabled is 0.",
     UndoLoadIgnoresSysctl},
    {"shared-pair-kills", kBoth,
     "A filter that two registered ops share changes: the other one is taken for the owner of a "
     "trampoline it never had, and ftrace kills itself.",
     UndoSharedPairKills},
    {"stale-regs", kBoth,
     "The REGS bit of a record outlives the last SAVE_REGS user: the next user of the site gets "
     "the regs entry.",
     UndoStaleRegs},
    {"uninitialised-ipmodify", kBoth,
     "Registering an IPMODIFY ops that never had a filter, or unregistering it unasked, follows a "
     "null hash: oops.",
     UndoUninitialisedIpModify},
    {"unmatched-cached-filter-traces-all", kBoth,
     "The last cached module filter matches no function of the module that came: the filter is "
     "empty then, and everything is traced.",
     UndoUnmatchedCachedFilter},
};

}  // namespace

std::span<const KnownDefect> KnownDefects() { return kKnownDefects; }

const KnownDefect* FindKnownDefect(std::string_view name) {
  for (const KnownDefect& defect : kKnownDefects) {
    if (defect.name == name) return &defect;
  }
  return nullptr;
}

bool IsSeenOn(const KnownDefect& defect, std::string_view kernel) {
  constexpr std::string_view kSeparator = ", ";
  std::string_view rest = defect.kernels;
  for (;;) {
    const std::size_t end = rest.find(kSeparator);
    if (rest.substr(0, end) == kernel) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + kSeparator.size());
  }
}

std::vector<const KnownDefect*> KnownDefectsOf(std::string_view subject) {
  std::vector<const KnownDefect*> known;
  if (!subject.starts_with(kKernel)) return known;
  const std::string_view kernel = subject.substr(kKernel.size());
  const bool tree = kernel.find('/') != std::string_view::npos;
  for (const KnownDefect& defect : kKnownDefects) {
    if (tree || IsSeenOn(defect, kernel)) known.push_back(&defect);
  }
  return known;
}

const KnownDefect* Explanation(std::span<const KnownDefect* const> defects,
                               const DivergingStep& step) {
  const bool returned = step.actual.fate == Fate::kReturned;
  const View& shown = returned ? step.shown : step.after;
  // Both sides agree, and an invariant is broken: no defect of one side.
  if (step.actual == step.expected && shown == step.after) return nullptr;
  const auto equal = [&step](const View& view, const Outcome& outcome) {
    return outcome == step.expected && view == step.after;
  };
  struct Undone {
    const KnownDefect* defect;
    View shown;
    Outcome actual;
  };
  std::vector<Undone> some;
  for (const KnownDefect* defect : defects) {
    Undone undone{defect, shown, step.actual};
    if (!defect->undo(step, &undone.shown, &undone.actual)) continue;
    if (equal(undone.shown, undone.actual)) return defect;
    some.push_back(std::move(undone));
  }
  // Two at a time, in the order that undoes the first one first.
  for (const Undone& first : some) {
    for (const KnownDefect* defect : defects) {
      if (defect == first.defect) continue;
      View view = first.shown;
      Outcome outcome = first.actual;
      if (defect->undo(step, &view, &outcome) && equal(view, outcome)) return first.defect;
    }
  }
  return nullptr;
}

}  // namespace recount
