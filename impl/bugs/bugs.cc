#include "impl/bugs/bugs.h"

#include <array>

namespace recount {
namespace {

constexpr auto kBugs = std::to_array<BugInfo>({
#define RECOUNT_BUG(name, id, profile, origin, title) {Bug::name, id, profile, origin, title},
#include "impl/bugs/bugs.def"
#undef RECOUNT_BUG
});
static_assert(kBugs.size() <= BugSet::kRoom);

}  // namespace

std::span<const BugInfo> Bugs() { return kBugs; }

const BugInfo* FindBug(std::string_view id) {
  for (const BugInfo& info : kBugs) {
    if (info.id == id) return &info;
  }
  return nullptr;
}

}  // namespace recount
