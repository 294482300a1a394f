// State as feedback: what a fuzzer should call "new" beside code coverage.
//
// Edges say little about a stateful machine: a bug that needs six operations in a row takes no edge
// that was not taken before until the last one. So a View is reduced to a shape (counts capped,
// addresses forgotten, module states, which ops are registered with what kind of hash) and the hash
// of that shape, and of the pair (operation, shape), is what counts as seen.
#ifndef RECOUNT_FUZZ_STATE_HASH_H_
#define RECOUNT_FUZZ_STATE_HASH_H_

#include <cstdint>

#include "model/op.h"
#include "model/outcome.h"
#include "model/view.h"

namespace recount {

// Hash of the abstracted View. Fixed: the same on every machine, compiler and run.
std::uint64_t StateHash(const View& view);

// Hash of one transition: the operation's kind and how it went (rc), the shape before and after.
std::uint64_t TransitionHash(const Op& op, const Outcome& outcome, std::uint64_t before,
                             std::uint64_t after);

// Folds `value` into `hash`; the one mixing step of this file, for n-grams.
std::uint64_t MixHash(std::uint64_t hash, std::uint64_t value);

}  // namespace recount

#endif  // RECOUNT_FUZZ_STATE_HASH_H_
