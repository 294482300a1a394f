// What the notifiers of a Program do when they are called, and the operations on them
// (SEMANTICS 10).
#ifndef RECOUNT_MODEL_REFERENCE_NOTIFIERS_H_
#define RECOUNT_MODEL_REFERENCE_NOTIFIERS_H_

#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// Calls n<entry>: logs it, does its act, returns its answer. `module`: kCore on a chain of
// nobody's.
Answer RunScript(State& state, Entry entry, Event event, ModuleId module);

Outcome Apply(State& state, const AddNotifier& op);
Outcome Apply(State& state, const RemoveNotifier& op);
Outcome Apply(State& state, const SetScript& op);
Outcome Apply(State& state, const Notify& op);
Outcome Apply(State& state, const NotifyRobust& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_NOTIFIERS_H_
