// A recorded sequence as a Program: one file of corpus/kernel/, for people and for other finders.
#ifndef RECOUNT_HARNESS_CONFORM_SEQUENCE_PROGRAM_H_
#define RECOUNT_HARNESS_CONFORM_SEQUENCE_PROGRAM_H_

#include "harness/conform/recording.h"
#include "harness/conform/universe.h"
#include "model/program.h"

namespace recount {

// The sequence under `profile`, its margin what the kernel answered where one operation
// stands for one step, and in the load of a livepatch module. Ends with the first step that
// LeavesKernelUnsound().
Program MakeProgram(const Universe& universe, const NamedProfile& profile,
                    const Sequence& sequence);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_SEQUENCE_PROGRAM_H_
