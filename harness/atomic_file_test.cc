#include "harness/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/test_folder.h"

namespace recount {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(AtomicFile, WritesWhatItReads) {
  const TestFolder folder;
  const std::string path = folder.Path("x");
  const std::string contents("a\0b\nc", 5);
  ASSERT_TRUE(WriteFile(path, contents).ok());
  EXPECT_EQ(*ReadFile(path), contents);
  EXPECT_THAT(folder.Names(), ElementsAre("x"));
}

TEST(AtomicFile, ReplacesAnOldFile) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("x"), "a long old text").ok());
  ASSERT_TRUE(WriteFile(folder.Path("x"), "new").ok());
  EXPECT_EQ(*ReadFile(folder.Path("x")), "new");
}

// A limit on the size of files stands in for a full disk: write() fails in the same place.
TEST(AtomicFile, LeavesTheOldFileAloneWhenTheDiskIsFull) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("x"), "old").ok());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status over_old = WriteFile(folder.Path("x"), std::string(5000, 'n'));
  const absl::Status fresh = WriteFile(folder.Path("y"), std::string(5000, 'n'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);

  EXPECT_EQ(Message(over_old), "cannot write " + folder.Path("x") + ": File too large");
  EXPECT_EQ(Message(fresh), "cannot write " + folder.Path("y") + ": File too large");
  EXPECT_EQ(*ReadFile(folder.Path("x")), "old");
  EXPECT_THAT(folder.Names(), ElementsAre("x"));
}

TEST(AtomicFile, WritesADeviceInPlace) {
  EXPECT_EQ(Message(WriteFile("/dev/full", "x")),
            "cannot write /dev/full: No space left on device");
  struct stat status;
  ASSERT_EQ(stat("/dev/full", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode)) << "the device was replaced by a file";
}

TEST(AtomicFile, WritesThroughASymbolicLink) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("target"), "old").ok());
  std::filesystem::create_symlink("target", folder.Path("link"));
  ASSERT_TRUE(WriteFile(folder.Path("link"), "new").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.Path("link")));
  EXPECT_EQ(*ReadFile(folder.Path("target")), "new");
}

TEST(AtomicFile, NamesPathAndReason) {
  const TestFolder folder;
  EXPECT_EQ(Message(ReadFile(folder.Path("no")).status()),
            "cannot read " + folder.Path("no") + ": No such file or directory");
  EXPECT_EQ(Message(ReadFile(folder.Path("")).status()),
            "cannot read " + folder.Path("") + ": Is a directory");
  EXPECT_EQ(Message(WriteFile(folder.Path("no/x"), "x")),
            "cannot write " + folder.Path("no/x") + ": No such file or directory");
  EXPECT_EQ(Message(WriteFile(folder.Path(""), "x")),
            "cannot write " + folder.Path("") + ": Is a directory");
}

TEST(AtomicFile, MakesFoldersOnTheWay) {
  const TestFolder folder;
  ASSERT_TRUE(MakeFolder(folder.Path("a/b/c")).ok());
  EXPECT_TRUE(MakeFolder(folder.Path("a/b/c")).ok()) << "a folder that is there is no error";
  ASSERT_TRUE(WriteFile(folder.Path("file"), "x").ok());
  EXPECT_THAT(Message(MakeFolder(folder.Path("file"))), HasSubstr("Not a directory"));
  EXPECT_THAT(Message(MakeFolder(folder.Path("file/below"))), EndsWith("Not a directory"));
}

}  // namespace
}  // namespace recount
