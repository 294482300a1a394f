// The View of a Machine.
#ifndef RECOUNT_IMPL_FAST_OBSERVE_H_
#define RECOUNT_IMPL_FAST_OBSERVE_H_

#include "impl/fast/machine.h"
#include "model/view.h"

namespace recount::fast {

// Overwrites all of `view`, reusing its buffers: a campaign asks after every operation, so this is
// written to move bytes and to allocate nothing.
void Observe(const Machine& m, View* view);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_OBSERVE_H_
