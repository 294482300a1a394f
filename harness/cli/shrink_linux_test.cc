// `recount shrink` of what a fuzz target over a kernel has stopped at, behind the known defects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/cli/cli_fixture.h"

namespace recount {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kStaleRegs[] = RECOUNT_SOURCE_DIR "/corpus/findings/stale-regs/program.prog";

class ShrinkLinux : public Cli {
 protected:
  void SetUp() override {
    if (!HasKernel("6.1")) GTEST_SKIP() << "linux:6.1 is not built";
  }
};

TEST_F(ShrinkLinux, HasNothingToDoForADefectThatIsMasked) {
  const Said said = Run(std::string("recount shrink --subject linux:6.1 --known - <") + kStaleRegs);
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr(": stale-regs is known, there is nothing else to shrink\n"));
}

TEST_F(ShrinkLinux, MinimisesTheSameWhenNothingIsMasked) {
  const Said said = Run(std::string("recount shrink --subject linux:6.1 - <") + kStaleRegs);
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(said.out, StartsWith("world "));
  EXPECT_THAT(said.out, HasSubstr("\n  subject   linux:6.1\n"));
}

TEST_F(ShrinkLinux, MasksNothingInWhatIsNoKernel) {
  ExpectRefused(std::string("recount shrink --subject fast --known ") + kStaleRegs, "fast");
}

}  // namespace
}  // namespace recount
