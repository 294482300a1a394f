// The order behind "simpler", and a fingerprint of operations.
#ifndef RECOUNT_HARNESS_SHRINK_SIMPLER_H_
#define RECOUNT_HARNESS_SHRINK_SIMPLER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "model/op.h"
#include "model/world.h"

namespace recount {

// How much an operation asks of its reader: its kind first, then what it is written with (`reset`,
// `fail=`, stars), then how far its ids are from the first. Positive; a sum over 4096 operations
// fits.
std::uint64_t Complexity(const World& world, const Op& op);

// Shortlex over whole lists: fewer operations, then less complexity in sum, then the lists
// operation by operation in the order of the variant. Total: exactly one of a < b, a == b, b < a.
bool SimplerOps(const World& world, std::span<const Op> a, std::span<const Op> b);

// Keeps those of less than `limit`, each once, the simplest first.
void KeepSimpler(const World& world, std::uint64_t limit, std::vector<Op>* ops);

// The same on every compiler and in every run.
std::uint64_t Fingerprint(std::span<const Op> ops);

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_SIMPLER_H_
