#include "model/reference/match.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace recount::reference {
namespace {

using Shape = Token::Shape;

TEST(ParseToken, TellsShapesApartByWhereTheStarsAre) {
  const struct {
    std::string_view token;
    bool negated;
    Shape shape;
    std::string_view text;
  } kCases[] = {
      {"", false, Shape::kFull, ""},
      {"x", false, Shape::kFull, "x"},
      {"a.b$:^-", false, Shape::kFull, "a.b$:^-"},
      {"x*", false, Shape::kPrefix, "x"},
      {"*x", false, Shape::kSuffix, "x"},
      {"*x*", false, Shape::kMiddle, "x"},
      {"*", false, Shape::kSuffix, ""},
      {"**", false, Shape::kMiddle, ""},
      {"***", false, Shape::kGlob, "***"},
      {"x*y", false, Shape::kGlob, "x*y"},
      {"*x*y", false, Shape::kGlob, "*x*y"},
      {"x*y*", false, Shape::kGlob, "x*y*"},
      {"x**", false, Shape::kGlob, "x**"},
      {"**x", false, Shape::kGlob, "**x"},
      {"?", false, Shape::kGlob, "?"},
      {"x?*", false, Shape::kGlob, "x?*"},
      {"*x?", false, Shape::kGlob, "*x?"},
      {"*[ab]*", false, Shape::kGlob, "*[ab]*"},
      {"x\\", false, Shape::kGlob, "x\\"},
      {"x]", false, Shape::kFull, "x]"},
      {"7", false, Shape::kIndex, "7"},
      {"7*", false, Shape::kIndex, "7*"},
      {"0[x", false, Shape::kIndex, "0[x"},
      {"_7", false, Shape::kFull, "_7"},
      {"!", true, Shape::kFull, ""},
      {"!x", true, Shape::kFull, "x"},
      {"!*x", true, Shape::kSuffix, "x"},
      {"!12", true, Shape::kIndex, "12"},
      {"!!x", true, Shape::kFull, "!x"},
      {"x!", false, Shape::kFull, "x!"},
      {"*!x*", false, Shape::kMiddle, "!x"},
  };
  for (const auto& c : kCases) {
    const Token token = ParseToken(c.token);
    EXPECT_EQ(token.negated, c.negated) << c.token;
    EXPECT_EQ(token.shape, c.shape) << c.token;
    EXPECT_EQ(token.text, c.text) << c.token;
  }
}

TEST(MatchesName, ComparesByShape) {
  const struct {
    std::string_view token;
    std::string_view name;
    bool matches;
  } kCases[] = {
      {"alpha_read", "alpha_read", true},
      {"alpha_read", "alpha_rea", false},
      {"alpha_read", "alpha_reads", false},
      {"", "alpha", false},
      {"", "", true},
      {"alpha*", "alpha", true},
      {"alpha*", "alpha_read", true},
      {"alpha*", "alph", false},
      {"alpha*", "xalpha", false},
      {"*read", "read", true},
      {"*read", "alpha_read", true},
      {"*read", "alpha_reads", false},
      {"*read", "ead", false},
      {"*a_r*", "alpha_read", true},
      {"*a_r*", "alpharead", false},
      {"*", "anything", true},
      {"**", "anything", true},
      {"*x*y", "axby", true},
      {"*x*y", "axbyz", false},
      {"0", "0", false},  // a number is a place, never a name
      {"!x", "x", true},  // the '!' says what to do, not what to compare
      {"x]", "x]", true},
      {"^x", "^x", true},  // not an anchor
      {"^x", "x", false},
      {"x$", "x", false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(MatchesName(ParseToken(c.token), c.name), c.matches) << c.token << " on " << c.name;
  }
}

struct GlobCase {
  std::string_view pattern;
  std::string_view name;
  bool matches;

  // Without it GoogleTest names a test by the bytes of the struct, addresses among them.
  friend void PrintTo(const GlobCase& glob, std::ostream* out) {
    *out << glob.pattern << (glob.matches ? " matches " : " does not match ") << glob.name;
  }
};

class Glob : public testing::TestWithParam<GlobCase> {};

TEST_P(Glob, Matches) {
  const GlobCase& c = GetParam();
  EXPECT_EQ(MatchesGlob(c.pattern, c.name), c.matches) << c.pattern << " on " << c.name;
}

INSTANTIATE_TEST_SUITE_P(Stars, Glob,
                         testing::Values(GlobCase{"a*c", "ac", true},         //
                                         GlobCase{"a*c", "abbbc", true},      //
                                         GlobCase{"a*c", "abcb", false},      //
                                         GlobCase{"a*c", "acac", true},       //
                                         GlobCase{"a*b*c", "axbxbxc", true},  //
                                         GlobCase{"a*b*c", "axcxc", false},   //
                                         GlobCase{"*x*y", "xy", true},        //
                                         GlobCase{"*x*y", "yx", false},       //
                                         GlobCase{"*ab*ab", "abab", true},    //
                                         GlobCase{"*ab*ab", "aab", false},    //
                                         GlobCase{"*aab", "aaab", true},      // needs backtracking
                                         GlobCase{"***", "", true},           //
                                         GlobCase{"a**b", "ab", true},        //
                                         GlobCase{"a***", "a", true},         //
                                         GlobCase{"", "", true},              //
                                         GlobCase{"", "a", false},            //
                                         GlobCase{"a*", "", false},           //
                                         GlobCase{"*a*a*a*a*a*a*a*a*b",
                                                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                                  false}));

INSTANTIATE_TEST_SUITE_P(Question, Glob,
                         testing::Values(GlobCase{"?", "a", true},      //
                                         GlobCase{"?", "", false},      //
                                         GlobCase{"?", "ab", false},    //
                                         GlobCase{"a?c", "abc", true},  //
                                         GlobCase{"a?c", "ac", false},  //
                                         GlobCase{"?*", "", false},     //
                                         GlobCase{"?*", "a", true},     //
                                         GlobCase{"*?", "", false},     //
                                         GlobCase{"*?", "abc", true},   //
                                         GlobCase{"??*", "a", false},   //
                                         GlobCase{"*?*?*", "ab", true},
                                         GlobCase{"*?*?*", "a", false},
                                         GlobCase{"a*?", "a", false},  //
                                         GlobCase{"a*?", "ab", true}));

INSTANTIATE_TEST_SUITE_P(Classes, Glob,
                         testing::Values(GlobCase{"[ab]", "a", true},      //
                                         GlobCase{"[ab]", "c", false},     //
                                         GlobCase{"[ab]", "ab", false},    //
                                         GlobCase{"[a-c]x", "bx", true},   //
                                         GlobCase{"[a-c]x", "dx", false},  //
                                         GlobCase{"[c-a]", "b", false},    // an empty range
                                         GlobCase{"[!a]", "b", true},      //
                                         GlobCase{"[!a]", "a", false},     //
                                         GlobCase{"[!a-c]", "b", false},   //
                                         GlobCase{"[!a-c]", "d", true},    //
                                         GlobCase{"[a!]", "!", true},      // not in front
                                         GlobCase{"[^a]", "^", true},      // ordinary
                                         GlobCase{"[^a]", "a", true},      //
                                         GlobCase{"[^a]", "b", false},     //
                                         GlobCase{"[]]", "]", true},       // first: a member
                                         GlobCase{"[]a]", "a", true},      //
                                         GlobCase{"[!]]", "]", false},     //
                                         GlobCase{"[!]]", "a", true},      //
                                         GlobCase{"[]-a]", "_", true},     // a range from ']'
                                         GlobCase{"[a-]", "-", true},      // '-' at the end
                                         GlobCase{"[a-]", "b", false},     //
                                         GlobCase{"[-a]", "-", true},      // '-' in front
                                         GlobCase{"[-a]", "a", true},      //
                                         GlobCase{"[a-c-e]", "-", true},   // behind a range
                                         GlobCase{"[a-c-e]", "e", true},   //
                                         GlobCase{"[a-c-e]", "d", false},  //
                                         GlobCase{"[*]", "*", true},       //
                                         GlobCase{"[*]", "a", false},      //
                                         GlobCase{"[?]", "a", false},      //
                                         GlobCase{"[\\]", "\\", true},     // quotes nothing
                                         GlobCase{"*_[or]*", "alpha_read", true},
                                         GlobCase{"*_[or]*", "alpha_write", false}));

INSTANTIATE_TEST_SUITE_P(ClassAtTheEndOfTheName, Glob,
                         testing::Values(GlobCase{"a[!b]", "a", false},   //
                                         GlobCase{"a[b]", "a", false},    //
                                         GlobCase{"a*[!b]", "a", false},  //
                                         GlobCase{"a*[!b]", "ab", false},
                                         GlobCase{"a*[!b]", "abc", true},
                                         GlobCase{"[!a]", "", false}));

INSTANTIATE_TEST_SUITE_P(UnclosedClassIsLiteral, Glob,
                         testing::Values(GlobCase{"[", "[", true},      //
                                         GlobCase{"[", "a", false},     //
                                         GlobCase{"[a", "[a", true},    //
                                         GlobCase{"[a", "a", false},    //
                                         GlobCase{"[!a", "[!a", true},  //
                                         GlobCase{"[]", "[]", true},    // ']' is a member
                                         GlobCase{"[!]", "[!]", true},  //
                                         GlobCase{"[a-", "[a-", true},  //
                                         GlobCase{"[a-]", "[a-]", false},
                                         GlobCase{"[a?", "[ab", true},  // what follows still counts
                                         GlobCase{"[a*", "[abc", true},  //
                                         GlobCase{"*[", "ab[", true},    //
                                         GlobCase{"a[", "a", false},     //
                                         GlobCase{"[[ab]", "[", true},   //
                                         GlobCase{"[ab[", "[ab[", true}));

INSTANTIATE_TEST_SUITE_P(Backslash, Glob,
                         testing::Values(GlobCase{"\\a", "a", true},      //
                                         GlobCase{"\\*", "*", true},      //
                                         GlobCase{"\\*", "a", false},     //
                                         GlobCase{"\\?", "?", true},      //
                                         GlobCase{"\\[a]", "[a]", true},  //
                                         GlobCase{"\\\\", "\\", true},    //
                                         GlobCase{"a\\b*", "abc", true},  //
                                         GlobCase{"*\\*", "ab*", true},   //
                                         GlobCase{"*\\*", "ab", false},   //
                                         GlobCase{"a\\", "a", true},      // at the end: nothing
                                         GlobCase{"a\\", "ab", false},    //
                                         GlobCase{"a\\", "a\\", false},   //
                                         GlobCase{"*\\", "ab", true},     //
                                         GlobCase{"a\\\\\\", "a\\", true},
                                         GlobCase{"[a\\", "[a", true}));

TEST(ParseIndex, ReadsCNotation) {
  const struct {
    std::string_view text;
    std::optional<std::uint64_t> value;
  } kCases[] = {
      {"0", 0},
      {"1", 1},
      {"10", 10},
      {"010", 8},
      {"00", 0},
      {"0x10", 16},
      {"0XfF", 255},
      {"0x00000000000000001", 1},
      {"08", std::nullopt},
      {"1a", std::nullopt},
      {"1*", std::nullopt},
      {"1.", std::nullopt},
      {"0x", std::nullopt},
      {"0xg", std::nullopt},
      {"0x1g", std::nullopt},
      {"9223372036854775807", 9223372036854775807u},
      {"9223372036854775808", std::nullopt},
      {"18446744073709551617", std::nullopt},
      {"99999999999999999999999999", std::nullopt},
      {"0xffffffffffffffffff", std::nullopt},
      {"0777777777777777777777", 9223372036854775807u},
      {"01777777777777777777777", std::nullopt},
  };
  for (const auto& c : kCases) EXPECT_EQ(ParseIndex(c.text), c.value) << c.text;
}

}  // namespace
}  // namespace recount::reference
