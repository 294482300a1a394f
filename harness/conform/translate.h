// From what was done in the guest to operations of the language.
//
// Every recorded step becomes zero or more Ops. A step without Ops is still compared: it must leave
// ftrace as it was. The first step that the language has no word for ends the translation.
//
// The guest's `ops I` is oI. The global tracer (current_tracer, set_ftrace_filter, ...) is o7.
#ifndef RECOUNT_HARNESS_CONFORM_TRANSLATE_H_
#define RECOUNT_HARNESS_CONFORM_TRANSLATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/conform/recording.h"
#include "harness/conform/universe.h"
#include "model/op.h"
#include "model/program.h"

namespace recount {

inline constexpr OpsId kGlobalTracer{7};

struct StepPlan {
  enum class Kind : std::uint8_t {
    kReplayed,  // `ops` do what the step did; the first rc that is not 0 is the step's
    kCall,      // `ops` are hits; their callbacks add up to `hits`
    kNoChange,  // reads, module notifiers that only log, refused kprobe calls: ftrace stays as it
                // is
  };
  Kind kind = Kind::kReplayed;
  std::vector<Op> ops;
  // False when callbacks of an earlier step are in the count as well.
  bool hits_are_exact = true;
  // Declared deviations that this translation makes up for (deviations.h).
  std::vector<std::string_view> deviations;
};

struct Translation {
  std::vector<Op> prelude;  // run before the first step
  std::vector<StepPlan> steps;
  // The operation of step `steps.size()`, when that is what ended the translation.
  std::optional<std::string> out_of_scope;
};

Translation Translate(const Universe& universe, const Sequence& sequence);

// True when the kernel complained in this step about something other than a misuse that it refuses
// and survives: a second register or unregister (-EBUSY), a second notifier (-EEXIST). What it
// shows from here on is not to be compared.
bool LeavesKernelUnsound(const RecordedStep& step);

// The sequence as a Program under profile linux-6.1, its margin what the kernel answered where one
// operation stands for one step. Ends with the first step that LeavesKernelUnsound().
Program MakeProgram(const Universe& universe, const Sequence& sequence);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_TRANSLATE_H_
