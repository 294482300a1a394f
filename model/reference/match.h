// What a filter token matches, as text (SEMANTICS 5 "Matching a token"). Knows names, not records.
#ifndef RECOUNT_MODEL_REFERENCE_MATCH_H_
#define RECOUNT_MODEL_REFERENCE_MATCH_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace recount::reference {

struct Token {
  enum class Shape : std::uint8_t {
    kIndex,   // 12, 0x0c: a place in the list, compared with no name
    kFull,    // x, and the empty text
    kPrefix,  // x*
    kSuffix,  // *x, and *
    kMiddle,  // *x*, and **
    kGlob,    // the rest
  };
  bool negated = false;  // a leading '!'
  Shape shape = Shape::kFull;
  // What is compared: without the '!', and without the '*' that made it a prefix, suffix or middle.
  std::string_view text;
};

// Total: every text is some token. The result points into `text`.
Token ParseToken(std::string_view text);

// False for kIndex: it compares with no name.
bool MatchesName(const Token& token, std::string_view name);

// Shell glob over the whole name.
bool MatchesGlob(std::string_view pattern, std::string_view name);

// The number a kIndex token names, in C notation: "10", "0xa", "012". nullopt when characters
// trail ("10a", "08") or it does not fit 63 bits.
std::optional<std::uint64_t> ParseIndex(std::string_view text);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_MATCH_H_
