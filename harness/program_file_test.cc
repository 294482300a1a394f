#include "harness/program_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/atomic_file.h"
#include "harness/test_folder.h"
#include "harness/world_finder.h"
#include "model/binary.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kText[] = "world tiny\nprofile linux-6.1\nregister o0\nregister o1\n";

std::string Error(const std::string& path, ProgramForm form = ProgramForm::kAny) {
  const absl::StatusOr<Program> program = ReadProgramFile(path, form);
  return program.ok() ? "no error" : std::string(program.status().message());
}

std::string Encoded() {
  const std::vector<std::uint8_t> bytes = *EncodeProgram(*ParseProgram(kText));
  return std::string(bytes.begin(), bytes.end());
}

TEST(ProgramFile, TellsTextFromBytes) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("text"), kText).ok());
  ASSERT_TRUE(WriteFile(folder.Path("bytes"), Encoded()).ok());
  EXPECT_EQ(PrintProgram(*ReadProgramFile(folder.Path("text"))), kText);
  EXPECT_EQ(PrintProgram(*ReadProgramFile(folder.Path("bytes"))), kText);
}

TEST(ProgramFile, NamesFileLineAndColumn) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("x"), "world tiny\nprofile linux-6.1\nregister o9\n").ok());
  EXPECT_THAT(Error(folder.Path("x")), StartsWith(folder.Path("x") + ":3:10: "));
}

TEST(ProgramFile, RefusesBytesCutInAnOperation) {
  const TestFolder folder;
  const std::string bytes = Encoded();
  const std::string path = folder.Path("cut");
  ASSERT_TRUE(WriteFile(path, bytes.substr(0, bytes.size() - 1)).ok());
  EXPECT_THAT(Error(path), HasSubstr("the last operation is cut (1 byte of it left, after 1 whole "
                                     "operation); --bytes drops it"));
  // The fuzz target would take it.
  const absl::StatusOr<Program> lenient = ReadProgramFile(path, ProgramForm::kBytes);
  ASSERT_TRUE(lenient.ok());
  EXPECT_EQ(lenient->ops.size(), 1u);
}

TEST(ProgramFile, RefusesWhatIsNeitherTextNorBytes) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("x"), std::string("\x7f"
                                                      "ELF\x02\x01\x01\0\0",
                                                      9))
                  .ok());
  EXPECT_EQ(Error(folder.Path("x")),
            folder.Path("x") + ": byte 0: neither text nor the binary form of a program");
  EXPECT_EQ(Error(folder.Path("x"), ProgramForm::kBytes), "no error");
}

TEST(ProgramFile, NamesThePlaceOfAControlCharacterInText) {
  const TestFolder folder;
  const std::string path = folder.Path("x");
  const auto error = [&path](const std::string& text) {
    EXPECT_TRUE(WriteFile(path, text).ok());
    return Error(path);
  };
  const std::string nul(1, '\0');
  EXPECT_EQ(error("world tiny\nprofile linux-6.1\nregister o0" + nul + "\n"),
            path + ":3:12: control character 0x00");
  EXPECT_EQ(error("# why\n\nworld tiny\v\nprofile linux-6.1\n"),
            path + ":3:11: control character 0x0b");
  EXPECT_EQ(error("# a" + nul + "b\nworld tiny\n"), path + ":1:4: control character 0x00");
  // What is wrong before it is said before it.
  EXPECT_THAT(error("world tiny\nprofile no\n\v\n"), HasSubstr(":2:9: unknown profile 'no'"));
  EXPECT_EQ(error("hello\v world\n"),
            path + ": byte 5: neither text nor the binary form of a program");
}

TEST(ProgramFile, FindsAWorldBesideTheProgram) {
  const TestFolder folder;
  ASSERT_TRUE(MakeFolder(folder.Path("below")).ok());
  ASSERT_TRUE(WriteFile(folder.Path("my.world"), PrintWorld(**BuiltinWorld("tiny"))).ok());
  ASSERT_TRUE(
      WriteFile(folder.Path("below/x.prog"), "world ../my.world\nprofile linux-6.1\nregister o0\n")
          .ok());
  const absl::StatusOr<Program> program = ReadProgramFile(folder.Path("below/x.prog"));
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(program->world->name(), "../my.world");
  EXPECT_EQ(PrintWorld(*program->world), PrintWorld(**BuiltinWorld("tiny")));
}

TEST(ProgramFile, NamesThePlaceInABadWorldFile) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFile(folder.Path("bad.world"), "nonsense here\n").ok());
  ASSERT_TRUE(WriteFile(folder.Path("x.prog"), "world ./bad.world\nprofile linux-6.1\n").ok());
  EXPECT_THAT(Error(folder.Path("x.prog")), HasSubstr("bad.world:1:1: "));
  ASSERT_TRUE(WriteFile(folder.Path("y.prog"), "world ./no.world\nprofile linux-6.1\n").ok());
  EXPECT_THAT(Error(folder.Path("y.prog")), HasSubstr("no.world: No such file or directory"));
}

TEST(ProgramFile, ListsTheProgramsOfAFolderInOrder) {
  const TestFolder folder;
  ASSERT_TRUE(MakeFolder(folder.Path("b")).ok());
  for (const char* name : {"c.prog", "a.prog", "b/x.prog", "notes.txt"}) {
    ASSERT_TRUE(WriteFile(folder.Path(name), kText).ok());
  }
  EXPECT_THAT(*ListProgramFiles(folder.Path("")),
              ElementsAre(folder.Path("a.prog"), folder.Path("b/x.prog"), folder.Path("c.prog")));
  EXPECT_THAT(*ListProgramFiles(folder.Path("notes.txt")), ElementsAre(folder.Path("notes.txt")));
  EXPECT_THAT(*ListFiles(folder.Path(""), ".txt"), ElementsAre(folder.Path("notes.txt")));
  EXPECT_THAT(*ListProgramFiles("-"), ElementsAre("-"));
}

TEST(ProgramFile, SaysThatAFolderIsMissingOrEmpty) {
  const TestFolder folder;
  EXPECT_EQ(ListProgramFiles(folder.Path("no")).status().message(),
            "cannot read " + folder.Path("no") + ": No such file or directory");
  EXPECT_EQ(ListProgramFiles(folder.Path("")).status().message(),
            folder.Path("") + ": the folder holds no .prog file");
}

TEST(WorldFinder, KnowsFilesFromNames) {
  EXPECT_TRUE(NamesWorldFile("x.world"));
  EXPECT_TRUE(NamesWorldFile("./x"));
  EXPECT_FALSE(NamesWorldFile("small"));
  EXPECT_FALSE(NamesWorldFile("world"));
}

TEST(WorldFinder, RenamesAWorldWithoutChangingIt) {
  const WorldPtr tiny = *BuiltinWorld("tiny");
  const absl::StatusOr<WorldPtr> renamed = RenameWorld(*tiny, "./other.world");
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  EXPECT_EQ((*renamed)->name(), "./other.world");
  EXPECT_EQ(PrintWorld(**renamed), PrintWorld(*tiny));
}

}  // namespace
}  // namespace recount
