#include "impl/fast/ops_table.h"

#include <algorithm>
#include <utility>

#include "model/check.h"

namespace recount::fast {

void OpsTable::Reset() {
  // The index is reset with the records; here only what it pointed from.
  for (unsigned i = 0; i < kOpsCount; ++i) {
    Ops& ops = ops_[i];
    for (CachedFilters& cached : ops.cached) {
      cached.Init(&live_cached_);
      cached.Clear();
    }
    ops.user = User::kKernel;
    ops.save_regs = ops.ipmodify = ops.permanent = false;
    ops.pair = i;
    for (FilterHash& hash : pairs_[i].hash) hash = FilterHash();
    pairs_[i].users = static_cast<OpsSet>(1u << i);
  }
  for (FilterHash& hash : livepatch_filter_) hash = FilterHash();
  for (std::set<Cell>& filter : kprobe_filter_) {
    live_entries_ -= static_cast<std::uint32_t>(filter.size());
    filter.clear();
  }
  registration_.fill(0);
  order_size_ = 0;
  registrations_ = 0;
  any_registered_ = 0;
  save_regs_ = ipmodify_ = permanent_ = 0;
}

void OpsTable::SetFlags(const SetOps& op) {
  Ops& ops = at(op.ops);
  if (ops.user != op.user) {
    // A new ops in the old one's place: nothing of it stays.
    LeavePair(op.ops);
    TakeFreshPair(op.ops);
    for (CachedFilters& cached : ops.cached) cached.Clear();
  }
  ops.user = op.user;
  ops.save_regs = op.save_regs;
  ops.ipmodify = op.ipmodify;
  ops.permanent = op.permanent;
  Set(&save_regs_, op.ops, op.save_regs);
  Set(&ipmodify_, op.ops, op.ipmodify);
  Set(&permanent_, op.ops, op.permanent);
}

void OpsTable::Share(OpsId ops, OpsId with) {
  const unsigned pair = at(with).pair;
  if (at(ops).pair == pair) return;
  LeavePair(ops);
  at(ops).pair = pair;
  pairs_[pair].users |= Bit(ops);
}

void OpsTable::LeavePair(OpsId ops) {
  const unsigned number = at(ops).pair;
  HashPair& pair = pairs_[number];
  Set(&pair.users, ops, false);
  if (pair.users != 0) return;
  for (const Which which : {Which::kFilter, Which::kNotrace}) {
    FilterHash& hash = pair.hash[At(which)];
    for (const Cell cell : hash.cells()) index_->ClearPair(which, cell, number);
    hash = FilterHash();
  }
}

void OpsTable::TakeFreshPair(OpsId ops) {
  const auto free = std::find_if(pairs_.begin(), pairs_.end(),
                                 [](const HashPair& pair) { return pair.users == 0; });
  RECOUNT_CHECK(free != pairs_.end());
  free->users = Bit(ops);
  at(ops).pair = static_cast<unsigned>(free - pairs_.begin());
}

void OpsTable::Replace(unsigned pair, Which which, HashCopy content, std::span<const Cell> removed,
                       std::span<const Cell> added) {
  for (const Cell cell : removed) index_->ClearPair(which, cell, pair);
  for (const Cell cell : added) index_->SetPair(which, cell, pair);
  pairs_[pair].hash[At(which)] =
      content.empty() ? FilterHash() : FilterHash(std::move(content), &live_entries_);
}

std::optional<Cell> OpsTable::LivepatchFilter(OpsId ops) const {
  const std::span<const Cell> cells = livepatch_filter_[Index(ops) - kOpsCount].cells();
  return cells.empty() ? std::nullopt : std::optional(cells.front());
}

void OpsTable::SetLivepatchFilter(OpsId ops, std::optional<Cell> cell) {
  livepatch_filter_[Index(ops) - kOpsCount] =
      cell ? FilterHash({.cells = {*cell}}, &live_entries_) : FilterHash();
}

AnyOpsSet OpsTable::LivepatchAt(Cell cell) const {
  AnyOpsSet found = 0;
  ForEachBit((any_registered_ & kLivepatchSet) >> kOpsCount, [&](unsigned number) {
    if (livepatch_cell_[number] == cell) found |= AnyOpsSet{1} << (kOpsCount + number);
  });
  return found;
}

OpsId OpsTable::LivepatchLastAt(Cell cell) const {
  auto last = static_cast<OpsId>(kOpsCount);
  std::uint64_t newest = 0;
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const std::uint64_t registration = registration_[kOpsCount + i];
    if (livepatch_cell_[i] != cell || registration <= newest) continue;
    newest = registration;
    last = static_cast<OpsId>(kOpsCount + i);
  }
  return last;
}

void OpsTable::NameInKprobeFilter(OpsId ops, Cell cell) {
  if (kprobe_filter_[KprobeAt(ops)].insert(cell).second) ++live_entries_;
}

void OpsTable::DropFromKprobeFilter(OpsId ops, Cell cell) {
  live_entries_ -= static_cast<std::uint32_t>(kprobe_filter_[KprobeAt(ops)].erase(cell));
}

void OpsTable::Register(OpsId ops) {
  any_registered_ |= AnyBit(ops);
  registration_[Index(ops)] = ++registrations_;
  if (IsLivepatch(ops)) {
    livepatch_cell_[Index(ops) - kOpsCount] = LivepatchFilter(ops).value_or(0);
  }
  std::copy_backward(order_.begin(), order_.begin() + order_size_,
                     order_.begin() + order_size_ + 1);
  order_[0] = ops;
  ++order_size_;
}

void OpsTable::Unlist(OpsId ops) {
  const auto end = order_.begin() + order_size_;
  order_size_ = static_cast<std::size_t>(std::remove(order_.begin(), end, ops) - order_.begin());
}

void OpsTable::Unregister(OpsId ops) {
  any_registered_ &= ~AnyBit(ops);
  Unlist(ops);
}

PairSet OpsTable::TracerPairs() const {
  PairSet pairs = 0;
  for (const Ops& ops : ops_) {
    if (ops.user == User::kTracer) pairs |= static_cast<PairSet>(1u << ops.pair);
  }
  return pairs;
}

OpsSet OpsTable::TraceAll() const {
  OpsSet set = 0;
  ForEachBit(registered(), [&](unsigned ops) {
    const auto id = static_cast<OpsId>(ops);
    if (Hash(id, Which::kFilter).empty()) set |= Bit(id);
  });
  return set;
}

OpsId OpsTable::FirstRegistered(AnyOpsSet set) const {
  OpsId first{};
  std::uint64_t lowest = ~std::uint64_t{0};
  ForEachBit(set, [&](unsigned ops) {
    const auto id = static_cast<OpsId>(ops);
    if (registration_[ops] >= lowest) return;
    lowest = registration_[ops];
    first = id;
  });
  return first;
}

}  // namespace recount::fast
