// What the known defects of kprobes look for in a View.
#ifndef RECOUNT_HARNESS_KNOWN_KPROBE_VIEW_H_
#define RECOUNT_HARNESS_KNOWN_KPROBE_VIEW_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <variant>

#include "model/op.h"
#include "model/view.h"

namespace recount::internal {

// A View that is taken back may count more than there is room for.
inline std::span<const KprobeEntryView> Entries(const View& view) {
  return std::span(view.kprobes.entries)
      .first(std::min<std::size_t>(view.kprobes.entry_count, kKprobeCount));
}
inline std::span<KprobeEntryView> Entries(View* view) {
  return std::span(view->kprobes.entries)
      .first(std::min<std::size_t>(view->kprobes.entry_count, kKprobeCount));
}

// nullptr when there is none.
inline const KprobeEntryView* EntryAt(const View& view, Address address) {
  for (const KprobeEntryView& entry : Entries(view)) {
    if (entry.address == address) return &entry;
  }
  return nullptr;
}
inline KprobeEntryView* EntryAt(View* view, Address address) {
  return const_cast<KprobeEntryView*>(EntryAt(*view, address));
}

inline bool Holds(const KprobeOpsView& ops, Address ip) {
  return std::binary_search(ops.filter.begin(), ops.filter.end(), ip);
}

inline bool IsACallSite(const View& view, Address ip) {
  return std::any_of(view.records.begin(), view.records.end(),
                     [ip](const RecordView& record) { return record.ip == ip; });
}

// An operation that may disarm, or that arms all.
inline bool MayDisarm(const Op& op) {
  return std::holds_alternative<RemoveKprobe>(op) || std::holds_alternative<DisableKprobe>(op) ||
         std::holds_alternative<KprobesArmed>(op) || std::holds_alternative<Load>(op) ||
         std::holds_alternative<LoadStep>(op) || std::holds_alternative<Unload>(op) ||
         std::holds_alternative<FreeInit>(op);
}

}  // namespace recount::internal

#endif  // RECOUNT_HARNESS_KNOWN_KPROBE_VIEW_H_
