// A filter token as a user would write it: "alpha_*", "!beta_f?", "*:mod:alpha", or none at all.
//
// A Pattern is plain inline data so that an Op stays a small value. What a pattern *matches* is not
// said here: the reference and each implementation have their own matcher.
#ifndef RECOUNT_MODEL_PATTERN_H_
#define RECOUNT_MODEL_PATTERN_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace recount {

class Pattern {
 public:
  static constexpr std::size_t kMaxSize = 62;

  // No pattern: a null buffer for ftrace_set_filter(), an empty write for the tracefs file.
  constexpr Pattern() = default;

  // Accepts 1..kMaxSize characters of `[A-Za-z0-9_.*?!^$:\[\]\\-]`. Not a Pattern: "-" (the text of
  // the null pattern) and the keyword "reset". Error: InvalidArgument that says which rule.
  static absl::StatusOr<Pattern> FromText(std::string_view text);
  // As FromText, for literals and generated text that must be valid. CHECK-fails otherwise.
  static Pattern Must(std::string_view text);
  static bool IsPatternChar(char c);

  bool null() const { return size_ == 0; }
  // Empty for the null pattern.
  std::string_view text() const { return {text_.data(), size_}; }

  // `size` characters from `from` on (fewer at the end); the null pattern when that is none. What a
  // CachedFilter keeps of "function:mod:module": unlike FromText it may be "-" or "reset".
  constexpr Pattern Piece(std::size_t from, std::size_t size = kMaxSize) const {
    Pattern piece;
    for (std::size_t i = from; i < size_ && i - from < size; ++i) {
      piece.text_[piece.size_++] = text_[i];
    }
    return piece;
  }

  friend auto operator<=>(const Pattern&, const Pattern&) = default;

 private:
  std::uint8_t size_ = 0;
  std::array<char, kMaxSize> text_{};
};

}  // namespace recount

#endif  // RECOUNT_MODEL_PATTERN_H_
