#include "model/strings.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace recount::internal {
namespace {

constexpr std::size_t kMaxCompared = 64;

// Levenshtein distance. REQUIRES: b.size() <= kMaxCompared.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kMaxCompared + 1> row;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Cat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string Quote(std::string_view text) {
  constexpr std::size_t kShown = 60;
  const bool cut = text.size() > kShown;
  text = text.substr(0, kShown);
  return Cat(
      {"'", absl::CHexEscape(absl::string_view(text.data(), text.size())), cut ? "...'" : "'"});
}

std::string Counted(std::uint64_t count, std::string_view noun, std::string_view plural) {
  const std::string number = std::to_string(count);
  if (count == 1) return Cat({number, " ", noun});
  return plural.empty() ? Cat({number, " ", noun, "s"}) : Cat({number, " ", plural});
}

std::string_view Nearest(std::string_view text, std::span<const std::string_view> candidates) {
  if (text.size() > kMaxCompared) return {};
  // Two letters may differ (a swap counts as two), in short words one or none.
  std::size_t limit = text.size() >= 5 ? 2 : text.size() >= 3 ? 1 : 0;
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > text.size() + limit || text.size() > candidate.size() + limit) continue;
    const std::size_t distance =
        candidate.size() > kMaxCompared ? limit + 1 : Distance(text, candidate);
    if (distance > limit || (distance == limit && !best.empty())) continue;
    best = candidate;
    limit = distance;
  }
  return best;
}

}  // namespace recount::internal
