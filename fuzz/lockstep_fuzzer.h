// What the programs around fuzz/lockstep_fuzzer.cc differ in: whom they fuzz.
#ifndef RECOUNT_FUZZ_LOCKSTEP_FUZZER_H_
#define RECOUNT_FUZZ_LOCKSTEP_FUZZER_H_

#include <cstddef>
#include <string>

namespace recount {

struct Fuzzed {
  std::string subject;         // where the environment names none
  std::size_t state_counters;  // for the states it is seen in; at most Feedback::kCounters
};

// A subject that only this program has is in the roster (impl/roster.h) from then on.
Fuzzed WhomToFuzz();

}  // namespace recount

#endif  // RECOUNT_FUZZ_LOCKSTEP_FUZZER_H_
