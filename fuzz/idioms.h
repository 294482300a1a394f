// Short stories of this code: sequences that single random insertions hardly ever line up, because
// their operations must agree on one module, one slot and one ops.
#ifndef RECOUNT_FUZZ_IDIOMS_H_
#define RECOUNT_FUZZ_IDIOMS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/generate/chooser.h"
#include "model/op.h"
#include "model/world.h"

namespace recount {

enum class Idiom : std::uint8_t {
  kReload,           // load .. unload .. load of one module at one slot, around a filter
  kOtherAtSlot,      // another module comes to where the first one was
  kReloadElsewhere,  // the same module comes back at another slot
  kStagedLoad,       // load_begin, steps with filter changes between them, to the end or a failure
  kFilterChange,     // register, change the filter, unregister
  kCachedFilter,     // a tracer's module filter ahead of the module
  kEmptyFilter,      // a filter goes empty ("all functions") or is given back its entry
  kSharedHash,       // two ops on one hash pair
  kIpModify,         // two owners for one function
  kSysctl,           // ftrace_enabled 0, something changes, 1
  kFaultedLoad,      // a fault point is armed, then a load passes it
  kFaultedPatch,     // code verification fails while ops come and go
  kNotifiedLoad,     // notifiers with scripts that belong together, then a load, and an unload
  kRobustCall,       // a robust call that one in the middle refuses
  kLivepatch,        // a patch is enabled ahead of its module, which comes, goes and comes back
  kPatchStack,       // two patches of one function, gone in either order or replaced
  kProbedModule,     // a probe, its module goes and comes back, and another probe is put there
  kProbeStack,       // a plain probe and one with a post_handler at one place, gone in either order
  kProbeAndOwner,    // a probe where a livepatch or an IPMODIFY ops has the function
  kOptimizedProbe,   // a probe gets its jump, loses it to a switch or a neighbour, and gets it back
};
inline constexpr std::size_t kIdiomCount = 20;
// "reload", ...
std::string_view IdiomName(Idiom idiom);

// 2 to 24 operations, all valid in `world`. A world without modules gets a story about its core.
std::vector<Op> MakeIdiom(Idiom idiom, const World& world, Chooser* chooser);

}  // namespace recount

#endif  // RECOUNT_FUZZ_IDIOMS_H_
