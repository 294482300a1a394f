#include "fuzz/lockstep_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/text.h"

namespace recount {
namespace {

using testing::HasSubstr;

constexpr std::string_view kReload =
    "world small\nprofile linux-3.2\nload alpha @0\nfilter o0 alpha_read\nregister o0\n"
    "unload alpha\nload alpha @0\nhit alpha_read\nunregister o0\n";

Program Parse(std::string_view text) { return *ParseProgram(text); }

TEST(LockstepTarget, AgreesOnTheReloadOf2013) {
  const auto target = LockstepTarget::Make("fast");
  ASSERT_TRUE(target.ok());
  const RunResult result = (*target)->Run(Parse(kReload), nullptr);
  EXPECT_EQ(result.verdict, Verdict::kAgree);
  EXPECT_EQ(result.operations, 7u);
}

TEST(LockstepTarget, ReportsTheReloadBugWithThePlaceAndTheNextCommand) {
#ifdef RECOUNT_NO_BUGS
  GTEST_SKIP() << "the bugs are compiled out";
#endif
  const auto target = LockstepTarget::Make("fast+bug:reload-refcount-lost");
  ASSERT_TRUE(target.ok());
  const Program program = Parse(kReload);
  const RunResult result = (*target)->Run(program, nullptr);
  ASSERT_EQ(result.verdict, Verdict::kDiverge);
  const std::string report =
      DivergenceReport(program, *result.divergence, (*target)->subject_name(), "crash-1");
  EXPECT_THAT(report, HasSubstr("load alpha @0\n"));
  EXPECT_THAT(report, testing::Not(HasSubstr("unregister")));
  EXPECT_THAT(report, HasSubstr("alpha_read"));
  EXPECT_THAT(report,
              HasSubstr("ci/recount shrink crash-1 --subject fast+bug:reload-refcount-lost\n"));
}

TEST(LockstepTarget, NamesAnUnknownSubject) {
  const auto target = LockstepTarget::Make("fastest");
  ASSERT_FALSE(target.ok());
  EXPECT_THAT(std::string(target.status().message()), HasSubstr("fastest"));
}

TEST(LockstepTarget, RunsNoMoreThanItsBound) {
  const auto target = LockstepTarget::Make("fast");
  ASSERT_TRUE(target.ok());
  Program program = Parse("world tiny\nprofile linux-6.1\n");
  program.ops.assign(kMaxFuzzOps + 50, Register{OpsId{0}});
  EXPECT_EQ((*target)->Run(program, nullptr).operations, kMaxFuzzOps);
}

TEST(LockstepTarget, LeavesWorldKernelAlone) {
  EXPECT_TRUE(LockstepTarget::InReach(Parse("world paged\nprofile linux-6.1\n")));
  EXPECT_FALSE(LockstepTarget::InReach(Parse("world kernel\nprofile linux-6.1\n")));
}

TEST(LockstepTarget, FeedsTheCountersWhatARunHasSeen) {
  const auto target = LockstepTarget::Make("fast");
  ASSERT_TRUE(target.ok());
  std::array<std::uint8_t, Feedback::kCounters> counters{};
  Feedback feedback{std::span(counters)};
  (*target)->Run(Parse(kReload), &feedback);
  // Seven steps: a transition and a triple each, and more states than two.
  EXPECT_GT(std::count(counters.begin(), counters.end(), 1), 14 + 2);
}

}  // namespace
}  // namespace recount
