#include "model/lex.h"

#include <cstdio>
#include <string>

#include "model/strings.h"

namespace recount::internal {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsControl(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; }

}  // namespace

absl::Status ErrorAt(std::size_t line, std::size_t column, std::string_view what) {
  return absl::InvalidArgumentError(
      Cat({std::to_string(line), ":", std::to_string(column), ": ", what}));
}

bool LineReader::Next(Line* line) {
  if (text_.empty() || !error_.ok()) return false;
  const std::size_t end = text_.find('\n');
  std::string_view rest = text_.substr(0, end);
  text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
  // CRLF is a line end, a CR elsewhere is not.
  if (end != std::string_view::npos && rest.ends_with('\r')) rest.remove_suffix(1);

  *line = Line{.number = ++number_};
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (IsControl(rest[i])) {
      char code[8];
      std::snprintf(code, sizeof code, "0x%02x", static_cast<unsigned char>(rest[i]));
      error_ = ErrorAt(number_, i + 1, Cat({"control character ", code}));
      return false;
    }
  }
  while (!rest.empty() && IsBlank(rest.back())) rest.remove_suffix(1);
  std::size_t at = 0;
  while (at < rest.size()) {
    if (IsBlank(rest[at])) {
      ++at;
      continue;
    }
    if (rest[at] == '#') {
      line->comment = rest.substr(at + 1);
      break;
    }
    const std::size_t begin = at;
    while (at < rest.size() && !IsBlank(rest[at])) ++at;
    line->words.push_back({rest.substr(begin, at - begin), begin + 1});
    line->end_column = at + 1;
  }
  return true;
}

std::optional<std::uint32_t> ParseNumber(std::string_view text, std::uint32_t low,
                                         std::uint32_t high) {
  if (text.empty() || text.size() > 10 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value < low || value > high) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

}  // namespace recount::internal
