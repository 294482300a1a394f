#include "model/reference/early_kprobes.h"

#include <algorithm>
#include <vector>

#include "model/check.h"
#include "model/reference/chains.h"
#include "model/reference/faults.h"
#include "model/reference/kprobe_table.h"
#include "model/reference/optprobes.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

bool OverlapsAnEntry(const State& state, Address address) {
  return std::any_of(
      state.kprobe_table.begin(), state.kprobe_table.end(), [address](const ProbedAddress& entry) {
        return entry.address < address + kJumpSize && address < entry.address + kJumpSize;
      });
}

Record* MutableRecordAt(State& state, Address ip) {
  return const_cast<Record*>(RecordAt(state, ip));
}

// Whether the call site of f can be jumped from now; a call of mcount is made a NOP for it.
Errno CheckCallSite(const State& state, FunctionId function, Address address) {
  if (state.globals.phase == Phase::kSorted) return Errno::kOk;
  // Nobody knows that a call site is there, and a call cannot be boosted.
  const Record* const record = RecordAt(state, address);
  if (state.globals.phase == Phase::kStart || record == nullptr) return Errno::kInval;
  RECOUNT_CHECK(record->function == function);
  const SiteKind kind = record->site.kind;
  return kind == SiteKind::kNop || kind == SiteKind::kMcount ? Errno::kOk : Errno::kBusy;
}

void MakeNop(State& state, FunctionId function, Address address) {
  if (Record* const record = MutableRecordAt(state, address)) {
    record->site = {};
  } else if (!IsEarlyNop(state, function)) {
    state.early_nops.push_back(function);
  }
}

int UsedSlots(const State& state) {
  return static_cast<int>(std::count_if(state.kprobe_table.begin(), state.kprobe_table.end(),
                                        [](const ProbedAddress& entry) { return entry.early; }));
}

Errno Convert(State& state, ProbedAddress* entry) {
  entry->early = false;
  entry->suspended = false;
  if (entry->on_ftrace) return Arm(state, entry);
  if (Fails(state, FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  const Errno error = Arm(state, entry);
  RECOUNT_CHECK(error == Errno::kOk);
  PrepareJump(state, entry);
  return Errno::kOk;
}

}  // namespace

void BootEarlyKprobes(State& state) {
  RECOUNT_CHECK(Add(state.chains, Chain::kTryFix, kKprobeFixEntry, 0, false) == Errno::kOk);
}

Errno AddEarlyKprobe(State& state, const AddKprobe& op) {
  if (op.post || op.disabled) return Errno::kInval;
  if (!InstructionBegins(op.place.offset)) return Errno::kIlSeq;
  if (op.place.offset > kLastJump) return Errno::kInval;
  const FunctionId function = op.place.function;
  const Address address = *AddressOf(state, function) + op.place.offset;
  if (OverlapsAnEntry(state, address)) return Errno::kExist;
  const bool call_site =
      op.place.offset == 0 && World::HasRecord(state.world->function(function).kind);
  if (call_site) {
    const Errno error = CheckCallSite(state, function, address);
    if (error != Errno::kOk) return error;
  }
  if (UsedSlots(state) == kEarlySlotCount) return Errno::kNoMem;
  if (Fails(state, FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  if (call_site) MakeNop(state, function, address);
  ProbedAddress entry;
  entry.address = address;
  entry.on_ftrace = call_site;
  entry.early = true;
  entry.probes = {op.kprobe};
  state.kprobe_table.insert(state.kprobe_table.begin(), entry);
  state.kprobes[Index(op.kprobe)] = {.registered = true, .address = address};
  return Errno::kOk;
}

void RemoveEarlyKprobe(State& state, KprobeId id) {
  const Address address = state.kprobes[Index(id)].address;
  std::erase_if(state.kprobe_table,
                [address](const ProbedAddress& entry) { return entry.address == address; });
  state.kprobes[Index(id)] = {};
}

Errno ConvertEarlyKprobes(State& state) {
  Errno last = Errno::kOk;
  // Arming one looks at what else the table holds, so those that fail leave it at the end.
  std::vector<Address> failed;
  for (ProbedAddress& entry : state.kprobe_table) {
    const Errno error = Convert(state, &entry);
    if (error == Errno::kOk) continue;
    last = error;
    failed.push_back(entry.address);
  }
  for (const Address address : failed) {
    RemoveEarlyKprobe(state, FindProbed(state, address)->probes.front());
  }
  return last;
}

bool HasJump(const State& state, Address address) {
  if (state.globals.phase == Phase::kRunning) return false;
  const ProbedAddress* const entry = FindProbed(state, address);
  return entry != nullptr && entry->early && !entry->suspended;
}

bool LiftJump(State& state, Address address) {
  if (!HasJump(state, address)) return false;
  FindProbed(state, address)->suspended = true;
  return true;
}

void ReturnJump(State& state, Address address) {
  if (ProbedAddress* const entry = FindProbed(state, address)) entry->suspended = false;
}

bool IsEarlyNop(const State& state, FunctionId function) {
  return std::find(state.early_nops.begin(), state.early_nops.end(), function) !=
         state.early_nops.end();
}

FunctionId SiteInTable(const State& state, const Place& place) {
  const Function& function = state.world->function(place.function);
  const bool covers = World::HasRecord(function.kind) && place.offset < World::kCallSize;
  return covers ? place.function : kNoFunction;
}

}  // namespace recount::reference
