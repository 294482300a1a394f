#include "model/world.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace recount {
namespace {

using enum FunctionKind;
using Definition = World::Definition;

Definition Good() {
  return {.name = "w",
          .core = {"", {{"core_a", kText}, {"shared", kText}}},
          .modules = {{"alpha", {{"one", kText}, {"in_a", kInit}, {"in_b", kInit}, {"two", kNull}}},
                      {"beta", {{"one", kText}, {"shared", kText}, {"three", kNotrace}}}},
          .slots = {0, 3}};
}

std::string MakeError(const Definition& definition) {
  const absl::StatusOr<WorldPtr> world = World::Make(definition);
  return world.ok() ? "" : std::string(world.status().message());
}

std::string FindError(const World& world, std::string_view text) {
  const absl::StatusOr<FunctionId> id = world.FindFunction(text);
  return id.ok() ? "" : std::string(id.status().message());
}

TEST(World, LaysFunctionsOutInImageOrder) {
  const WorldPtr world = *World::Make(Good());
  ASSERT_EQ(world->functions().size(), 9u);
  const Module& alpha = world->module(ModuleId{0});
  EXPECT_EQ(alpha.first, 2u);
  EXPECT_EQ(alpha.count, 4u);
  EXPECT_EQ(alpha.init_begin, 1u);
  EXPECT_EQ(alpha.init_end, 3u);
  EXPECT_EQ(world->module(ModuleId{1}).init_begin, world->module(ModuleId{1}).init_end);
  EXPECT_EQ(&world->image(kCore), &world->core());
  EXPECT_EQ(world->SlotAddress(SlotId{1}), 0x80000030u);
  // Place 2 of beta at @1.
  EXPECT_EQ(world->AddressOf(FunctionId{8}, world->SlotAddress(SlotId{1})), 0x80000050u);
  EXPECT_EQ(world->AddressOf(FunctionId{1}, World::kCoreBase), 0x1000010u);
}

TEST(World, FindsFunctionsByTheShortestTextThatIsUnique) {
  for (const std::string_view name : {"tiny", "small", "paged"}) {
    const WorldPtr world = *BuiltinWorld(name);
    for (std::size_t i = 0; i < world->functions().size(); ++i) {
      const FunctionId id{static_cast<std::uint32_t>(i)};
      const std::string text = world->FunctionText(id);
      ASSERT_EQ(*world->FindFunction(text), id) << text;
      if (text != world->function(id).name) {
        EXPECT_FALSE(world->FindFunction(world->function(id).name).ok());
      }
    }
  }
}

TEST(World, SaysWhyAFunctionIsNotFound) {
  const WorldPtr world = *World::Make(Good());
  EXPECT_EQ(*world->FindFunction("vmlinux:shared"), FunctionId{1});
  EXPECT_EQ(*world->FindFunction("alpha:in_a"), FunctionId{3});
  EXPECT_EQ(FindError(*world, "one"), "'one' is in alpha and beta: write alpha:one");
  EXPECT_EQ(FindError(*world, "shared"), "'shared' is in vmlinux and beta: write vmlinux:shared");
  EXPECT_EQ(FindError(*world, "four"), "unknown function 'four'");
  EXPECT_EQ(FindError(*world, "alpha:three"), "unknown function 'alpha:three'");
  EXPECT_EQ(FindError(*world, "gamma:one"), "unknown module 'gamma'");
  EXPECT_EQ(FindError(*world, ""), "unknown function ''");
  EXPECT_EQ(FindError(**BuiltinWorld("small"), "probe_shared"),
            "'probe_shared' is in alpha, beta and gamma: write alpha:probe_shared");
}

TEST(World, RefusesDefinitionsThatBreakItsRules) {
  const auto with = [](auto change) {
    Definition definition = Good();
    change(definition);
    return MakeError(definition);
  };
  EXPECT_EQ(with([](Definition&) {}), "");
  EXPECT_EQ(with([](Definition& d) { d.core.functions.clear(); }), "no core function");
  EXPECT_EQ(with([](Definition& d) { d.slots.clear(); }), "no slot");
  EXPECT_EQ(with([](Definition& d) {
              d.modules[0].functions.clear();
              for (int i = 0; i < 40000; ++i) {
                d.modules[0].functions.emplace_back("f" + std::to_string(i), FunctionKind::kText);
              }
              d.slots.resize(1678);  // 1677 would do
            }),
            "too big: 1678 slots for modules of up to 40000 functions, 40005 functions in all, "
            "2^26 is the most");
  EXPECT_EQ(with([](Definition& d) { d.name = "a b"; }),
            "bad world name 'a b': one word that does not begin with '#' is asked for");
  EXPECT_EQ(with([](Definition& d) { d.modules[1].name = "alpha"; }), "module 'alpha' twice");
  EXPECT_EQ(with([](Definition& d) { d.modules[1].name = "vmlinux"; }),
            "'vmlinux' names the core, not a module");
  EXPECT_EQ(with([](Definition& d) { d.modules[1].name = "reset"; }),
            "'reset' is a keyword, not a module name");
  EXPECT_EQ(with([](Definition& d) { d.core.functions[0].first = "remove"; }),
            "'remove' is a keyword, not a function name");
  EXPECT_EQ(with([](Definition& d) { d.core.functions[0].first = "replace"; }),
            "'replace' is a keyword, not a function name");
  EXPECT_EQ(with([](Definition& d) { d.core.functions[0].first = "9a"; }),
            "bad function name '9a': [A-Za-z_][A-Za-z0-9_.]* is asked for");
  EXPECT_EQ(with([](Definition& d) { d.core.functions[0].first = ""; }),
            "a function without a name");
  EXPECT_EQ(with([](Definition& d) { d.core.functions[0].first = std::string(49, 'a'); }),
            "function name of 49 characters, 48 is the most");
  EXPECT_EQ(with([](Definition& d) { d.core.functions[0].first = "shared"; }),
            "function 'shared' twice in the core");
  EXPECT_EQ(with([](Definition& d) { d.modules[0].functions[0].first = "two"; }),
            "function 'two' twice in module alpha");
  EXPECT_EQ(with([](Definition& d) { d.modules[0].functions[3].second = kInit; }), "");
  EXPECT_EQ(with([](Definition& d) {
              d.modules[0].functions[0].second = kInit;
              d.modules[0].functions[1].second = kText;
            }),
            "init text is not contiguous: 'in_b' lies behind a function that is not init text");
  EXPECT_EQ(with([](Definition& d) { d.slots.assign(0xffff, 0); }), "more than 65534 slots");
}

TEST(World, WithoutModulesIsAWorld) {
  Definition definition = Good();
  definition.modules.clear();
  EXPECT_EQ(MakeError(definition), "");
}

TEST(BuiltinWorlds, AreBuiltOnce) {
  for (const std::string_view name : BuiltinWorldNames()) {
    EXPECT_EQ(BuiltinWorld(name)->get(), BuiltinWorld(name)->get());
    EXPECT_EQ((*BuiltinWorld(name))->name(), name);
  }
  EXPECT_EQ(BuiltinWorld("smal").status().message(),
            "unknown world 'smal' (built in: tiny, small, paged, kernel)");
}

// What `small` promises to whoever writes programs for it.
TEST(BuiltinWorlds, SmallHasEveryKindAndSharedAddresses) {
  const WorldPtr world = *BuiltinWorld("small");
  EXPECT_LE(world->functions().size(), 27u);
  EXPECT_TRUE(world->FindFunction("alpha_read").ok());
  std::set<FunctionKind> core;
  std::set<FunctionKind> modules;
  for (const Function& f : world->functions()) {
    (f.module == kCore ? core : modules).insert(f.kind);
  }
  EXPECT_EQ(core.size(), 6u);  // kprobes are kept out of the core only
  EXPECT_EQ(modules.size(), 5u);

  // Text right behind init text, and init text at the end.
  bool middle = false;
  bool end = false;
  for (const Module& m : world->modules()) {
    if (m.init_begin == m.init_end) continue;
    if (m.init_end == m.count) end = true;
    if (m.init_end < m.count &&
        world->functions()[m.first + m.init_end].kind == FunctionKind::kText) {
      middle = true;
    }
  }
  EXPECT_TRUE(middle);
  EXPECT_TRUE(end);

  // Some place is ordinary text in three modules.
  int best = 0;
  for (std::uint32_t place = 0; place < 5; ++place) {
    int count = 0;
    for (const Module& m : world->modules()) {
      if (place < m.count && world->functions()[m.first + place].kind == kText) ++count;
    }
    best = std::max(best, count);
  }
  EXPECT_GE(best, 3);
}

std::size_t Entries(const World& world, std::string_view module) {
  const Module& m = world.module(*world.FindModule(module));
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < m.count; ++i) {
    count += World::HasEntry(world.functions()[m.first + i].kind);
  }
  return count;
}
std::size_t Records(const World& world, std::string_view module) {
  const Module& m = world.module(*world.FindModule(module));
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < m.count; ++i) {
    count += World::HasRecord(world.functions()[m.first + i].kind);
  }
  return count;
}

TEST(BuiltinWorlds, PagedSitsOnThePageBorders) {
  const WorldPtr world = *BuiltinWorld("paged");
  EXPECT_EQ(Entries(*world, "none"), 0u);
  EXPECT_EQ(Entries(*world, "one"), 1u);
  EXPECT_EQ(Entries(*world, "under"), 255u);
  EXPECT_EQ(Entries(*world, "exact"), 256u);
  EXPECT_EQ(Entries(*world, "over"), 257u);
  EXPECT_EQ(Entries(*world, "large"), 700u);
  EXPECT_GT(Records(*world, "large"), 512u);
  EXPECT_EQ(Entries(*world, "blank"), 3u);
  EXPECT_EQ(Records(*world, "blank"), 0u);
  // Groups of 512 and 256 are taken for the entries; the records leave the second unused.
  EXPECT_GT(Entries(*world, "holes"), 512u);
  EXPECT_LE(Records(*world, "holes"), 512u);
  // A group of order 2, so that there is a smaller one that is not the smallest.
  EXPECT_GT(Entries(*world, "deep"), 1024u);
}

TEST(BuiltinWorlds, KernelHasTheSizeOfOne) {
  const WorldPtr world = *BuiltinWorld("kernel");
  EXPECT_EQ(world->core().count, 60000u);
  ASSERT_EQ(world->modules().size(), 150u);
  std::array<std::size_t, 5> kinds{};
  for (const Function& f : world->functions()) ++kinds[static_cast<std::size_t>(f.kind)];
  for (const std::size_t count : kinds) {
    EXPECT_GT(count, 100u);
  }
  EXPECT_GT(kinds[0], world->functions().size() * 9 / 10 - 3000);
  std::uint32_t smallest = ~0u;
  std::uint32_t largest = 0;
  for (const Module& m : world->modules()) {
    smallest = std::min(smallest, m.count);
    largest = std::max(largest, m.count);
  }
  EXPECT_GE(smallest, 10u);
  EXPECT_LE(largest, 300u);
  EXPECT_GT(largest, 250u);
}

}  // namespace
}  // namespace recount
