#include "fuzz/idioms.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "harness/chooser.h"
#include "model/text.h"

namespace recount {
namespace {

Program Tell(Idiom idiom, std::string_view world, std::uint64_t seed) {
  RandomChooser chooser(seed);
  Program program{.world = *BuiltinWorld(world), .profile = &Profiles()[0]};
  program.ops = MakeIdiom(idiom, *program.world, &chooser);
  return program;
}

TEST(Idioms, AreValidInEveryWorld) {
  for (std::string_view world : {"tiny", "small", "paged"}) {
    for (std::size_t i = 0; i < kIdiomCount; ++i) {
      for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const Program program = Tell(static_cast<Idiom>(i), world, seed);
        EXPECT_GE(program.ops.size(), 2u);
        EXPECT_LE(program.ops.size(), 24u);
        const absl::StatusOr<Program> parsed = ParseProgram(PrintProgram(program));
        ASSERT_TRUE(parsed.ok()) << parsed.status() << "\n" << PrintProgram(program);
        ASSERT_EQ(*parsed, program);
      }
    }
  }
}

TEST(Idioms, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kIdiomCount; ++i) names.insert(IdiomName(static_cast<Idiom>(i)));
  EXPECT_EQ(names.size(), kIdiomCount);
}

TEST(Idioms, ReloadBringsOneModuleBackToOneSlot) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::set<Load> loads;
    int unloads = 0;
    const Program program = Tell(Idiom::kReload, "small", seed);
    const Op& first = program.ops.front();
    ASSERT_TRUE(std::holds_alternative<Load>(first));
    for (const Op& op : program.ops) {
      if (const auto* unload = std::get_if<Unload>(&op)) {
        unloads += unload->module == std::get<Load>(first).module;
      } else if (const auto* load = std::get_if<Load>(&op); load != nullptr && unloads > 0) {
        loads.insert(*load);
      }
    }
    EXPECT_GE(unloads, 1);
    EXPECT_EQ(loads.count(std::get<Load>(first)), 1u);
  }
}

TEST(Idioms, TellOfTheCoreInAWorldWithoutModules) {
  World::Definition definition;
  definition.name = "core_only";
  definition.core.functions = {{"f", FunctionKind::kText}};
  definition.slots = {0};
  const absl::StatusOr<WorldPtr> world = World::Make(definition);
  ASSERT_TRUE(world.ok());
  RandomChooser chooser(1);
  for (const Op& op : MakeIdiom(Idiom::kFilterChange, **world, &chooser)) {
    EXPECT_FALSE(std::holds_alternative<Load>(op));
  }
}

}  // namespace
}  // namespace recount
