// The hunt in a kernel through its front door: clean with `--known`, and not without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/cli/cli_fixture.h"
#include "impl/linux/linux_subject.h"

namespace recount {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LinuxHunt : public Cli {
 protected:
  // A tree may have put the defects right, or have others.
  void SetUp() override {
    if (LinuxSubjectName() != subject_) GTEST_SKIP() << RECOUNT_KERNEL << " is somebody's tree";
  }
  const std::string subject_ = "linux:" RECOUNT_KERNEL;
};

TEST_F(LinuxHunt, IsCleanWhenTheKnownDefectsAreMaskedAndSaysWhichItMet) {
  const Said said = Run("recount hunt --subject " + subject_ + " --known --programs 3000 --jobs 2");
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  EXPECT_THAT(said.out, HasSubstr(" refused, 0 findings\nknown: "));
  EXPECT_THAT(said.out, HasSubstr(" stale-regs "));
  EXPECT_THAT(said.out, HasSubstr(" load-ignores-sysctl "));
  // No program went beyond what the kernel can be asked.
  EXPECT_THAT(said.out, Not(HasSubstr(" unknown")));
}

TEST_F(LinuxHunt, FindsOneOfThemWhenTheyAreNot) {
  const Said said = Run("recount hunt --subject " + subject_ + " --programs 300 --out found");
  EXPECT_EQ(said.code, 1) << said.out << said.err;
  EXPECT_THAT(said.out, HasSubstr("\nfound: "));
  // What it found is one of them: masked, it agrees up to there.
  const Said again = Run("recount run --subject " + subject_ + " --known found");
  EXPECT_EQ(again.code, 0) << again.out;
  EXPECT_THAT(again.out, HasSubstr(": known: "));
}

TEST_F(LinuxHunt, AProgramByHandThatGoesBeyondTheKernelIsUnknown) {
  Write("two.prog", "world small\nprofile linux-6.1\nshare o0 o1\nshare o2 o3\n");
  const Said said = Run("recount run --subject " + subject_ + " two.prog");
  EXPECT_EQ(said.code, 3);
  EXPECT_EQ(said.out, "two.prog: unknown: " + subject_ + ": share: unsupported\n");
  EXPECT_EQ(
      Run("recount hunt --subject " + subject_ + " --known --programs 1 --corpus two.prog").code,
      3);
}

}  // namespace
}  // namespace recount
