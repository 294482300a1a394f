// Drives one subject through one recorded sequence and compares after every step.
#ifndef RECOUNT_HARNESS_CONFORM_REPLAY_H_
#define RECOUNT_HARNESS_CONFORM_REPLAY_H_

#include "harness/conform/conform.h"
#include "harness/conform/recording.h"
#include "harness/conform/universe.h"
#include "model/profile.h"
#include "model/subject.h"

namespace recount {

// Steps are numbered from 0, as `.steps[k]` of the recording.
SequenceReport Replay(const Universe& universe, const Profile& profile, const Sequence& sequence,
                      Subject* subject);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_REPLAY_H_
