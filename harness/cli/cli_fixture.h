// For tests of the program through its front door.
#ifndef RECOUNT_HARNESS_CLI_CLI_FIXTURE_H_
#define RECOUNT_HARNESS_CLI_CLI_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "harness/atomic_file.h"
#include "harness/test_folder.h"

namespace recount {

struct Said {
  int code = -1;  // -1: it did not exit
  std::string out;
  std::string err;
};

// A shell line, in which `recount` is the program that was built.
class Cli : public ::testing::Test {
 protected:
  Said Run(const std::string& line) {
    const std::string err = scratch_.Path("err");
    const std::string shell = "cd '" + folder_.Path("") +
                              "' && recount() { '" RECOUNT_PROGRAM "' \"$@\"; } && { " + line +
                              "; } 2>'" + err + "'";
    Said said;
    std::FILE* pipe = ::popen(shell.c_str(), "r");
    char buffer[4096];
    for (std::size_t size; (size = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      said.out.append(buffer, size);
    }
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) said.code = WEXITSTATUS(status);
    said.err = *ReadFile(err);
    return said;
  }
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFile(folder_.Path(name), text).ok());
  }
  // A bad input: exit 2, nothing on stdout, and one line on stderr that ends so.
  void ExpectRefused(const std::string& line, const std::string& message) {
    const Said said = Run(line);
    EXPECT_EQ(said.code, 2) << line;
    EXPECT_EQ(said.out, "") << line;
    EXPECT_THAT(said.err,
                ::testing::AllOf(::testing::StartsWith("recount: "), ::testing::HasSubstr(message)))
        << line;
  }

  // Whether there is a program with this kernel ("6.1") where the one that was built looks for it.
  // By the file: a program that refuses what it should do is no reason to skip a test.
  static bool HasKernel(const std::string& version) {
    return std::filesystem::exists(std::filesystem::path(RECOUNT_PROGRAM).parent_path() / ".." /
                                   "linux" / version / "recount");
  }

  TestFolder folder_;   // where the commands run
  TestFolder scratch_;  // where their messages go
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_CLI_FIXTURE_H_
