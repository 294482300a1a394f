// What a View would be without what one module has to do with it.
#ifndef RECOUNT_HARNESS_DECLARED_VIEW_H_
#define RECOUNT_HARNESS_DECLARED_VIEW_H_

#include "model/ids.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// Does to `view` what stage `free_init` of `module` does (SEMANTICS 4). REQUIRES: it is loaded.
void FreeInitTextOf(const World& world, ModuleId module, Profile::Reload reload, View* view);

// Takes out of `view` what two courses that the load of `module` has taken may differ in: its
// records and those of others where it lies at `slot` (ftrace may have died and kept them), which
// of the filters' addresses there are cleared, livepatch's hold on its functions, and of the ledger
// what that is. `cached`: module filters waited for it, and may have filtered anything.
void ForgetModule(const World& world, ModuleId module, SlotId slot, bool cached, View* view);

}  // namespace recount

#endif  // RECOUNT_HARNESS_DECLARED_VIEW_H_
