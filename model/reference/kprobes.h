// Kprobes: the table, its probes, and what they hear of modules (SEMANTICS 14).
#ifndef RECOUNT_MODEL_REFERENCE_KPROBES_H_
#define RECOUNT_MODEL_REFERENCE_KPROBES_H_

#include "model/notifier.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// What kp and kpi are from the start.
void BootKprobes(State& state);

// What kprobes' entry of the module chain does.
void KprobesHear(State& state, Event event, ModuleId module);
// The core's init text is about to go.
void KillInCoreInitText(State& state);
// The memory of `module` goes, and every breakpoint in it.
void ForgetBreakpoints(State& state, ModuleId module);

// The pre_handlers at an address on ftrace run, and those off ftrace in the function at `begin`.
void RunKprobesAt(const State& state, Address address, Outcome* outcome);
void RunBreakpointsIn(const State& state, Address begin, Outcome* outcome);

void ObserveKprobes(const State& state, KprobesView* view);

Outcome Apply(State& state, const AddKprobe& op);
Outcome Apply(State& state, const RemoveKprobe& op);
Outcome Apply(State& state, const EnableKprobe& op);
Outcome Apply(State& state, const DisableKprobe& op);
Outcome Apply(State& state, const KprobesArmed& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_KPROBES_H_
