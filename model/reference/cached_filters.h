// A tracer's filter files, and the module filters they keep for modules that are not there yet
// (SEMANTICS 5 "filter / notrace of a tracer", "Cached module filters").
#ifndef RECOUNT_MODEL_REFERENCE_CACHED_FILTERS_H_
#define RECOUNT_MODEL_REFERENCE_CACHED_FILTERS_H_

#include "model/errno.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/reference/state.h"

namespace recount::reference {

// Open, write one token, close.
// REQUIRES: op.ops is a tracer.
Errno SetByTracer(State& state, const SetFilter& op);

// What tracers kept for `module`, now that its records are ready. Also when dead: then the items
// are used up and match nothing.
void ApplyCachedFilters(State& state, ModuleId module);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_CACHED_FILTERS_H_
