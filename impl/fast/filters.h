// Changing filters: copy, edit, install (SEMANTICS 5).
#ifndef RECOUNT_IMPL_FAST_FILTERS_H_
#define RECOUNT_IMPL_FAST_FILTERS_H_

#include <span>
#include <string_view>

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

Errno SetFilterPattern(Machine& m, const SetFilter& op);
Errno SetFilterPlaces(Machine& m, const SetFilterIp& op);
Errno ShareHashes(Machine& m, const Share& op);

// Module `name` has come: its cached filters are taken off the lists and applied.
void ApplyCachedFilters(Machine& m, std::string_view name);
// The records at `cells` have vanished: profile `cleared` blots them out of tracers' hashes.
// `unload`: the whole module went, not only its init text.
void ClearVanished(Machine& m, std::span<const Cell> cells, bool unload);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_FILTERS_H_
