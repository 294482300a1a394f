#include "impl/fast/address_index.h"

namespace recount::fast {

void AddressIndex::Reset(Cell cells) {
  leaf_of_.assign((std::size_t{cells} >> kLeafBits) + 1, 0);
  records_.assign(kLeafSize, kNoRecord);
  for (auto& pairs : pairs_) pairs.assign(kLeafSize, 0);
  facts_.assign(1, 0);
  free_.clear();
}

std::size_t AddressIndex::Own(Cell cell) {
  std::uint32_t& leaf = leaf_of_[cell >> kLeafBits];
  if (leaf == 0) {
    if (free_.empty()) {
      leaf = static_cast<std::uint32_t>(facts_.size());
      const std::size_t size = records_.size() + kLeafSize;
      if (size > records_.capacity()) {
        // A sixteenth more, not double: the index has its share in the bytes a record takes.
        const std::size_t capacity = size + size / 16;
        records_.reserve(capacity);
        for (auto& pairs : pairs_) pairs.reserve(capacity);
      }
      facts_.push_back(0);
      records_.resize(size, kNoRecord);
      for (auto& pairs : pairs_) pairs.resize(size, 0);
    } else {
      leaf = free_.back();
      free_.pop_back();
    }
  }
  return Entry(cell);
}

void AddressIndex::Drop(Cell cell) {
  std::uint32_t& leaf = leaf_of_[cell >> kLeafBits];
  if (--facts_[leaf] != 0) return;
  free_.push_back(leaf);
  leaf = 0;
}

void AddressIndex::SetRecord(Cell cell, RecordId record) {
  const std::size_t entry = Own(cell);
  if (records_[entry] == kNoRecord) ++facts_[entry >> kLeafBits];
  records_[entry] = record;
}

void AddressIndex::ClearRecord(Cell cell, RecordId record) {
  const std::size_t entry = Entry(cell);
  if (records_[entry] != record) return;
  records_[entry] = kNoRecord;
  Drop(cell);
}

void AddressIndex::SetPair(Which which, Cell cell, unsigned pair) {
  const std::size_t entry = Own(cell);
  std::uint8_t& pairs = pairs_[At(which)][entry];
  const auto bit = static_cast<std::uint8_t>(1u << pair);
  if ((pairs & bit) != 0) return;
  pairs |= bit;
  ++facts_[entry >> kLeafBits];
}

void AddressIndex::ClearPair(Which which, Cell cell, unsigned pair) {
  std::uint8_t& pairs = pairs_[At(which)][Entry(cell)];
  const auto bit = static_cast<std::uint8_t>(1u << pair);
  if ((pairs & bit) == 0) return;
  pairs &= static_cast<std::uint8_t>(~bit);
  Drop(cell);
}

std::size_t AddressIndex::bytes() const {
  return leaf_of_.capacity() * sizeof(leaf_of_[0]) + records_.capacity() * sizeof(RecordId) +
         pairs_[0].capacity() + pairs_[1].capacity() +
         (facts_.capacity() + free_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace recount::fast
