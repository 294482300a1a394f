// lockstep_fuzzer as a build with clang makes it: the subjects are those of the roster.
#include "fuzz/feedback.h"
#include "fuzz/lockstep_fuzzer.h"

namespace recount {

Fuzzed WhomToFuzz() { return {.subject = "fast", .state_counters = Feedback::kCounters}; }

}  // namespace recount
