// Who traces which record: counts and wanted bits, kept in step with every change of a filter or a
// registration.
//
// A change is applied as the difference it makes. A filter that goes from one set of functions to
// another touches the functions in one set and not in the other; nobody else is looked at. Only
// where "all functions" comes in (an empty filter) are all records touched, and then in a sweep.
// The rules are SEMANTICS 2; a count that would go below zero or reach kRefMax kills ftrace and
// stops the walk (S 3.5), which no sequence of operations can bring about unless a bug is on.
#ifndef RECOUNT_IMPL_FAST_ACCOUNTING_H_
#define RECOUNT_IMPL_FAST_ACCOUNTING_H_

#include <span>

#include "impl/fast/machine.h"

namespace recount::fast {

// `ops`, which may be a hidden one, becomes registered, resp. stops being so, as far as
// records are concerned. The OpsTable says "registered" during both.
void CountOps(Machine& m, OpsId ops);
void UncountOps(Machine& m, OpsId ops);

// A new hash replaces the old one in a pair, for every registered ops that uses it.
void ReplaceHash(Machine& m, unsigned pair, Which which, HashCopy content);

// `cell` comes into the filter of one of kprobes' two ops, or goes out of it.
void ChangeKprobeFilter(Machine& m, OpsId ops, Cell cell, bool remove);

// Who would trace a record at one address, were it to appear.
struct Tracers {
  OpsSet users = 0;
  std::uint8_t hidden = 0;  // bits of the tally: which hidden ops, too
  bool ipmodify = false;    // it would have an owner
};
// `trace_all` is OpsTable::TraceAll(), which does not change from record to record.
Tracers TracersAt(const Machine& m, Cell cell, OpsSet trace_all);

// True when some record that is not DISABLED lies in `cells` and has an owner.
bool AnyOwned(const Machine& m, std::span<const Cell> cells);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_ACCOUNTING_H_
