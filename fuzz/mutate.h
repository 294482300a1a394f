// Structure-aware mutation: Programs in, Programs out. No libFuzzer in here, so that the command
// line's own coverage-free finder, the tests and the fuzz target use the same code.
//
// A byte-level mutator spends most of its tries on programs that fall apart: a changed byte early
// on gives every later operation another meaning. These mutations work on operations, and they know
// the shapes that matter for this code: a module that comes back at an old address, a load that is
// half done while filters change, a count that was taken under one filter and given back under
// another.
#ifndef RECOUNT_FUZZ_MUTATE_H_
#define RECOUNT_FUZZ_MUTATE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/generate/chooser.h"
#include "model/program.h"
#include "model/subject.h"

namespace recount {

// A mutant never has more operations than this (or than its parent, where the parent has more).
inline constexpr std::size_t kMaxMutantOps = 400;

enum class Mutation : std::uint8_t {
  kInsertOp,        // one random operation
  kInsertIdiom,     // a whole short story (idioms.h): load .. unload .. load and its like
  kReplaceOp,       // another operation at the same place
  kChangeOperand,   // same kind of operation, one operand drawn anew
  kDeleteOp,        // one
  kDeleteBlock,     // up to 16 in a row
  kDuplicateOp,     // one operation again, right behind itself or at another place
  kDuplicateBlock,  // up to 16 in a row, again, at another place
  kSwap,            // two operations change places
  kMoveBlock,       // up to 8 in a row go elsewhere
  kRetarget,        // every use of one id (ops, module, function, patch, ..) becomes another
  kChangeProfile,   // the same operations under other semantics
  kChangeWorld,     // the same operations in another built-in world; ids are taken modulo
};
inline constexpr std::size_t kMutationCount = 13;
// "insert-op", ...
std::string_view MutationName(Mutation mutation);

// One to three mutations, drawn by weight. The mutant is a valid Program: it prints, parses back to
// itself, and has a binary form if `program` has one. It carries no notes and no margin. The world
// `kernel` is never chosen (it would slow a fuzzer down a thousandfold).
Program MutateProgram(const Program& program, Chooser* chooser);

// One given mutation. One that is impossible (deleting from nothing) inserts an operation instead.
Program ApplyMutation(const Program& program, Mutation mutation, Chooser* chooser);

// The head of one and the tail of the other, or a block of `b` inside `a`. World and profile are
// those of `a`; ids from `b` are fitted to that world.
Program CrossOver(const Program& a, const Program& b, Chooser* chooser);

// The beginning of `program` (half the time all of it), and behind it 10 to 80 operations that suit
// the state it leads to: the generator of harness/generate/generate.h, with `oracle` stepped along.
// The one mutation that looks at states; it makes programs long quickly, and length is what finds
// bugs.
Program GrowProgram(const Program& program, Chooser* chooser, Subject* oracle);

// `op` with every id taken modulo what `world` has, so that it is valid there.
Op FitOp(const World& world, Op op);

}  // namespace recount

#endif  // RECOUNT_FUZZ_MUTATE_H_
