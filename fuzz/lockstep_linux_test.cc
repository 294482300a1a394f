// lockstep_fuzzer with a kernel in it, through its front door: a program of its own
// (ci/linux.cmake), in which `recount` is that fuzzer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/atomic_file.h"
#include "harness/cli/cli_fixture.h"
#include "harness/program_file.h"
#include "model/binary.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LinuxFuzzer : public Cli {
 protected:
  void SetUp() override { ASSERT_TRUE(MakeFolder(folder_.Path("in")).ok()); }
  void WriteBytes(const std::string& name, const Program& program) {
    const absl::StatusOr<std::vector<std::uint8_t>> bytes = EncodeProgram(program);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    Write(name, std::string(bytes->begin(), bytes->end()));
  }
  void WriteFinding(const std::string& name) {
    const absl::StatusOr<Program> program =
        ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/findings/" + name + "/program.prog");
    ASSERT_TRUE(program.ok()) << program.status();
    WriteBytes("in/" + name, *program);
  }
  // How many places in the kernel's code the programs in the folder `in` reach together.
  int Covered() {
    const Said said = Run("RECOUNT_KNOWN=1 RECOUNT_FEEDBACK=0 recount -runs=0 in");
    EXPECT_EQ(said.code, 0) << said.err;
    constexpr std::string_view kWord = "INITED cov: ";
    const std::size_t at = said.err.find(kWord);
    EXPECT_NE(at, said.err.npos) << said.err;
    return at == said.err.npos ? 0 : std::atoi(said.err.c_str() + at + kWord.size());
  }
};

// Each program begins with a reset, which must not put the counters back.
TEST_F(LinuxFuzzer, CountsWhatIsReachedInTheKernelCode) {
  WriteBytes("in/little", *ParseProgram("world small\nprofile linux-6.1\nlocate probe\n"));
  const int little = Covered();
  EXPECT_GT(little, 0);
  WriteBytes("in/more",
             *ParseProgram("world small\nprofile linux-6.1\nfilter o0 core_*\nregister o0\n"
                           "hit core_read\nload alpha @0\nunregister o0\nunload alpha\n"));
  EXPECT_GT(Covered(), little + 100);
}

TEST_F(LinuxFuzzer, KeepsTheInputThatShowsADefectAndSaysHowToGoOn) {
  WriteFinding("stale-regs");
  const Said said = Run("recount -runs=0 in");
  EXPECT_NE(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("flags is -RT-Ert, expected --T-E-t"));
  EXPECT_THAT(said.err, HasSubstr("\nto minimise: ci/recount shrink THE_CRASH_FILE --subject "));
  EXPECT_EQ(Run("cmp crash-* in/stale-regs").code, 0);
}

TEST_F(LinuxFuzzer, GoesOnBehindADefectThatIsMaskedAndCountsIt) {
  WriteFinding("stale-regs");
  // A SIGSEGV in the kernel code, which the process survives.
  WriteFinding("uninitialised-ipmodify");
  const Said said = Run("RECOUNT_KNOWN=1 recount -runs=0 in");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("\nknown: stale-regs "));
  EXPECT_THAT(said.err, HasSubstr("\nknown: uninitialised-ipmodify "));
}

// From the programs of corpus/seeds, as many runs as take some seconds; whatever the kernel's code
// does there, the reference or a known defect says. The order of the seeds is part of what a run
// is.
TEST_F(LinuxFuzzer, FindsNothingNewBehindTheKnownDefectsAndTheSameAgain) {
  std::set<std::string> seeds;
  for (const auto& entry :
       std::filesystem::directory_iterator(RECOUNT_SOURCE_DIR "/corpus/seeds")) {
    if (entry.path().extension() == ".prog") seeds.insert(entry.path().string());
  }
  std::string list;
  for (const std::string& seed : seeds) {
    const absl::StatusOr<Program> program = ReadProgramFile(seed);
    ASSERT_TRUE(program.ok()) << program.status();
    const std::string name = "in/" + std::to_string(std::distance(seeds.begin(), seeds.find(seed)));
    WriteBytes(name, *program);
    list += (list.empty() ? "" : ",") + name;
  }
  const std::string line =
      "RECOUNT_KNOWN=1 recount -runs=10000 -seed=1 -max_len=256 -seed_inputs=" + list;
  const Said said = Run(line);
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("\nknown: "));
  const auto end = [](const std::string& log) {
    const std::size_t at = log.find("DONE ");
    return at == log.npos ? log : log.substr(at, log.find("exec/s", at) - at);
  };
  EXPECT_THAT(end(said.err), HasSubstr(" corp: "));
  EXPECT_EQ(end(Run(line).err), end(said.err));
}

TEST_F(LinuxFuzzer, PassesOverRulesThatTheKernelDoesNotFollow) {
  WriteBytes("in/old", *ParseProgram("world small\nprofile linux-3.2\nregister o0\n"));
  const Said said = Run("recount -runs=0 in");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, Not(HasSubstr("differs")));
}

TEST_F(LinuxFuzzer, HasNothingToMaskInWhatIsNoKernel) {
  const Said said = Run("RECOUNT_SUBJECT=fast RECOUNT_KNOWN=1 recount -runs=0 in");
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.err, HasSubstr("no defect of subject fast is known\n"));
}

}  // namespace
}  // namespace recount
