#include "impl/fast/record_table.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include "model/view.h"

namespace recount::fast {
namespace {

constexpr std::uint32_t kPage = World::kRecordsPerPage;

constexpr std::uint8_t FloorLog2(std::uint32_t x) {
  return static_cast<std::uint8_t>(std::bit_width(x) - 1);
}

}  // namespace

void RecordTable::Reset(BugSet bugs) {
  bugs_ = bugs;
  groups_.clear();
  cells_.clear();
  users_.clear();
  tally_.clear();
  flags_.clear();
  site_.clear();
  free_.clear();
  live_ = released_ = removed_ = {};
}

void RecordTable::Create(const PlacedImage& image, bool disabled, Faults* faults) {
  // Null entries take their part in the allocation (S 1.3).
  std::uint32_t entries = 0;
  std::uint32_t left = 0;
  for (const Function& function : image.functions) {
    if (World::HasEntry(function.kind)) ++entries;
    if (World::HasRecord(function.kind)) ++left;
  }
  if (entries == 0) return;

  orders_.clear();
  while (entries > 0) {
    std::uint8_t order = FloorLog2((entries + kPage - 1) / kPage);
    while (faults->Pass(FaultPoint::kRecordAlloc)) {
      if (order == 0) {
        // All or nothing: a module that is traced in part would be no use to anybody.
        for (const std::uint8_t taken : orders_) GivePages(taken);
        // The header of the group was there already, its block never was.
        if (bugs_.has(Bug::kPagesZeroSizeFree)) --live_.pages;
        return;
      }
      --order;
    }
    TakePages(order);
    orders_.push_back(order);
    entries -= std::min(kPage << order, entries);
  }

  const Function* function = image.functions.data();
  for (const std::uint8_t order : orders_) {
    const std::uint32_t used = std::min(kPage << order, left);
    left -= used;
    if (used == 0 && !bugs_.has(Bug::kNullEntriesCounted)) {
      GivePages(order);  // the null entries filled it; freed at once (S 1.3)
      continue;
    }
    const RecordId first = used == 0 ? kNoRecord : TakeRun(used);
    groups_.push_back({.owner = image.owner,
                       .order = order,
                       .first = first,
                       .used = used,
                       .base = image.base,
                       .first_function = image.first});
    ++live_.groups;
    for (RecordId record = first; record != first + used; ++function) {
      if (!World::HasRecord(function->kind)) continue;
      const Cell cell = image.base + function->position;
      cells_[record] = cell;
      users_[record] = 0;
      tally_[record] = 0;
      site_[record] = kSiteNop;
      flags_[record] = disabled || function->kind == FunctionKind::kWeak ? kDisabled : 0;
      index_->SetRecord(cell, record);
      ++record;
    }
  }
}

void RecordTable::Remove(Cell begin, Cell end, std::vector<Cell>* gone) {
  if (begin >= end) return;
  const Amounts before = live_;
  // The range is half open; its end is the first function that stays (S 1.6).
  const Cell last = bugs_.has(Bug::kInitMemHashClearRange) ? end : end - 1;
  for (Group& group : groups_) {
    Cell* const cells = cells_.data() + group.first;
    if (group.used == 0 || cells[0] > last || cells[group.used - 1] < begin) continue;
    const auto from =
        static_cast<std::uint32_t>(std::lower_bound(cells, cells + group.used, begin) - cells);
    const auto to =
        static_cast<std::uint32_t>(std::upper_bound(cells, cells + group.used, last) - cells);
    if (from == to) continue;
    gone->insert(gone->end(), cells + from, cells + to);
    for (std::uint32_t i = from; i < to; ++i) index_->ClearRecord(cells[i], group.first + i);
    // The tail moves down, in every column.
    const std::uint32_t shift = to - from;
    for (RecordId record = group.first + to; record < group.end(); ++record) {
      const RecordId moved = record - shift;
      cells_[moved] = cells_[record];
      users_[moved] = users_[record];
      tally_[moved] = tally_[record];
      flags_[moved] = flags_[record];
      site_[moved] = site_[record];
      if (index_->Find(cells_[moved]) == record) index_->SetRecord(cells_[moved], moved);
    }
    group.used -= shift;
    GiveRun({group.end(), shift});
  }
  std::erase_if(groups_, [this](const Group& group) {
    if (group.used != 0 || group.first == kNoRecord) return false;
    FreeGroup(group);
    return true;
  });
  removed_ = before - live_;
}

void RecordTable::Release(ModuleId owner, std::vector<Cell>* gone) {
  const Amounts before = live_;
  std::erase_if(groups_, [&](const Group& group) {
    if (group.owner != owner) return false;
    const Cell* const cells = cells_.data() + group.first;
    gone->insert(gone->end(), cells, cells + group.used);
    for (RecordId record = group.first; record < group.end(); ++record) {
      index_->ClearRecord(cells_[record], record);
    }
    FreeGroup(group);
    return true;
  });
  released_ = before - live_;
}

FunctionId RecordTable::FunctionOf(RecordId record) const {
  for (const Group& group : groups_) {
    if (record < group.first || record >= group.end()) continue;
    return static_cast<FunctionId>(group.first_function + (cells_[record] - group.base));
  }
  return kNoFunction;
}

void RecordTable::SortByList(std::vector<RecordId>* records) const {
  std::sort(records->begin(), records->end());
  records->erase(std::unique(records->begin(), records->end()), records->end());
  // Within a group numbers ascend as the list does; groups may lie anywhere in the arrays.
  std::vector<RecordId> sorted;
  sorted.reserve(records->size());
  for (const Group& group : groups_) {
    const auto from = std::lower_bound(records->begin(), records->end(), group.first);
    const auto to = std::lower_bound(from, records->end(), group.end());
    sorted.insert(sorted.end(), from, to);
  }
  *records = std::move(sorted);
}

RecordId RecordTable::TakeRun(std::uint32_t count) {
  live_.records += count;
  for (Run& run : free_) {
    if (run.count < count) continue;
    const RecordId first = run.first;
    run.first += count;
    run.count -= count;
    if (run.count == 0) free_.erase(free_.begin() + (&run - free_.data()));
    return first;
  }
  const auto first = static_cast<RecordId>(cells_.size());
  const std::size_t size = cells_.size() + count;
  if (size > cells_.capacity()) {
    // A sixteenth more, not double: unused elements count in the bytes a record takes.
    const std::size_t capacity = std::max(size, cells_.capacity() + cells_.capacity() / 16);
    cells_.reserve(capacity);
    users_.reserve(capacity);
    tally_.reserve(capacity);
    flags_.reserve(capacity);
    site_.reserve(capacity);
  }
  cells_.resize(size);
  users_.resize(size);
  tally_.resize(size);
  flags_.resize(size);
  site_.resize(size);
  return first;
}

void RecordTable::GiveRun(Run run) {
  if (run.count == 0) return;
  live_.records -= run.count;
  auto next = std::lower_bound(free_.begin(), free_.end(), run,
                               [](const Run& a, const Run& b) { return a.first < b.first; });
  if (next != free_.begin() && std::prev(next)->first + std::prev(next)->count == run.first) {
    --next;
    next->count += run.count;
  } else {
    next = free_.insert(next, run);
  }
  const auto after = std::next(next);
  if (after != free_.end() && next->first + next->count == after->first) {
    next->count += after->count;
    free_.erase(after);
  }
}

void RecordTable::TakePages(std::uint8_t order) { live_.pages += 1u << order; }

void RecordTable::GivePages(std::uint8_t order) { live_.pages -= 1u << order; }

void RecordTable::FreeGroup(const Group& group) {
  // The order is stored; computed again from the records it comes out too low where the last page
  // is not full (zoo: pages-order-stored).
  const std::uint8_t order =
      bugs_.has(Bug::kPagesOrderStored) ? FloorLog2(std::max(group.used / kPage, 1u)) : group.order;
  GivePages(order);
  --live_.groups;
  GiveRun({group.first, group.used});
}

std::size_t RecordTable::bytes() const {
  return cells_.capacity() * sizeof(Cell) + users_.capacity() + tally_.capacity() +
         flags_.capacity() + site_.capacity() + groups_.capacity() * sizeof(Group) +
         free_.capacity() * sizeof(Run);
}

}  // namespace recount::fast
