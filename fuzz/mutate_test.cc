#include "fuzz/mutate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "fuzz/op_ids.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "impl/roster.h"
#include "model/binary.h"
#include "model/text.h"

namespace recount {
namespace {

WorldPtr Builtin(std::string_view name) { return *BuiltinWorld(name); }

Program Random(std::string_view world, std::size_t ops, std::uint64_t seed) {
  RandomChooser chooser(seed);
  Program program{.world = Builtin(world), .profile = &Profiles()[0]};
  while (program.ops.size() < ops) program.ops.push_back(RandomOp(*program.world, &chooser));
  return program;
}

// Empty when `program` is valid: it prints, parses to itself, encodes, and decodes to itself.
std::string WhyInvalid(const Program& program) {
  const std::string text = PrintProgram(program);
  const absl::StatusOr<Program> parsed = ParseProgram(text);
  if (!parsed.ok()) return std::string(parsed.status().message()) + "\n" + text;
  if (!(*parsed == program)) return "parses to another program\n" + text;
  const absl::StatusOr<std::vector<std::uint8_t>> bytes = EncodeProgram(program);
  if (!bytes.ok()) return std::string(bytes.status().message());
  if (!(DecodeProgram(*bytes) == program)) return "decodes to another program\n" + text;
  return "";
}

class MutationTest : public testing::TestWithParam<Mutation> {};

TEST_P(MutationTest, MakesAValidProgramOfAnyProgram) {
  for (std::string_view world : {"tiny", "small", "paged"}) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const Program parent = Random(world, seed % 40, seed);
      RandomChooser chooser(seed);
      const Program mutant = ApplyMutation(parent, GetParam(), &chooser);
      ASSERT_EQ(WhyInvalid(mutant), "") << world << " seed " << seed;
    }
  }
}

TEST_P(MutationTest, ChangesMostPrograms) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Program parent = Random("small", 30, seed);
    RandomChooser chooser(seed);
    if (!(ApplyMutation(parent, GetParam(), &chooser) == parent)) ++changed;
  }
  EXPECT_GE(changed, 30);
}

INSTANTIATE_TEST_SUITE_P(Mutate, MutationTest, testing::ValuesIn([] {
                           std::vector<Mutation> all;
                           for (std::size_t i = 0; i < kMutationCount; ++i) {
                             all.push_back(static_cast<Mutation>(i));
                           }
                           return all;
                         }()),
                         [](const testing::TestParamInfo<Mutation>& info) {
                           std::string name(MutationName(info.param));
                           for (char& c : name) {
                             if (c == '-') c = '_';
                           }
                           return name;
                         });

TEST(Mutate, GivesTheSameMutantForTheSameSeed) {
  const Program parent = Random("small", 50, 1);
  std::set<std::string> mutants;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomChooser first(seed);
    RandomChooser second(seed);
    const Program mutant = MutateProgram(parent, &first);
    EXPECT_EQ(mutant, MutateProgram(parent, &second));
    mutants.insert(PrintProgram(mutant));
  }
  EXPECT_GT(mutants.size(), 45u);
}

TEST(Mutate, StaysWithinTheSizeBoundHoweverLongItGoesOn) {
  Program program = Random("small", 10, 2);
  RandomChooser chooser(2);
  std::size_t longest = 0;
  for (int i = 0; i < 4000; ++i) {
    program = MutateProgram(program, &chooser);
    longest = std::max(longest, program.ops.size());
  }
  EXPECT_LE(longest, kMaxMutantOps);
  // The bound is of use only when programs reach it.
  EXPECT_GT(longest, kMaxMutantOps / 2);
}

TEST(Mutate, LeavesALongParentNoLongerThanItWas) {
  const Program parent = Random("small", kMaxMutantOps + 100, 3);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomChooser chooser(seed);
    EXPECT_LE(MutateProgram(parent, &chooser).ops.size(), parent.ops.size());
  }
}

TEST(Mutate, DropsNotesAndMargin) {
  Program parent = Random("small", 3, 4);
  parent.notes = {"why: this is about the parent"};
  parent.margin = {"0", "", "0"};
  RandomChooser chooser(4);
  const Program mutant = MutateProgram(parent, &chooser);
  EXPECT_TRUE(mutant.notes.empty());
  EXPECT_TRUE(mutant.margin.empty());
}

TEST(Mutate, ReachesEveryProfileAndEveryWorldButKernel) {
  Program program = Random("small", 5, 5);
  RandomChooser chooser(5);
  std::set<std::string> worlds;
  std::set<std::string_view> profiles;
  for (int i = 0; i < 3000; ++i) {
    program = MutateProgram(program, &chooser);
    worlds.insert(program.world->name());
    profiles.insert(program.profile->name);
  }
  EXPECT_EQ(worlds, (std::set<std::string>{"paged", "small", "tiny"}));
  EXPECT_EQ(profiles.size(), Profiles().size());
}

TEST(Mutate, RetargetsEveryUseOfAnOps) {
  Program parent{.world = Builtin("small"), .profile = &Profiles()[0]};
  for (int i = 0; i < 10; ++i) parent.ops.push_back(Register{OpsId{3}});
  int whole = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomChooser chooser(seed);
    const Program mutant = ApplyMutation(parent, Mutation::kRetarget, &chooser);
    std::set<OpsId> used;
    for (const Op& op : mutant.ops) {
      if (const auto* reg = std::get_if<Register>(&op)) used.insert(reg->ops);
    }
    if (mutant.ops.size() == parent.ops.size() && used.size() == 1 && *used.begin() != OpsId{3}) {
      ++whole;
    }
  }
  EXPECT_GT(whole, 0);
}

TEST(Mutate, RetargetsAKprobeWithEveryUseOfIt) {
  Program parent{.world = Builtin("small"), .profile = &Profiles()[0]};
  for (int i = 0; i < 5; ++i) {
    parent.ops.push_back(AddKprobe{.kprobe = KprobeId{3}});
    parent.ops.push_back(RemoveKprobe{KprobeId{3}});
  }
  int whole = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomChooser chooser(seed);
    std::set<KprobeId> used;
    for (const Op& op : ApplyMutation(parent, Mutation::kRetarget, &chooser).ops) {
      if (const auto* add = std::get_if<AddKprobe>(&op)) used.insert(add->kprobe);
      if (const auto* remove = std::get_if<RemoveKprobe>(&op)) used.insert(remove->kprobe);
    }
    whole += used.size() == 1 && *used.begin() != KprobeId{3};
  }
  EXPECT_GT(whole, 0);
}

TEST(Mutate, ChangesEveryOperandOfAKprobe) {
  const Program parent = *ParseProgram("world small\nprofile linux-6.1\nkprobe k0 core_setup\n");
  std::set<std::uint8_t> offsets;
  bool kprobe = false, function = false, post = false, disabled = false;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomChooser chooser(seed);
    const Program mutant = ApplyMutation(parent, Mutation::kChangeOperand, &chooser);
    ASSERT_EQ(mutant.ops.size(), 1u);
    const auto& add = std::get<AddKprobe>(mutant.ops[0]);
    offsets.insert(add.place.offset);
    kprobe = kprobe || add.kprobe != KprobeId{0};
    function = function || add.place.function != FunctionId{0};
    post = post || add.post;
    disabled = disabled || add.disabled;
  }
  EXPECT_TRUE(kprobe && function && post && disabled);
  for (const int offset : {0, 5, 8, 12}) EXPECT_EQ(offsets.count(offset), 1u) << offset;
  EXPECT_GT(offsets.size(), 4u);  // and places where no instruction begins
}

TEST(Mutate, KeepsTheFunctionsOfAPatchDistinct) {
  // Retargeting, another world and a changed operand could all make two functions one.
  Program program = *ParseProgram(
      "world small\nprofile linux-6.1\npatch p0 core_read core_write alpha_read beta_read\n");
  for (int i = 0; i < 20; ++i) program.ops.push_back(program.ops[0]);
  RandomChooser chooser(7);
  std::set<std::size_t> counts;
  for (int i = 0; i < 300; ++i) {
    for (const Mutation mutation :
         {Mutation::kRetarget, Mutation::kChangeWorld, Mutation::kChangeOperand}) {
      program = ApplyMutation(program, mutation, &chooser);
      ASSERT_EQ(WhyInvalid(program), "");
    }
    for (const Op& op : program.ops) {
      if (const auto* patch = std::get_if<SetPatch>(&op)) counts.insert(patch->count);
    }
  }
  EXPECT_GT(counts.size(), 2u);
}

TEST(CrossOver, IsValidAndKeepsTheWorldOfTheFirst) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Program a = Random("tiny", seed % 20, seed);
    const Program b = Random("paged", (seed * 7) % 30, seed + 1000);
    RandomChooser chooser(seed);
    const Program child = CrossOver(a, b, &chooser);
    ASSERT_EQ(WhyInvalid(child), "") << seed;
    EXPECT_EQ(child.world->name(), "tiny");
    EXPECT_LE(child.ops.size(), kMaxMutantOps);
  }
}

TEST(CrossOver, MixesOperationsOfBoth) {
  Program a{.world = Builtin("small"), .profile = &Profiles()[0]};
  Program b = a;
  for (int i = 0; i < 20; ++i) {
    a.ops.push_back(Register{OpsId{1}});
    b.ops.push_back(Unregister{OpsId{2}});
  }
  int mixed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomChooser chooser(seed);
    const Program child = CrossOver(a, b, &chooser);
    std::set<std::size_t> kinds;
    for (const Op& op : child.ops) kinds.insert(op.index());
    if (kinds.size() == 2) ++mixed;
  }
  EXPECT_GT(mixed, 50);
}

TEST(Grow, KeepsABeginningAndAddsOperationsThatAreMostlyNotRefused) {
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  std::size_t added = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Program parent = Random("small", 20, seed);
    RandomChooser chooser(seed);
    const Program grown = GrowProgram(parent, &chooser, oracle.get());
    ASSERT_EQ(WhyInvalid(grown), "") << seed;
    std::size_t kept = 0;
    while (kept < parent.ops.size() && kept < grown.ops.size() &&
           parent.ops[kept] == grown.ops[kept]) {
      ++kept;
    }
    oracle->Reset(grown.world, grown.Rules());
    for (std::size_t i = 0; i < grown.ops.size(); ++i) {
      const int rc = oracle->Apply(grown.ops[i]).rc;
      if (i < kept) continue;
      ++added;
      refused += rc != 0;
    }
  }
  EXPECT_GE(added, 400u);
  EXPECT_LT(refused, added / 2);
}

TEST(Grow, StopsAtTheSizeBound) {
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  Program program = Random("tiny", 1, 1);
  RandomChooser chooser(1);
  for (int i = 0; i < 60; ++i) {
    program = GrowProgram(program, &chooser, oracle.get());
    ASSERT_LE(program.ops.size(), kMaxMutantOps);
  }
}

TEST(FitOp, MovesIdsIntoASmallerWorld) {
  const WorldPtr tiny = Builtin("tiny");
  const Program large = Random("paged", 500, 6);
  for (const Op& op : large.ops) {
    Op fitted = FitOp(*tiny, op);
    EXPECT_EQ(fitted.index(), op.index());
    VisitIds(fitted, [&](const auto& id) {
      using Id = std::remove_cvref_t<decltype(id)>;
      if constexpr (std::is_same_v<Id, ModuleId>) {
        EXPECT_LT(Index(id), tiny->modules().size());
      }
      if constexpr (std::is_same_v<Id, SlotId>) {
        EXPECT_LT(Index(id), tiny->slot_count());
      }
      if constexpr (std::is_same_v<Id, FunctionId>) {
        EXPECT_LT(Index(id), tiny->functions().size());
      }
      if constexpr (std::is_same_v<Id, NotifierId>) {
        EXPECT_LT(Index(id), kNotifierCount);
      }
      if constexpr (std::is_same_v<Id, PatchId>) {
        EXPECT_LT(Index(id), kPatchCount);
      }
      if constexpr (std::is_same_v<Id, KprobeId>) {
        EXPECT_LT(Index(id), kKprobeCount);
      }
    });
  }
}

TEST(FitOp, TurnsModuleOperationsIntoOthersWhereThereAreNoModules) {
  World::Definition definition;
  definition.name = "core_only";
  definition.core.functions = {{"f", FunctionKind::kText}};
  definition.slots = {0};
  const absl::StatusOr<WorldPtr> world = World::Make(definition);
  ASSERT_TRUE(world.ok());
  EXPECT_EQ(PrintOp(**world, FitOp(**world, Load{ModuleId{1}, SlotId{1}, {}})), "hit f");
}

}  // namespace
}  // namespace recount
