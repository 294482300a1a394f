#include "harness/swarm.h"

#include <algorithm>
#include <span>
#include <utility>

#include "model/check.h"

namespace recount {
namespace {

// A few of [0, n), each once, in random order. REQUIRES: 0 < count <= n.
template <typename Id>
std::vector<Id> Some(std::uint32_t n, std::uint32_t count, Chooser* chooser) {
  RECOUNT_CHECK(count > 0 && count <= n);
  std::vector<Id> all(n);
  for (std::uint32_t i = 0; i < n; ++i) all[i] = static_cast<Id>(i);
  for (std::uint32_t i = 0; i < count; ++i) std::swap(all[i], all[i + chooser->Pick(n - i)]);
  all.resize(count);
  return all;
}

std::uint8_t OneOf(std::span<const std::uint8_t> values, Chooser* chooser) {
  return values[chooser->Pick(static_cast<std::uint32_t>(values.size()))];
}

struct KindRate {
  OpKind kind;
  std::uint16_t usual;  // weight when the Program neither prefers nor neglects it
  std::uint8_t off;     // of 16: how many Programs do without it
};

// Registering, filtering and loading are what every other kind needs to mean anything.
constexpr KindRate kKindRates[] = {
    {OpKind::kLoad, 10, 2},       {OpKind::kLoadBegin, 4, 9},  {OpKind::kLoadStep, 2, 0},
    {OpKind::kUnload, 8, 2},      {OpKind::kFreeInit, 1, 8},   {OpKind::kSetFilter, 14, 2},
    {OpKind::kSetFilterIp, 8, 4}, {OpKind::kShare, 2, 8},      {OpKind::kSetOps, 4, 4},
    {OpKind::kRegister, 10, 0},   {OpKind::kUnregister, 8, 2}, {OpKind::kFtraceEnabled, 2, 8},
    {OpKind::kHit, 4, 4},         {OpKind::kLocate, 2, 8},     {OpKind::kFault, 4, 0},
};
static_assert(std::size(kKindRates) == kOpKindCount);

void DrawKinds(Swarm* swarm, Chooser* chooser) {
  for (const KindRate& rate : kKindRates) {
    if (chooser->Chance(rate.off, 16)) continue;
    static constexpr std::uint8_t kFactors[] = {1, 2, 2, 2, 4, 8};
    swarm->kinds.Set(static_cast<std::size_t>(rate.kind), rate.usual * OneOf(kFactors, chooser));
  }
  // Death ends a Program's interesting life, and most failures cost a load: five Programs of eight
  // have no faults, and `verify`, which kills, is one fault in many where it is on at all.
  const bool faults = chooser->Chance(3, 8);
  if (faults) {
    for (const FaultPoint point : {FaultPoint::kRecordAlloc, FaultPoint::kHashCopy,
                                   FaultPoint::kHashMove, FaultPoint::kStage}) {
      if (chooser->Chance(1, 2)) {
        swarm->faults.Set(static_cast<std::size_t>(point), 4 + 4 * chooser->Pick(3));
      }
    }
    if (chooser->Chance(1, 3)) swarm->faults.Set(static_cast<std::size_t>(FaultPoint::kVerify), 1);
  }
  if (swarm->faults.total == 0) swarm->kinds.Set(static_cast<std::size_t>(OpKind::kFault), 0);
}

void DrawShapes(Swarm* swarm, Chooser* chooser) {
  constexpr std::array<std::uint8_t, kPatternShapeCount> kUsual = {8, 4, 4, 3, 2, 3, 3, 3, 2, 2};
  for (std::size_t i = 0; i < kPatternShapeCount; ++i) {
    const bool full = i == static_cast<std::size_t>(PatternShape::kFull);
    if (full || chooser->Chance(5, 8)) swarm->shapes.Set(i, kUsual[i]);
  }
}

}  // namespace

Swarm DrawSwarm(const World& world, Chooser* chooser) {
  Swarm swarm;
  DrawKinds(&swarm, chooser);
  DrawShapes(&swarm, chooser);

  static constexpr std::uint8_t kOpsCounts[] = {1, 2, 2, 3, 3, 4, 5, 8};
  swarm.ops = Some<OpsId>(kOpsCount, OneOf(kOpsCounts, chooser), chooser);
  const auto modules = static_cast<std::uint32_t>(world.modules().size());
  if (modules > 0) {
    static constexpr std::uint8_t kModuleCounts[] = {1, 2, 2, 3, 4, 6};
    swarm.modules = Some<ModuleId>(
        modules, std::min<std::uint32_t>(modules, OneOf(kModuleCounts, chooser)), chooser);
  }
  const auto slots = static_cast<std::uint32_t>(world.slot_count());
  static constexpr std::uint8_t kSlotCounts[] = {1, 2, 3, 4, 8};
  swarm.slots =
      Some<SlotId>(slots, std::min<std::uint32_t>(slots, OneOf(kSlotCounts, chooser)), chooser);

  static constexpr std::uint8_t kCareless[] = {0, 1, 1, 3};
  static constexpr std::uint8_t kFailing[] = {0, 0, 0, 1, 5};
  static constexpr std::uint8_t kTracers[] = {0, 8, 8, 16};
  static constexpr std::uint8_t kOften[] = {0, 2, 4, 8};
  static constexpr std::uint8_t kLoadOn[] = {1, 4, 8, 12};
  swarm.careless = OneOf(kCareless, chooser);
  swarm.failing_loads = OneOf(kFailing, chooser);
  swarm.tracers = OneOf(kTracers, chooser);
  swarm.negated = OneOf(kOften, chooser);
  swarm.resets = OneOf(kOften, chooser);
  swarm.module_patterns = OneOf(kOften, chooser);
  swarm.load_on = OneOf(kLoadOn, chooser);
  swarm.save_regs = chooser->Chance(1, 2);
  swarm.ipmodify = chooser->Chance(1, 4);
  swarm.permanent = chooser->Chance(1, 4);

  swarm.core_first = chooser->Pick(std::max<std::uint32_t>(1, world.core().count));
  swarm.core_width = 1 + chooser->Pick(8);
  return swarm;
}

}  // namespace recount
