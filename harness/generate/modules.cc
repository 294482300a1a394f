// How the generator loads and unloads: the module that was here before comes back to where it was,
// and another to where it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "harness/generate/generate.h"
#include "model/op.h"

namespace recount {
namespace {

constexpr std::uint32_t kSlotTries = 4;

Address ImageSize(const Module& image) {
  return Address{std::max<std::uint32_t>(1, image.count)} * World::kFunctionStride;
}

}  // namespace

bool Generator::Overlaps(ModuleId module, SlotId slot, const View& view) const {
  const Address begin = world_->SlotAddress(slot);
  const Address end = begin + ImageSize(world_->module(module));
  for (const ModuleId other : swarm_.modules) {
    const ModuleView& there = view.modules[Index(other)];
    if (there.state == ModuleState::kAbsent) continue;
    const Address other_begin = world_->SlotAddress(there.slot);
    if (begin < other_begin + ImageSize(world_->module(other)) && other_begin < end) return true;
  }
  return false;
}

SlotId Generator::FreeSlot(std::size_t i, const View& view) {
  for (std::uint32_t attempt = 0; attempt < kSlotTries; ++attempt) {
    // Its own old place, where its leftovers are; the place of whoever came last; any.
    const std::uint32_t how = chooser_->Pick(8);
    SlotId slot = how < 4 ? last_slot_[i] : how < 6 ? newest_slot_ : kNoSlot;
    if (slot == kNoSlot) slot = OneOf(swarm_.slots);
    if (!Overlaps(swarm_.modules[i], slot, view)) return slot;
  }
  return kNoSlot;
}

bool Generator::MakeLoad(OpKind kind, const View& view, Op* op) {
  if (swarm_.modules.empty()) return false;
  std::size_t i;
  SlotId slot = kNoSlot;
  if (absent_.count > 0) {
    i = absent_.index[Below(absent_.count)];
    slot = FreeSlot(i, view);
  } else {
    i = Below(swarm_.modules.size());
  }
  if (slot == kNoSlot) {
    if (!Careless()) return false;
    slot = OneOf(swarm_.slots);
  }
  newest_slot_ = slot;
  const bool fail = Sometimes(swarm_.failing_loads);
  if (kind == OpKind::kLoadBegin) {
    LoadBegin begin{swarm_.modules[i], slot, std::nullopt};
    if (fail && chooser_->Chance(1, 4)) begin.failure = SomeErrno();
    *op = begin;
    return true;
  }
  Load load{swarm_.modules[i], slot, std::nullopt};
  if (fail) {
    auto stage = static_cast<Stage>(Below(kStageCount));
    if (!CanFail(stage)) stage = Stage::kInit;
    load.failure = StageFailure{stage, SomeErrno()};
  }
  *op = load;
  return true;
}

bool Generator::MakeLoadStep(const View& view, Op* op) {
  if (under_way_.count == 0) {
    if (swarm_.modules.empty() || !Careless()) return false;
    *op = LoadStep{OneOf(swarm_.modules), std::nullopt};
    return true;
  }
  const ModuleId module = swarm_.modules[under_way_.index[Below(under_way_.count)]];
  LoadStep step{module, std::nullopt};
  // A load has some dozen steps, so each is asked to fail less often than a load in one step.
  if (CanFail(view.modules[Index(module)].next) && Sometimes(swarm_.failing_loads) &&
      chooser_->Chance(1, 4)) {
    step.failure = SomeErrno();
  }
  *op = step;
  return true;
}

bool Generator::MakeUnload(Op* op) {
  if (live_.count > 0) {
    *op = Unload{swarm_.modules[live_.index[Below(live_.count)]]};
    return true;
  }
  if (swarm_.modules.empty() || !Careless()) return false;
  *op = Unload{OneOf(swarm_.modules)};
  return true;
}

}  // namespace recount
