// The addresses of a filter or notrace, as an immutable set.
//
// Kernel and SEMANTICS call it a hash. Membership is asked of the AddressIndex, so all that is left
// to do with the set itself is to copy it, edit the copy, and tell old from new: jobs of one merge
// over two sorted arrays. It is kept sorted, four bytes an address.
#ifndef RECOUNT_IMPL_FAST_FILTER_HASH_H_
#define RECOUNT_IMPL_FAST_FILTER_HASH_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "impl/fast/layout.h"

namespace recount::fast {

// The private copy an update edits before it is moved in (SEMANTICS 5).
struct HashCopy {
  std::vector<Cell> cells;  // ascending, no duplicates
  std::uint32_t cleared = 0;
  bool mod = false;

  bool empty() const { return cells.empty() && cleared == 0 && !mod; }
  bool Contains(Cell cell) const;
  // `sorted` is ascending, without duplicates.
  void Insert(std::span<const Cell> sorted);
  void Erase(std::span<const Cell> sorted);
};

class FilterHash {
 public:
  FilterHash() = default;
  // `live` counts the entries of all hashes alive, here and in the destructor; it outlives this.
  FilterHash(HashCopy content, std::uint32_t* live);
  ~FilterHash() { Release(); }
  FilterHash(FilterHash&& other) noexcept { *this = std::move(other); }
  FilterHash& operator=(FilterHash&& other) noexcept;

  std::span<const Cell> cells() const { return content_.cells; }
  std::uint32_t cleared() const { return content_.cleared; }
  bool mod() const { return content_.mod; }
  bool empty() const { return content_.empty(); }
  const HashCopy& Copy() const { return content_; }

 private:
  std::uint32_t entries() const {
    return static_cast<std::uint32_t>(content_.cells.size()) + content_.cleared;
  }
  void Release();

  HashCopy content_;
  std::uint32_t* live_ = nullptr;
};

// The symmetric difference, ascending, in two halves. Overwrites both vectors.
void Difference(std::span<const Cell> from, std::span<const Cell> to, std::vector<Cell>* removed,
                std::vector<Cell>* added);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_FILTER_HASH_H_
