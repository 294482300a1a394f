#include "model/reference/match.h"

#include <cstddef>
#include <limits>

namespace recount::reference {
namespace {

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

// The value of `c` as a digit of any base up to 16; 16 when it is none.
unsigned DigitValue(char c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  if ('a' <= c && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if ('A' <= c && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

// One element of a glob that stands for exactly one character.
struct Element {
  bool matches = false;
  std::size_t size = 0;  // its length in the pattern
};

// The class that begins with the '[' at pattern[0], or nullopt when it is never closed.
std::optional<Element> ClassElement(std::string_view pattern, char c) {
  std::size_t i = 1;
  const bool negated = i < pattern.size() && pattern[i] == '!';
  if (negated) ++i;
  const std::size_t first = i;  // a ']' here is a member
  bool member = false;
  for (;;) {
    if (i >= pattern.size()) return std::nullopt;
    if (pattern[i] == ']' && i != first) break;
    const char low = pattern[i];
    char high = low;
    // "a-c" is a range, but "a-]" is 'a', '-' and the end of the class.
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = pattern[i + 2];
      i += 2;
    }
    ++i;
    if (low <= c && c <= high) member = true;
  }
  return Element{.matches = member != negated, .size = i + 1};
}

// How the element at pattern[0], which is no '*', takes the character `c`.
Element ElementAt(std::string_view pattern, char c) {
  switch (pattern[0]) {
    case '?':
      return {.matches = true, .size = 1};
    case '[':
      if (const std::optional<Element> found = ClassElement(pattern, c)) return *found;
      return {.matches = c == '[', .size = 1};  // unclosed: literal
    case '\\':
      // REQUIRES: not at the end of the pattern; MatchesGlob cuts such a '\' off.
      return {.matches = c == pattern[1], .size = 2};
    default:
      return {.matches = c == pattern[0], .size = 1};
  }
}

// A '\' at the very end, behind which there is nothing to quote: it stands for nothing (choice; so
// does the kernel, whose matcher compares the end of the pattern with the end of the name then).
bool EndsInBareBackslash(std::string_view pattern) {
  if (!pattern.ends_with('\\')) return false;
  std::size_t i = 0;
  while (i < pattern.size()) {
    if (pattern[i] == '*') {
      ++i;
    } else if (pattern[i] == '\\' && i + 1 == pattern.size()) {
      return true;
    } else {
      i += ElementAt(pattern.substr(i), '\0').size;
    }
  }
  return false;
}

}  // namespace

bool MatchesGlob(std::string_view pattern, std::string_view name) {
  if (EndsInBareBackslash(pattern)) pattern.remove_suffix(1);
  // Every element but '*' takes exactly one character, so it is enough to try for the last '*' met
  // all numbers of characters, fewest first: what an earlier '*' could take more, it can take too.
  std::size_t p = 0;
  std::size_t n = 0;
  bool star = false;
  std::size_t after_star = 0;  // place in the pattern behind the last '*' met
  std::size_t star_end = 0;    // that '*' takes the name up to here
  while (p < pattern.size() || n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = true;
      after_star = ++p;
      star_end = n;
      continue;
    }
    if (p < pattern.size() && n < name.size()) {
      const Element element = ElementAt(pattern.substr(p), name[n]);
      if (element.matches) {
        p += element.size;
        ++n;
        continue;
      }
    }
    // Stuck: the last '*' has to take one character more. With the name used up that leaves too
    // few for the elements behind it, as there are already too few.
    if (!star || n == name.size()) return false;
    p = after_star;
    n = ++star_end;
  }
  return true;
}

Token ParseToken(std::string_view text) {
  Token token;
  token.negated = text.starts_with('!');
  if (token.negated) text.remove_prefix(1);
  token.text = text;
  if (text.empty()) return token;
  if (IsDigit(text[0])) {
    token.shape = Token::Shape::kIndex;
    return token;
  }
  const bool star_in_middle =
      text.size() > 2 && text.substr(1, text.size() - 2).find('*') != std::string_view::npos;
  if (star_in_middle || text.find_first_of("?[\\") != std::string_view::npos) {
    token.shape = Token::Shape::kGlob;
    return token;
  }
  // At most a star in front and one at the end; the star of "*" is the one in front.
  const bool front = text.front() == '*';
  const bool back = text.back() == '*' && text.size() > 1;
  if (front) token.text.remove_prefix(1);
  if (back) token.text.remove_suffix(1);
  if (front && back) {
    token.shape = Token::Shape::kMiddle;
  } else if (front) {
    token.shape = Token::Shape::kSuffix;
  } else if (back) {
    token.shape = Token::Shape::kPrefix;
  }
  return token;
}

bool MatchesName(const Token& token, std::string_view name) {
  switch (token.shape) {
    case Token::Shape::kIndex:
      return false;
    case Token::Shape::kFull:
      return name == token.text;
    case Token::Shape::kPrefix:
      return name.starts_with(token.text);
    case Token::Shape::kSuffix:
      return name.ends_with(token.text);
    case Token::Shape::kMiddle:
      return name.find(token.text) != std::string_view::npos;
    case Token::Shape::kGlob:
      return MatchesGlob(token.text, name);
  }
  return false;
}

std::optional<std::uint64_t> ParseIndex(std::string_view text) {
  unsigned base = 10;
  if (text.starts_with('0')) base = 8;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty()) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (const char c : text) {
    const unsigned digit = DigitValue(c);
    if (digit >= base) return std::nullopt;
    if (value > (kMax - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

}  // namespace recount::reference
