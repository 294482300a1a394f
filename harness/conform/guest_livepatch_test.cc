#include "harness/conform/guest_livepatch.h"

#include <vector>

#include "gtest/gtest.h"

namespace recount {
namespace {

TEST(GuestLivepatch, ModulesAndTheirFilesNameAPatch) {
  EXPECT_EQ(PatchOfModule("tklp"), PatchId{0});
  EXPECT_EQ(PatchOfModule("tklq"), PatchId{1});
  EXPECT_EQ(PatchOfModule("tgA"), std::nullopt);
  EXPECT_EQ(PatchOfFile("/sys/kernel/livepatch/tklq/enabled"), PatchId{1});
  EXPECT_EQ(PatchOfFile("/sys/kernel/livepatch/tklq/force"), std::nullopt);
}

TEST(GuestLivepatch, StagesOfALoadAreCountedByItsSteps) {
  const Op step = LoadStep{};
  const std::vector<Op> ops = {LoadBegin{}, step, step, EnablePatch{}, step};
  EXPECT_EQ(StageOf(ops, 0), Stage::kLayout);
  EXPECT_EQ(StageOf(ops, 1), Stage::kPercpu);
  EXPECT_EQ(StageOf(ops, 2), Stage::kSymbols);
  EXPECT_EQ(StageOf(ops, 3), Stage::kLayout);
  EXPECT_EQ(StageOf(ops, 4), Stage::kArgs);
}

TEST(GuestLivepatch, AReplacementReturnsAsItsPlaceInThePatchSays) {
  View view;
  view.livepatch.patches[1].count = 2;
  view.livepatch.patches[1].functions = {FunctionId{7}, FunctionId{4}};
  Outcome outcome;
  EXPECT_EQ(Redirection(view, FunctionId{4}, outcome), 0);
  outcome.redirected = PatchId{1};
  EXPECT_EQ(Redirection(view, FunctionId{7}, outcome), 1000);
  EXPECT_EQ(Redirection(view, FunctionId{4}, outcome), 2000);
}

}  // namespace
}  // namespace recount
