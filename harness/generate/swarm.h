// The character of one random Program: which kinds of operation, fault and pattern it uses and how
// often, which modules, slots and ops it works with.
//
// Swarm testing: a Program that uses everything a little never gets far in any direction. One
// without `unregister` fills the call order; one without `ftrace_enabled` keeps patching; one with
// two ops and one slot meets its own leftovers at every step.
#ifndef RECOUNT_HARNESS_GENERATE_SWARM_H_
#define RECOUNT_HARNESS_GENERATE_SWARM_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/generate/chooser.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/profile.h"
#include "model/world.h"

namespace recount {

// The place of each kind in the Op variant.
enum class OpKind : std::uint8_t {
  kLoad,
  kLoadBegin,
  kLoadStep,
  kUnload,
  kFreeInit,
  kSetFilter,
  kSetFilterIp,
  kShare,
  kSetOps,
  kRegister,
  kUnregister,
  kFtraceEnabled,
  kHit,
  kLocate,
  kFault,
  kAddNotifier,
  kRemoveNotifier,
  kSetScript,
  kNotify,
  kNotifyRobust,
  kSetPatch,
  kEnablePatch,
  kDisablePatch,
  kAddKprobe,
  kRemoveKprobe,
  kEnableKprobe,
  kDisableKprobe,
  kKprobesArmed,
  kBoot,
  kOptimize,
};
static_assert(static_cast<std::size_t>(OpKind::kOptimize) + 1 == kOpKindCount);

// How a pattern is made from a name; see pattern_maker.cc.
enum class PatternShape : std::uint8_t {
  kFull,
  kPrefix,
  kSuffix,
  kInfix,
  kAll,
  kMiddleStar,
  kQuestion,
  kClass,
  kOddGlob,
  kIndex,
};
inline constexpr std::size_t kPatternShapeCount = 10;

// Numbers of some kinds to draw from by weight. 0 switches a kind off.
template <std::size_t N>
struct Weights {
  std::array<std::uint16_t, N> weight{};
  std::uint32_t total = 0;

  void Set(std::size_t i, std::uint16_t value) {
    total += value - weight[i];
    weight[i] = value;
  }
  // REQUIRES: total > 0.
  std::size_t Draw(Chooser* chooser) const {
    std::uint32_t left = chooser->Pick(total);
    std::size_t i = 0;
    while (left >= weight[i]) left -= weight[i++];
    return i;
  }
};

// How a Program uses notifiers, if it does.
struct NotifierSwarm {
  std::vector<NotifierId> notifiers;  // empty: none in this Program
  Weights<kChainCount> chains;        // where they are put
  std::vector<std::int32_t> priorities;
  // Of 16: how often a script refuses, and how often it does something.
  std::uint8_t refusals = 0;
  std::uint8_t acts = 0;
  // Some chain of nobody's is used, which the Program calls itself.
  bool calls() const {
    return std::any_of(kFreeChains.begin(), kFreeChains.end(), [this](Chain chain) {
      return chains.weight[static_cast<std::size_t>(chain)] > 0;
    });
  }
};

// How it uses livepatch.
struct LivepatchSwarm {
  std::vector<PatchId> patches;  // empty: none in this Program
  std::uint8_t replaces = 0;     // of 16: how often a patch takes the place of all
  std::uint8_t stacks = 0;       // of 16: how often it patches what another one does
};

// How it uses kprobes.
struct KprobeSwarm {
  std::vector<KprobeId> kprobes;  // empty: none in this Program
  // Of 16: how often one has a post_handler, is registered disabled, goes where another one is,
  // stands behind the call site, and next to another one.
  std::uint8_t posts = 0;
  std::uint8_t disabled = 0;
  std::uint8_t together = 0;
  std::uint8_t inside = 0;
  std::uint8_t neighbours = 0;
};

struct Swarm {
  Weights<kOpKindCount> kinds;
  Weights<kFaultPointCount> faults;  // total 0: no faults in this Program
  Weights<kPatternShapeCount> shapes;

  std::vector<OpsId> ops;         // never empty
  std::vector<ModuleId> modules;  // empty only in a world without modules
  std::vector<SlotId> slots;      // never empty

  // Of 16: how often an operation that looks pointless or bound to be refused is taken all the
  // same, a load is asked to fail, an ops is made a tracer, a pattern has '!', a write resets, a
  // tracer's pattern names a module, a load under way goes on before anything else.
  std::uint8_t careless = 0;
  std::uint8_t failing_loads = 0;
  std::uint8_t tracers = 0;
  std::uint8_t negated = 0;
  std::uint8_t resets = 0;
  std::uint8_t module_patterns = 0;
  std::uint8_t load_on = 0;
  bool save_regs = false, ipmodify = false, permanent = false;  // flags that `ops` may set

  NotifierSwarm notifiers;
  LivepatchSwarm livepatch;
  KprobeSwarm kprobes;

  // Core functions of interest: records [core_first, core_first + core_width) of the core.
  std::uint32_t core_first = 0;
  std::uint32_t core_width = 1;
};

// `rules`: of the Program, for what only some profiles know.
Swarm DrawSwarm(const World& world, const Profile& rules, Chooser* chooser);

}  // namespace recount

#endif  // RECOUNT_HARNESS_GENERATE_SWARM_H_
