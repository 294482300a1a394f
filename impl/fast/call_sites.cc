#include "impl/fast/call_sites.h"

#include <algorithm>

namespace recount::fast {
namespace {

// How many functions an object file has; the last one named is linked first.
constexpr std::size_t kObjectFile = 2;

}  // namespace

void CallSites::Link(std::span<const Function> core) {
  entries_.clear();
  for (std::size_t end = core.size(); end > 0;) {
    const std::size_t begin = end - std::min(end, kObjectFile);
    for (const Function& function : core.subspan(begin, end - begin)) {
      if (World::HasRecord(function.kind)) entries_.push_back({.cell = function.position});
    }
    end = begin;
  }
}

void CallSites::Sort() {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.cell < b.cell; });
}

CallSites::Entry* CallSites::Find(Cell cell) {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), cell,
                       [](const Entry& entry, Cell wanted) { return entry.cell < wanted; });
  return found == entries_.end() || found->cell != cell ? nullptr : &*found;
}

}  // namespace recount::fast
