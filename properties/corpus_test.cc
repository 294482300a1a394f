// What is remembered stays true: every program of the corpus agrees, answers what its margin says,
// stands in the canonical text, and says why it is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/atomic_file.h"
#include "harness/known/known.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

std::vector<std::string> CorpusFiles() {
  std::vector<std::string> files;
  for (const std::string_view folder : {"seeds", "regressions", "bugs", "findings"}) {
    const absl::StatusOr<std::vector<std::string>> found =
        ListProgramFiles(RECOUNT_SOURCE_DIR "/corpus/" + std::string(folder));
    // A folder may have nothing in it yet.
    if (found.ok()) files.insert(files.end(), found->begin(), found->end());
  }
  return files;
}

TEST(Corpus, HasSeeds) {
  const auto seeds = ListProgramFiles(RECOUNT_SOURCE_DIR "/corpus/seeds");
  ASSERT_TRUE(seeds.ok()) << seeds.status().message();
  EXPECT_GE(seeds->size(), 10u);
}

TEST(Corpus, AnswersWhatItsMarginsSay) {
  for (const std::string& file : CorpusFiles()) {
    const absl::StatusOr<Program> program = ReadProgramFile(file);
    ASSERT_TRUE(program.ok()) << program.status().message();
    const std::unique_ptr<Subject> reference = *MakeSubject("reference");
    reference->Reset(program->world, program->Rules());
    for (std::size_t i = 0; i < program->ops.size(); ++i) {
      const Op& op = program->ops[i];
      const std::string said = OutcomeText(*program->world, op, reference->Apply(op));
      if (program->margin.empty() || program->margin[i].empty()) continue;
      EXPECT_EQ(said, program->margin[i])
          << file << ": operation " << i + 1 << ", " << PrintOp(*program->world, op);
    }
  }
}

TEST(Corpus, AgreesBetweenReferenceAndFast) {
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  const std::unique_ptr<Subject> fast = *MakeSubject("fast");
  Lockstep lockstep(oracle.get(), fast.get());
  for (const std::string& file : CorpusFiles()) {
    const absl::StatusOr<Program> program = ReadProgramFile(file);
    ASSERT_TRUE(program.ok()) << program.status().message();
    const RunResult result = lockstep.Run(*program);
    EXPECT_EQ(result.verdict, Verdict::kAgree)
        << file << ": "
        << (result.divergence ? DivergenceLine(*program, *result.divergence)
                              : result.unknown_reason);
  }
}

TEST(Corpus, IsWrittenAsItWouldBePrinted) {
  for (const std::string& file : CorpusFiles()) {
    const absl::StatusOr<std::string> text = ReadFile(file);
    const absl::StatusOr<Program> program = ReadProgramFile(file);
    ASSERT_TRUE(text.ok() && program.ok()) << file;
    EXPECT_EQ(PrintProgram(*program), *text) << file;
  }
}

TEST(Corpus, SaysWhyEachProgramIsThere) {
  for (const std::string& file : CorpusFiles()) {
    const absl::StatusOr<Program> program = ReadProgramFile(file);
    ASSERT_TRUE(program.ok()) << program.status().message();
    ASSERT_FALSE(program->notes.empty()) << file;
    EXPECT_TRUE(program->notes.front().starts_with("why: ")) << file;
  }
}

TEST(Corpus, HasAFolderForEachKnownDefectAndNoOther) {
  std::set<std::string> folders;
  for (const auto& entry :
       std::filesystem::directory_iterator(RECOUNT_SOURCE_DIR "/corpus/findings")) {
    folders.insert(entry.path().filename().string());
    EXPECT_TRUE(std::filesystem::exists(entry.path() / "program.prog")) << entry.path();
    EXPECT_TRUE(std::filesystem::exists(entry.path() / "README.md")) << entry.path();
  }
  std::set<std::string> known;
  for (const KnownDefect& defect : KnownDefects()) known.insert(std::string(defect.name));
  EXPECT_EQ(folders, known);
}

TEST(Corpus, SaysOfEachFindingWhereItWasSeenAsTheTableDoes) {
  for (const KnownDefect& defect : KnownDefects()) {
    const absl::StatusOr<std::string> text =
        ReadFile(RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect.name) + "/README.md");
    ASSERT_TRUE(text.ok()) << defect.name;
    EXPECT_NE(text->find("seen on: " + std::string(defect.kernels) + "\n"), std::string::npos)
        << defect.name;
    for (const char* state : {"confirmed under QEMU: ", "upstream: "}) {
      EXPECT_NE(text->find(state), std::string::npos) << defect.name << ": " << state;
    }
  }
}

}  // namespace
}  // namespace recount
