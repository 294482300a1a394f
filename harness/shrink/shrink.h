// The shrinker: one for all finders, over the typed Program.
//
// "Simpler" is shortlex: fewer operations, then a total order on operations (ComplexityLess).
// Passes run to a joint fixpoint: drop blocks, drop one, drop pairs, simplify operands, rename
// slots in first-use order over the whole Program, swap neighbours into normal form. Always capped,
// anytime. Every accepted step is strictly simpler, so it ends.
//
// Which failure counts as the same? A bug shows in many ways: a count lost at `load` is a death at
// `unregister` ten operations later. Following the exact signature first seen would keep programs
// long and make the result depend on the seed. So by default any failure of the same class is
// followed (the signature up to its first ':': "difference", "fate", "invariant"), and the first
// Program for each other signature is kept in `others`: if it was a second bug, it is not lost.
#ifndef RECOUNT_HARNESS_SHRINK_SHRINK_H_
#define RECOUNT_HARNESS_SHRINK_SHRINK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/program.h"

namespace recount {

enum class SameBug : std::uint8_t { kClass, kSignature };

struct ShrinkLimits {
  std::uint64_t max_tries = 200000;
  // The only clock in the tool: it can end shrinking early, it cannot change a finished result.
  double max_seconds = 10.0;
  SameBug same = SameBug::kClass;
};

// Runs a candidate. Empty: it does not fail. Otherwise the signature of how it fails.
using FailureSignature = std::function<std::string(const Program&)>;
// Called with each better Program, so that the best so far can be on disk at any time.
using ShrinkProgress = std::function<void(const Program& best, std::uint64_t tries)>;

struct ShrinkResult {
  Program program;        // the smallest found that fails the same way; without margin
  std::string signature;  // of `program`
  std::uint64_t tries = 0;
  bool finished = true;  // false: a limit ended it before the fixpoint
  // The first Program seen for each signature other than that of `program`, by signature.
  std::vector<std::pair<std::string, Program>> others;
};

// REQUIRES: fails(program) is not empty.
ShrinkResult Shrink(const Program& program, const FailureSignature& fails,
                    const ShrinkLimits& limits = {}, const ShrinkProgress& progress = {});

// The order behind "simpler".
bool Simpler(const Program& a, const Program& b);

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_SHRINK_H_
