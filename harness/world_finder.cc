#include "harness/world_finder.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"

namespace recount {

bool NamesWorldFile(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".world");
}

WorldFinder WorldsRelativeTo(std::string folder) {
  return [folder = std::move(folder)](std::string_view name) -> absl::StatusOr<WorldPtr> {
    if (!NamesWorldFile(name)) return FindBuiltinWorld(name);
    // An absolute name replaces the folder.
    const std::string path = (std::filesystem::path(folder) / std::string(name)).string();
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return text.status();
    absl::StatusOr<WorldPtr> world = ParseWorld(*text, name);
    if (!world.ok()) {
      return absl::Status(world.status().code(), absl::StrCat(path, ":", world.status().message()));
    }
    return world;
  };
}

absl::StatusOr<WorldPtr> RenameWorld(const World& world, std::string_view name) {
  return ParseWorld(PrintWorld(world), name);
}

}  // namespace recount
