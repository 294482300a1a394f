// The numbers of a Program's binary form that both directions need (binary.h has the form). Not for
// others.
#ifndef RECOUNT_MODEL_BINARY_CODES_H_
#define RECOUNT_MODEL_BINARY_CODES_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "model/errno.h"
#include "model/notifier.h"
#include "model/op.h"

namespace recount::internal {

// Operands have one width for all worlds, so that a mutated header does not shift what follows:
// modules and slots one byte, functions three. The built-in worlds fit (checked when encoding).
inline constexpr std::size_t kMaxBytes1 = std::size_t{1} << 8;
inline constexpr std::size_t kMaxBytes3 = std::size_t{1} << 24;

// The highest bit of the header's profile byte: the Program starts at boot.
inline constexpr std::size_t kFromBoot = std::size_t{1} << 7;

// The characters of patterns. A character is written as itself, so that a fuzzer's dictionary works
// on the bytes; any other byte is taken for some character of this list.
inline constexpr std::string_view kAlphabet =
    "abcdefghijklmnopqrstuvwxyz_*?!:.[]^-\\$0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

inline constexpr std::size_t kFailingStages = [] {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kStageCount; ++i) count += CanFail(static_cast<Stage>(i)) ? 1 : 0;
  return count;
}();

// The n-th stage that can fail, and back.
inline Stage FailingStage(std::size_t n) {
  for (std::size_t i = 0;; ++i) {
    if (CanFail(static_cast<Stage>(i)) && n-- == 0) return static_cast<Stage>(i);
  }
}
inline std::size_t FailingStageNumber(Stage stage) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(stage); ++i) {
    number += CanFail(static_cast<Stage>(i)) ? 1 : 0;
  }
  return number;
}

inline std::size_t ErrnoNumber(Errno error) {
  if (error == Errno::kOk) return 0;
  const auto errnos = AllErrnos();
  return static_cast<std::size_t>(std::find(errnos.begin(), errnos.end(), error) - errnos.begin()) +
         1;
}
inline Errno ErrnoOf(std::size_t number) {
  return number == 0 ? Errno::kOk : AllErrnos()[number - 1];
}

inline std::size_t FreeChainNumber(Chain chain) {
  return static_cast<std::size_t>(std::find(kFreeChains.begin(), kFreeChains.end(), chain) -
                                  kFreeChains.begin());
}

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_BINARY_CODES_H_
