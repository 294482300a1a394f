// What each known defect does to a step, taken back: KnownDefect::undo (known.h). What is done to a
// record is stated exactly, so that another difference in it stays one.
#ifndef RECOUNT_HARNESS_KNOWN_UNDO_H_
#define RECOUNT_HARNESS_KNOWN_UNDO_H_

#include <optional>

#include "harness/known.h"

namespace recount {

// Records: known_undo_records.cc.
bool UndoAllNullGroup(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoIpModifyNotrace(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoIpModifyReload(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoLoadIgnoresSysctl(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoSharedPairKills(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoStaleRegs(const DivergingStep& step, View* shown, Outcome* actual);

// Filters: known_undo_filters.cc.
bool UndoCachedModuleGlobCut(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoFailedOpen(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoGlobClassAtEnd(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoIndexTrailing(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoUninitialisedIpModify(const DivergingStep& step, View* shown, Outcome* actual);
bool UndoUnmatchedCachedFilter(const DivergingStep& step, View* shown, Outcome* actual);

namespace internal {

inline constexpr std::uint8_t kCurrentBits = kEnabled | kRegsEn | kTrampEn;

// match(o, r) of SEMANTICS 2.
bool Matches(const OpsView& ops, Address ip);
// `record` as SEMANTICS 2 wants it under the ops and hashes of `view`. With `uncounted`, IPMODIFY
// ops count for nothing, and the trampoline is that of the newest that matches, one of them or
// not.
RecordView Derived(const View& view, RecordView record, bool enabled, bool uncounted = false);
// The module that `op` loads, in one go or by a stage.
std::optional<ModuleId> LoadedBy(const Op& op);

}  // namespace internal
}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_UNDO_H_
