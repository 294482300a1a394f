// Passes that make a Program shorter.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "harness/shrink_search.h"
#include "harness/simpler.h"

namespace recount {
namespace {

// Pairs are quadratic and triples cubic in the length: beyond these there are too many.
constexpr std::size_t kMaxForPairs = 60;
constexpr std::size_t kMaxForTriples = 12;

std::vector<Op> Without(const std::vector<Op>& ops, std::size_t begin, std::size_t end) {
  std::vector<Op> rest;
  rest.reserve(ops.size() - (end - begin));
  rest.insert(rest.end(), ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(begin));
  rest.insert(rest.end(), ops.begin() + static_cast<std::ptrdiff_t>(end), ops.end());
  return rest;
}

// REQUIRES: `places` ascends.
std::vector<Op> Without(const std::vector<Op>& ops, const std::vector<std::size_t>& places) {
  std::vector<Op> rest;
  rest.reserve(ops.size() - places.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (next < places.size() && places[next] == i) {
      ++next;
    } else {
      rest.push_back(ops[i]);
    }
  }
  return rest;
}

}  // namespace

// A run stops where it fails, so the prefixes that fail are those that reach this operation: a
// binary search finds the shortest. (Where a predicate does otherwise it finds some failing
// prefix.)
bool DropTail(ShrinkSearch* search) {
  std::size_t fails = search->size();  // this many operations fail
  std::size_t passes = 0;              // this many do not, or were not simpler
  bool found = false;
  while (fails - passes > 1) {
    const std::size_t middle = passes + (fails - passes) / 2;
    if (search->Try(Without(search->best(), middle, search->size()))) {
      fails = middle;
      found = true;
    } else {
      passes = middle;
    }
  }
  return found;
}

bool DropBlocks(ShrinkSearch* search) {
  bool found = false;
  for (std::size_t block = std::max<std::size_t>(1, search->size() / 2); block > 0; block /= 2) {
    // From the end: what is late is rarely needed by what is early.
    std::size_t end = search->size();
    while (end > 0 && !search->stopped()) {
      const std::size_t begin = end > block ? end - block : 0;
      if (search->Try(Without(search->best(), begin, end))) found = true;
      end = begin;
    }
  }
  return found;
}

// Two operations that only together can go: the parity of a switch, a register and its unregister,
// an unload and the load that undoes it.
bool DropPairs(ShrinkSearch* search) {
  bool found = false;
  if (search->size() > kMaxForPairs) return false;
  for (std::size_t j = search->size(); j-- > 1;) {
    for (std::size_t i = j; i-- > 0 && !search->stopped();) {
      if (j >= search->size()) break;
      if (search->Try(Without(search->best(), std::vector<std::size_t>{i, j}))) found = true;
    }
  }
  if (found || search->size() > kMaxForTriples) return found;
  for (std::size_t k = search->size(); k-- > 2;) {
    for (std::size_t j = k; j-- > 1;) {
      for (std::size_t i = j; i-- > 0 && !search->stopped();) {
        if (search->Try(Without(search->best(), {i, j, k}))) return true;
      }
    }
  }
  return false;
}

// A whole kind of operation at once, the odd ones first. A long Program often fails in several
// ways; the one that is left should be the plain one, whichever the generator happened to meet.
bool DropKinds(ShrinkSearch* search) {
  std::map<std::uint64_t, std::size_t, std::greater<>> kinds;  // least complexity of a kind -> kind
  std::array<std::uint64_t, kOpKindCount> least{};
  for (const Op& op : search->best()) {
    std::uint64_t& cost = least[op.index()];
    const std::uint64_t of_this = Complexity(search->world(), op);
    if (cost == 0 || of_this < cost) cost = of_this;
  }
  for (std::size_t kind = 0; kind < kOpKindCount; ++kind) {
    if (least[kind] > 0) kinds[least[kind]] = kind;
  }
  bool found = false;
  for (const auto& [cost, kind] : kinds) {
    std::vector<Op> rest = search->best();
    std::erase_if(rest, [kind = kind](const Op& op) { return op.index() == kind; });
    if (search->Try(std::move(rest))) found = true;
  }
  return found;
}

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

}  // namespace

// Stage by stage is how a Program gets between the stages; many do not need to. The load_begin and
// its steps go, and one or two of Replacements() come, at any of their places.
bool MergeLoads(ShrinkSearch* search) {
  bool found = false;
  for (std::size_t begin = search->size(); begin-- > 0;) {
    if (begin >= search->size()) continue;
    const auto* load_begin = std::get_if<LoadBegin>(&search->best()[begin]);
    if (load_begin == nullptr) continue;
    const std::vector<std::size_t> places = StagedLoad(search->best(), begin);
    const std::vector<std::vector<Op>> replacements = Replacements(search->world(), *load_begin);
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
    bool merged = false;
    for (const std::vector<Op>& first : replacements) {
      for (std::size_t a = 0; a < places.size() && !merged; ++a) {
        merged = search->Try(with(a, &first, 0, nullptr));
      }
    }
    const std::vector<Op> load = {Load{load_begin->module, load_begin->slot, std::nullopt}};
    for (const std::vector<Op>& second : replacements) {
      for (std::size_t b = 1; b < places.size() && !merged; ++b) {
        merged = search->Try(with(0, &load, b, &second));
      }
    }
    found = found || merged;
  }
  return found;
}

}  // namespace recount
