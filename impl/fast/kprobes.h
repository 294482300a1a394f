// Kprobes: registering, enabling, the global switch, and code that goes away (SEMANTICS 14).
#ifndef RECOUNT_IMPL_FAST_KPROBES_H_
#define RECOUNT_IMPL_FAST_KPROBES_H_

#include "impl/fast/machine.h"
#include "model/errno.h"
#include "model/outcome.h"

namespace recount::fast {

// Where an instruction begins in every function: the call site, and three behind it.
constexpr bool InstructionBegins(unsigned offset) {
  return offset == 0 || offset == 5 || offset == 8 || offset == 12;
}

// Registers `id` as `op` says, whose own number is not looked at: there may be more probes than a
// Program can name.
Errno RegisterProbe(Machine& m, ProbeId id, const AddKprobe& op);
Errno UnregisterProbe(Machine& m, ProbeId id);
Errno EnableProbe(Machine& m, ProbeId id);
Errno DisableProbe(Machine& m, ProbeId id);
Errno ArmAllProbes(Machine& m, bool on);

// What kprobes' entry of the module chain does.
void KprobesHear(Machine& m, ModuleId id, Event event);
// The core's init text is about to go.
void KillInCoreInitText(Machine& m);
// The memory of a module that is still present goes, and every breakpoint in it.
void ForgetBreakpoints(Machine& m, ModuleId id);

// The pre_handlers of those at `address` run; those of breakpoints, and of early
// kprobes, in the function at `cell` do.
void RunKprobesAt(const Machine& m, Address address, Outcome* outcome);
void RunBreakpointsIn(const Machine& m, Cell cell, Outcome* outcome);

// Makes m.kprobes.view what is to be shown now.
void ShowKprobes(Machine& m);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_KPROBES_H_
