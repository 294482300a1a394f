// What is known about an address: which record is there, and which hash pairs name it.
//
// The index is two plain arrays of numbers: a directory with one leaf number for every 64 cells,
// and the leaves, 64 entries each. A lookup is two loads and no pointer. Leaf 0 is all empty and
// shared by every stretch of cells that holds nothing, so a lookup has no branch either.
//
// The second half of an entry is the reverse index: a bit for each hash pair that has the address
// in its filter, and one for its notrace. It outlives records, so a module that comes back asks one
// entry a record who wants it, instead of every ops for every record (SEMANTICS 2, 4 `enable`).
#ifndef RECOUNT_IMPL_FAST_ADDRESS_INDEX_H_
#define RECOUNT_IMPL_FAST_ADDRESS_INDEX_H_

#include <array>
#include <cstdint>
#include <vector>

#include "impl/fast/layout.h"
#include "model/op.h"

namespace recount::fast {

// Number of a record in the RecordTable.
using RecordId = std::uint32_t;
inline constexpr RecordId kNoRecord = 0xffffffffu;

class AddressIndex {
 public:
  // Forgets everything; cells are [0, cells).
  void Reset(Cell cells);

  // The record whose call site begins at `cell`, or kNoRecord.
  RecordId Find(Cell cell) const { return records_[Entry(cell)]; }
  // Bit p: pair p has `cell` in its filter (or notrace).
  std::uint8_t Pairs(Which which, Cell cell) const { return pairs_[At(which)][Entry(cell)]; }

  void SetRecord(Cell cell, RecordId record);
  // Nothing unless `record` is what Find(cell) gives.
  void ClearRecord(Cell cell, RecordId record);
  void SetPair(Which which, Cell cell, unsigned pair);
  void ClearPair(Which which, Cell cell, unsigned pair);

  // Memory taken, directory and leaves.
  std::size_t bytes() const;

 private:
  static constexpr unsigned kLeafBits = 6;
  static constexpr std::size_t kLeafSize = std::size_t{1} << kLeafBits;

  static std::size_t At(Which which) { return static_cast<std::size_t>(which); }
  std::size_t Entry(Cell cell) const {
    return (std::size_t{leaf_of_[cell >> kLeafBits]} << kLeafBits) | (cell & (kLeafSize - 1));
  }
  // Entry() in a leaf that may be written; gives the cell's stretch a leaf when it has none.
  std::size_t Own(Cell cell);
  // One fact of the cell's leaf is gone; the last one frees the leaf.
  void Drop(Cell cell);

  std::vector<std::uint32_t> leaf_of_;
  std::vector<RecordId> records_;
  std::array<std::vector<std::uint8_t>, 2> pairs_;
  std::vector<std::uint32_t> facts_;  // a leaf: records and pair bits in it
  std::vector<std::uint32_t> free_;   // leaves to be used again; all empty
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_ADDRESS_INDEX_H_
