// Plainer variants of one operation, for the shrinker to try.
#ifndef RECOUNT_HARNESS_VARIANTS_H_
#define RECOUNT_HARNESS_VARIANTS_H_

#include <vector>

#include "model/op.h"
#include "model/world.h"

namespace recount {

// Operations of the kind of `op`, with one or two operands changed; those simpler than `op`, the
// simplest first.
std::vector<Op> Variants(const World& world, const Op& op);

}  // namespace recount

#endif  // RECOUNT_HARNESS_VARIANTS_H_
