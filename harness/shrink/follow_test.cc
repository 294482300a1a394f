// Which failure the shrinker follows, and where it stops.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/shrink/shrink.h"
#include "harness/shrink/shrink_fixture.h"
#include "harness/shrink/simpler.h"

namespace recount {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// Two bugs: any `share` shows one way, any `free_init` another; the plainer operation wins.
std::string TwoBugs(const Program& program) {
  for (const Op& op : program.ops) {
    if (std::holds_alternative<Share>(op)) return "difference:share:ops[].pair";
    if (std::holds_alternative<FreeInit>(op)) return "difference:free_init:records[]";
    if (std::holds_alternative<Fault>(op)) return "fate:fault:crashed";
  }
  return "";
}

TEST(Shrink, FollowsTheClassAndKeepsTheOtherSignatures) {
  const ShrinkResult result = Shrink(ParseLines("share o1 o2\nhit probe\nfree_init\n"), TwoBugs);
  EXPECT_EQ(Lines(result.program), "free_init\n");
  EXPECT_EQ(result.signature, "difference:free_init:records[]");
  ASSERT_THAT(result.others, SizeIs(1));
  EXPECT_EQ(result.others[0].first, "difference:share:ops[].pair");
  EXPECT_EQ(Lines(result.others[0].second), "share o1 o2\nhit probe\nfree_init\n");
}

TEST(Shrink, FollowsTheExactSignatureWhenAskedTo) {
  const ShrinkResult result = Shrink(ParseLines("share o1 o2\nhit probe\nfree_init\n"), TwoBugs,
                                     {.same = SameBug::kSignature});
  EXPECT_EQ(Lines(result.program), "share o0 o0\n");
  EXPECT_THAT(result.others, ElementsAre(Pair("difference:free_init:records[]", testing::_)));
}

TEST(Shrink, DoesNotSlipIntoAnotherClass) {
  const ShrinkResult result =
      Shrink(ParseLines("fault stage 3\nshare o1 o2\nfree_init\n"), TwoBugs);
  EXPECT_EQ(Lines(result.program), "fault record_alloc 1\n");
  EXPECT_THAT(result.others, SizeIs(2));
}

TEST(Shrink, StopsAtTheLimitOfTriesWithTheBestSoFar) {
  const Program noise = Noise(3);
  const auto many_hits = [](const Program& program) { return Fails(CountKind<Hit>(program) >= 3); };
  std::uint64_t runs = 0;
  const auto counted = [&](const Program& program) {
    ++runs;
    return many_hits(program);
  };
  const ShrinkResult result = Shrink(noise, counted, {.max_tries = 20});
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.tries, 20u);
  EXPECT_EQ(runs, 20u);
  EXPECT_LT(result.program.ops.size(), noise.ops.size());
  EXPECT_FALSE(many_hits(result.program).empty());
}

TEST(Shrink, TellsOfEachBetterProgram) {
  std::vector<Program> seen;
  const Program start = Noise(5);
  const ShrinkResult result = Shrink(
      start, [](const Program& program) { return Fails(CountKind<Hit>(program) >= 2); }, {},
      [&](const Program& best, std::uint64_t) { seen.push_back(best); });
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(Simpler(seen.front(), start));
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_TRUE(Simpler(seen[i], seen[i - 1]));
  EXPECT_EQ(seen.back(), result.program);
  EXPECT_EQ(Lines(result.program), "hit core_setup\nhit core_setup\n");
}

TEST(Shrink, NeverRunsAProgramTwice) {
  std::vector<std::uint64_t> runs;
  Shrink(Noise(9), [&](const Program& program) {
    runs.push_back(Fingerprint(program.ops));
    return Fails(CountKind<Share>(program) >= 1 && CountKind<Hit>(program) >= 1);
  });
  std::sort(runs.begin(), runs.end());
  EXPECT_EQ(std::adjacent_find(runs.begin(), runs.end()), runs.end());
}

TEST(Shrink, KeepsNotesAndDropsTheMargin) {
  Program program = ParseLines("hit probe\nfree_init\n");
  program.notes = {"why"};
  program.margin = {"nobody", ""};
  const ShrinkResult result =
      Shrink(program, [](const Program& p) { return Fails(CountKind<FreeInit>(p) > 0); });
  EXPECT_THAT(result.program.notes, ElementsAre("why"));
  EXPECT_THAT(result.program.margin, IsEmpty());
}

}  // namespace
}  // namespace recount
