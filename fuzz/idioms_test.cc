#include "fuzz/idioms.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "harness/generate/chooser.h"
#include "impl/roster.h"
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

// The idioms are there for states that single insertions hardly ever reach.
TEST(Idioms, ReachWhatTheyAreAbout) {
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  int refused = 0, freed = 0, rolled_back = 0, reloaded = 0, redirected = 0, stacked = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const Idiom idiom :
         {Idiom::kNotifiedLoad, Idiom::kRobustCall, Idiom::kLivepatch, Idiom::kPatchStack}) {
      const Program program = Tell(idiom, "small", seed);
      reference->Reset(program.world, program.Rules());
      bool held = false, deep = false;
      int patched_by_load = 0;
      for (const Op& op : program.ops) {
        const Outcome outcome = reference->Apply(op);
        View view;
        reference->Observe(&view);
        const bool load = std::holds_alternative<Load>(op);
        if (load && outcome.rc != 0 && !outcome.log.empty()) ++refused;
        for (const std::uint16_t now : view.notifiers.held) held = held || now > 0;
        if (held && std::holds_alternative<Unload>(op)) ++freed;
        if (std::holds_alternative<NotifyRobust>(op) && outcome.log.size() > 1 &&
            outcome.log.back().event == Event::kGoing) {
          ++rolled_back;
        }
        if (load && outcome.rc == 0 && view.livepatch.ops[0].depth > 0) ++patched_by_load;
        if (outcome.redirected != kNoPatch) ++redirected;
        deep = deep || view.livepatch.ops[0].depth > 1;
      }
      reloaded += patched_by_load > 1;
      stacked += deep;
    }
  }
  EXPECT_GT(refused, 20);
  EXPECT_GT(freed, 20);
  EXPECT_GT(rolled_back, 20);
  EXPECT_GT(reloaded, 20);
  EXPECT_GT(redirected, 20);
  EXPECT_GT(stacked, 20);
}

TEST(Idioms, OfKprobesReachWhatTheyAreAbout) {
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  int gone = 0, revived = 0, moved = 0, refused = 0, together = 0, fired = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const Idiom idiom : {Idiom::kProbedModule, Idiom::kProbeStack, Idiom::kProbeAndOwner}) {
      Program program = Tell(idiom, "small", seed);
      program.profile = FindProfile("linux-6.1");
      reference->Reset(program.world, program.Rules());
      View before;
      reference->Observe(&before);
      bool was_gone = false;
      for (const Op& op : program.ops) {
        const Outcome outcome = reference->Apply(op);
        View view;
        reference->Observe(&view);
        const KprobeEntryView& entry = view.kprobes.entries[0];
        gone += entry.gone && !before.kprobes.entries[0].gone;
        revived += was_gone && entry.count > 1 && !entry.gone;
        was_gone = entry.gone;
        moved += before.kprobes.ops[0].registered && !before.kprobes.ops[1].registered &&
                 !view.kprobes.ops[0].registered && view.kprobes.ops[1].registered;
        const bool add = std::holds_alternative<AddKprobe>(op);
        const bool other =
            std::holds_alternative<Register>(op) || std::holds_alternative<EnablePatch>(op);
        refused += idiom == Idiom::kProbeAndOwner && (add || other) && outcome.rc != 0;
        fired += outcome.fired_count > 0;
        together += outcome.fired_count > 1;
        before = view;
      }
    }
  }
  EXPECT_GT(gone, 20);
  EXPECT_GT(revived, 10);
  EXPECT_GT(moved, 10);
  EXPECT_GT(refused, 20);
  EXPECT_GT(fired, 60);
  EXPECT_GT(together, 20);
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
