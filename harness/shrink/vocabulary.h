// Operations for the shrinker to try: a small vocabulary of everything that can be said with the
// ids a Program uses and the first of each kind.
#ifndef RECOUNT_HARNESS_SHRINK_VOCABULARY_H_
#define RECOUNT_HARNESS_SHRINK_VOCABULARY_H_

#include <span>
#include <vector>

#include "model/op.h"
#include "model/pattern.h"
#include "model/world.h"

namespace recount {

// Operations of every kind, the simplest first.
std::vector<Op> Vocabulary(const World& world, std::span<const Op> program);

// The few dozen plainest of them, and the plainest patterns: for passes that try each with each.
std::vector<Op> PlainWords(const World& world, std::span<const Op> program);
std::vector<Pattern> PlainPatterns(const World& world, std::span<const Op> program);
// The functions that a kprobe of `program` could be in instead; none where it has no kprobes.
std::vector<FunctionId> FunctionsToProbe(const World& world, std::span<const Op> program);

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_VOCABULARY_H_
