#include "impl/fast/accounting.h"

#include <cstdint>
#include <span>
#include <utility>

#include "impl/fast/sweep.h"

namespace recount::fast {
namespace {

// The record at `cell` when it takes part in counting.
bool Counted(const Machine& m, Cell cell, RecordId* record) {
  *record = m.index.Find(cell);
  return *record != kNoRecord && (m.records.flags()[*record] & kDisabled) == 0;
}

bool In(const Machine& m, OpsId ops, Which which, Cell cell) {
  return (m.index.Pairs(which, cell) >> m.ops.at(ops).pair & 1) != 0;
}

bool Excluded(const Machine& m, OpsId ops, Cell cell) {
  return !IsHidden(ops) && In(m, ops, Which::kNotrace, cell);
}

bool IpModify(const Machine& m, OpsId ops) {
  return IsHidden(ops) ? ops != kKprobeOps : m.ops.at(ops).ipmodify;
}

// The registered IPMODIFY ops that ask for `cell`; the one registered first owns it.
AnyOpsSet Rivals(const Machine& m, Cell cell, OpsSet asking) {
  return (asking & m.ops.ipmodify()) | m.ops.LivepatchAt(cell) |
         (m.ops.KprobesAt(cell) & AnyBit(kKprobeIpmodifyOps));
}

OpsSet Asking(const Machine& m, Cell cell) {
  return m.ops.UsersOf(m.index.Pairs(Which::kFilter, cell)) & m.ops.registered();
}

void SetWanted(Machine& m, RecordId record) {
  std::uint8_t& flags = m.records.flags()[record];
  std::uint8_t keep = static_cast<std::uint8_t>(flags & ~kCountedBits);
  // Count and flags in one word, and the word written as if it were only a count.
  const std::uint8_t tally = m.records.tally()[record];
  if (m.bugs.has(Bug::kFirstRefFlagMask) && (tally & kCountMask) == 1) {
    keep = flags & kCurrentBits;
  }
  flags = static_cast<std::uint8_t>(
      keep | CountedBits(m.records.users()[record], tally, m.ops.save_regs()));
  m.Touch(record);
}

void Mark(Machine& m, RecordId record, OpsId ops, bool on) {
  const bool hidden = IsHidden(ops);
  std::uint8_t& set = hidden ? m.records.tally()[record] : m.records.users()[record];
  const std::uint8_t bit = hidden ? HiddenBit(ops) : Bit(ops);
  set = static_cast<std::uint8_t>(on ? set | bit : set & ~bit);
}

// One user more. False: ftrace died of it.
bool Get(Machine& m, RecordId record, OpsId ops) {
  std::uint8_t& tally = m.records.tally()[record];
  if ((tally & kCountMask) + 1 == kRefMax) {
    m.Die();
    return false;
  }
  ++tally;
  Mark(m, record, ops, true);
  SetWanted(m, record);
  return true;
}

// One user less. False: there was none, and ftrace died of it.
bool Put(Machine& m, RecordId record, OpsId ops) {
  std::uint8_t& tally = m.records.tally()[record];
  if ((tally & kCountMask) == 0) {
    m.Die();
    return false;
  }
  --tally;
  Mark(m, record, ops, false);
  SetWanted(m, record);
  return true;
}

// `cell` comes into the filter of the registered `ops`.
bool Join(Machine& m, OpsId ops, Cell cell) {
  RecordId record;
  if (!Counted(m, cell, &record)) return true;
  if (IpModify(m, ops)) {
    std::uint8_t& flags = m.records.flags()[record];
    if ((flags & kIpModify) != 0) return true;  // it waits for the owner to leave
    flags |= kIpModify;
  }
  return Excluded(m, ops, cell) || Get(m, record, ops);
}

// `cell` goes out of the filter of the registered `ops`.
bool Leave(Machine& m, OpsId ops, Cell cell) {
  RecordId record;
  if (!Counted(m, cell, &record)) return true;
  const bool counted = !Excluded(m, ops, cell);
  if (!IpModify(m, ops)) return !counted || Put(m, record, ops);

  const AnyOpsSet rivals = Rivals(m, cell, Asking(m, cell));
  if (m.ops.FirstRegistered(rivals) != ops) return true;  // it was only waiting
  if (counted && !Put(m, record, ops)) return false;
  const AnyOpsSet waiting = rivals & ~AnyBit(ops);
  if (waiting == 0) {
    m.records.flags()[record] &= static_cast<std::uint8_t>(~kIpModify);
    return true;
  }
  const OpsId next = m.ops.FirstRegistered(waiting);
  return Excluded(m, next, cell) || Get(m, record, next);
}

Columns ColumnsOf(Machine& m, const Group& group) {
  return {.users = m.records.users() + group.first,
          .tally = m.records.tally() + group.first,
          .flags = m.records.flags() + group.first,
          .site = m.records.site() + group.first,
          .size = group.used};
}

// All records that `ops`, whose filter is empty, traces.
bool CountAll(Machine& m, OpsId ops) {
  m.touched_all = true;
  for (const Group& group : m.records.groups()) {
    if (group.used == 0) continue;
    if (SweepCount(ColumnsOf(m, group), Bit(ops), m.ops.save_regs()) == group.used) continue;
    m.Die();
    return false;
  }
  // The sweep asks nobody; what the notrace excludes is taken back one by one.
  for (const Cell cell : m.ops.Hash(ops, Which::kNotrace).cells()) {
    RecordId record;
    if (Counted(m, cell, &record) && !Put(m, record, ops)) return false;
  }
  return true;
}

bool UncountAll(Machine& m, OpsId ops) {
  m.touched_all = true;
  for (const Cell cell : m.ops.Hash(ops, Which::kNotrace).cells()) {
    RecordId record;
    if (Counted(m, cell, &record) && !Get(m, record, ops)) return false;
  }
  for (const Group& group : m.records.groups()) {
    if (group.used == 0) continue;
    if (SweepUncount(ColumnsOf(m, group), Bit(ops), m.ops.save_regs()) == group.used) continue;
    m.Die();
    return false;
  }
  return true;
}

bool JoinEach(Machine& m, OpsId ops, std::span<const Cell> cells) {
  for (const Cell cell : cells) {
    if (!Join(m, ops, cell)) return false;
  }
  return true;
}

bool LeaveEach(Machine& m, OpsId ops, std::span<const Cell> cells) {
  for (const Cell cell : cells) {
    if (!Leave(m, ops, cell)) return false;
  }
  return true;
}

// The filter of `ops` changes from `old_hash` to `content`; m.removed and m.added are the
// difference.
bool ChangeFilter(Machine& m, OpsId ops, const FilterHash& old_hash, const HashCopy& content) {
  const bool old_all = old_hash.empty();
  bool new_all = content.empty();
  // Emptied by removing: "none" for the counts, "all" for whoever looks at the hash.
  if (m.bugs.has(Bug::kGlobNegationOrder) && !old_all) new_all = false;
  if (old_all && new_all) return true;
  if (old_all) return UncountAll(m, ops) && JoinEach(m, ops, content.cells);
  if (new_all) return LeaveEach(m, ops, old_hash.cells()) && CountAll(m, ops);
  // Counted down with the old hash, up with the new one: both halves.
  if (!m.bugs.has(Bug::kHashMoveBalance) && !LeaveEach(m, ops, m.removed)) return false;
  return JoinEach(m, ops, m.added);
}

bool ChangeNotrace(Machine& m, OpsId ops) {
  const bool all = m.ops.Hash(ops, Which::kFilter).empty();
  for (const Cell cell : m.added) {
    RecordId record;
    if (!all && !In(m, ops, Which::kFilter, cell)) continue;
    if (Counted(m, cell, &record) && !Put(m, record, ops)) return false;
  }
  for (const Cell cell : m.removed) {
    RecordId record;
    if (!all && !In(m, ops, Which::kFilter, cell)) continue;
    if (Counted(m, cell, &record) && !Get(m, record, ops)) return false;
  }
  return true;
}

}  // namespace

void CountOps(Machine& m, OpsId ops) {
  if (IsLivepatch(ops)) {
    if (const auto cell = m.ops.LivepatchFilter(ops)) Join(m, ops, *cell);
    return;
  }
  if (IsKprobe(ops)) {
    for (const Cell cell : m.ops.KprobeFilter(ops)) Join(m, ops, cell);
    return;
  }
  const FilterHash& filter = m.ops.Hash(ops, Which::kFilter);
  if (filter.empty()) {
    CountAll(m, ops);
  } else {
    JoinEach(m, ops, filter.cells());
  }
}

void UncountOps(Machine& m, OpsId ops) {
  if (IsLivepatch(ops)) {
    if (const auto cell = m.ops.LivepatchFilter(ops)) Leave(m, ops, *cell);
    return;
  }
  if (IsKprobe(ops)) {
    for (const Cell cell : m.ops.KprobeFilter(ops)) Leave(m, ops, cell);
    return;
  }
  const FilterHash& filter = m.ops.Hash(ops, Which::kFilter);
  if (filter.empty()) {
    UncountAll(m, ops);
  } else {
    LeaveEach(m, ops, filter.cells());
  }
}

void ReplaceHash(Machine& m, unsigned pair, Which which, HashCopy content) {
  const FilterHash& old_hash = m.ops.pair(pair).hash[At(which)];
  Difference(old_hash.cells(), content.cells, &m.removed, &m.added);
  ForEachBit(m.ops.pair(pair).users & m.ops.registered(), [&](unsigned number) {
    const auto ops = static_cast<OpsId>(number);
    if (which == Which::kFilter) {
      ChangeFilter(m, ops, old_hash, content);
    } else {
      ChangeNotrace(m, ops);
    }
  });
  m.ops.Replace(pair, which, std::move(content), m.removed, m.added);
}

void ChangeKprobeFilter(Machine& m, OpsId ops, Cell cell, bool remove) {
  const bool there = m.ops.KprobeFilter(ops).contains(cell);
  if (there != remove) return;
  const bool registered = m.ops.registered(ops);
  if (remove) {
    if (registered) Leave(m, ops, cell);
    m.ops.DropFromKprobeFilter(ops, cell);
  } else {
    if (registered) Join(m, ops, cell);
    m.ops.NameInKprobeFilter(ops, cell);
  }
}

Tracers TracersAt(const Machine& m, Cell cell, OpsSet trace_all) {
  const OpsSet asking = Asking(m, cell);
  const OpsSet excluded = m.ops.UsersOf(m.index.Pairs(Which::kNotrace, cell));
  Tracers tracers;
  AnyOpsSet users = trace_all | asking | m.ops.KprobesAt(cell);
  if (const AnyOpsSet rivals = Rivals(m, cell, asking); rivals != 0) {
    tracers.ipmodify = true;
    users = (users & ~rivals) | AnyBit(m.ops.FirstRegistered(rivals));
  }
  tracers.users = static_cast<OpsSet>(users) & static_cast<OpsSet>(~excluded);
  if (users >> kOpsCount == 0) return tracers;
  if ((users & kLivepatchSet) != 0) tracers.hidden |= kByLivepatch;
  for (const OpsId ops : {kKprobeOps, kKprobeIpmodifyOps}) {
    if ((users & AnyBit(ops)) != 0) tracers.hidden |= HiddenBit(ops);
  }
  return tracers;
}

bool AnyOwned(const Machine& m, std::span<const Cell> cells) {
  for (const Cell cell : cells) {
    RecordId record;
    if (Counted(m, cell, &record) && (m.records.flags()[record] & kIpModify) != 0) return true;
  }
  return false;
}

}  // namespace recount::fast
