// What the tests of the text form share.
#ifndef RECOUNT_MODEL_TEXT_FIXTURE_H_
#define RECOUNT_MODEL_TEXT_FIXTURE_H_

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "model/text.h"

namespace recount {

inline constexpr std::string_view kHeader = "world small\nprofile linux-6.1\n";

inline std::string Error(std::string_view text) {
  const absl::StatusOr<Program> program = ParseProgram(text);
  return program.ok() ? "" : std::string(program.status().message());
}
// The error of one operation, which stands on line 3.
inline std::string OpError(std::string_view line) {
  return Error(std::string(kHeader) + std::string(line) + "\n");
}
inline Op ParseOp(std::string_view line) {
  const absl::StatusOr<Program> program =
      ParseProgram(std::string(kHeader) + std::string(line) + "\n");
  EXPECT_TRUE(program.ok()) << line << ": " << program.status();
  EXPECT_EQ(program.ok() ? program->ops.size() : 1, 1u);
  return program.ok() ? program->ops[0] : Op();
}

}  // namespace recount

#endif  // RECOUNT_MODEL_TEXT_FIXTURE_H_
