// Numbers on a command line: decimal, and exactly what was written or an error.
#ifndef RECOUNT_HARNESS_CLI_NUMBER_H_
#define RECOUNT_HARNESS_CLI_NUMBER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace recount {

// Digits only; leading zeros mean nothing (there is no octal here). Errors: InvalidArgument
// "'-1': a whole number from LOW to HIGH is asked for".
absl::StatusOr<std::uint64_t> ParseWhole(std::string_view text, std::uint64_t low,
                                         std::uint64_t high);

// A finite decimal number, with or without fraction and exponent, above 0. Errors: InvalidArgument
// "'nan': a number above 0 is asked for".
absl::StatusOr<double> ParsePositive(std::string_view text);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_NUMBER_H_
