// What was recorded of kprobes after a step against a View: the flags of each, and the lines of
// debugfs kprobes/list where the step read them.
#ifndef RECOUNT_HARNESS_CONFORM_KPROBE_STATE_H_
#define RECOUNT_HARNESS_CONFORM_KPROBE_STATE_H_

#include <vector>

#include "harness/conform/deviations.h"
#include "harness/conform/left_out.h"
#include "harness/conform/recording.h"
#include "harness/conform/state.h"
#include "model/view.h"

namespace recount {

// `endbr`: see EndbrSize(). Adds every mismatch to `found`.
void CompareKprobes(const AddressNames& names, const RecordedStep& step, const View& view,
                    int endbr, std::vector<Mismatch>* found, LeftOutCounts* left_out);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_KPROBE_STATE_H_
