// What a recording shows and no replay compares: each kind by name, with the reason, counted.
#ifndef RECOUNT_HARNESS_CONFORM_LEFT_OUT_H_
#define RECOUNT_HARNESS_CONFORM_LEFT_OUT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace recount {

enum class LeftOut : std::uint8_t {
  kInitRecord,
  kLongHash,
  kLongFile,
  kEnabledNotRead,
  kHitsOfAll,
  kHitsOfInit,
  kOptimized,
  kOtherRead,
  kStepsBehind,
};
inline constexpr std::size_t kLeftOutCount = 9;
using LeftOutCounts = std::array<std::size_t, kLeftOutCount>;

inline void Count(LeftOut what, LeftOutCounts* counts) {
  ++(*counts)[static_cast<std::size_t>(what)];
}

// What it is, and why it is left out.
struct LeftOutText {
  std::string_view what;
  std::string_view why;
};
LeftOutText Describe(LeftOut what);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_LEFT_OUT_H_
