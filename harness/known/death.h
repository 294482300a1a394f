// A death on one side alone, in the middle of an operation: what the other side still did in it.
#ifndef RECOUNT_HARNESS_KNOWN_DEATH_H_
#define RECOUNT_HARNESS_KNOWN_DEATH_H_

#include "harness/known/known.h"

namespace recount {

// A module that goes takes its probes off the records first. Where that killed one side alone, only
// the other lets go of what is left of the module: its records, and whatever names its addresses.
// And of several probes, or of one that is disarmed in two steps, only the other's are disarmed.
void TakeBackAfterDeath(const DivergingStep& step, View* shown, Outcome* actual);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DEATH_H_
