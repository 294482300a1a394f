#include "harness/generate/swarm.h"

#include <algorithm>
#include <limits>
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
// What only Programs with notifiers, with livepatches, and with kprobes have to do with.
constexpr KindRate kNotifierRates[] = {
    {OpKind::kAddNotifier, 5, 0}, {OpKind::kRemoveNotifier, 3, 3}, {OpKind::kSetScript, 6, 0},
    {OpKind::kNotify, 4, 4},      {OpKind::kNotifyRobust, 5, 2},
};
constexpr KindRate kLivepatchRates[] = {
    {OpKind::kSetPatch, 5, 0},
    {OpKind::kEnablePatch, 6, 0},
    {OpKind::kDisablePatch, 4, 3},
};
constexpr KindRate kKprobeRates[] = {
    {OpKind::kAddKprobe, 8, 0},     {OpKind::kRemoveKprobe, 5, 2}, {OpKind::kEnableKprobe, 3, 4},
    {OpKind::kDisableKprobe, 3, 4}, {OpKind::kKprobesArmed, 2, 8},
};
// Where there are jumps.
constexpr KindRate kOptprobeRates[] = {
    {OpKind::kOptimize, 6, 1},
};
// `boot` is drawn apart (boot.cc).
static_assert(std::size(kKindRates) + std::size(kNotifierRates) + std::size(kLivepatchRates) +
                  std::size(kKprobeRates) + std::size(kOptprobeRates) + 1 ==
              kOpKindCount);

void DrawRates(std::span<const KindRate> rates, Swarm* swarm, Chooser* chooser) {
  for (const KindRate& rate : rates) {
    if (chooser->Chance(rate.off, 16)) continue;
    static constexpr std::uint8_t kFactors[] = {1, 2, 2, 2, 4, 8};
    swarm->kinds.Set(static_cast<std::size_t>(rate.kind), rate.usual * OneOf(kFactors, chooser));
  }
}

void DrawKinds(const Profile& rules, Swarm* swarm, Chooser* chooser) {
  DrawRates(kKindRates, swarm, chooser);
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
    // Here somebody may repair it.
    if (rules.patch_failure == Profile::PatchFailure::kRepairable && chooser->Chance(1, 2)) {
      swarm->faults.Set(static_cast<std::size_t>(FaultPoint::kVerify), 3);
      swarm->faults.Set(static_cast<std::size_t>(FaultPoint::kWrite), 3);
    }
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

void DrawNotifiers(const Profile& rules, Swarm* swarm, Chooser* chooser) {
  NotifierSwarm& notifiers = swarm->notifiers;
  static constexpr std::uint8_t kCounts[] = {1, 2, 3, 3, 4, 4, 5, 8};
  notifiers.notifiers = Some<NotifierId>(kNotifierCount, OneOf(kCounts, chooser), chooser);
  // Mostly one chain, or few would have three on them: the loader's or one that only this calls.
  constexpr std::array<std::uint8_t, kChainCount> kChains[] = {
      {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {3, 2, 0, 0}, {3, 0, 2, 0}, {0, 1, 0, 0},
      {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}, {2, 0, 0, 3}, {2, 0, 0, 3}};
  constexpr std::size_t kWithTryFix = 4;  // at the end
  const bool repairs = rules.patch_failure == Profile::PatchFailure::kRepairable;
  // Instead of `raw` or `blocking` one in eight uses `atomic`, and one `srcu`: they can do less.
  // All in one question, so that the rest of the Program does not depend on it.
  constexpr std::uint32_t kShare = 8;
  const auto rows = static_cast<std::uint32_t>(std::size(kChains) - (repairs ? 0 : kWithTryFix));
  const std::uint32_t drawn = chooser->Pick(rows * kShare);
  const std::uint32_t share = drawn % kShare;
  for (std::size_t i = 0; i < kChainCount; ++i) {
    auto chain = static_cast<Chain>(i);
    const std::uint8_t weight = kChains[drawn / kShare][i];
    if (weight > 0 && IsFree(chain) && share == 0) chain = Chain::kAtomic;
    if (weight > 0 && IsFree(chain) && share == 1) chain = Chain::kSrcu;
    if (weight > 0) notifiers.chains.Set(static_cast<std::size_t>(chain), weight);
  }
  // Few, so that many are equal; the highest are those of ftrace and livepatch in load path
  // `chain`.
  constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
  static constexpr std::int32_t kPriorities[] = {0, 0, 0, 0, 1, 1, -1, 10, kHighest, kHighest - 1};
  for (std::uint32_t n = 1 + chooser->Pick(3); n > 0; --n) {
    notifiers.priorities.push_back(kPriorities[chooser->Pick(std::size(kPriorities))]);
  }
  static constexpr std::uint8_t kRefusals[] = {0, 1, 2, 5};
  static constexpr std::uint8_t kActs[] = {0, 6, 12};
  notifiers.refusals = OneOf(kRefusals, chooser);
  notifiers.acts = OneOf(kActs, chooser);

  DrawRates(kNotifierRates, swarm, chooser);
  if (!notifiers.calls()) {
    swarm->kinds.Set(static_cast<std::size_t>(OpKind::kNotify), 0);
    swarm->kinds.Set(static_cast<std::size_t>(OpKind::kNotifyRobust), 0);
  }
  // Between the stages notifiers come and go.
  constexpr auto kBegin = static_cast<std::size_t>(OpKind::kLoadBegin);
  if (swarm->kinds.weight[kBegin] == 0 && chooser->Chance(1, 2)) swarm->kinds.Set(kBegin, 6);
}

void DrawLivepatch(Swarm* swarm, Chooser* chooser) {
  LivepatchSwarm& livepatch = swarm->livepatch;
  static constexpr std::uint8_t kCounts[] = {1, 2, 2, 3, 4};
  livepatch.patches = Some<PatchId>(kPatchCount, OneOf(kCounts, chooser), chooser);
  static constexpr std::uint8_t kReplaces[] = {0, 0, 2, 6};
  static constexpr std::uint8_t kStacks[] = {0, 6, 12};
  livepatch.replaces = OneOf(kReplaces, chooser);
  livepatch.stacks = OneOf(kStacks, chooser);
  DrawRates(kLivepatchRates, swarm, chooser);
  // Somebody to quarrel with about IPMODIFY.
  swarm->ipmodify = swarm->ipmodify || chooser->Chance(1, 2);
  if (swarm->faults.total == 0) return;
  for (const FaultPoint point :
       {FaultPoint::kKlpAlloc, FaultPoint::kKlpSymbol, FaultPoint::kKlpCallback}) {
    if (chooser->Chance(1, 2)) swarm->faults.Set(static_cast<std::size_t>(point), 4);
  }
}

void DrawKprobes(const Profile& rules, Swarm* swarm, Chooser* chooser) {
  KprobeSwarm& kprobes = swarm->kprobes;
  static constexpr std::uint8_t kCounts[] = {1, 2, 3, 4, 4, 4};
  kprobes.kprobes = Some<KprobeId>(kKprobeCount, OneOf(kCounts, chooser), chooser);
  static constexpr std::uint8_t kPosts[] = {0, 6, 8, 8};
  static constexpr std::uint8_t kDisabled[] = {0, 0, 3, 8};
  static constexpr std::uint8_t kTogether[] = {2, 6, 12};
  static constexpr std::uint8_t kInside[] = {0, 2, 4, 12};
  kprobes.posts = OneOf(kPosts, chooser);
  kprobes.disabled = OneOf(kDisabled, chooser);
  kprobes.together = OneOf(kTogether, chooser);
  kprobes.inside = OneOf(kInside, chooser);
  DrawRates(kKprobeRates, swarm, chooser);
  // No jump stands on a call site, none has a post_handler, and each is for its neighbours to see.
  if (rules.optprobes == Profile::Optprobes::kOn && chooser->Chance(5, 8)) {
    static constexpr std::uint8_t kNeighbours[] = {0, 3, 8};
    kprobes.inside = 12;
    kprobes.posts = std::min<std::uint8_t>(kprobes.posts, 3);
    kprobes.neighbours = OneOf(kNeighbours, chooser);
    DrawRates(kOptprobeRates, swarm, chooser);
  }
  // Somebody to quarrel with about IPMODIFY.
  swarm->ipmodify = swarm->ipmodify || chooser->Chance(1, 2);
  if (swarm->faults.total == 0) return;
  for (const FaultPoint point : {FaultPoint::kKprobeAlloc, FaultPoint::kKprobeSlot}) {
    if (chooser->Chance(1, 2)) swarm->faults.Set(static_cast<std::size_t>(point), 4);
  }
}

}  // namespace

Swarm DrawSwarm(const World& world, const Profile& rules, Chooser* chooser) {
  Swarm swarm;
  DrawKinds(rules, &swarm, chooser);
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

  // Most Programs do without: what is not about them needs its programs too.
  if (chooser->Chance(3, 8)) DrawNotifiers(rules, &swarm, chooser);
  if (chooser->Chance(3, 8)) DrawLivepatch(&swarm, chooser);
  const bool early =
      rules.start == Profile::Start::kBoot && rules.early_kprobes == Profile::EarlyKprobes::kOn;
  if (chooser->Chance(early ? 7 : 3, 8)) DrawKprobes(rules, &swarm, chooser);
  return swarm;
}

}  // namespace recount
