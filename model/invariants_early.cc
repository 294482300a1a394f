// What boot, repair and early kprobes add to I6, I8 and I14 (SEMANTICS 15).
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

std::string_view EarlyEntryFault(const KprobeEntryView& entry) {
  if (!entry.early) return entry.suspended ? "suspended, but not early" : "";
  if (entry.aggregate || entry.post || entry.disabled || entry.gone) return "early, and with flags";
  if (entry.suspended && !entry.on_ftrace) return "suspended, but not on ftrace";
  return "";
}

}  // namespace

bool IsRepair(const NotifierCall& call, const Op& op) {
  const bool free_chain =
      std::holds_alternative<Notify>(op) || std::holds_alternative<NotifyRobust>(op);
  return call.event == Event::kFix && !free_chain;
}

Broken RepairsFault(const Observation& step) {
  const ChainView& chain = step.before.notifiers.chains[static_cast<std::size_t>(Chain::kTryFix)];
  // Each site that could not be changed begins a walk from the first on.
  std::size_t next = 0;
  for (const NotifierCall& call : step.outcome.log) {
    if (!IsRepair(call, step.op)) continue;
    const auto fault = [&call](std::string_view what) {
      return Cat({"n", std::to_string(Index(call.notifier)), ": asked for a repair, ", what});
    };
    if (step.profile.patch_failure != Profile::PatchFailure::kRepairable) {
      return fault("which this profile does not know");
    }
    const auto end = chain.order.begin() + std::min<std::size_t>(chain.count, kNotifierCount);
    const auto at = std::find(chain.order.begin(), end, call.notifier);
    if (at == end) return fault("but not on tryfix");
    const auto place = static_cast<std::size_t>(at - chain.order.begin());
    if (place != 0 && place != next) return fault("out of the order of tryfix");
    next = place + 1;
  }
  return std::nullopt;
}

bool MayHaveNoCoreRecords(const View& view) {
  // Not yet, or ftrace_init() had no memory for them.
  return view.globals.phase < Phase::kFtrace || view.globals.dead;
}

Broken EarlyKprobesFault(const View& view) {
  const KprobesView& kprobes = view.kprobes;
  std::size_t early = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(kprobes.entry_count, kKprobeCount); ++i) {
    const KprobeEntryView& entry = kprobes.entries[i];
    early += entry.early ? 1 : 0;
    if (const std::string_view fault = EarlyEntryFault(entry); !fault.empty()) {
      return Cat({"k", std::to_string(Index(entry.probes[0])), ": ", fault});
    }
    if (entry.early && view.globals.phase == Phase::kRunning) {
      return Cat({"k", std::to_string(Index(entry.probes[0])), ": early, though boot is over"});
    }
  }
  if (early > kEarlySlotCount) return "more early kprobes than slots";
  if (kprobes.early_slots != early) {
    return Cat({std::to_string(kprobes.early_slots), " early slots are taken, for ",
                std::to_string(early), " kprobes"});
  }
  if (view.globals.phase == Phase::kRunning && early == 0) {
    // While ftrace is alive I3 sees a jump that was left behind.
    if (!view.globals.dead) return std::nullopt;
    for (const RecordView& record : view.records) {
      if (record.site.kind == SiteKind::kJump) return "the jump of an early kprobe was left behind";
    }
    return std::nullopt;
  }
  for (const RecordView& record : view.records) {
    const auto begin = kprobes.entries.begin();
    const auto end = begin + std::min<std::size_t>(kprobes.entry_count, kKprobeCount);
    const bool jump = std::any_of(begin, end, [&record](const KprobeEntryView& entry) {
      return entry.address == record.ip && entry.early && !entry.suspended;
    });
    if (jump != (record.site.kind == SiteKind::kJump)) {
      return jump ? "the site of an early kprobe holds no jump" : "a jump without an early kprobe";
    }
  }
  return std::nullopt;
}

}  // namespace recount::internal
