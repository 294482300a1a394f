// Cells: the address space of a World, numbered.
//
// Every address that can ever hold a function (the core's image, and from each slot on as many
// functions as the longest module has) gets a 32-bit number, its cell, dense and ascending with the
// address. Filters, records and indices hold cells: half the bytes of an address, and an index into
// an array instead of a key to be hashed.
#ifndef RECOUNT_IMPL_FAST_LAYOUT_H_
#define RECOUNT_IMPL_FAST_LAYOUT_H_

#include <cstdint>
#include <vector>

#include "model/ids.h"
#include "model/world.h"

namespace recount::fast {

using Cell = std::uint32_t;

class Layout {
 public:
  Layout() = default;
  explicit Layout(const World& world);

  // Cells are [0, cells()); the core's are its positions.
  Cell cells() const { return cells_; }
  Cell SlotCell(SlotId slot) const { return slot_cells_[Index(slot)]; }
  // The cell `address` lies in; false when it lies in none.
  bool CellAt(Address address, Cell* cell) const {
    if (address < World::kModuleBase) {
      const Address position = (address - World::kCoreBase) / World::kFunctionStride;
      *cell = static_cast<Cell>(position);
      return address >= World::kCoreBase && position < modules_begin_;
    }
    const Segment* segment = &segments_.back();
    while (segment != segments_.data() && address < segment->address) --segment;
    const Address position = (address - segment->address) / World::kFunctionStride;
    *cell = static_cast<Cell>(segment->cell + position);
    return address >= segment->address && position < segment->size;
  }
  // The first address of the cell.
  Address AddressOf(Cell cell) const {
    if (cell < modules_begin_) return World::kCoreBase + Address{cell} * World::kFunctionStride;
    const Segment* segment = &segments_.back();
    while (cell < segment->cell) --segment;
    return segment->address + Address{cell - segment->cell} * World::kFunctionStride;
  }

 private:
  // A run of cells whose addresses follow one another.
  struct Segment {
    Cell cell;
    Cell size;
    Address address;
  };
  Cell modules_begin_ = 0;
  Cell cells_ = 0;
  std::vector<Segment> segments_;  // the module area, ascending; one where slots lie close
  std::vector<Cell> slot_cells_;
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_LAYOUT_H_
