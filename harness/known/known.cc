#include "harness/known/known.h"

#include <cstddef>
#include <optional>

#include "harness/known/records.h"
#include "harness/known/undo.h"

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
     nullptr, kIpModifyNotrace},
    {"ipmodify-reload", kBoth,
     "A module comes back under a registered IPMODIFY ops: the ops is not counted and its record "
     "not marked.",
     nullptr, kIpModifyReload},
    {"killed-ops-unlisted", "6.1",
     "An ops whose registration killed ftrace stays counted but is in no list: a later change of a "
     "filter takes TRAMP from what it alone traces.",
     nullptr, kKilledOpsUnlisted},
    {"kprobe-armed-not-kept", kBoth,
     "Kprobes do not keep whether a probe on ftrace is armed: what could not be armed, or was "
     "disarmed half, is disarmed again, and the count of the shared ops goes wrong.",
     UndoKprobeArmedNotKept, /*records=*/0, /*of_list=*/false, KprobeArmedNotKeptMiscounts},
    {"kprobe-disarmed-when-dead", "6.12",
     "When ftrace is dead, disarming a kprobe on ftrace answers 0 and does nothing: a rule of "
     "linux-6.12, not of linux-6.1.",
     UndoKprobeDisarmedWhenDead},
    {"kprobe-failed-add-keeps-post", kBoth,
     "A kprobe with a post_handler that could not be armed is taken off its aggregator, which "
     "keeps "
     "the mark of a post_handler.",
     UndoKprobeFailedAddKeepsPost},
    {"kprobe-forced-jump-lingers", kBoth,
     "A jump that is to be taken off is taken off at once for the sake of another kprobe: its "
     "breakpoint stays until the worker runs, also when all are disarmed.",
     UndoKprobeForcedJumpLingers, /*records=*/0, /*of_list=*/false, KprobeForcedJumpIsListed},
    {"kprobe-gone-hides-code", kBoth,
     "A kprobe that was on ftrace and is gone has no copy of what it probed: where its address is "
     "no call site any more, the instructions behind it are not found.",
     UndoKprobeGoneHidesCode},
    {"kprobe-killed-keeps-breakpoint", kBoth,
     "A notifier stops COMING without an error, kprobes are told GOING, and the module stays: so "
     "do "
     "the breakpoints in it, which are nobody's.",
     nullptr, /*records=*/0, /*of_list=*/false, KprobeKilledKeepsBreakpoint},
    {"kprobe-killed-unused-stays", kBoth,
     "A module goes before the jump of a kprobe that was unregistered: the kprobe table keeps its "
     "address for ever.",
     UndoKprobeKilledUnusedStays},
    {"kprobe-left-keeps-jump", kBoth,
     "A kprobe that nobody told of its module's end keeps its place in the worker's queue: a jump "
     "is written where the module was.",
     UndoKprobeLeftKeepsJump},
    {"kprobe-left-writes-text", kBoth,
     "A kprobe that nobody told of its module's end is disarmed, or armed, over the call site of "
     "another module: its byte is written into ftrace's instruction.",
     UndoKprobeLeftWritesText, /*records=*/0, /*of_list=*/true, KprobeLeftWritesNewText},
    {"kprobe-neighbour-forgotten", kBoth,
     "The kprobe that kept a jump from the one before it is disabled or gone: that one is not "
     "queued for its jump again.",
     UndoKprobeNeighbourForgotten},
    {"kprobe-post-on-plain", kBoth,
     "A kprobe with a post_handler joins one that is armed on ftrace without: the site stays on "
     "the "
     "ops without IPMODIFY, and is taken off the other later.",
     UndoKprobePostOnPlain},
    {"kprobe-revived-keeps-ftrace", kBoth,
     "A kprobe whose module went and came back is on ftrace, or not, as its first probe was: it is "
     "refused, or puts its breakpoint into ftrace's call.",
     UndoKprobeRevivedKeepsFtrace, /*records=*/0, /*of_list=*/true},
    {"kprobe-revived-stale-byte", kBoth,
     "A kprobe where the code of one that is gone was takes the first byte of that code for its "
     "own: "
     "a jump is put where none fits, or the function is broken.",
     UndoKprobeRevivedStaleByte},
    {"kprobe-unused-enabled", kBoth,
     "A disabled kprobe is registered where the jump of one that is gone is to be taken off: the "
     "address is enabled, and stays in the table when the kprobe goes.",
     UndoKprobeUnusedEnabled},
    {"livepatch-frees-listed-ops", kBoth,
     "When ftrace is dead, livepatch frees ops that ftrace still lists, and the next walk over the "
     "list reads freed memory: oops.",
     UndoLivepatchFreesListedOps},
    {"livepatch-init-text", kBoth,
     "A livepatch of init text that is gone cannot be taken back: its ops stays registered, and a "
     "patch that was freed stays on its stack.",
     UndoLivepatchInitText, /*records=*/0, /*of_list=*/true, LivepatchInitTextStaysUnseen},
    {"livepatch-leaks-filter", kBoth,
     "Livepatch frees the ops of a function whose filter it could not empty, and the filter is "
     "lost.",
     UndoLivepatchLeaksFilter},
    {"load-ignores-sysctl", kBoth,
     "Loading a module patches its traced functions although ftrace_enabled is 0.", nullptr,
     kLoadIgnoresSysctl},
    {"mod-without-module", kBoth,
     "A tracer's `FUNCTION:mod` without a module is taken as if it had one: it filters, wants "
     "memory, "
     "or follows a null name: oops.",
     UndoModWithoutModule},
    {"shared-pair-kills", kBoth,
     "A filter that two registered ops share changes: the other one is taken for the owner of a "
     "trampoline it never had, and ftrace kills itself.",
     nullptr, kSharedPairKills},
    {"stale-regs", kBoth,
     "The REGS bit of a record outlives the last SAVE_REGS user: the next user of the site gets "
     "the regs entry.",
     nullptr, kStaleRegs, /*of_list=*/false, StaleRegsLeavesFault},
    {"uninitialised-ipmodify", kBoth,
     "Registering an IPMODIFY ops that never had a filter, or unregistering it unasked, follows a "
     "null hash: oops.",
     UndoUninitialisedIpModify},
    {"unmatched-cached-filter-traces-all", kBoth,
     "The last cached module filter matches no function of the module that came: the filter is "
     "empty then, and everything is traced.",
     UndoUnmatchedCachedFilter, /*records=*/0, /*of_list=*/false, UnmatchedCachedFilterLeavesFault},
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
  const auto equal = [&step](const View& view, const Outcome& outcome) {
    return outcome == step.expected && view == step.after;
  };
  const bool returned = step.actual.fate == Fate::kReturned;
  View shown = returned ? step.shown : step.after;
  Outcome actual = step.actual;
  // Both sides agree, and an invariant is broken: no defect of one side.
  if (equal(shown, actual)) return nullptr;

  std::uint8_t records = 0;
  const KnownDefect* of_list = nullptr;
  if (returned) {
    for (const KnownDefect* defect : defects) {
      records |= defect->records;
      if (defect->of_list && defect->undo(step, &shown, &actual)) of_list = defect;
    }
    const DivergingStep listed{step.world,  step.profile, step.op, step.expected, actual,
                               step.before, step.after,   shown,   step.armed};
    const std::optional<std::uint8_t> found = RecordDefectsOf(listed, records);
    if (!found) return nullptr;
    records = *found;
    TakeBackRecords(step, records, &shown, &actual);
    TakeBackMatches(step, records, &shown);
  }
  const auto first = [&](const KnownDefect* undone, const KnownDefect* too) {
    for (const KnownDefect* defect : defects) {
      if (defect == undone || defect == too || defect == of_list) return defect;
      if ((defect->records & records) != 0) return defect;
    }
    return undone;
  };
  if (equal(shown, actual)) return first(nullptr, nullptr);
  // One thing more, or two, in either order.
  for (const KnownDefect* defect : defects) {
    View view = shown;
    Outcome outcome = actual;
    if (defect->undo == nullptr || defect->of_list) continue;
    if (!defect->undo(step, &view, &outcome)) continue;
    if (equal(view, outcome)) return first(defect, nullptr);
    for (const KnownDefect* second : defects) {
      if (second == defect || second->undo == nullptr || second->of_list) continue;
      View both = view;
      Outcome answer = outcome;
      if (second->undo(step, &both, &answer) && equal(both, answer)) return first(defect, second);
    }
  }
  return nullptr;
}

const KnownDefect* HiddenIn(std::span<const KnownDefect* const> defects,
                            const DivergingStep& step) {
  for (const KnownDefect* defect : defects) {
    if (defect->hides != nullptr && defect->hides(step)) return defect;
  }
  return nullptr;
}

}  // namespace recount
