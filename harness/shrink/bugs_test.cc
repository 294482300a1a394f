// The shrinker over real subjects: the fast implementation with a known bug. (Every bug, against
// its program in corpus/bugs/, is in properties/.)
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/lockstep.h"
#include "harness/shrink/shrink.h"
#include "harness/shrink/shrink_fixture.h"
#include "impl/roster.h"
#include "model/profile.h"
#include "model/text.h"

namespace recount {
namespace {

// The first random Program of `seed` that shows `bug`, and what it shrinks to.
ShrinkResult HuntAndShrink(std::string_view bug, std::string_view profile, std::uint64_t seed) {
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  const std::unique_ptr<Subject> buggy = MakeSubject("fast+bug:" + std::string(bug)).value();
  Lockstep lockstep(oracle.get(), buggy.get());
  const auto fails = [&](const Program& program) { return lockstep.Failure(program); };
  for (std::uint64_t i = 0; i < 500; ++i) {
    RandomChooser chooser(seed * 1000 + i);
    const Program program = GenerateProgram(BuiltinWorld("small").value(), *FindProfile(profile),
                                            {}, &chooser, oracle.get());
    // The limits are for hunts; here a slow machine must not change the result.
    if (!fails(program).empty()) return Shrink(program, fails, {.max_seconds = 200});
  }
  ADD_FAILURE() << bug << ": not found with seed " << seed;
  return {};
}

TEST(ShrinkRealSubjects, TheReloadBugOf2013IsTheSameFiveLinesForTwentySeeds) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ShrinkResult result = HuntAndShrink("reload-refcount-lost", "linux-3.2", seed);
    EXPECT_TRUE(result.finished);
    EXPECT_EQ(Lines(result.program),
              "load alpha @0\n"
              "filter o0 alpha_open\n"
              "unload alpha\n"
              "register o0\n"
              "load alpha @0\n");
    EXPECT_EQ(result.signature, "difference:load:records[].count");
  }
}

TEST(ShrinkRealSubjects, OneTextForAFewSeedsOfOtherBugs) {
  const struct {
    std::string_view bug;
    std::string_view profile;
    std::string_view minimal;
  } kCases[] = {
      {"glob-front-overcompare", "linux-6.1", "filter o0 probe_*\n"},
      {"release-skipped-when-dead", "linux-6.1",
       "register o0\nfault verify 1\nload alpha @0 fail=init\n"},
      {"permanent-ops-disabled-by-sysctl", "linux-6.1",
       "ops o0 kernel permanent\nregister o0\nftrace_enabled 0\n"},
      {"klp-coming-fail-obj-mod", "linux-6.1", "patch p0 gamma_gap\nenable p0\nload gamma @0\n"},
      {"notifier-double-register", "linux-6.1", "notifier n0 module 0\nnotifier n0 module 0\n"},
      {"stale-hash-traces-other-module", "linux-6.1",
       "ops o0 tracer\nfilter o0 :mod:alpha\nload alpha @0 fail=init\n"},
  };
  for (const auto& test : kCases) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      EXPECT_EQ(Lines(HuntAndShrink(test.bug, test.profile, seed).program), test.minimal);
    }
  }
}

}  // namespace
}  // namespace recount
