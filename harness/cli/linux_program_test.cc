#include "harness/cli/linux_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/known/known.h"
#include "harness/test_folder.h"
#include "impl/roster.h"

namespace recount {
namespace {

using ::testing::HasSubstr;

// A kernel as ci/linux-subject leaves it.
void Place(const std::filesystem::path& folder, const std::string& subject, bool complete = true) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "subject") << subject << "\n";
  if (complete) std::ofstream(folder / "recount") << "";
}

std::string SubjectOf(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return LinuxSubjectOf(static_cast<int>(argv.size()), argv.data());
}

TEST(LinuxProgram, IsFoundByTheSubjectItHas) {
  const TestFolder folder;
  const std::filesystem::path root = folder.Path("");
  Place(root / "6.1", "linux:6.1");
  Place(root / "6.12", "linux:6.12");
  EXPECT_EQ(*LinuxProgram("linux:6.12", root.string()), (root / "6.12" / "recount").string());
}

TEST(LinuxProgram, OfATreeIsFoundByAnyPathToIt) {
  const TestFolder folder;
  const std::filesystem::path root = folder.Path("");
  const std::filesystem::path tree = std::filesystem::canonical(root) / "tree";
  std::filesystem::create_directories(tree / "kernel");
  Place(root / "built" / "tree-1", "linux:" + tree.string());
  EXPECT_EQ(*LinuxProgram("linux:" + tree.string() + "/kernel/..", (root / "built").string()),
            (root / "built" / "tree-1" / "recount").string());
}

TEST(LinuxProgram, OfATreeIsASubjectByAnyPathAndHasTheDefectsOfTrees) {
  const TestFolder folder;
  const std::string tree = std::filesystem::canonical(folder.Path("")).string();
  AddSubject("linux:" + tree, [] { return Reference()(); });
  for (const std::string& path : {tree, tree + "/", tree + "/."}) {
    EXPECT_TRUE(SubjectNamed("linux:" + path).ok()) << path;
    EXPECT_EQ(MaskedBy("linux:" + path).value(), KnownDefectsOf("linux:" + tree)) << path;
  }
}

TEST(LinuxProgram, AKernelHasOneName) {
  const TestFolder folder;
  const std::string root = std::filesystem::canonical(folder.Path("")).string();
  EXPECT_EQ(CanonicalKernel("linux:" + root + "/./"), "linux:" + root);
  EXPECT_EQ(CanonicalKernel("linux:6.1"), "linux:6.1");
}

TEST(LinuxProgram, SaysWhatThereIsAndHowTheOtherIsBuilt) {
  const TestFolder folder;
  const std::filesystem::path root = folder.Path("");
  Place(root / "6.1", "linux:6.1");
  Place(root / "5.10", "linux:5.10", /*complete=*/false);
  EXPECT_EQ(
      LinuxProgram("linux:6.12", root.string()).status().message(),
      "subject linux:6.12 is not built (there are: linux:6.1); `ci/linux-subject 6.12` builds "
      "it");
  EXPECT_THAT(std::string(LinuxProgram("linux:6.1", "/nowhere").status().message()),
              HasSubstr("no kernel is"));
}

TEST(LinuxProgram, IsAskedForByTheOptionSubject) {
  EXPECT_EQ(SubjectOf({"recount", "hunt", "--subject", "linux:6.1"}), "linux:6.1");
  EXPECT_EQ(SubjectOf({"recount", "run", "x", "--subject=linux:/tree"}), "linux:/tree");
  EXPECT_EQ(SubjectOf({"recount", "hunt", "--subject", "fast"}), "");
  EXPECT_EQ(SubjectOf({"recount", "hunt", "--subject"}), "");
  EXPECT_EQ(SubjectOf({"recount", "hunt", "--subject", "linux:"}), "");
  EXPECT_EQ(SubjectOf({"recount", "run", "linux:6.1"}), "");
}

}  // namespace
}  // namespace recount
