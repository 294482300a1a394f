#include "impl/fast/matcher.h"

#include <algorithm>
#include <optional>

namespace recount::fast {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The value of a digit in some base up to 16; 99 when it is none.
unsigned DigitValue(char c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 99;
}

struct CharClass {
  bool matches;
  std::size_t end;  // behind the `]`
};

// The class whose first character behind the `[` is pattern[at]. nullopt: it is never closed.
std::optional<CharClass> MatchClass(std::string_view pattern, std::size_t at, unsigned char c) {
  const bool inverted = at < pattern.size() && pattern[at] == '!';
  if (inverted) ++at;
  bool member = false;
  // The first character is a member whatever it is, so `[]]` holds a bracket.
  for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
    const auto low = static_cast<unsigned char>(pattern[at++]);
    unsigned char high = low;
    if (at < pattern.size() && pattern[at] == '-' &&
        !(at + 1 < pattern.size() && pattern[at + 1] == ']')) {
      if (at + 1 == pattern.size()) return std::nullopt;
      high = static_cast<unsigned char>(pattern[at + 1]);
      at += 2;
    }
    member = member || (low <= c && c <= high);
  }
  if (at >= pattern.size()) return std::nullopt;
  return CharClass{member != inverted, at + 1};
}

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  // Where to go on when the rest fails: the last `*` takes one character more. Earlier ones need
  // not be tried again: what they could take, the last one can.
  std::size_t star_p = std::string_view::npos;
  std::size_t star_n = 0;
  while (true) {
    if (p == pattern.size()) {
      if (n == name.size()) return true;
    } else if (pattern[p] == '*') {
      if (p + 1 == pattern.size()) return true;
      star_p = ++p;
      star_n = n;
      continue;
    } else if (n < name.size()) {
      const auto c = static_cast<unsigned char>(name[n]);
      bool matches = false;
      std::size_t next = p + 1;
      switch (pattern[p]) {
        case '?':
          matches = true;
          break;
        case '[':
          if (const auto found = MatchClass(pattern, p + 1, c)) {
            matches = found->matches;
            next = found->end;
          } else {
            matches = c == '[';
          }
          break;
        case '\\':
          // Nothing behind it: the end of the pattern, which is not here.
          matches = p + 1 < pattern.size() && pattern[p + 1] == name[n];
          next = p + 2;
          break;
        default:
          matches = pattern[p] == name[n];
      }
      if (matches) {
        p = next;
        ++n;
        continue;
      }
    } else if (pattern[p] == '\\' && p + 1 == pattern.size()) {
      return true;
    }
    if (star_p == std::string_view::npos || star_n >= name.size()) return false;
    p = star_p;
    n = ++star_n;
  }
}

Matcher::Matcher(std::string_view text, BugSet bugs)
    : text_(text), overcompare_(bugs.has(Bug::kGlobFrontOvercompare)) {
  if (text.empty()) return;
  if (IsDigit(text[0])) {
    shape_ = Shape::kIndex;
    return;
  }
  const bool front_star = text.front() == '*';
  const bool back_star = text.size() > 1 && text.back() == '*';
  std::string_view body = text;
  if (front_star) body.remove_prefix(1);
  if (back_star) body.remove_suffix(1);
  std::string_view special = "*?[\\";
  // Once the leading star has made it kEnd, a later one no longer makes it a glob.
  if (front_star && bugs.has(Bug::kGlobFrontStar)) special = "?[\\";
  if (body.find_first_of(special) != body.npos) {
    shape_ = Shape::kGlob;
    return;
  }
  text_ = body;
  if (front_star) {
    shape_ = back_star ? Shape::kMiddle : Shape::kEnd;
  } else if (back_star) {
    shape_ = Shape::kFront;
  }
}

bool Matcher::Matches(std::string_view name) const {
  switch (shape_) {
    case Shape::kIndex:
      return false;
    case Shape::kFull:
      return name == text_;
    case Shape::kFront:
      // As many characters as the shorter one has: a name that ends early matches too.
      if (overcompare_) return text_.starts_with(name.substr(0, text_.size()));
      return name.starts_with(text_);
    case Shape::kEnd:
      return name.ends_with(text_);
    case Shape::kMiddle:
      return name.find(text_) != name.npos;
    case Shape::kGlob:
      return GlobMatches(text_, name);
  }
  return false;
}

std::uint64_t Matcher::index() const {
  std::string_view digits = text_;
  unsigned base = 10;
  if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits[0] == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  for (const char c : digits) {
    const unsigned digit = DigitValue(c);
    // Far below overflow, far above any number of records.
    if (digit >= base || value > (std::uint64_t{1} << 40)) return 0;
    value = value * base + digit;
  }
  return value;
}

}  // namespace recount::fast
