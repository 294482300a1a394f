// The operations on livepatches.
#ifndef RECOUNT_MODEL_OP_LIVEPATCH_H_
#define RECOUNT_MODEL_OP_LIVEPATCH_H_

#include <array>
#include <compare>
#include <cstdint>

#include "model/ids.h"

namespace recount {

struct SetPatch {  // `patch`: what it replaces
  static constexpr std::size_t kMaxFunctions = 4;
  PatchId patch{};
  bool replace = false;    // takes the place of all patches there are (atomic replace)
  std::uint8_t count = 1;  // 1..kMaxFunctions, none twice; functions past it are value-initialised
  std::array<FunctionId, kMaxFunctions> functions{};
  friend auto operator<=>(const SetPatch&, const SetPatch&) = default;
};
struct EnablePatch {  // `enable`: as loading the patch's module does
  PatchId patch{};
  friend auto operator<=>(const EnablePatch&, const EnablePatch&) = default;
};
struct DisablePatch {  // `disable`: as writing 0 to its file `enabled` does
  PatchId patch{};
  friend auto operator<=>(const DisablePatch&, const DisablePatch&) = default;
};

}  // namespace recount

#endif  // RECOUNT_MODEL_OP_LIVEPATCH_H_
