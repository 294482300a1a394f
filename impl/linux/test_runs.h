// For tests: operations in text form, in world small under the kernel's profile, run by the kernel
// code.
#ifndef RECOUNT_IMPL_LINUX_TEST_RUNS_H_
#define RECOUNT_IMPL_LINUX_TEST_RUNS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "impl/linux/linux_subject.h"
#include "model/outcome.h"
#include "model/program.h"
#include "model/text.h"
#include "model/view.h"

namespace recount::linux_test {

inline Program Parse(std::string_view ops, const std::string& profile = "linux-6.1") {
  absl::StatusOr<Program> program =
      ParseProgram("world small\nprofile " + profile + "\n" + std::string(ops));
  EXPECT_TRUE(program.ok()) << program.status();
  return *program;
}

// Every margin is checked. Returns the last View, as text.
inline std::string Do(std::string_view ops, const std::string& profile = "linux-6.1") {
  const Program program = Parse(ops, profile);
  const std::unique_ptr<Subject> subject = MakeLinux();
  subject->Reset(program.world, program.Rules());
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const Op& op = program.ops[i];
    const std::string answer = OutcomeText(*program.world, op, subject->Apply(op));
    if (program.margin.empty() || program.margin[i].empty()) continue;
    EXPECT_EQ(answer, program.margin[i])
        << "operation " << i << ": " << PrintOp(*program.world, op);
  }
  View view;
  subject->Observe(&view);
  return ViewText(*program.world, view);
}

// Empty when the reference agrees, up to where the defect `known` is met. (linux_subject_test.cc)
std::string Disagreement(std::string_view ops, std::string_view known = "");

}  // namespace recount::linux_test

#endif  // RECOUNT_IMPL_LINUX_TEST_RUNS_H_
