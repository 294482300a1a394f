// Kprobes from before init_kprobes(): jumps, with slots of a fixed area (SEMANTICS 15).
#ifndef RECOUNT_MODEL_REFERENCE_EARLY_KPROBES_H_
#define RECOUNT_MODEL_REFERENCE_EARLY_KPROBES_H_

#include <cstdint>

#include "model/errno.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/reference/state.h"

namespace recount::reference {

// Kprobes' own entry of the chain `tryfix`.
void BootEarlyKprobes(State& state);

// From step 3 on: k is not registered, and f may be probed. REQUIRES: phase is not `running`.
Errno AddEarlyKprobe(State& state, const AddKprobe& op);
// REQUIRES: it is registered, phase is not `running`.
void RemoveEarlyKprobe(State& state, KprobeId id);
// What init_kprobes() makes of them; the last error.
Errno ConvertEarlyKprobes(State& state);

// Whether an early kprobe's jump is at `address` now.
bool HasJump(const State& state, Address address);
// Takes the jump at `address` off, and its probe is suspended. False when there is none.
bool LiftJump(State& state, Address address);
// Puts a jump that was taken off back.
void ReturnJump(State& state, Address address);

// Before there are records: whether the call site of `function` is a NOP.
bool IsEarlyNop(const State& state, FunctionId function);
// The function in the sorted table whose call site covers the place, or kNoFunction.
FunctionId SiteInTable(const State& state, const Place& place);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_EARLY_KPROBES_H_
