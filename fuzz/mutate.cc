#include "fuzz/mutate.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fuzz/idioms.h"
#include "fuzz/mutate_operand.h"
#include "fuzz/op_ids.h"
#include "harness/generate/generate.h"
#include "model/check.h"

namespace recount {
namespace {

constexpr std::array<std::string_view, kMutationCount> kNames = {
    "insert-op",    "insert-idiom",   "replace-op",      "change-operand", "delete-op",
    "delete-block", "duplicate-op",   "duplicate-block", "swap",           "move-block",
    "retarget",     "change-profile", "change-world",
};

// Relative weights of the kinds. Growth outweighs deletion: a fuzzer's inputs live by getting
// longer (finding a six-step bug takes far fewer operations in programs of 100 than of 10), and
// what does not matter is the shrinker's job. Profile and world are rare: they change every
// operation.
constexpr std::array<std::uint32_t, kMutationCount> kWeights = {24, 20, 8, 24, 6, 6, 8,
                                                                6,  6,  6, 8,  2, 1};

std::uint32_t Pick(Chooser* chooser, std::size_t n) {
  return chooser->Pick(static_cast<std::uint32_t>(n));
}

Mutation DrawMutation(Chooser* chooser) {
  std::uint32_t total = 0;
  for (std::uint32_t weight : kWeights) total += weight;
  std::uint32_t at = chooser->Pick(total);
  std::size_t kind = 0;
  while (at >= kWeights[kind]) at -= kWeights[kind++];
  return static_cast<Mutation>(kind);
}

struct Block {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// A block of 1..max operations. REQUIRES: there are operations.
Block DrawBlock(std::size_t ops, std::size_t max, Chooser* chooser) {
  Block block;
  block.begin = Pick(chooser, ops);
  block.size = 1 + Pick(chooser, std::min(max, ops - block.begin));
  return block;
}

auto At(std::vector<Op>& ops, std::size_t index) {
  return ops.begin() + static_cast<std::ptrdiff_t>(index);
}

// Inserts `more` at a random place. Where that would pass `max`, a block as large as the excess
// goes first, so that a full program goes on changing instead of losing its end each time.
void Insert(std::vector<Op>* ops, std::vector<Op> more, std::size_t max, Chooser* chooser) {
  if (more.size() > max) more.resize(max);
  if (ops->size() + more.size() > max) {
    const std::size_t excess = ops->size() + more.size() - max;
    const std::size_t begin = Pick(chooser, ops->size() - excess + 1);
    ops->erase(At(*ops, begin), At(*ops, begin + excess));
  }
  ops->insert(At(*ops, Pick(chooser, ops->size() + 1)), more.begin(), more.end());
}

void MoveBlock(std::vector<Op>* ops, Chooser* chooser) {
  const Block block = DrawBlock(ops->size(), 8, chooser);
  std::vector<Op> moved(At(*ops, block.begin), At(*ops, block.begin + block.size));
  ops->erase(At(*ops, block.begin), At(*ops, block.begin + block.size));
  ops->insert(At(*ops, Pick(chooser, ops->size() + 1)), moved.begin(), moved.end());
}

// All uses of one id of type Id, from a random operation on or from the start, become another id:
// half the time one that the program uses already, so that two stories get to be about one thing.
template <typename Id>
bool RetargetOne(std::vector<Op>* ops, std::size_t id_count, Chooser* chooser) {
  std::vector<Id> used;
  const auto collect = [&used](auto& id) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(id)>, Id>) used.push_back(id);
  };
  for (const Op& op : *ops) VisitIds(op, collect);
  if (used.empty() || id_count < 2) return false;
  const Id from = used[Pick(chooser, used.size())];
  const Id to = chooser->Chance(1, 2) ? used[Pick(chooser, used.size())]
                                      : static_cast<Id>(Pick(chooser, id_count));
  const auto replace = [from, to](auto& id) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(id)>, Id>) {
      if (id == from) id = to;
    }
  };
  const std::size_t begin = chooser->Chance(1, 2) ? 0 : Pick(chooser, ops->size());
  for (std::size_t i = begin; i < ops->size(); ++i) {
    VisitIds((*ops)[i], replace);
    DropRepeated(&(*ops)[i]);
  }
  return true;
}

bool Retarget(const World& world, std::vector<Op>* ops, Chooser* chooser) {
  switch (chooser->Pick(7)) {
    // Most Programs have none of these; they change something else then.
    case 4:
      if (RetargetOne<NotifierId>(ops, kNotifierCount, chooser)) return true;
      [[fallthrough]];
    case 6:
      if (RetargetOne<KprobeId>(ops, kKprobeCount, chooser)) return true;
      [[fallthrough]];
    case 0:
      return RetargetOne<OpsId>(ops, kOpsCount, chooser);
    case 1:
      return RetargetOne<ModuleId>(ops, world.modules().size(), chooser);
    case 2:
      return RetargetOne<SlotId>(ops, world.slot_count(), chooser);
    case 5:
      if (RetargetOne<PatchId>(ops, kPatchCount, chooser)) return true;
      [[fallthrough]];
    default:
      return RetargetOne<FunctionId>(ops, world.functions().size(), chooser);
  }
}

void ChangeWorld(Program* program, Chooser* chooser) {
  std::vector<std::string_view> names;
  for (std::string_view name : BuiltinWorldNames()) {
    if (name != "kernel") names.push_back(name);
  }
  absl::StatusOr<WorldPtr> world = BuiltinWorld(names[Pick(chooser, names.size())]);
  RECOUNT_CHECK(world.ok());
  program->world = *std::move(world);
  for (Op& op : program->ops) op = FitOp(*program->world, op);
}

// False where the mutation is impossible in this Program.
bool Try(Program* program, Mutation mutation, std::size_t max, Chooser* chooser) {
  const World& world = *program->world;
  std::vector<Op>& ops = program->ops;
  switch (mutation) {
    case Mutation::kInsertOp:
      Insert(&ops, {RandomOp(world, chooser)}, max, chooser);
      return true;
    case Mutation::kInsertIdiom:
      Insert(&ops, MakeIdiom(static_cast<Idiom>(Pick(chooser, kIdiomCount)), world, chooser), max,
             chooser);
      return true;
    case Mutation::kChangeProfile:
      program->profile = &Profiles()[Pick(chooser, Profiles().size())];
      if (chooser->Chance(1, 3)) program->from_boot = !program->from_boot;
      return true;
    case Mutation::kChangeWorld:
      ChangeWorld(program, chooser);
      return true;
    default:
      break;
  }
  if (ops.empty()) return false;
  switch (mutation) {
    case Mutation::kReplaceOp:
      ops[Pick(chooser, ops.size())] = RandomOp(world, chooser);
      return true;
    case Mutation::kChangeOperand:
      ChangeOperand(world, chooser, &ops[Pick(chooser, ops.size())]);
      return true;
    case Mutation::kDeleteOp:
      ops.erase(At(ops, Pick(chooser, ops.size())));
      return true;
    case Mutation::kDeleteBlock: {
      const Block block = DrawBlock(ops.size(), 16, chooser);
      ops.erase(At(ops, block.begin), At(ops, block.begin + block.size));
      return true;
    }
    case Mutation::kDuplicateOp:
      Insert(&ops, {ops[Pick(chooser, ops.size())]}, max, chooser);
      return true;
    case Mutation::kDuplicateBlock: {
      const Block block = DrawBlock(ops.size(), 16, chooser);
      Insert(&ops, {At(ops, block.begin), At(ops, block.begin + block.size)}, max, chooser);
      return true;
    }
    case Mutation::kSwap: {
      const std::size_t i = Pick(chooser, ops.size());
      std::swap(ops[i], ops[Pick(chooser, ops.size())]);
      return true;
    }
    case Mutation::kMoveBlock:
      MoveBlock(&ops, chooser);
      return true;
    case Mutation::kRetarget:
      return Retarget(world, &ops, chooser);
    default:
      RECOUNT_CHECK(false);
      return false;
  }
}

std::size_t MaxOps(const Program& parent) { return std::max(kMaxMutantOps, parent.ops.size()); }

Program WithoutText(const Program& program) {
  return Program{.world = program.world,
                 .profile = program.profile,
                 .from_boot = program.from_boot,
                 .ops = program.ops};
}

void Mutate(Program* program, Mutation mutation, std::size_t max, Chooser* chooser) {
  if (!Try(program, mutation, max, chooser)) Try(program, Mutation::kInsertOp, max, chooser);
}

}  // namespace

std::string_view MutationName(Mutation mutation) {
  return kNames[static_cast<std::size_t>(mutation)];
}

Program ApplyMutation(const Program& program, Mutation mutation, Chooser* chooser) {
  Program mutant = WithoutText(program);
  Mutate(&mutant, mutation, MaxOps(program), chooser);
  return mutant;
}

Program MutateProgram(const Program& program, Chooser* chooser) {
  Program mutant = WithoutText(program);
  const std::uint32_t rounds = 1 + chooser->Pick(3);
  for (std::uint32_t i = 0; i < rounds; ++i) {
    Mutate(&mutant, DrawMutation(chooser), MaxOps(program), chooser);
  }
  return mutant;
}

Program CrossOver(const Program& a, const Program& b, Chooser* chooser) {
  Program child = WithoutText(a);
  std::vector<Op> from_b;
  if (!b.ops.empty()) {
    if (chooser->Chance(1, 2)) {
      // Head of `a`, tail of `b`.
      child.ops.resize(Pick(chooser, a.ops.size() + 1));
      from_b.assign(b.ops.begin() + Pick(chooser, b.ops.size()), b.ops.end());
      for (Op& op : from_b) op = FitOp(*child.world, op);
      child.ops.insert(child.ops.end(), from_b.begin(), from_b.end());
      if (child.ops.size() > MaxOps(a)) child.ops.resize(MaxOps(a));
    } else {
      const Block block = DrawBlock(b.ops.size(), 64, chooser);
      from_b.assign(b.ops.begin() + static_cast<std::ptrdiff_t>(block.begin),
                    b.ops.begin() + static_cast<std::ptrdiff_t>(block.begin + block.size));
      for (Op& op : from_b) op = FitOp(*child.world, op);
      Insert(&child.ops, std::move(from_b), MaxOps(a), chooser);
    }
  }
  return child;
}

Program GrowProgram(const Program& program, Chooser* chooser, Subject* oracle) {
  constexpr GenerateOptions kTail = {.min_ops = 10, .max_ops = 80};
  Program grown = WithoutText(program);
  if (chooser->Chance(1, 2)) grown.ops.resize(Pick(chooser, grown.ops.size() + 1));
  oracle->Reset(grown.world, grown.Rules());
  for (const Op& op : grown.ops) oracle->Apply(op);
  View view;
  oracle->Observe(&view);
  Generator generator(grown.world, grown.Rules(), chooser, kTail);
  while (!generator.Finished(view) && grown.ops.size() < MaxOps(program)) {
    grown.ops.push_back(generator.Next(view));
    oracle->Apply(grown.ops.back());
    oracle->Observe(&view);
  }
  return grown;
}

Op FitOp(const World& world, Op op) {
  bool nowhere = false;
  const auto fit = [&](auto& id) {
    using Id = std::remove_cvref_t<decltype(id)>;
    std::size_t count = kOpsCount;
    if constexpr (std::is_same_v<Id, ModuleId>) count = world.modules().size();
    if constexpr (std::is_same_v<Id, SlotId>) count = world.slot_count();
    if constexpr (std::is_same_v<Id, FunctionId>) count = world.functions().size();
    if constexpr (std::is_same_v<Id, NotifierId>) count = kNotifierCount;
    if constexpr (std::is_same_v<Id, PatchId>) count = kPatchCount;
    if constexpr (std::is_same_v<Id, KprobeId>) count = kKprobeCount;
    if (count == 0) {
      nowhere = true;
    } else {
      id = static_cast<Id>(Index(id) % count);
    }
  };
  VisitIds(op, fit);
  DropRepeated(&op);
  // A world without modules has no place for an operation on one.
  return nowhere ? Op{Hit{FunctionId{0}}} : op;
}

}  // namespace recount
