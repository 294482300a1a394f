// Kprobes. The records are explained by the filters and registrations of kp and kpi that are shown
// (records.h), so what is taken back here are those, the table and the answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "harness/known/kprobe_view.h"
#include "harness/known/undo.h"

namespace recount {
namespace {

using internal::EntryAt;
using internal::Holds;
using internal::IsACallSite;
using internal::MayDisarm;

constexpr std::size_t kPlain = 0;  // kp, in KprobesView::ops
// Neither a NOP nor any call of ftrace's.
constexpr Site kNoSite{SiteKind::kTrampoline, OpsId{0xff}};

// kp and kpi as the oracle has them.
void TakeBackOps(const DivergingStep& step, View* shown) {
  for (std::size_t i = 0; i < shown->kprobes.ops.size(); ++i) {
    const KprobeOpsView& ought = step.after.kprobes.ops[i];
    KprobeOpsView& is = shown->kprobes.ops[i];
    shown->ledger.hash_entries += static_cast<std::uint32_t>(ought.filter.size());
    shown->ledger.hash_entries -= static_cast<std::uint32_t>(is.filter.size());
    is = ought;
  }
}

// Where the probe that `op` adds goes; nullopt while its module is absent.
std::optional<Address> AddressOf(const DivergingStep& step, const AddKprobe& op) {
  const ModuleId image = step.world.function(op.place.function).module;
  Address base = World::kCoreBase;
  if (image != kCore) {
    const ModuleView& module = step.before.modules[Index(image)];
    if (module.state == ModuleState::kAbsent) return std::nullopt;
    base = step.world.SlotAddress(module.slot);
  }
  return step.world.AddressOf(op.place.function, base) + op.place.offset;
}

// An entry that others join, with what joins.
struct Joined {
  const AddKprobe* op = nullptr;
  const KprobeEntryView* before = nullptr;
};
std::optional<Joined> JoinedBy(const DivergingStep& step) {
  const auto* op = std::get_if<AddKprobe>(&step.op);
  if (op == nullptr || step.before.kprobes.probes[Index(op->kprobe)].registered)
    return std::nullopt;
  const std::optional<Address> address = AddressOf(step, *op);
  if (!address) return std::nullopt;
  const KprobeEntryView* const before = EntryAt(step.before, *address);
  if (before == nullptr) return std::nullopt;
  return Joined{op, before};
}

// The View's table with the probe in `joined` at the front of its entry, which is as `entry` says.
void Join(const Joined& joined, KprobeEntryView entry, KprobesView* kprobes) {
  const AddKprobe& op = *joined.op;
  kprobes->probes[Index(op.kprobe)] = {.registered = true,
                                       .post = op.post,
                                       .disabled = op.disabled,
                                       .address = joined.before->address};
  std::copy_backward(joined.before->probes.begin(), joined.before->probes.end() - 1,
                     entry.probes.end());
  entry.probes[0] = op.kprobe;
  entry.count = static_cast<std::uint8_t>(joined.before->count + 1);
  for (KprobeEntryView& other : kprobes->entries) {
    if (other.address == entry.address && other.count != 0) other = entry;
  }
}

// What ftrace answers when it cannot take an address.
bool IsRefusal(int rc) {
  for (const Errno error : {Errno::kNoDev, Errno::kNoMem, Errno::kNoEnt, Errno::kInval}) {
    if (rc == Rc(error)) return true;
  }
  return false;
}
bool CannotDisarm(const Op& op, int rc) {
  return std::holds_alternative<RemoveKprobe>(op) ? rc == Rc(Errno::kBusy) : IsRefusal(rc);
}

bool AnyOnFtraceIsOn(const View& view) {
  return std::any_of(view.kprobes.entries.begin(), view.kprobes.entries.end(),
                     [](const KprobeEntryView& entry) {
                       return entry.count != 0 && entry.on_ftrace && !entry.gone && !entry.disabled;
                     });
}

}  // namespace

// It stays on kp, and who joins cannot fail.
bool UndoKprobePostOnPlain(const DivergingStep& step, View* shown, Outcome* actual) {
  const std::optional<Joined> joined = JoinedBy(step);
  if (!joined || !joined->op->post || actual->rc != 0) return false;
  const KprobeEntryView& before = *joined->before;
  if (!before.on_ftrace || before.post || before.gone) return false;
  // A dead ftrace may have left one armed when all were disarmed, and then it was disabled.
  if (before.disabled && !step.before.kprobes.all_disarmed) return false;
  if (!Holds(step.before.kprobes.ops[kPlain], before.address)) return false;
  if (shown->kprobes.ops != step.before.kprobes.ops) return false;
  KprobesView predicted = step.before.kprobes;
  KprobeEntryView entry = before;
  entry.aggregate = entry.post = true;
  entry.disabled = before.disabled && joined->op->disabled;
  Join(*joined, entry, &predicted);
  if (shown->kprobes != predicted) return false;
  TakeBackOps(step, shown);
  shown->kprobes = step.after.kprobes;
  actual->rc = step.expected.rc;
  return true;
}

// The kprobe that was added alone, at the front of the table, taken out of it.
bool TakeOutNewest(const AddKprobe& op, Address address, KprobesView* kprobes) {
  KprobeEntryView& newest = kprobes->entries[0];
  if (kprobes->entry_count == 0 || newest.address != address || newest.count != 1) return false;
  if (newest.probes[0] != op.kprobe || newest.on_ftrace || newest.aggregate) return false;
  std::copy(kprobes->entries.begin() + 1, kprobes->entries.end(), kprobes->entries.begin());
  kprobes->entries.back() = {};
  --kprobes->entry_count;
  kprobes->probes[Index(op.kprobe)] = {};
  return true;
}

// A function is decoded from its start to know where instructions begin, and of one that was on
// ftrace there is no first byte to decode.
bool UndoKprobeGoneHidesCode(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto* const op = std::get_if<AddKprobe>(&step.op);
  const bool found = actual->rc != Rc(Errno::kIlSeq);
  if (op == nullptr || (found && step.expected.rc != Rc(Errno::kIlSeq))) return false;
  const std::optional<Address> address = AddressOf(step, *op);
  if (!address) return false;
  // Who joins one that is gone needs its code as well; by then that is an aggregator.
  KprobesView predicted = step.before.kprobes;
  for (KprobeEntryView& entry : predicted.entries) {
    if (entry.count == 0 || entry.address != *address) continue;
    if (!entry.gone || entry.on_ftrace) return false;
    entry.aggregate = true;
    entry.post = false;
  }
  KprobesView shows = shown->kprobes;
  if (found) {
    // An instruction begins there that is none.
    const bool slot = actual->rc == Rc(Errno::kNoMem) &&
                      step.armed[static_cast<std::size_t>(FaultPoint::kKprobeSlot)] != 0;
    if (!slot && (actual->rc != 0 || !TakeOutNewest(*op, *address, &shows))) return false;
  }
  if (shows != predicted) return false;
  const Address begin = *address - op->place.offset;
  const auto& entries = step.before.kprobes.entries;
  const bool hidden =
      std::any_of(entries.begin(), entries.end(), [&](const KprobeEntryView& entry) {
        return entry.count != 0 && entry.gone && entry.on_ftrace && begin <= entry.address &&
               entry.address < *address && !IsACallSite(step.before, entry.address);
      });
  if (!hidden) return false;
  shown->kprobes = step.after.kprobes;
  actual->rc = step.expected.rc;
  return true;
}

// What is not armed is disarmed all the same, and what is armed is armed again. The count goes
// wrong, and the ops may end with another probe of it; an error keeps the probe that was to go.
bool UndoKprobeArmedNotKept(const DivergingStep& step, View* shown, Outcome* actual) {
  if (!MayDisarm(step.op) || !AnyOnFtraceIsOn(step.before)) return false;
  // Of all that are disarmed, the last error is answered.
  const bool of_many = std::holds_alternative<KprobesArmed>(step.op);
  const bool failed = (step.expected.rc == 0 || of_many) && actual->rc != step.expected.rc &&
                      CannotDisarm(step.op, actual->rc);
  if (actual->rc != step.expected.rc && !failed) return false;
  if (shown->kprobes.ops == step.after.kprobes.ops && !failed) return false;
  if (failed) {
    actual->rc = step.expected.rc;
    const bool stays = shown->kprobes.probes == step.before.kprobes.probes &&
                       shown->kprobes.entries == step.before.kprobes.entries &&
                       shown->kprobes.entry_count == step.before.kprobes.entry_count;
    if (!of_many && !stays) return false;
    if (!of_many) {
      shown->kprobes.probes = step.after.kprobes.probes;
      shown->kprobes.entries = step.after.kprobes.entries;
      shown->kprobes.entry_count = step.after.kprobes.entry_count;
    }
  }
  // What it does to an ops is to take out what was in its filter, and to end it.
  for (std::size_t i = 0; i < shown->kprobes.ops.size(); ++i) {
    const KprobeOpsView& is = shown->kprobes.ops[i];
    if (is.registered && !step.after.kprobes.ops[i].registered) return false;
    for (const Address ip : is.filter) {
      if (!Holds(step.before.kprobes.ops[i], ip)) return false;
    }
  }
  TakeBackOps(step, shown);
  return true;
}

// An entry that was gone and comes back is on ftrace, or not, as it was before.
bool UndoKprobeRevivedKeepsFtrace(const DivergingStep& step, View* shown, Outcome* actual) {
  const std::optional<Joined> joined = JoinedBy(step);
  if (!joined || !joined->before->gone) return false;
  const Address address = joined->before->address;
  const KprobeEntryView* const after = EntryAt(step.after, address);
  const KprobeEntryView* const is = EntryAt(*shown, address);
  if (after == nullptr || is == nullptr || is->on_ftrace == after->on_ftrace ||
      is->on_ftrace != joined->before->on_ftrace) {
    return false;
  }
  const bool refused = IsRefusal(actual->rc) && step.expected.rc == 0;
  KprobesView predicted = step.after.kprobes;
  predicted.ops = step.before.kprobes.ops;
  KprobeEntryView entry = *after;
  entry.on_ftrace = joined->before->on_ftrace;
  entry.jump = JumpState::kNone;
  if (refused) {
    // Nothing is at its address that ftrace could arm.
    if (!entry.on_ftrace) return false;
    entry.disabled = true;
    entry.count = joined->before->count;
    entry.probes = joined->before->probes;
    predicted.probes[Index(joined->op->kprobe)] = {};
  } else if (actual->rc == 0 && step.expected.rc != 0) {
    if (entry.on_ftrace) return false;
    entry.disabled = false;
    entry.post = entry.post || joined->op->post;
    Join(*joined, entry, &predicted);
    entry = *EntryAt(View{.kprobes = predicted}, address);
  } else if (actual->rc != step.expected.rc) {
    return false;
  }
  for (KprobeEntryView& other : predicted.entries) {
    if (other.address == address && other.count != 0) other = entry;
  }
  if (shown->kprobes != predicted) return false;
  if (!entry.on_ftrace) {
    // The breakpoint is put into ftrace's call, and ftrace hears nothing.
    std::vector<RecordView> records = step.before.records;
    for (RecordView& record : records) {
      const bool armed = !entry.disabled && !predicted.all_disarmed;
      if (record.ip == address && armed) record.site = kNoSite;
    }
    if (shown->records != records || shown->order != step.before.order ||
        shown->globals != step.before.globals) {
      return false;
    }
    shown->records = step.after.records;
    shown->order = step.after.order;
    shown->globals = step.after.globals;
  }
  TakeBackOps(step, shown);
  shown->kprobes = step.after.kprobes;
  actual->rc = step.expected.rc;
  return true;
}

// A breakpoint, of an entry that is not gone, where a record begins now: one byte of the call site
// is no longer what ftrace wrote, and nothing else of the record is another.
bool UndoKprobeLeftWritesText(const DivergingStep& step, View* shown, Outcome*) {
  const bool arms =
      std::holds_alternative<AddKprobe>(step.op) || std::holds_alternative<EnableKprobe>(step.op);
  if ((!arms && !MayDisarm(step.op)) || shown->records.size() != step.after.records.size()) {
    return false;
  }
  bool undone = false;
  for (std::size_t i = 0; i < shown->records.size(); ++i) {
    RecordView& is = shown->records[i];
    const KprobeEntryView* const entry = EntryAt(step.before, is.ip);
    if (is.site != kNoSite || entry == nullptr || entry->on_ftrace || entry->gone) continue;
    is.site = step.after.records[i].site;
    undone = true;
  }
  return undone;
}

// What it brought to its entry stays there though it is refused.
bool UndoKprobeFailedAddKeepsPost(const DivergingStep& step, View* shown, Outcome* actual) {
  const std::optional<Joined> joined = JoinedBy(step);
  if (!joined || !joined->op->post || actual->rc == 0 || actual->rc != step.expected.rc) {
    return false;
  }
  const KprobeEntryView* const after = EntryAt(step.after, joined->before->address);
  KprobeEntryView* const is = EntryAt(shown, joined->before->address);
  if (after == nullptr || is == nullptr || after->post || !is->post) return false;
  is->post = false;
  return true;
}

// A dead ftrace is not asked any more: what disarms has done so.
bool UndoKprobeDisarmedWhenDead(const DivergingStep& step, View* shown, Outcome* actual) {
  if (step.profile.dead_disarm == Profile::DeadDisarm::kDone) return false;  // that is the rule
  if (!step.after.globals.dead || actual->rc == step.expected.rc) return false;
  if (const auto* op = std::get_if<KprobesArmed>(&step.op)) {
    // It may have died of one of them: then the last error is of one before that.
    if (op->on || step.expected.rc != Rc(Errno::kNoDev)) return false;
    if (step.before.globals.dead && actual->rc != 0) return false;
    actual->rc = step.expected.rc;
    return true;
  }
  if (!step.before.globals.dead || actual->rc != 0 || step.expected.rc == 0) return false;
  const auto* remove = std::get_if<RemoveKprobe>(&step.op);
  const auto* disable = std::get_if<DisableKprobe>(&step.op);
  if (remove == nullptr && disable == nullptr) return false;
  const KprobeId id = remove != nullptr ? remove->kprobe : disable->kprobe;
  const KprobeView& before = step.before.kprobes.probes[Index(id)];
  if (!before.registered || shown->kprobes.ops != step.after.kprobes.ops) return false;
  const KprobeEntryView* const entry = EntryAt(step.before, before.address);
  if (entry == nullptr || !entry->on_ftrace || entry->gone || entry->disabled) return false;
  KprobesView predicted = step.before.kprobes;
  std::size_t at = 0;
  while (predicted.entries[at].address != before.address) ++at;
  if (disable != nullptr) {
    predicted.probes[Index(id)].disabled = true;
    predicted.entries[at].disabled = true;
  } else {
    predicted.probes[Index(id)] = {};
    KprobeEntryView& left = predicted.entries[at];
    const auto gone = std::find(left.probes.begin(), left.probes.begin() + left.count, id);
    std::copy(gone + 1, left.probes.end(), gone);
    left.probes.back() = {};
    left.disabled = true;
    if (--left.count == 0) {
      std::copy(predicted.entries.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                predicted.entries.end(),
                predicted.entries.begin() + static_cast<std::ptrdiff_t>(at));
      predicted.entries.back() = {};
      --predicted.entry_count;
    }
  }
  if (shown->kprobes != predicted) return false;
  shown->kprobes = step.after.kprobes;
  actual->rc = step.expected.rc;
  return true;
}

}  // namespace recount
