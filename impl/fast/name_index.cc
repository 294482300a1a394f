#include "impl/fast/name_index.h"

#include <algorithm>
#include <string_view>

namespace recount::fast {

NameIndex::NameIndex(const World& world) : world_(&world) {
  const std::span<const Function> functions = world.functions();
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const FunctionKind kind = functions[i].kind;
    if (kind == FunctionKind::kText || kind == FunctionKind::kInit) {
      by_name_.push_back(static_cast<FunctionId>(i));
    }
  }
  std::sort(by_name_.begin(), by_name_.end(), [&](FunctionId a, FunctionId b) {
    const int order = functions[Index(a)].name.compare(functions[Index(b)].name);
    return order != 0 ? order < 0 : a < b;
  });
}

std::span<const FunctionId> NameIndex::Exact(std::string_view name) const {
  const auto first = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [this](FunctionId id, std::string_view key) { return world_->function(id).name < key; });
  auto last = first;
  while (last != by_name_.end() && world_->function(*last).name == name) ++last;
  return {first, last};
}

std::span<const FunctionId> NameIndex::Prefix(std::string_view prefix) const {
  const auto head = [&](FunctionId id) {
    return std::string_view(world_->function(id).name).substr(0, prefix.size());
  };
  const auto first =
      std::lower_bound(by_name_.begin(), by_name_.end(), prefix,
                       [&](FunctionId id, std::string_view key) { return head(id) < key; });
  const auto last =
      std::upper_bound(first, by_name_.end(), prefix,
                       [&](std::string_view key, FunctionId id) { return key < head(id); });
  return {first, last};
}

}  // namespace recount::fast
