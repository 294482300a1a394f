#include "impl/fast/early_kprobes.h"

#include "impl/fast/boot.h"
#include "impl/fast/kprobe_arming.h"
#include "impl/fast/kprobes.h"
#include "impl/fast/optprobes.h"

namespace recount::fast {
namespace {

// The record whose call site begins at `address`, or kNoRecord.
RecordId RecordAt(const Machine& m, Address address) {
  Cell cell;
  const bool begins = address % World::kFunctionStride == 0 && m.layout.CellAt(address, &cell);
  return begins ? m.index.Find(cell) : kNoRecord;
}

Address AddressOf(const Machine& m, RecordId record) {
  return m.layout.AddressOf(m.records.cells()[record]);
}

// A jump at `address` and what is probed at some entry would share a byte.
bool Overlaps(const Machine& m, Address address) {
  bool any = false;
  m.kprobes.table.ForEachInRange(address - kJumpSize + 1, address + kJumpSize,
                                 [&any](const ProbedAddress&) { any = true; });
  return any;
}

// The call site at `cell` can be jumped from, which a call cannot.
Errno CheckCallSite(const Machine& m, Cell cell) {
  if (m.globals.phase == Phase::kSorted) {
    return IsCallSite(m, cell) ? Errno::kOk : Errno::kInval;
  }
  const RecordId record = m.index.Find(cell);  // none before ftrace_init()
  if (record == kNoRecord) return Errno::kInval;
  const std::uint8_t site = m.records.site()[record];
  return site == kSiteNop || site == kSiteMcount ? Errno::kOk : Errno::kBusy;
}

// What is there is a NOP from here on, with a jump over it.
void JumpFromCallSite(Machine& m, Cell cell) {
  const RecordId record = m.index.Find(cell);
  if (record != kNoRecord) {
    m.records.site()[record] = kSiteJump;
  } else {
    m.call_sites.Find(cell)->nop = true;
  }
}

// The place has what was under the jump again. A suspended one is under nothing.
void TakeJumpOff(Machine& m, ProbedAddress* entry) {
  if (entry->armed != ArmedOn::kJump) return;
  m.kprobes.table.SetArmed(entry, ArmedOn::kNothing);
  const RecordId record = entry->on_ftrace ? RecordAt(m, entry->address) : kNoRecord;
  if (record != kNoRecord) m.records.site()[record] = kSiteNop;
}

// The probe of `entry` is not registered any more, and the entry goes with it.
void Forget(Machine& m, ProbedAddress* entry) {
  m.kprobes.table.probe(entry->first) = Probe();
  m.kprobes.table.Remove(entry);
}

Errno Convert(Machine& m, ProbedAddress* entry) {
  TakeJumpOff(m, entry);
  // Whoever asks the phase finds kprobes up already, and takes the slot for an ordinary one.
  if (!m.bugs.has(Bug::kEarlyEnabledFlagMixup)) m.kprobes.early_slots.Give(entry->early_slot);
  entry->early_slot = kNoEarlySlot;
  entry->suspended = false;
  if (entry->on_ftrace) return Arm(m, entry);
  if (m.faults.Pass(FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  const Errno error = Arm(m, entry);
  PrepareJump(m, entry);
  return error;
}

}  // namespace

Errno AddEarly(Machine& m, ProbeId id, const AddKprobe& op, Address address) {
  if (op.post || op.disabled) return Errno::kInval;
  if (!InstructionBegins(op.place.offset)) return Errno::kIlSeq;
  if (op.place.offset + kJumpSize > World::kFunctionStride) return Errno::kInval;
  if (Overlaps(m, address)) return Errno::kExist;
  const bool call_site =
      op.place.offset == 0 && World::HasRecord(m.world->function(op.place.function).kind);
  Cell cell = 0;
  m.CellOf(op.place.function, &cell);
  if (call_site) {
    if (const Errno error = CheckCallSite(m, cell); error != Errno::kOk) return error;
  }
  Kprobes& kprobes = m.kprobes;
  if (kprobes.early_slots.full() || m.faults.Pass(FaultPoint::kKprobeSlot)) return Errno::kNoMem;
  if (call_site) JumpFromCallSite(m, cell);
  ProbedAddress* const entry = kprobes.table.Add(address);
  entry->early_slot = kprobes.early_slots.Take();
  entry->on_ftrace = call_site;
  kprobes.table.SetArmed(entry, ArmedOn::kJump);
  kprobes.table.Push(entry, id);
  return Errno::kOk;
}

void RemoveEarly(Machine& m, ProbedAddress* entry) {
  TakeJumpOff(m, entry);
  if (!m.bugs.has(Bug::kEarlySlotsExhausted)) m.kprobes.early_slots.Give(entry->early_slot);
  Forget(m, entry);
  m.kprobes.stale = true;
}

Errno ConvertEarlyKprobes(Machine& m) {
  Errno last = Errno::kOk;
  for (ProbedAddress* entry = m.kprobes.table.newest(); entry != nullptr;) {
    ProbedAddress* const next = entry->older;
    // Only jumps are looked for.
    const bool skipped = entry->suspended && m.bugs.has(Bug::kEarlyProbeNotConverted);
    const Errno error = skipped ? Errno::kOk : Convert(m, entry);
    if (error != Errno::kOk) {
      last = error;
      Forget(m, entry);
    }
    entry = next;
  }
  m.kprobes.stale = true;
  return last;
}

bool LiftJump(Machine& m, RecordId record) {
  if (m.records.site()[record] != kSiteJump) return false;
  ProbedAddress* const entry = m.kprobes.table.Find(AddressOf(m, record));
  if (entry == nullptr || entry->armed != ArmedOn::kJump) return false;  // left there by a bug
  TakeJumpOff(m, entry);
  entry->suspended = true;
  m.kprobes.stale = true;
  return true;
}

void ReturnJump(Machine& m, RecordId record) {
  if (m.kprobes.table.empty() || m.bugs.has(Bug::kEarlyMissedEventsWindow)) return;
  ProbedAddress* const entry = m.kprobes.table.Find(AddressOf(m, record));
  if (entry == nullptr || !entry->suspended) return;
  entry->suspended = false;
  m.kprobes.table.SetArmed(entry, ArmedOn::kJump);
  m.records.site()[record] = kSiteJump;
  m.kprobes.stale = true;
}

void PutJumpsOnRecords(Machine& m) {
  for (const ProbedAddress* entry = m.kprobes.table.newest(); entry != nullptr;
       entry = entry->older) {
    if (!entry->on_ftrace) continue;
    m.records.site()[RecordAt(m, entry->address)] = kSiteJump;
  }
}

}  // namespace recount::fast
