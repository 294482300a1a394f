// Kprobes from before init_kprobes(): a jump at the probed place, to a slot of a fixed area
// (SEMANTICS 15).
//
// An early kprobe is an entry of the same table as any other. Its jump is one of the things that an
// entry can be armed on, so the table counts the jumps there are, and a patch pass knows from that
// count whether one can be in its way. At the site of a record the jump stands in the record's own
// byte; what is under it is always a NOP, and so needs no place to be kept.
#ifndef RECOUNT_IMPL_FAST_EARLY_KPROBES_H_
#define RECOUNT_IMPL_FAST_EARLY_KPROBES_H_

#include "impl/fast/machine.h"
#include "model/errno.h"
#include "model/op.h"

namespace recount::fast {

// `id`, which is not registered, comes to `address`, which may be probed. REQUIRES: phase is not
// `running`, or an early kprobe is there already, left by a bug.
Errno AddEarly(Machine& m, ProbeId id, const AddKprobe& op, Address address);
// The probe of an early entry, which is its only one, is not registered any more.
void RemoveEarly(Machine& m, ProbedAddress* entry);
// What init_kprobes() does: early kprobes become ordinary ones. The last error.
Errno ConvertEarlyKprobes(Machine& m);

// The jump at the site of `record` makes way, and its probe is suspended. False: there is none.
bool LiftJump(Machine& m, RecordId record);
// The jump that made way comes back.
void ReturnJump(Machine& m, RecordId record);
// There are records now: their sites say where the jumps are.
void PutJumpsOnRecords(Machine& m);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_EARLY_KPROBES_H_
