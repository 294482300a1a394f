// Renamings that move or change an operation, too: a part of RenameIds(). Each tries all it knows
// of the best Program so far, and returns at the first that fails as well (true), or at the end.
#ifndef RECOUNT_HARNESS_SHRINK_RENAME_OPS_H_
#define RECOUNT_HARNESS_SHRINK_RENAME_OPS_H_

#include "harness/shrink/search.h"

namespace recount {

// Two livepatches change places, and neighbouring lines that say what they replace with them: the
// lines alone, or the names alone, would be another order.
bool TradePatches(ShrinkSearch* search);

// Two kprobes change names, and the lines that register them change places, or one comes up to
// the other: as with patches, one without the other would be another order.
bool TradeKprobes(ShrinkSearch* search);

// Kprobes meet by their places, so those at one offset of a function move together: to the call
// site, or to the first instruction behind it.
bool ProbesOntoCallSites(ShrinkSearch* search);

// What was said of a function of one module may come to be true of another, whose init text lies
// where that was and goes: its load takes the place of one that fails, or of a load and an
// unload.
bool OntoInitText(ShrinkSearch* search);

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_RENAME_OPS_H_
