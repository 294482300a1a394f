// The rules a World::Definition must obey, with the place where it does not: World::Make() only
// needs the sentence, the parser of world files also the place.
#ifndef RECOUNT_MODEL_WORLD_CHECK_H_
#define RECOUNT_MODEL_WORLD_CHECK_H_

#include <cstddef>
#include <optional>
#include <string>

#include "model/world.h"

namespace recount::internal {

inline constexpr std::size_t kMaxNameSize = 48;

struct DefinitionFault {
  enum class Part : std::uint8_t { kWorld, kModule, kFunction };
  Part part = Part::kWorld;
  std::size_t image = 0;     // 0 is the core, n is modules[n - 1]
  std::size_t function = 0;  // in that image
  std::string what;
};

// The first fault in reading order, if there is one.
std::optional<DefinitionFault> CheckDefinition(const World::Definition& definition);

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_WORLD_CHECK_H_
