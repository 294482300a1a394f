// Finders of the command line: where the programs of a hunt come from.
//
// Programs are numbered, and program n is a function of (seed, options, n) alone, whoever runs it
// and however many workers there are. So a finding is a number: the parent makes the program again
// from it, also when the worker that ran it is dead.
//
// What a coverage-guided search has learned belongs to its past, which would tie program n to all
// before it. So the fuzz finder works on islands: runs of numbers that start from nothing and learn
// only from their own.
#ifndef RECOUNT_HARNESS_CLI_FINDER_H_
#define RECOUNT_HARNESS_CLI_FINDER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fuzz/feedback.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/lockstep.h"
#include "model/program.h"

namespace recount {

enum class FinderKind : std::uint8_t { kRandom, kFuzz, kAll };
// "random", "fuzz", "all".
std::string_view FinderName(FinderKind kind);
std::optional<FinderKind> FinderFromName(std::string_view name);

struct FinderOptions {
  FinderKind kind = FinderKind::kRandom;
  std::uint64_t seed = 1;
  WorldPtr world;
  // Where every `second_every`th program, a random one, plays instead; null: nowhere. For large
  // worlds, in which other things can go wrong, and everything takes longer.
  WorldPtr second_world;
  std::uint64_t second_every = 256;
  const NamedProfile* profile = nullptr;  // null: drawn for each program
  GenerateOptions generate;
  // Programs 0, 1, .. of the hunt, as they are; and what each island starts with, there fitted to
  // the world and the profile of the hunt.
  std::vector<Program> corpus;
};

// A run of program numbers that one worker takes as a whole, in order.
struct Unit {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  FinderKind kind = FinderKind::kRandom;  // kRandom or kFuzz
};

class Finder {
 public:
  explicit Finder(FinderOptions options);

  // The units partition the numbers, in ascending order.
  Unit UnitAt(std::uint64_t index) const;
  std::uint64_t UnitIndexOf(std::uint64_t number) const;

  void Begin(const Unit& unit);
  // Makes program `number` of the unit begun and runs it, operation by operation. `program` is what
  // was run so far. nullopt: `*stop` was set in between. REQUIRES: in a fuzz unit, those before it
  // have been run since Begin(), and agreed.
  std::optional<RunResult> Run(std::uint64_t number, Lockstep* lockstep,
                               const std::atomic<bool>* stop, Program* program);

 private:
  // A program under way: operations to replay first, then what a generator adds.
  struct Plan {
    Program program;  // without the generated ones
    std::optional<GenerateOptions> grow;
    bool as_it_is = false;  // also what is outside the limits of the subject
  };
  Plan RandomPlan(const WorldPtr& world, Chooser* chooser) const;
  Plan FuzzPlan(Chooser* chooser) const;
  // To the world of the hunt, and its profile if it has one: a mutant may have left them.
  void Fit(Program* program) const;
  std::optional<RunResult> RunPlan(Plan plan, Chooser* chooser, Feedback* feedback,
                                   Lockstep* lockstep, const std::atomic<bool>* stop,
                                   Program* program);
  // True when the run counted something that no run of this island did before.
  bool Learn();
  void Remember(const Program& program, Chooser* chooser);

  FinderOptions options_;
  Unit unit_;
  // Of the island: programs that showed something new, what has been seen, and the last run's.
  std::vector<Program> pool_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::uint8_t> counters_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_FINDER_H_
