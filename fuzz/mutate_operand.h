// One operand of an operation drawn anew; its kind and the rest stay.
#ifndef RECOUNT_FUZZ_MUTATE_OPERAND_H_
#define RECOUNT_FUZZ_MUTATE_OPERAND_H_

#include "harness/generate/chooser.h"
#include "model/op.h"
#include "model/world.h"

namespace recount {

// REQUIRES: `op` is valid in `world`; it stays so. An operation without operands (`free_init`)
// becomes a random one, and `register o` may turn into `unregister o` and back, as may `enable p`,
// and `unnotifier n` into `notifier n`.
void ChangeOperand(const World& world, Chooser* chooser, Op* op);

}  // namespace recount

#endif  // RECOUNT_FUZZ_MUTATE_OPERAND_H_
