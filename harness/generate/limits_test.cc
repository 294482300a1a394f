#include "harness/generate/limits.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr Limits kOnePair = {.one_shared_pair = true};

// The View behind `program`, all of whose operations are within the limits but for the last.
bool LastIsWithin(const std::string& operations, const Limits& limits) {
  const Program program = ParseProgram("world tiny\nprofile linux-6.1\n" + operations).value();
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  reference->Reset(program.world, program.Rules());
  View view;
  reference->Observe(&view);
  for (std::size_t i = 0; i + 1 < program.ops.size(); ++i) {
    EXPECT_TRUE(IsWithin(limits, view, program.ops[i])) << operations << i;
    reference->Apply(program.ops[i]);
    reference->Observe(&view);
  }
  return IsWithin(limits, view, program.ops.back());
}

TEST(Limits, OneSharedPairIsWithinOneSharedPairAndAnotherIsNot) {
  const struct {
    const char* operations;
    bool within;
  } kCases[] = {
      {"share o0 o1\n", true},
      {"share o0 o1\nregister o2\n", true},
      {"share o0 o1\nshare o2 o3\n", false},
      {"share o0 o1\nshare o2 o1\n", true},
      {"share o0 o1\nshare o2 o0\n", true},
      {"share o0 o1\nshare o2 o0\nshare o3 o4\n", false},
      // With o0 gone, nobody shares any more.
      {"share o0 o1\nshare o0 o2\n", true},
      {"share o0 o1\nshare o2 o1\nshare o0 o3\n", false},
      {"share o0 o1\nops o0 tracer\nshare o2 o3\n", true},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(LastIsWithin(one.operations, kOnePair), one.within) << one.operations;
    EXPECT_TRUE(LastIsWithin(one.operations, {})) << one.operations;
  }
}

TEST(Limits, AGeneratorKeepsToThem) {
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  const NamedProfile& profile = *FindProfile("linux-6.1");
  const WorldPtr world = *BuiltinWorld("small");
  int shares = 0;
  int outside = 0;  // without limits
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    for (const Limits& limits : {Limits{}, kOnePair}) {
      RandomChooser chooser(seed);
      const Program program =
          GenerateProgram(world, profile, {.limits = limits}, &chooser, reference.get());
      reference->Reset(world, program.Rules());
      View view;
      reference->Observe(&view);
      for (const Op& op : program.ops) {
        const bool within = IsWithin(kOnePair, view, op);
        if (limits.one_shared_pair) {
          EXPECT_TRUE(within) << PrintOp(*world, op) << ", seed " << seed;
          if (std::holds_alternative<Share>(op)) ++shares;
        } else if (!within) {
          ++outside;
        }
        reference->Apply(op);
        reference->Observe(&view);
      }
    }
  }
  EXPECT_GT(shares, 20);
  EXPECT_GT(outside, 5);
}

TEST(Limits, ForwardOnlyKeepsFromCallingAChainBackward) {
  const Limits forward = {.forward_only = true};
  EXPECT_TRUE(LastIsWithin("notify raw live\n", forward));
  EXPECT_FALSE(LastIsWithin("notify_reverse raw live\n", forward));
  EXPECT_TRUE(LastIsWithin("notify_reverse raw live\n", {}));
}

}  // namespace
}  // namespace recount
