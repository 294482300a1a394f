#include "impl/fast/filter_hash.h"

#include <algorithm>
#include <iterator>

namespace recount::fast {

bool HashCopy::Contains(Cell cell) const {
  return std::binary_search(cells.begin(), cells.end(), cell);
}

void HashCopy::Insert(std::span<const Cell> sorted) {
  if (sorted.size() == 1) {
    const auto at = std::lower_bound(cells.begin(), cells.end(), sorted[0]);
    if (at == cells.end() || *at != sorted[0]) cells.insert(at, sorted[0]);
    return;
  }
  std::vector<Cell> united;
  united.reserve(cells.size() + sorted.size());
  std::set_union(cells.begin(), cells.end(), sorted.begin(), sorted.end(),
                 std::back_inserter(united));
  cells = std::move(united);
}

void HashCopy::Erase(std::span<const Cell> sorted) {
  if (cells.empty()) return;
  const Cell* next = sorted.data();
  const Cell* const end = next + sorted.size();
  const auto last = std::remove_if(cells.begin(), cells.end(), [&](Cell cell) {
    while (next != end && *next < cell) ++next;
    return next != end && *next == cell;
  });
  cells.erase(last, cells.end());
}

FilterHash::FilterHash(HashCopy content, std::uint32_t* live)
    : content_(std::move(content)), live_(live) {
  *live_ += entries();
}

FilterHash& FilterHash::operator=(FilterHash&& other) noexcept {
  if (this == &other) return *this;
  Release();
  content_ = std::exchange(other.content_, {});
  live_ = std::exchange(other.live_, nullptr);
  return *this;
}

void FilterHash::Release() {
  if (live_ != nullptr) *live_ -= entries();
  live_ = nullptr;
}

void Difference(std::span<const Cell> from, std::span<const Cell> to, std::vector<Cell>* removed,
                std::vector<Cell>* added) {
  removed->clear();
  added->clear();
  // An update mostly touches a few entries of many: what is alike at both ends needs no merge.
  while (!from.empty() && !to.empty() && from.front() == to.front()) {
    from = from.subspan(1);
    to = to.subspan(1);
  }
  while (!from.empty() && !to.empty() && from.back() == to.back()) {
    from = from.first(from.size() - 1);
    to = to.first(to.size() - 1);
  }
  std::set_difference(from.begin(), from.end(), to.begin(), to.end(), std::back_inserter(*removed));
  std::set_difference(to.begin(), to.end(), from.begin(), from.end(), std::back_inserter(*added));
}

}  // namespace recount::fast
