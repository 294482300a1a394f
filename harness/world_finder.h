// Worlds by name or by file: what `world NAME` in a header and `--world NAME` on a command line
// mean.
#ifndef RECOUNT_HARNESS_WORLD_FINDER_H_
#define RECOUNT_HARNESS_WORLD_FINDER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/text.h"
#include "model/world.h"

namespace recount {

// A name with a '/' or one that ends in ".world" is a file; any other is a built-in world.
bool NamesWorldFile(std::string_view name);

// Finds built-in worlds, and files relative to `folder` ("" for the working directory). The name
// becomes World::name() as it is written. Errors: NotFound, InvalidArgument "FILE:LINE:COLUMN:
// what".
WorldFinder WorldsRelativeTo(std::string folder);

// The same world under another name: for a program that moves to another folder together with its
// world file.
absl::StatusOr<WorldPtr> RenameWorld(const World& world, std::string_view name);

}  // namespace recount

#endif  // RECOUNT_HARNESS_WORLD_FINDER_H_
