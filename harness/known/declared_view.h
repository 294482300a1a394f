// What a View would be without what one module has to do with it.
#ifndef RECOUNT_HARNESS_KNOWN_DECLARED_VIEW_H_
#define RECOUNT_HARNESS_KNOWN_DECLARED_VIEW_H_

#include "model/ids.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// Does to `view` what stage `free_init` of `module` does (SEMANTICS 4). REQUIRES: it is loaded.
void FreeInitTextOf(const World& world, ModuleId module, Profile::Reload reload, View* view);

// The addresses of `module` at `slot`, or of its init text.
struct TextRange {
  Address begin = 0;
  Address end = 0;
  bool Has(Address ip) const { return begin <= ip && ip < end; }
};
TextRange TextOf(const World& world, ModuleId module, SlotId slot);
TextRange InitTextOf(const World& world, ModuleId module, SlotId slot);

// Takes out of `view` what kprobes in `text` differ in where they were told that it goes at another
// time, or not at all: whether they are gone, and their addresses in the filters of their ops, with
// the ledger's entries for these; an ops that has no other is not registered.
void ForgetKprobes(const TextRange& text, View* view);

// Takes out of `view` what two courses that the load of `module` has taken may differ in: its
// records and those of others where it lies at `slot` (ftrace may have died and kept them), which
// of the filters' addresses there are cleared, what livepatch and kprobes have in its functions,
// and of the ledger what that is. `cached`: module filters waited for it, and may have filtered
// anything.
void ForgetModule(const World& world, ModuleId module, SlotId slot, bool cached, View* view);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DECLARED_VIEW_H_
