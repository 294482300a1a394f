#include "impl/fast/call_sites.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "model/world.h"

namespace recount::fast {
namespace {

std::vector<Cell> CellsOf(const CallSites& sites) {
  std::vector<Cell> cells;
  for (const CallSites::Entry& entry : sites.entries()) cells.push_back(entry.cell);
  return cells;
}

std::span<const Function> CoreOf(const World& world) {
  return world.functions().subspan(world.core().first, world.core().count);
}

TEST(CallSites, AreThoseOfTheCoreThatBecomeRecords) {
  for (const std::string_view name : BuiltinWorldNames()) {
    const World& world = **BuiltinWorld(name);
    CallSites sites;
    sites.Link(CoreOf(world));
    sites.Sort();
    std::vector<Cell> expected;
    for (const Function& function : CoreOf(world)) {
      if (World::HasRecord(function.kind)) expected.push_back(function.position);
    }
    EXPECT_EQ(CellsOf(sites), expected) << name;
  }
}

TEST(CallSites, AsTheLinkerLeavesThemAreNotSortedWhereThereAreSeveralObjectFiles) {
  for (const std::string_view name : {"small", "paged", "kernel"}) {
    CallSites sites;
    sites.Link(CoreOf(**BuiltinWorld(name)));
    const std::vector<Cell> cells = CellsOf(sites);
    EXPECT_FALSE(std::is_sorted(cells.begin(), cells.end())) << name;
  }
}

TEST(CallSites, AreFoundOnceTheyAreSortedAndNothingElseIs) {
  const World& world = **BuiltinWorld("small");
  CallSites sites;
  sites.Link(CoreOf(world));
  const auto found = [&sites, &world] {
    std::size_t count = 0;
    for (Cell cell = 0; cell < world.core().count; ++cell) count += sites.Has(cell) ? 1 : 0;
    return count;
  };
  EXPECT_LT(found(), sites.entries().size());
  sites.Sort();
  EXPECT_EQ(found(), sites.entries().size());
  EXPECT_FALSE(sites.Has(world.core().count));
  sites.Clear();
  EXPECT_EQ(found(), 0u);
}

TEST(CallSites, RememberWhichOfThemIsANop) {
  CallSites sites;
  sites.Link(CoreOf(**BuiltinWorld("small")));
  sites.Sort();
  const Cell cell = sites.entries()[1].cell;
  sites.Find(cell)->nop = true;
  for (const CallSites::Entry& entry : sites.entries()) {
    EXPECT_EQ(entry.nop, entry.cell == cell);
  }
}

}  // namespace
}  // namespace recount::fast
