// Whether the steps of a sequence show all that the recorder shows of such a sequence
// (corpus/kernel/README.md, "A line").
//
// Some keys stand only in sequences that have something to show there. One that is left out of a
// single step would not be compared, and the step would pass for one that agrees.
#ifndef RECOUNT_HARNESS_CONFORM_COMPLETENESS_H_
#define RECOUNT_HARNESS_CONFORM_COMPLETENESS_H_

#include "absl/status/status.h"
#include "harness/conform/recording.h"

namespace recount {

// Error: InvalidArgument "steps[K].KEY: is missing". A step without state shows nothing.
absl::Status CheckComplete(const Sequence& sequence);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_COMPLETENESS_H_
