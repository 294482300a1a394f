#include "model/world.h"

#include <algorithm>
#include <utility>

#include "model/strings.h"
#include "model/world_check.h"

namespace recount {
namespace {

using internal::Cat;
using internal::Quote;

// What the core is called where a module is named.
constexpr std::string_view kCoreName = "vmlinux";

}  // namespace

absl::StatusOr<WorldPtr> World::Make(Definition definition) {
  if (const auto fault = internal::CheckDefinition(definition)) {
    return absl::InvalidArgumentError(fault->what);
  }
  // Not make_shared: the constructor is private.
  std::shared_ptr<World> world(new World());
  world->name_ = definition.name;
  world->slots_ = definition.slots;

  std::size_t total = definition.core.functions.size();
  for (const auto& image : definition.modules) total += image.functions.size();
  world->functions_.reserve(total);

  const auto add_image = [&world](const Definition::Image& image, ModuleId id) {
    Module module;
    module.name = image.name;
    module.first = static_cast<std::uint32_t>(world->functions_.size());
    module.count = static_cast<std::uint32_t>(image.functions.size());
    std::uint32_t position = 0;
    for (const auto& [name, kind] : image.functions) {
      if (kind == FunctionKind::kInit) {
        if (module.init_begin == module.init_end) module.init_begin = position;
        module.init_end = position + 1;
      }
      world->functions_.push_back({name, kind, id, position++});
    }
    return module;
  };
  definition.core.name.clear();
  world->core_ = add_image(definition.core, kCore);
  world->modules_.reserve(definition.modules.size());
  for (std::size_t i = 0; i < definition.modules.size(); ++i) {
    world->modules_.push_back(add_image(definition.modules[i], static_cast<ModuleId>(i)));
  }

  // The views point into functions_, which does not change from here on.
  world->by_name_.reserve(total);
  for (std::size_t i = 0; i < total; ++i) {
    world->by_name_.emplace_back(world->functions_[i].name, static_cast<FunctionId>(i));
  }
  std::sort(world->by_name_.begin(), world->by_name_.end());
  world->definition_ = std::move(definition);
  return WorldPtr(std::move(world));
}

std::optional<ModuleId> World::FindModule(std::string_view name) const {
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    if (modules_[i].name == name) return static_cast<ModuleId>(i);
  }
  return std::nullopt;
}

absl::StatusOr<FunctionId> World::FindFunction(std::string_view text) const {
  const auto unknown = [&](std::string_view what, std::string_view name) {
    return absl::NotFoundError(Cat({"unknown ", what, " ", Quote(name)}));
  };
  const std::size_t colon = text.find(':');
  const std::string_view name = colon == text.npos ? text : text.substr(colon + 1);
  const auto begin =
      std::lower_bound(by_name_.begin(), by_name_.end(), std::pair(name, FunctionId{}));
  auto end = begin;
  while (end != by_name_.end() && end->first == name) ++end;

  if (colon != text.npos) {
    const std::string_view image = text.substr(0, colon);
    const std::optional<ModuleId> module = image == kCoreName ? kCore : FindModule(image);
    if (!module.has_value()) return unknown("module", image);
    for (auto it = begin; it != end; ++it) {
      if (function(it->second).module == *module) return it->second;
    }
    return unknown("function", text);
  }
  if (begin == end) return unknown("function", text);
  if (end - begin == 1) return begin->second;

  std::string images;
  for (auto it = begin; it != end; ++it) {
    if (it != begin) images += it + 1 == end ? " and " : ", ";
    images += ImageName(function(it->second).module);
  }
  return absl::InvalidArgumentError(Cat({Quote(name), " is in ", images, ": write ",
                                         ImageName(function(begin->second).module), ":", name}));
}

std::string World::FunctionText(FunctionId id) const {
  const std::string& name = function(id).name;
  const auto it = std::lower_bound(by_name_.begin(), by_name_.end(),
                                   std::pair(std::string_view(name), FunctionId{}));
  const auto next = it + 1;
  if (next == by_name_.end() || next->first != name) return name;
  return Cat({ImageName(function(id).module), ":", name});
}

std::string_view World::ImageName(ModuleId id) const {
  return id == kCore ? kCoreName : std::string_view(modules_[Index(id)].name);
}

}  // namespace recount
