// Passes that put a plainer operation in the place of one or two others, and the one that puts
// operations in order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "harness/shrink/search.h"
#include "harness/shrink/variants.h"
#include "harness/shrink/vocabulary.h"

namespace recount {
namespace {

// The vocabulary has some hundred operations: these passes are for what is nearly done.
constexpr std::size_t kMaxForReplaceOne = 24;
constexpr std::size_t kMaxForReplaceTwo = 10;
constexpr std::size_t kMaxForReplacePair = 5;
constexpr std::size_t kMaxForAnyOrder = 4;
// Of one kind, when two places change at once.
constexpr std::size_t kMaxWords = 64;

// A fault that moves passes other things on its way: its number changes with its place.
bool TryNumbers(ShrinkSearch* search, std::vector<Op> candidate, std::size_t first) {
  for (std::size_t i = first; i < candidate.size(); ++i) {
    auto* fault = std::get_if<Fault>(&candidate[i]);
    if (fault == nullptr) continue;
    const Fault as_it_was = *fault;
    for (std::uint16_t n = 1; n <= std::min<std::uint16_t>(as_it_was.nth + 1, 16); ++n) {
      fault->nth = n;
      if (search->Try(candidate)) return true;
    }
    *fault = as_it_was;
  }
  return false;
}

}  // namespace

bool SimplifyOne(ShrinkSearch* search) {
  bool found = false;
  for (std::size_t i = search->size(); i-- > 0 && !search->stopped();) {
    // The simplest variant that fails is taken, so an operation needs few rounds.
    for (const Op& variant : Variants(search->world(), search->best()[i])) {
      std::vector<Op> candidate = search->best();
      candidate[i] = variant;
      if (!search->Try(std::move(candidate))) continue;
      found = true;
      break;
    }
  }
  return found;
}

bool ReplaceOne(ShrinkSearch* search) {
  if (search->size() > kMaxForReplaceOne) return false;
  const std::vector<Op> vocabulary = Vocabulary(search->world(), search->best());
  for (const Op& word : vocabulary) {
    for (std::size_t i = search->size(); i-- > 0 && !search->stopped();) {
      std::vector<Op> candidate = search->best();
      candidate[i] = word;
      if (search->Try(std::move(candidate))) return true;
    }
  }
  return false;
}

bool ReplacePair(ShrinkSearch* search) {
  if (search->size() > kMaxForReplacePair) return false;
  const std::vector<Op> vocabulary = Vocabulary(search->world(), search->best());
  // The words of each place's kind; not the place's own alone, it has its own pass.
  std::vector<std::vector<Op>> words(search->size());
  for (std::size_t i = 0; i < search->size(); ++i) {
    const std::size_t kind = search->best()[i].index();
    for (const Op& word : vocabulary) {
      if (word.index() == kind && words[i].size() < kMaxWords) words[i].push_back(word);
    }
  }
  for (std::size_t i = 0; i < search->size(); ++i) {
    for (std::size_t j = i + 1; j < search->size(); ++j) {
      for (const Op& first : words[i]) {
        for (const Op& second : words[j]) {
          if (search->stopped()) return false;
          std::vector<Op> candidate = search->best();
          candidate[i] = first;
          candidate[j] = second;
          if (search->Try(std::move(candidate))) return true;
        }
      }
    }
  }
  return false;
}

bool ReplaceTwo(ShrinkSearch* search) {
  if (search->size() > kMaxForReplaceTwo) return false;
  const std::vector<Op> vocabulary = Vocabulary(search->world(), search->best());
  for (const Op& word : vocabulary) {
    for (std::size_t j = search->size(); j-- > 1;) {
      for (std::size_t i = j; i-- > 0;) {
        std::vector<Op> rest = search->best();
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        // Of a short Program the rest in any order, of a longer one as it is.
        if (search->size() <= kMaxForAnyOrder) std::sort(rest.begin(), rest.end());
        do {
          for (std::size_t at = 0; at <= rest.size(); ++at) {
            if (search->stopped()) return false;
            std::vector<Op> candidate = rest;
            candidate.insert(candidate.begin() + static_cast<std::ptrdiff_t>(at), word);
            if (search->Try(std::move(candidate))) return true;
          }
        } while (search->size() <= kMaxForAnyOrder &&
                 std::next_permutation(rest.begin(), rest.end()));
      }
    }
  }
  return false;
}

// One bug, several ways to the same failure: a function vanishes because its module is unloaded,
// because the load fails, or because init text is freed, and each way needs another function in the
// filter. So one or two operations go, a plain one comes, and one filter gets another pattern, or a
// kprobe another function.
bool ReplaceAndName(ShrinkSearch* search) {
  if (search->size() > kMaxForReplacePair) return false;
  const World& world = search->world();
  const std::vector<Op> words = PlainWords(world, search->best());
  const std::vector<Pattern> patterns = PlainPatterns(world, search->best());
  // And a kprobe goes with the function that vanishes.
  const std::vector<FunctionId> functions = FunctionsToProbe(world, search->best());
  const auto try_named = [&](const std::vector<Op>& candidate) {
    for (std::size_t i = 0; i < candidate.size(); ++i) {
      if (std::holds_alternative<AddKprobe>(candidate[i])) {
        for (const FunctionId function : functions) {
          if (search->stopped()) return false;
          std::vector<Op> named = candidate;
          std::get<AddKprobe>(named[i]).place.function = function;
          if (search->Try(std::move(named))) return true;
        }
      }
      if (!std::holds_alternative<SetFilter>(candidate[i])) continue;
      for (const Pattern& pattern : patterns) {
        if (search->stopped()) return false;
        std::vector<Op> named = candidate;
        std::get<SetFilter>(named[i]).pattern = pattern;
        if (search->Try(std::move(named))) return true;
      }
    }
    return false;
  };
  for (const Op& word : words) {
    for (std::size_t j = search->size(); j-- > 0;) {
      std::vector<Op> one = search->best();
      one[j] = word;
      if (try_named(one)) return true;
      for (std::size_t i = j; i-- > 0;) {
        std::vector<Op> rest = search->best();
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        for (std::size_t at = 0; at <= rest.size(); ++at) {
          std::vector<Op> candidate = rest;
          candidate.insert(candidate.begin() + static_cast<std::ptrdiff_t>(at), word);
          if (try_named(candidate)) return true;
        }
      }
    }
  }
  // A tracer's filter for a module that comes, or a filter on a module that went: two operations
  // and the pattern differ. Loads and unloads of the Program's own modules are enough here.
  std::vector<Op> moves;
  for (const Op& op : search->best()) {
    if (const auto* load = std::get_if<Load>(&op)) {
      moves.push_back(Load{load->module, load->slot, std::nullopt});
      moves.push_back(Unload{load->module});
    }
  }
  std::sort(moves.begin(), moves.end());
  moves.erase(std::unique(moves.begin(), moves.end()), moves.end());
  for (std::size_t j = search->size(); j-- > 1;) {
    for (std::size_t i = j; i-- > 0;) {
      for (const Op& first : moves) {
        for (const Op& second : moves) {
          std::vector<Op> candidate = search->best();
          candidate[i] = first;
          candidate[j] = second;
          if (try_named(candidate)) return true;
        }
      }
    }
  }
  return false;
}

// Operations that do not depend on each other come in the order of the variant: modules, filters,
// ops, tracing. Moves by more than one place get past a pair that only together may be passed.
bool Reorder(ShrinkSearch* search) {
  bool found = false;
  for (std::size_t from = 1; from < search->size(); ++from) {
    for (std::size_t to = 0; to < from && !search->stopped(); ++to) {
      std::vector<Op> earlier = search->best();
      std::rotate(earlier.begin() + static_cast<std::ptrdiff_t>(to),
                  earlier.begin() + static_cast<std::ptrdiff_t>(from),
                  earlier.begin() + static_cast<std::ptrdiff_t>(from) + 1);
      std::vector<Op> later = search->best();
      std::rotate(later.begin() + static_cast<std::ptrdiff_t>(to),
                  later.begin() + static_cast<std::ptrdiff_t>(to) + 1,
                  later.begin() + static_cast<std::ptrdiff_t>(from) + 1);
      if (search->Try(earlier) || search->Try(later) ||
          TryNumbers(search, std::move(earlier), to) || TryNumbers(search, std::move(later), to)) {
        found = true;
      }
    }
  }
  return found;
}

}  // namespace recount
