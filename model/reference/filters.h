// Filters: editing a copy of a hash and installing it (SEMANTICS 5), and what becomes of entries
// whose records vanish (SEMANTICS 4 "Clearing").
//
// Every update is copy, edit, install. An update that fails leaves the pair as it was.
#ifndef RECOUNT_MODEL_REFERENCE_FILTERS_H_
#define RECOUNT_MODEL_REFERENCE_FILTERS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "model/errno.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// Adds to `hash`, or removes from it, the records that match; `module` is the module part, if there
// is one. True when a record matched, changed or not ("found").
bool EditByPattern(const State& state, std::string_view function,
                   std::optional<std::string_view> module, HashView* hash);

// Makes `next` the hash of `ops`, and of all who share it, and patches. On an error nothing
// changed.
Errno Install(State& state, OpsId ops, Which which, HashView next);

// Profile `cleared`: entries of tracers that name one of `gone` stay as cleared entries.
// REQUIRES: `gone` is ascending.
void ClearEntries(State& state, const std::vector<Address>& gone);

// A pair of its own, empty, for `ops`. The one it had is freed when nobody else uses it.
void UseFreshPair(State& state, OpsId ops);
// True when an ops other than `ops` uses the same pair.
bool PairIsShared(const State& state, OpsId ops);

// ftrace_set_filter_ip(): one address more, or less, in the filter of `ops`.
Errno SetFilterAddress(State& state, OpsId ops, Address address, bool remove);

Outcome Apply(State& state, const SetFilter& op);
Outcome Apply(State& state, const SetFilterIp& op);
Outcome Apply(State& state, const Share& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_FILTERS_H_
