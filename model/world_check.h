// The rules a World::Definition must obey, with the place where it does not: World::Make() only
// needs the sentence, the parser of world files also the place.
#ifndef RECOUNT_MODEL_WORLD_CHECK_H_
#define RECOUNT_MODEL_WORLD_CHECK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/world.h"

namespace recount::internal {

inline constexpr std::size_t kMaxNameSize = 48;
// Ids are 16 bits wide and the highest one is taken (kCore, kNoSlot).
inline constexpr std::size_t kMaxModules = 0xfffe;
inline constexpr std::size_t kMaxSlots = 0xfffe;
inline constexpr std::string_view kTooManyModules = "more than 65534 modules";
inline constexpr std::string_view kTooManySlots = "more than 65534 slots";

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
