// What each known defect does to anything but records, taken back: KnownDefect::undo (known.h).
// Records have been taken back before, by the hashes that are shown (records.h).
#ifndef RECOUNT_HARNESS_KNOWN_UNDO_H_
#define RECOUNT_HARNESS_KNOWN_UNDO_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "harness/known/known.h"

namespace recount {

// undo.cc
bool UndoAllNullGroup(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoUninitialisedIpModify(const DivergingStep& step, View* shown, Outcome* actual);

// What a token matches: undo_filters.cc
bool UndoCachedModuleGlobCut(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoFailedOpen(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoGlobClassAtEnd(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoIndexTrailing(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoModWithoutModule(const DivergingStep& step, View* shown, Outcome* actual);

// Cached filters, when their module comes: undo_cached.cc
bool UndoUnmatchedCachedFilter(const DivergingStep& step, View* shown, Outcome* actual);
bool UnmatchedCachedFilterLeavesFault(const DivergingStep& step);
// What defects of the records (bits of RecordDefect) do to them. A dead ftrace matches nothing:
// where one side died on the way and not the other, the one found what the other did not. And where
// a record is not marked as owned, another IPMODIFY ops may have it.
void TakeBackMatches(const DivergingStep& step, std::uint8_t records, View* shown);

// Livepatch: undo_livepatch.cc.
bool UndoLivepatchFreesListedOps(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoLivepatchInitText(const DivergingStep& step, View* shown, Outcome* actual);
bool LivepatchInitTextStaysUnseen(const DivergingStep& step);
bool UndoLivepatchLeaksFilter(const DivergingStep& step, View* shown, Outcome* actual);

// Kprobes: undo_kprobes.cc.
bool UndoKprobeArmedNotKept(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeDisarmedWhenDead(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeFailedAddKeepsPost(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeGoneHidesCode(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeLeftWritesText(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobePostOnPlain(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeRevivedKeepsFtrace(const DivergingStep& step, View* shown, Outcome* actual);

// What they leave behind unseen: hidden_kprobes.cc.
bool KprobeArmedNotKeptMiscounts(const DivergingStep& step);
bool KprobeKilledKeepsBreakpoint(const DivergingStep& step);
bool KprobeLeftWritesNewText(const DivergingStep& step);

// Their jumps: undo_optprobes.cc.
bool UndoKprobeForcedJumpLingers(const DivergingStep& step, View* shown, Outcome* actual);
bool KprobeForcedJumpIsListed(const DivergingStep& step);
bool UndoKprobeKilledUnusedStays(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeLeftKeepsJump(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeNeighbourForgotten(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeRevivedStaleByte(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoKprobeUnusedEnabled(const DivergingStep& step, View* shown, Outcome* actual);

namespace internal {

const HashView& HashOf(const OpsView& ops, Which which);
const std::vector<CachedFilter>& CachedOf(const OpsView& ops, Which which);
std::vector<CachedFilter>& CachedOf(OpsView& ops, Which which);
// Puts `hash` where the subject has another one: for all ops of the pair, and in the ledger.
void SetHash(View* shown, OpsId ops, Which which, const HashView& hash);

// For a load whose cached filters have functions that a defect of matching knows: takes back what
// they matched too much. `explained`: the addresses that an item's function text matches by it.
bool UndoCachedMatches(const DivergingStep& step, View* shown,
                       const std::function<bool(std::string_view function, Address ip)>& explained);

}  // namespace internal
}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_UNDO_H_
