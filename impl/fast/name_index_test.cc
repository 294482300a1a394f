#include "impl/fast/name_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace recount::fast {
namespace {

std::vector<std::string> Names(const World& world, std::span<const FunctionId> functions) {
  std::vector<std::string> names;
  for (const FunctionId id : functions) names.push_back(world.function(id).name);
  return names;
}

TEST(NameIndex, FindsANameInEveryImageThatHasIt) {
  const WorldPtr world = *BuiltinWorld("small");
  const NameIndex index(*world);
  EXPECT_THAT(Names(*world, index.Exact("probe_shared")),
              testing::ElementsAre("probe_shared", "probe_shared", "probe_shared"));
  EXPECT_THAT(index.Exact("prob"), testing::IsEmpty());
}

TEST(NameIndex, LeavesOutWhatNoPatternFinds) {
  const WorldPtr world = *BuiltinWorld("small");
  const NameIndex index(*world);
  EXPECT_THAT(index.Exact("core_old"), testing::IsEmpty());   // weak
  EXPECT_THAT(index.Exact("core_lock"), testing::IsEmpty());  // notrace
  EXPECT_THAT(index.Exact("core_gap"), testing::IsEmpty());   // null
}

TEST(NameIndex, PrefixFindsWhatAScanFinds) {
  const WorldPtr world = *BuiltinWorld("small");
  const NameIndex index(*world);
  for (const std::string prefix : {"", "a", "alpha_", "probe", "probe_", "probe_shared", "zz"}) {
    std::vector<std::string> expected;
    for (const Function& function : world->functions()) {
      const bool named =
          function.kind == FunctionKind::kText || function.kind == FunctionKind::kInit;
      if (named && function.name.starts_with(prefix)) expected.push_back(function.name);
    }
    EXPECT_THAT(Names(*world, index.Prefix(prefix)), testing::UnorderedElementsAreArray(expected))
        << prefix;
  }
}

}  // namespace
}  // namespace recount::fast
