#include "model/pattern.h"

#include <algorithm>

#include "model/check.h"
#include "model/strings.h"

namespace recount {

bool Pattern::IsPatternChar(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("_.*?!^$:[]\\-").find(c) != std::string_view::npos;
}

absl::StatusOr<Pattern> Pattern::FromText(std::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("a pattern needs at least one character");
  if (text.size() > kMaxSize) {
    return absl::InvalidArgumentError(
        internal::Cat({"a pattern has at most ", std::to_string(kMaxSize), " characters, this has ",
                       std::to_string(text.size())}));
  }
  // Both would be read as something else in the text form of an operation.
  if (text == "-") return absl::InvalidArgumentError("'-' stands for no pattern");
  if (text == "reset") return absl::InvalidArgumentError("'reset' is a keyword, not a pattern");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsPatternChar(text[i])) {
      return absl::InvalidArgumentError(
          internal::Cat({"character ", std::to_string(i + 1),
                         " of the pattern is none of A-Z a-z 0-9 _.*?!^$:[]\\-"}));
    }
  }
  Pattern pattern;
  pattern.size_ = static_cast<std::uint8_t>(text.size());
  std::copy(text.begin(), text.end(), pattern.text_.begin());
  return pattern;
}

Pattern Pattern::Must(std::string_view text) {
  absl::StatusOr<Pattern> pattern = FromText(text);
  RECOUNT_CHECK(pattern.ok());
  return *pattern;
}

}  // namespace recount
