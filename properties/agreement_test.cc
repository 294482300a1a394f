// The property: the fast implementation agrees with the reference on every program, and every
// invariant of model/invariants.h holds of both along the way (lockstep checks both).
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "fuzz/mutate.h"
#include "harness/generate/chooser.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "impl/roster.h"
#include "model/text.h"
#include "properties/for_all.h"

namespace recount {
namespace {

class Agreement {
 public:
  Agreement() : oracle_(*MakeSubject("reference")), fast_(*MakeSubject("fast")) {}

  std::optional<Broken> operator()(const Program& program) {
    Lockstep lockstep(oracle_.get(), fast_.get());
    const RunResult result = lockstep.Run(program);
    if (result.verdict == Verdict::kAgree) return std::nullopt;
    if (result.verdict == Verdict::kUnknown) return Broken{"unknown:", result.unknown_reason};
    return Broken{result.divergence->Signature(program),
                  DivergenceLine(program, *result.divergence)};
  }

 private:
  std::unique_ptr<Subject> oracle_;
  std::unique_ptr<Subject> fast_;
};

ProgramProperty FastAgrees() {
  auto agreement = std::make_shared<Agreement>();
  return [agreement](const Program& program) { return (*agreement)(program); };
}

TEST(Agreement, OfFastWithTheReferenceOnProgramsInWorldSmall) {
  ForAllPrograms({.worlds = {"small"}, .cases = 6000, .max_ops = 400}, FastAgrees());
}

TEST(Agreement, OfFastWithTheReferenceOnProgramsInWorldTiny) {
  ForAllPrograms({.worlds = {"tiny"}, .cases = 4000, .max_ops = 200}, FastAgrees());
}

TEST(Agreement, OfFastWithTheReferenceOnProgramsInWorldPaged) {
  ForAllPrograms({.worlds = {"paged"}, .cases = 150, .max_ops = 300}, FastAgrees());
}

// Mutants keep what a person wrote into a seed, and put it next to what nobody would.
TEST(Agreement, OfFastWithTheReferenceOnMutantsOfEverySeed) {
  const absl::StatusOr<std::vector<std::string>> files =
      ListProgramFiles(RECOUNT_SOURCE_DIR "/corpus/seeds");
  ASSERT_TRUE(files.ok()) << files.status().message();
  Agreement agree;
  for (const std::string& file : *files) {
    const absl::StatusOr<Program> seed = ReadProgramFile(file);
    ASSERT_TRUE(seed.ok()) << seed.status().message();
    Program mutant = *seed;
    RandomChooser chooser(1);
    for (int i = 0; i < 120; ++i) {
      mutant = MutateProgram(i % 12 == 0 ? *seed : mutant, &chooser);
      const std::optional<Broken> broken = agree(mutant);
      ASSERT_FALSE(broken.has_value()) << file << ", mutant " << i << ": " << broken->what << "\n"
                                       << PrintProgram(mutant);
    }
  }
}

}  // namespace
}  // namespace recount
