#include "impl/linux/address_space.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "impl/linux/host.h"
#include "impl/linux/kernel.h"
#include "model/check.h"

namespace recount {
namespace {

constexpr unsigned char kTrap = 0xcc;

}  // namespace

bool AddressSpace::Reset(WorldPtr world) {
  world_ = std::move(world);
  text_begin_ = reinterpret_cast<unsigned long>(rk_text());  // NOLINT: addresses are numbers here
  core_units_ = world_->core().count;
  std::size_t units = 0;
  for (std::size_t slot = 0; slot < world_->slot_count(); ++slot) {
    const Address begin = world_->SlotAddress(static_cast<SlotId>(slot)) - World::kModuleBase;
    for (const Module& module : world_->modules()) {
      units = std::max<std::size_t>(
          units, begin / World::kFunctionStride + std::max<std::uint32_t>(module.count, 1));
    }
  }
  units += core_units_;
  if (units * World::kFunctionStride > rk_text_capacity()) return false;
  functions_.assign(units, kNoFunction);
  records_.assign(units, kNoFunction);
  std::memset(rk_text(), kTrap, text_size());
  WriteText(world_->core(), World::kCoreBase, /*dead=*/false);
  ForgetModules();
  return true;
}

void AddressSpace::ForgetModules() {
  std::fill(functions_.begin(), functions_.end(), kNoFunction);
  AddSymbols(world_->core(), World::kCoreBase);
  NoteRecords(world_->core(), World::kCoreBase);
}

void AddressSpace::AddSymbols(const Module& image, Address base) {
  if (image.count == 0) return;
  const std::size_t first = UnitOf(Real(base));
  for (std::uint32_t i = 0; i < image.count; ++i) {
    functions_[first + i] = static_cast<FunctionId>(image.first + i);
  }
}

void AddressSpace::DropSymbols(const Module& image, Address base) {
  if (image.count == 0) return;
  std::fill_n(functions_.begin() + static_cast<std::ptrdiff_t>(UnitOf(Real(base))), image.count,
              kNoFunction);
}

void AddressSpace::DropInitSymbols(const Module& image, Address base) {
  for (std::uint32_t i = image.init_begin; i < image.init_end; ++i) {
    functions_[UnitOf(Real(base + Address{i} * World::kFunctionStride))] = kNoFunction;
  }
}

void AddressSpace::WriteText(const Module& image, Address base, bool dead) {
  for (std::uint32_t i = 0; i < image.count; ++i) {
    const FunctionId id = static_cast<FunctionId>(image.first + i);
    const unsigned long at = Real(base + Address{i} * World::kFunctionStride);
    std::array<unsigned char, World::kCallSize> site;
    const bool kept = dead && rk_location(at) == at;
    if (kept) std::memcpy(site.data(), rk_text() + (at - text_begin_), site.size());
    if (World::HasRecord(world_->function(id).kind)) {
      rk_write_call(at);
    } else {
      rk_write_plain(at);
    }
    if (kept) std::memcpy(rk_text() + (at - text_begin_), site.data(), site.size());
  }
}

void AddressSpace::WipeText(Address begin, Address end) {
  if (begin == end) return;
  std::memset(rk_text() + (Real(begin) - text_begin_), kTrap, end - begin);
}

FunctionId AddressSpace::SymbolAt(unsigned long real) const {
  const unsigned long distance = real - text_begin_;
  if (real < text_begin_ || distance >= text_size()) return kNoFunction;
  return functions_[distance / World::kFunctionStride];
}

const std::vector<unsigned long>& AddressSpace::CallSites(const Module& image, Address base) {
  sites_.clear();
  for (std::uint32_t i = 0; i < image.count; ++i) {
    const FunctionKind kind = world_->functions()[image.first + i].kind;
    if (World::HasEntry(kind) && !World::HasRecord(kind)) sites_.push_back(0);
  }
  for (std::uint32_t i = 0; i < image.count; ++i) {
    const FunctionKind kind = world_->functions()[image.first + i].kind;
    if (World::HasRecord(kind)) sites_.push_back(Real(base + Address{i} * World::kFunctionStride));
  }
  return sites_;
}

void AddressSpace::NoteRecords(const Module& image, Address base) {
  if (image.count == 0) return;
  const std::size_t first = UnitOf(Real(base));
  for (std::uint32_t i = 0; i < image.count; ++i) {
    records_[first + i] = static_cast<FunctionId>(image.first + i);
  }
}

KernelHost& TheKernelHost() {
  static KernelHost host;
  return host;
}

}  // namespace recount

extern "C" int host_find_symbol(unsigned long address, host_symbol* symbol) {
  using namespace recount;  // NOLINT: this is C's namespace
  const AddressSpace* const space = TheKernelHost().space;
  if (space == nullptr) return 0;
  const FunctionId id = space->SymbolAt(address);
  if (id == kNoFunction) return 0;
  const Function& function = space->world().function(id);
  const unsigned long start = address - address % World::kFunctionStride;
  const bool weak = function.kind == FunctionKind::kWeak;
  // What an overridden weak function leaves belongs to the symbol before it.
  symbol->name = weak ? "before_weak" : function.name.c_str();
  symbol->start = weak ? start - World::kFunctionStride : start;
  symbol->size = World::kFunctionStride * (weak ? 2 : 1);
  symbol->module = nullptr;
  if (function.module != kCore) {
    symbol->module = space->world().module(function.module).name.c_str();
  }
  return 1;
}

extern "C" int host_next_symbol(int module, unsigned* next, host_symbol* symbol) {
  using namespace recount;  // NOLINT: as above
  const KernelHost& host = TheKernelHost();
  const World& world = host.space->world();
  const auto id = static_cast<ModuleId>(module);
  const Module& image = module < 0 ? world.core() : world.module(id);
  const Address base =
      module < 0 ? World::kCoreBase : world.SlotAddress((*host.modules)[Index(id)].slot);
  while (*next < image.count) {
    const auto function = static_cast<FunctionId>(image.first + *next);
    const unsigned long start = host.space->Real(base + Address{*next} * World::kFunctionStride);
    ++*next;
    // What of a module is gone has no symbol any more; a weak one never had one.
    if (host.space->SymbolAt(start) != function ||
        world.function(function).kind == FunctionKind::kWeak) {
      continue;
    }
    *symbol = {.name = world.function(function).name.c_str(),
               .module = module < 0 ? nullptr : image.name.c_str(),
               .start = start,
               .size = World::kFunctionStride};
    return 1;
  }
  return 0;
}

extern "C" int host_module_present(const char* name, unsigned long length) {
  using namespace recount;  // NOLINT: as above
  const KernelHost& host = TheKernelHost();
  const auto id = host.space->world().FindModule({name, length});
  if (!id) return 0;
  const ModuleState state = (*host.modules)[Index(*id)].state;
  return state == ModuleState::kComing || state == ModuleState::kLive ? 1 : 0;
}
