// What is refused of a kernel: rules that are not its own, and another one beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/cli/cli_fixture.h"

namespace recount {
namespace {

constexpr char kByChain[] =
    "recount run --subject linux:6.1 " RECOUNT_SOURCE_DIR "/corpus/seeds/load_path_chain.prog";

class RunLinux : public Cli {
 protected:
  void SetUp() override {
    if (!HasKernel("6.1")) GTEST_SKIP() << "linux:6.1 is not built";
  }
};

TEST_F(RunLinux, SaysWhichRulesItFollows) {
  const Said said = Run(kByChain);
  EXPECT_EQ(said.code, 3);
  EXPECT_THAT(said.out,
              ::testing::EndsWith(
                  ": unknown: linux:6.1 follows linux-6.1, linux-6.1-optprobes, the program says "
                  "rfc-notifier\n"));
  ExpectRefused("recount hunt --subject linux:6.1 --profile rfc-notifier",
                "--profile rfc-notifier: linux:6.1 follows linux-6.1, linux-6.1-optprobes only");
}

TEST_F(RunLinux, TwoKernelsAreNotHeldAgainstARecordingAtOnce) {
  ExpectRefused("recount conform --subject linux:6.1 --subject linux:6.12 .",
                "one kernel at a time");
}

}  // namespace
}  // namespace recount
