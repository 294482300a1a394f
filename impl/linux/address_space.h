// Where a World lies in this process, and which symbols it has.
//
// A World's addresses are fictitious; the kernel code's are real. Core and module space are mapped
// one behind the other into the text arena, each function at its distance from the space's base.
#ifndef RECOUNT_IMPL_LINUX_ADDRESS_SPACE_H_
#define RECOUNT_IMPL_LINUX_ADDRESS_SPACE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/check.h"
#include "model/ids.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

class AddressSpace {
 public:
  // The core is there, its text written; no module is. False when the arena is too small for it.
  bool Reset(WorldPtr world);
  // As after Reset() with the same World, but the text is left alone.
  void ForgetModules();

  const World& world() const { return *world_; }
  std::size_t text_size() const { return functions_.size() * World::kFunctionStride; }
  unsigned long Real(Address address) const {
    return text_begin_ + (address >= World::kModuleBase ? address - World::kModuleBase + core_size()
                                                        : address - World::kCoreBase);
  }
  Address Fictitious(unsigned long real) const {
    const Address distance = real - text_begin_;
    return distance < core_size() ? World::kCoreBase + distance
                                  : World::kModuleBase + (distance - core_size());
  }

  // The functions of `image` get their symbols, or lose them: all of it, or its init text only.
  void AddSymbols(const Module& image, Address base);
  void DropSymbols(const Module& image, Address base);
  void DropInitSymbols(const Module& image, Address base);
  // The text of an image as the compiler leaves it, and bytes that trap where it was. `dead`: a
  // dead ftrace keeps the records of modules that are gone, and the View shows what stands at their
  // sites; that stays as ftrace left it.
  void WriteText(const Module& image, Address base, bool dead);
  void WipeText(Address begin, Address end);

  // Whose symbol begins at `real`; kNoFunction when none does.
  FunctionId SymbolAt(unsigned long real) const;
  // Call sites of an image in ascending order, its null entries, as zeros, first.
  const std::vector<unsigned long>& CallSites(const Module& image, Address base);

  // Whose record was made at an address: it stays when ftrace is dead and the function gone.
  void NoteRecords(const Module& image, Address base);
  FunctionId RecordAt(unsigned long real) const { return records_[UnitOf(real)]; }

 private:
  Address core_size() const { return core_units_ * World::kFunctionStride; }
  std::size_t UnitOf(unsigned long real) const {
    const std::size_t unit = (real - text_begin_) / World::kFunctionStride;
    RECOUNT_CHECK(unit < functions_.size());
    return unit;
  }

  WorldPtr world_;
  unsigned long text_begin_ = 0;
  std::size_t core_units_ = 0;
  std::vector<FunctionId> functions_;  // by unit of kFunctionStride bytes
  std::vector<FunctionId> records_;
  std::vector<unsigned long> sites_;
};

class Notifiers;

// What host.h asks of the one kernel there is: where it looks symbols up, which modules it has, and
// whom its notifiers call.
struct KernelHost {
  const AddressSpace* space = nullptr;
  const std::vector<ModuleView>* modules = nullptr;
  Notifiers* notifiers = nullptr;
};
KernelHost& TheKernelHost();

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_ADDRESS_SPACE_H_
