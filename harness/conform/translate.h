// From what was done in the guest to operations of the language.
//
// Every recorded step becomes zero or more Ops. A step without Ops is still compared: it must leave
// ftrace as it was. The first step that the language has no word for ends the translation.
//
// The guest's `ops I` is oI. The global tracer (current_tracer, set_ftrace_filter, ...) is o7. For
// its notifiers see guest_notifiers.h, for its livepatches guest_livepatch.h, for its kprobes
// guest_kprobes.h.
#ifndef RECOUNT_HARNESS_CONFORM_TRANSLATE_H_
#define RECOUNT_HARNESS_CONFORM_TRANSLATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/conform/guest_notifiers.h"
#include "harness/conform/recording.h"
#include "harness/conform/universe.h"
#include "model/op.h"

namespace recount {

inline constexpr OpsId kGlobalTracer{7};

struct StepPlan {
  enum class Kind : std::uint8_t {
    kReplayed,  // `ops` do what the step did; the first rc that is not 0 is the step's
    kCall,      // `ops` are hits; their callbacks add up to `hits`
    kChain,     // `ops` call a chain of the guest's; what it answered stands in `out`
    kWait,      // for `patch`: 0 when it is enabled, -ENOENT when it is gone
    kNoChange,  // reads, calls that the guest or a missing symbol refused: ftrace stays as it is
  };
  Kind kind = Kind::kReplayed;
  std::vector<Op> ops;
  PatchId patch = kNoPatch;
  // False when callbacks of an earlier step are in the count as well.
  bool hits_are_exact = true;
  // Of kNoChange: the only answer there is, and whether the guest's own answer says that a kprobe
  // is registered.
  std::optional<int> rc;
  std::optional<std::pair<KprobeId, bool>> kprobe_in_use;
  // Declared deviations that this translation makes up for (deviations.h).
  std::vector<std::string_view> deviations;
};

struct Translation {
  std::vector<Op> prelude;  // run before the first step
  std::vector<StepPlan> steps;
  GuestNotifierTable notifiers{};
  // The operation of step `steps.size()`, when that is what ended the translation.
  std::optional<std::string> out_of_scope;
  std::string_view why;  // it is out of scope; empty: it is no word of the language's at all
};

Translation Translate(const Universe& universe, const Sequence& sequence);

// True when the kernel complained in this step about something other than a misuse that it refuses
// and survives: a second register or unregister (-EBUSY), a second notifier (-EEXIST). What it
// shows from here on is not to be compared.
bool LeavesKernelUnsound(const RecordedStep& step);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_TRANSLATE_H_
