#include "model/reference/module_records.h"

#include <algorithm>
#include <cstddef>

#include "model/reference/cached_filters.h"
#include "model/reference/filters.h"
#include "model/reference/patching.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

struct Range {
  Address begin = 0;
  Address end = 0;
};

// A module without functions takes the room of one.
Range ImageRange(const World& world, ModuleId module, SlotId slot) {
  const Address begin = world.SlotAddress(slot);
  const Address functions = std::max<Address>(world.module(module).count, 1);
  return {begin, begin + functions * World::kFunctionStride};
}

void RemoveInitRange(State& state, const Module& image, Address base) {
  const Address begin = base + Address{image.init_begin} * World::kFunctionStride;
  const Address end = base + Address{image.init_end} * World::kFunctionStride;
  ClearEntries(state, RemoveRange(state, begin, end));
}

// The records become ready one by one, each patched before the next (S 5.5).
void EnableRecords(State& state, ModuleId module) {
  if (state.globals.dead) return;
  for (Record& record : state.records) {
    const Function& function = state.world->function(record.function);
    if (function.module != module || function.kind == FunctionKind::kWeak) continue;
    record.disabled = false;
    const Wanted wanted = WantedOf(state, record);
    // Off: nothing is patched, the sysctl is heeded (S C2.4, intent).
    if (!state.globals.enabled || wanted.count == 0) continue;
    if (!PatchOne(state, record, DesiredOf(state, wanted))) return;
  }
}

}  // namespace

bool OverlapsAPresentModule(const State& state, ModuleId module, SlotId slot) {
  const World& world = *state.world;
  const Range mine = ImageRange(world, module, slot);
  for (std::size_t i = 0; i < state.modules.size(); ++i) {
    if (state.modules[i].state == ModuleState::kAbsent) continue;
    const Range other = ImageRange(world, ModuleId(i), state.modules[i].slot);
    if (mine.begin < other.end && other.begin < mine.end) return true;
  }
  return false;
}

void EnableModule(State& state, ModuleId module) {
  EnableRecords(state, module);
  ApplyCachedFilters(state, module);
}

void FreeInitText(State& state, ModuleId module) {
  RemoveInitRange(state, state.world->module(module), *BaseOf(state, module));
}

void ReleaseModule(State& state, ModuleId module) {
  ClearEntries(state, ReleaseGroups(state, module));
}

void FreeCoreInitText(State& state) {
  RemoveInitRange(state, state.world->core(), World::kCoreBase);
}

}  // namespace recount::reference
