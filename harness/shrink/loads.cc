// Passes for staged loads: a load_begin and its load_steps, which make a Program long and are often
// no more than a load.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "harness/generate/operands.h"
#include "harness/shrink/search.h"
#include "harness/shrink/vocabulary.h"

namespace recount {
namespace {

// The place of a load_begin and those of its load_steps.
std::vector<std::size_t> StagedLoad(const std::vector<Op>& ops, std::size_t begin) {
  const ModuleId module = std::get<LoadBegin>(ops[begin]).module;
  std::vector<std::size_t> places = {begin};
  for (std::size_t i = begin + 1; i < ops.size(); ++i) {
    const auto* step = std::get_if<LoadStep>(&ops[i]);
    if (step != nullptr && step->module == module) places.push_back(i);
    const auto* again = std::get_if<LoadBegin>(&ops[i]);
    if (again != nullptr && again->module == module) break;
  }
  return places;
}

// What may stand for a staged load: a load of the same module, as it is or failing; one that is
// undone, or done twice; the same of another module.
std::vector<std::vector<Op>> Replacements(const World& world, const LoadBegin& begin) {
  std::vector<std::vector<Op>> all;
  const auto add_module = [&](ModuleId module) {
    const Load load{module, begin.slot, std::nullopt};
    all.push_back({load});
    all.push_back({Unload{module}});
    all.push_back({Unload{module}, load});
    for (std::size_t stage = kStageCount; stage-- > 0;) {
      if (!CanFail(static_cast<Stage>(stage))) continue;
      Load failing = load;
      failing.failure = StageFailure{static_cast<Stage>(stage), Errno::kOk};
      all.push_back({failing});
    }
  };
  add_module(begin.module);
  for (std::size_t i = 0; i < std::min<std::size_t>(world.modules().size(), 8); ++i) {
    all.push_back({Load{static_cast<ModuleId>(i), begin.slot, std::nullopt}});
  }
  return all;
}

// What is said of init text of `module`, said of the first of its text. Nobody gets at init text
// between the stages of a load in one step; what a Program wants of it is often only that it goes.
// Empty when nothing is said of it.
std::vector<Op> WithoutInitText(const World& world, ModuleId module, std::vector<Op> ops) {
  const Module& image = world.module(module);
  const auto is_init = [&](FunctionId id) {
    const Function& function = world.function(id);
    return function.module == module && function.kind == FunctionKind::kInit;
  };
  FunctionId text{image.first};
  while (Index(text) < image.first + image.count &&
         world.function(text).kind != FunctionKind::kText) {
    text = static_cast<FunctionId>(Index(text) + 1);
  }
  if (Index(text) == image.first + image.count) return {};
  bool found = false;
  const auto replace = [&](FunctionId* id) {
    if (!is_init(*id)) return;
    *id = text;
    found = true;
  };
  for (Op& op : ops) {
    VisitOperands(op, [&](auto& operand) {
      if constexpr (requires { replace(&operand); }) replace(&operand);
      if constexpr (requires { replace(&operand.function); }) replace(&operand.function);
      if constexpr (requires { operand.text(); }) {
        const auto named = world.FindFunction(operand.text());
        if (!named.ok() || !is_init(*named)) return;
        const absl::StatusOr<Pattern> name = Pattern::FromText(world.function(text).name);
        if (!name.ok()) return;
        operand = *name;
        found = true;
      }
    });
    DropRepeated(&op);
  }
  if (!found) ops.clear();
  return ops;
}

}  // namespace

// Stage by stage is how a Program gets between the stages; many do not need to. The load_begin and
// its steps go, and one or two of Replacements() come, at any of their places.
bool MergeLoads(ShrinkSearch* search) {
  bool found = false;
  for (std::size_t begin = search->size(); begin-- > 0;) {
    if (begin >= search->size()) continue;
    const auto* found_begin = std::get_if<LoadBegin>(&search->best()[begin]);
    if (found_begin == nullptr) continue;
    const LoadBegin load_begin = *found_begin;
    const std::vector<std::size_t> places = StagedLoad(search->best(), begin);
    const std::vector<std::vector<Op>> replacements = Replacements(search->world(), load_begin);
    // At each place a replacement or nothing, two in all at most.
    const auto with = [&](std::size_t a, const std::vector<Op>* at_a, std::size_t b,
                          const std::vector<Op>* at_b) {
      std::vector<Op> ops;
      std::size_t next = 0;
      for (std::size_t i = 0; i < search->size(); ++i) {
        if (next == places.size() || places[next] != i) {
          ops.push_back(search->best()[i]);
          continue;
        }
        if (next == a) ops.insert(ops.end(), at_a->begin(), at_a->end());
        if (next == b && at_b != nullptr) ops.insert(ops.end(), at_b->begin(), at_b->end());
        ++next;
      }
      return ops;
    };
    const auto try_with = [&](std::vector<Op> candidate) {
      std::vector<Op> plain = WithoutInitText(search->world(), load_begin.module, candidate);
      return search->Try(std::move(candidate)) || (!plain.empty() && search->Try(std::move(plain)));
    };
    bool merged = false;
    for (const std::vector<Op>& first : replacements) {
      for (std::size_t a = 0; a < places.size() && !merged; ++a) {
        merged = try_with(with(a, &first, 0, nullptr));
      }
    }
    const std::vector<Op> load = {Load{load_begin.module, load_begin.slot, std::nullopt}};
    for (const std::vector<Op>& second : replacements) {
      for (std::size_t b = 1; b < places.size() && !merged; ++b) {
        merged = try_with(with(0, &load, b, &second));
      }
    }
    found = found || merged;
  }
  return found;
}

// A kprobe is put into a module that is on its way to hear that it goes. A notifier hears that too,
// of a load in one step; two also hear in which order.
bool ReplaceProbedLoads(ShrinkSearch* search) {
  const auto is_kprobe = [](const Op& op) {
    return std::holds_alternative<AddKprobe>(op) || std::holds_alternative<RemoveKprobe>(op) ||
           std::holds_alternative<EnableKprobe>(op) || std::holds_alternative<DisableKprobe>(op);
  };
  const std::vector<Op>& best = search->best();
  if (std::none_of(best.begin(), best.end(), is_kprobe)) return false;
  for (std::size_t begin = 0; begin < search->size() && !search->stopped(); ++begin) {
    const auto* load_begin = std::get_if<LoadBegin>(&search->best()[begin]);
    if (load_begin == nullptr) continue;
    const std::vector<std::size_t> places = StagedLoad(search->best(), begin);
    Load load{load_begin->module, load_begin->slot, std::nullopt};
    for (std::size_t stage = kStageCount; stage-- > 0;) {
      if (!CanFail(static_cast<Stage>(stage))) continue;
      load.failure = StageFailure{static_cast<Stage>(stage), Errno::kOk};
      std::vector<Op> candidate;
      for (std::size_t i = 0; i < search->size(); ++i) {
        if (i == begin) candidate.push_back(load);
        const bool gone = std::find(places.begin(), places.end(), i) != places.end();
        if (!gone && !is_kprobe(search->best()[i])) candidate.push_back(search->best()[i]);
      }
      for (const std::uint8_t n : {0, 1}) {
        candidate.insert(candidate.begin() + n,
                         AddNotifier{NotifierId{n}, Chain::kModule, 0, false});
        if (search->Try(candidate)) return true;
      }
    }
  }
  return false;
}

// A staged load that nothing else got rid of: all of it against a load in one step and two plain
// operations.
bool ReplaceStagedLoad(ShrinkSearch* search) {
  constexpr std::size_t kMaxRest = 2;
  std::vector<Op> rest;
  bool staged = false;
  for (const Op& op : search->best()) {
    const bool stage =
        std::holds_alternative<LoadBegin>(op) || std::holds_alternative<LoadStep>(op);
    staged = staged || stage;
    if (!stage) rest.push_back(op);
  }
  // Three come for what goes.
  if (!staged || rest.size() > kMaxRest || rest.size() + 3 >= search->size()) return false;
  const std::vector<Op> words = PlainWords(search->world(), search->best());
  const auto with = [](std::vector<Op> ops, std::size_t at, const Op& op) {
    ops.insert(ops.begin() + static_cast<std::ptrdiff_t>(at), op);
    return ops;
  };
  for (const Op& load : words) {
    if (!std::holds_alternative<Load>(load)) continue;
    for (std::size_t k = 0; k <= rest.size(); ++k) {
      const std::vector<Op> one = with(rest, k, load);
      for (const Op& first : words) {
        for (std::size_t i = 0; i <= one.size(); ++i) {
          const std::vector<Op> two = with(one, i, first);
          for (const Op& second : words) {
            // Where `second` stands before `first` the two have met the other way round.
            for (std::size_t j = i + 1; j <= two.size(); ++j) {
              if (search->stopped()) return false;
              if (search->Try(with(two, j, second))) return true;
            }
          }
        }
      }
    }
  }
  return false;
}

}  // namespace recount
