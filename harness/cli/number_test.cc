#include "harness/cli/number.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace recount {
namespace {

TEST(Number, WholeNumbersAreDecimalAndExact) {
  EXPECT_EQ(*ParseWhole("0", 0, UINT64_MAX), 0u);
  EXPECT_EQ(*ParseWhole("010", 0, 10), 10u);
  EXPECT_EQ(*ParseWhole("18446744073709551615", 1, UINT64_MAX), UINT64_MAX);
}

TEST(Number, WhatIsNoWholeNumberIsNamedWithWhatIsAskedFor) {
  for (const std::string text : {"", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "x", "nan",
                                 "18446744073709551616", "99999999999999999999"}) {
    EXPECT_EQ(std::string(ParseWhole(text, 0, UINT64_MAX).status().message()),
              "'" + text + "': a whole number from 0 to 18446744073709551615 is asked for");
  }
  for (const std::string text : {"0", "257"}) {
    EXPECT_EQ(std::string(ParseWhole(text, 1, 256).status().message()),
              "'" + text + "': a whole number from 1 to 256 is asked for");
  }
}

TEST(Number, PositiveNumbersHaveFractionsAndExponents) {
  EXPECT_EQ(*ParsePositive("60"), 60.0);
  EXPECT_EQ(*ParsePositive("010"), 10.0);
  EXPECT_EQ(*ParsePositive("0.25"), 0.25);
  EXPECT_EQ(*ParsePositive(".5"), 0.5);
  EXPECT_EQ(*ParsePositive("1e3"), 1000.0);
}

TEST(Number, WhatIsNoPositiveNumberIsNamed) {
  for (const std::string text : {"", "nan", "-nan", "inf", "infinity", "0", "0.0", "-5", "+5", "x",
                                 "5x", "0x10", " 1", "1e999", "1e-999", "."}) {
    EXPECT_EQ(std::string(ParsePositive(text).status().message()),
              "'" + text + "': a number above 0 is asked for");
  }
}

}  // namespace
}  // namespace recount
