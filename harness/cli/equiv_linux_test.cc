// recount equiv between kernels: a program of its own, since it takes what ci/linux-subject has
// built (ci/linux.cmake).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/cli/cli_fixture.h"

namespace recount {
namespace {

using ::testing::HasSubstr;

using EquivLinux = Cli;

TEST_F(EquivLinux, AKernelIsEqualToItself) {
  if (!HasKernel("6.1")) GTEST_SKIP() << "linux:6.1 is not built";
  const Said said = Run("recount equiv --left linux:6.1 --right linux:6.1 --programs 400");
  EXPECT_THAT(said.out, HasSubstr(" 0 findings\n")) << said.err;
}

TEST_F(EquivLinux, AKernelAndTheRulesDifferInADefect) {
  if (!HasKernel("6.1")) GTEST_SKIP() << "linux:6.1 is not built";
  Write("regs.prog",
        "world small\nprofile linux-6.1\nload alpha @0\nops o0 kernel save_regs\nregister o0\n"
        "notrace o0 core_setup\nnotrace o0 -\nhit core_setup\n");
  const Said said =
      Run("recount equiv --left linux:6.1 --right linux-6.1 --corpus regs.prog --programs 1");
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("  on left   -R-----\n  on right  -------\n"));
  EXPECT_EQ(Run("recount equiv regs.prog --left linux:6.1 --right linux-6.1 --known").out,
            "regs.prog: agree up to operation 5: known: stale-regs\nknown: stale-regs 1\n");
}

TEST_F(EquivLinux, TwoKernelsDifferInWhatOnlyTheOlderOneHas) {
  if (!HasKernel("6.1") || !HasKernel("6.12")) {
    GTEST_SKIP() << "linux:6.1 and linux:6.12 are not both built";
  }
  const std::string folder = RECOUNT_SOURCE_DIR "/corpus/findings/";
  for (const std::string defect : {"index-trailing", "glob-class-at-end", "killed-ops-unlisted"}) {
    const std::string line =
        "recount equiv '" + folder + defect + "/program.prog' --left linux:6.1 --right linux:6.12";
    EXPECT_EQ(Run(line).code, 1) << defect;
    EXPECT_THAT(Run(line + " --known").out, HasSubstr(": known: " + defect + "\n"));
  }
  const Said said = Run("recount equiv --left linux:6.1 --right linux:6.12 --seconds 60");
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("differs at operation 1, "));
}

}  // namespace
}  // namespace recount
