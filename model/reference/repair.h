// Changing one call site, with a second try when somebody repairs what was in the way (SEMANTICS
// 15, "Changing a site").
#ifndef RECOUNT_MODEL_REFERENCE_REPAIR_H_
#define RECOUNT_MODEL_REFERENCE_REPAIR_H_

#include "model/reference/state.h"
#include "model/view.h"

namespace recount::reference {

// The site of `record`, which is one of the state's, becomes `site`. False when that killed: then
// it is what it was. REQUIRES: ftrace is alive.
bool ChangeSite(State& state, Record* record, const Site& site);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_REPAIR_H_
