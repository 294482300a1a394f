#include "harness/cli/number.h"

#include <charconv>
#include <system_error>

#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;
using internal::Quote;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// from_chars() takes no sign '+', no white space, no base by prefix and no locale, and says when a
// value does not fit.
absl::StatusOr<std::uint64_t> ParseWhole(std::string_view text, std::uint64_t low,
                                         std::uint64_t high) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 10);
  if (error == std::errc() && stop == end && value >= low && value <= high) return value;
  return absl::InvalidArgumentError(Cat({Quote(text), ": a whole number from ", std::to_string(low),
                                         " to ", std::to_string(high), " is asked for"}));
}

absl::StatusOr<double> ParsePositive(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  // A digit first: from_chars() knows "inf" and "nan" too.
  if (!text.empty() && (IsDigit(text[0]) || text[0] == '.')) {
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value > 0) return value;
  }
  return absl::InvalidArgumentError(Cat({Quote(text), ": a number above 0 is asked for"}));
}

}  // namespace recount
