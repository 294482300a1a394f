// Plainer variants of one operation, for the shrinker to try.
#ifndef RECOUNT_HARNESS_SHRINK_VARIANTS_H_
#define RECOUNT_HARNESS_SHRINK_VARIANTS_H_

#include <cstddef>
#include <vector>

#include "model/op.h"
#include "model/world.h"

namespace recount {

// In a big world: how many ids of a kind are worth trying.
inline constexpr std::size_t kMaxFunctions = 48;
inline constexpr std::size_t kMaxOthers = 8;

// Operations of the kind of `op`, with one or two operands changed; those simpler than `op`, the
// simplest first.
std::vector<Op> Variants(const World& world, const Op& op);

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_VARIANTS_H_
