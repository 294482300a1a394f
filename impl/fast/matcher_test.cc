#include "impl/fast/matcher.h"

#include <gtest/gtest.h>

#include <ostream>

namespace recount::fast {
namespace {

using Shape = Matcher::Shape;

struct ShapeCase {
  std::string_view text;
  Shape shape;
  std::string_view compared;
};

TEST(Matcher, TellsShapesApart) {
  const ShapeCase cases[] = {
      {"", Shape::kFull, ""},           {"vfs_read", Shape::kFull, "vfs_read"},
      {"vfs*", Shape::kFront, "vfs"},   {"*read", Shape::kEnd, "read"},
      {"*s_r*", Shape::kMiddle, "s_r"}, {"*", Shape::kEnd, ""},
      {"**", Shape::kMiddle, ""},       {"***", Shape::kGlob, "***"},
      {"a*b", Shape::kGlob, "a*b"},     {"*a*b", Shape::kGlob, "*a*b"},
      {"a*b*", Shape::kGlob, "a*b*"},   {"a?", Shape::kGlob, "a?"},
      {"[ab]*", Shape::kGlob, "[ab]*"}, {"*\\a", Shape::kGlob, "*\\a"},
      {"a]b^", Shape::kFull, "a]b^"},   {"7", Shape::kIndex, "7"},
      {"7*", Shape::kIndex, "7*"},      {"!a", Shape::kFull, "!a"},
  };
  for (const ShapeCase& c : cases) {
    const Matcher matcher(c.text, {});
    EXPECT_EQ(matcher.shape(), c.shape) << c.text;
    EXPECT_EQ(matcher.text(), c.compared) << c.text;
  }
}

struct MatchCase {
  std::string_view text;
  std::string_view name;
  bool matches;
};
std::ostream& operator<<(std::ostream& out, const MatchCase& c) {
  return out << "'" << c.text << "' on '" << c.name << "'";
}

TEST(Matcher, ComparesByShape) {
  const MatchCase cases[] = {
      {"ab", "ab", true},     {"ab", "abc", false},   {"", "a", false},     {"ab*", "ab", true},
      {"ab*", "a", false},    {"ab*", "xab", false},  {"*ab", "xab", true}, {"*ab", "b", false},
      {"*ab*", "xaby", true}, {"*ab*", "axb", false}, {"*", "x", true},     {"**", "x", true},
      {"7", "7", false},      {"a.b", "axb", false},
  };
  for (const MatchCase& c : cases) EXPECT_EQ(Matcher(c.text, {}).Matches(c.name), c.matches) << c;
}

TEST(Glob, MatchesAsAShellDoes) {
  const MatchCase cases[] = {
      {"a?c", "abc", true},     {"a?", "a", false},
      {"*a*b", "xaybzb", true}, {"*a*b", "xayb", true},
      {"*a*b", "ba", false},    {"*ab*ab", "abab", true},
      {"*aab", "aaab", true},   {"***", "", true},
      {"[a-c]x", "bx", true},   {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},  {"[!a-c]x", "ax", false},
      {"x[!a]", "x", false},                         // a class never matches the end
      {"*[!a]", "ba", false},   {"[]]", "]", true},  // a `]` first is a member
      {"[!]]", "]", false},     {"[!]]", "a", true},
      {"[a-]", "-", true},                             // a `-` last is a member
      {"[]-a]", "^", true},                            // from ] to a
      {"[z-a]", "m", false},    {"[ab", "[ab", true},  // never closed: literal
      {"[ab", "a", false},      {"[a-", "[a-", true},
      {"*[", "a[", true},       {"\\*", "*", true},
      {"\\*", "a", false},      {"a\\bc", "abc", true},
      {"[\\a]", "\\", true},  // no escape inside a class
      {"a^b*c", "a^bc", true},
  };
  for (const MatchCase& c : cases) EXPECT_EQ(GlobMatches(c.text, c.name), c.matches) << c;
}

TEST(Glob, GivesUpOnManyStarsInTimeProportionalToTheirNumber) {
  const std::string name(2000, 'a');
  EXPECT_FALSE(GlobMatches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

TEST(Matcher, ReadsAnIndexAsC) {
  const std::pair<std::string_view, std::uint64_t> cases[] = {
      {"1", 1},     {"12", 12}, {"010", 8}, {"0x1f", 31},
      {"0X1F", 31}, {"0", 0},   {"08", 0},  {"0x", 0},
      {"1a", 0},    {"1*", 0},  {"0xg", 0}, {"99999999999999999999999999", 0},
  };
  for (const auto& [text, value] : cases) EXPECT_EQ(Matcher(text, {}).index(), value) << text;
}

}  // namespace
}  // namespace recount::fast
