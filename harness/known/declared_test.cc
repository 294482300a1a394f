// Every difference between the two load paths that is declared is found from nothing when it is not
// masked, and nothing else is when all are.
#include "harness/known/declared.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "harness/known/declared_fixture.h"
#include "harness/program_file.h"
#include "model/text.h"

namespace recount {
namespace {

using Path = Profile::LoadPath;
using Rollback = Profile::Rollback;

TEST(Declared, EachIsFoundFromNothingWhenItIsNotMasked) {
  for (const KnownDefect& declared : DeclaredDifferences()) {
    const Pair pair = PairFor(declared.name);
    TwoRules rules(pair, AllBut(pair, declared.name));
    for (const std::uint64_t seed : {1, 100000}) {
      EXPECT_EQ(rules.Shortest(seed, 20000), Bare(ShortestOf(declared)))
          << declared.name << ", seed " << seed;
    }
  }
}

TEST(Declared, EachExplainsItsShortestProgram) {
  for (const KnownDefect& declared : DeclaredDifferences()) {
    const Pair pair = PairFor(declared.name);
    const Program program = ShortestOf(declared);
    for (const Pair& sides : {pair, Pair{pair.right, pair.left}}) {
      const RunResult result = TwoRules(sides, AllBut(pair, kAllMasked)).Run(program);
      EXPECT_EQ(result.verdict, Verdict::kKnown) << declared.name;
      EXPECT_EQ(result.known, &declared);
      EXPECT_EQ(result.operations, program.ops.size());
    }
    // The others do not.
    EXPECT_EQ(TwoRules(pair, AllBut(pair, declared.name)).Run(program).verdict, Verdict::kDiverge)
        << declared.name;
    EXPECT_TRUE(program.notes[0].starts_with("why: declared difference " +
                                             std::string(declared.name) + ": "));
  }
}

// The equivalence: two that differ in the load path, the direction of GOING, or both, differ in
// nothing that is not declared.
TEST(Declared, NothingElseDiffers) {
  const Profile direct[] = {Rules(Path::kDirect, Rollback::kForward),
                            Rules(Path::kDirect, Rollback::kReverse)};
  const Profile chain[] = {Rules(Path::kChain, Rollback::kForward),
                           Rules(Path::kChain, Rollback::kReverse)};
  for (const Pair& pair :
       {Pair{direct[0], chain[0]}, Pair{direct[0], chain[1]}, Pair{chain[0], direct[1]},
        Pair{chain[1], direct[1]}, Pair{direct[1], direct[0]}, Pair{chain[0], chain[1]}}) {
    EXPECT_EQ(TwoRules(pair, AllBut(pair, kAllMasked)).Shortest(1, 500), "");
  }
}

// The bugs of the chain, each on its own shortest program.
TEST(Declared, ADifferenceThatIsNotIsNotMasked) {
  const Pair pair = PairFor("");
  int bugs = 0;
  const absl::StatusOr<std::vector<std::string>> files =
      ListProgramFiles(RECOUNT_SOURCE_DIR "/corpus/bugs");
  ASSERT_TRUE(files.ok()) << files.status().message();
  for (const std::string& file : *files) {
    const absl::StatusOr<Program> program = ReadProgramFile(file);
    ASSERT_TRUE(program.ok()) << program.status().message();
    if (program->profile->name != "rfc-notifier") continue;
    ++bugs;
    const std::string bug = std::filesystem::path(file).stem().string();
    TwoRules rules(pair, AllBut(pair, kAllMasked), "fast+bug:" + bug);
    EXPECT_EQ(rules.Run(*program).verdict, Verdict::kDiverge) << bug;
  }
  EXPECT_GE(bugs, 10);
  // Nor is one in another rule, beside them.
  Pair reload = pair;
  reload.right.reload = Profile::Reload::kRecounted;
  EXPECT_EQ(AllBut(reload, kAllMasked), AllBut(pair, kAllMasked));
  EXPECT_NE(TwoRules(reload, AllBut(pair, kAllMasked)).Shortest(1, 2000), "");
}

// ftrace died, so alpha's records are there for ever; freeing beta's init text takes one of them.
TEST(Declared, ARefusedModuleMayLieWhereRecordsOutlivedAnother) {
  const Pair pair = PairFor("");
  const Program program = *ParseProgram(
      "world small\nprofile linux-6.1\nload alpha @0\nfault verify 1\nregister o0\nunload alpha\n"
      "notifier n0 module 0\nscript n0 unformed bad\nload beta @0\n");
  const RunResult result = TwoRules(pair, AllBut(pair, kAllMasked)).Run(program);
  ASSERT_EQ(result.verdict, Verdict::kKnown);
  EXPECT_EQ(result.known->name, "unformed-refused");
}

TEST(Declared, OnlySwitchesThatDifferDeclareAnything) {
  const Pair both = {Rules(Path::kDirect, Rollback::kForward),
                     Rules(Path::kChain, Rollback::kReverse)};
  EXPECT_TRUE(DeclaredBetween(both.left, both.left).empty());
  EXPECT_EQ(DeclaredBetween(both.left, both.right).size(), DeclaredDifferences().size() - 1);
  const Pair reverse = PairFor("going-in-reverse");
  ASSERT_EQ(DeclaredBetween(reverse.left, reverse.right).size(), 1u);
  EXPECT_EQ(DeclaredBetween(reverse.left, reverse.right)[0]->name, "going-in-reverse");
}

}  // namespace
}  // namespace recount
