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

#include "harness/shrink/search.h"
#include "harness/shrink/simpler.h"

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

}  // namespace recount
