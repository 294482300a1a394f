// Recordings in which one line was damaged: it differs or is refused, and no other does.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/atomic_file.h"
#include "harness/conform/conform.h"
#include "harness/test_folder.h"
#include "impl/roster.h"

namespace recount {
namespace {

using ::testing::HasSubstr;

// A recording of written.jsonl in which line `line` was damaged, replayed against the reference.
absl::StatusOr<FileReport> ConformDamaged(std::size_t line, const std::string& from,
                                          const std::string& to) {
  std::string text = *ReadFile(RECOUNT_SOURCE_DIR "/corpus/kernel/linux-6.1/written.jsonl");
  std::size_t at = 0;
  while (--line > 0) at = text.find('\n', at) + 1;
  at = text.find(from, at);
  EXPECT_NE(at, std::string::npos);
  text.replace(at, from.size(), to);
  const TestFolder folder;
  EXPECT_TRUE(WriteFile(folder.Path("x.jsonl"), text).ok());
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  Subject* const subjects[] = {reference.get()};
  return ConformFile(folder.Path("x.jsonl"), subjects);
}

TEST(Recordings, ADamagedSequenceDiffersAndNoOther) {
  const struct {
    std::size_t line;
    const char* from;
    const char* to;
    const char* says;
  } cases[] = {
      // A record too many, also in the first line that is read.
      {1, R"("tgA_f3":[0,"-"])", R"("tgA_f3":[0,"-"],"bogus":[0,"-"])",
       "differs at step 0 (insmod tgA): recs.tgA.bogus kernel=a record model=unknown function"},
      {2, R"("tgA_f3":[0,"-"])", R"("tgA_f3":[0,"-"],"bogus":[0,"-"])",
       "recs.tgA.bogus kernel=a record model=unknown function"},
      // Under another name.
      {1, R"("tgA_f3":[0,"-"])", R"("tgA_f9":[0,"-"])",
       "differs at step 0 (insmod tgA): recs.tgA.tgA_f9 kernel=a record model=unknown function"},
      // A module that is not there.
      {1, R"("recs":{)", R"("recs":{"evil":{"f":[0,"-"]},)", "recs.evil.f kernel=a record"},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<FileReport> report = ConformDamaged(c.line, c.from, c.to);
    ASSERT_TRUE(report.ok()) << report.status();
    const std::vector<SequenceReport>& sequences = report->subjects.at(0).sequences;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      EXPECT_EQ(sequences[i].result == ConformResult::kDiffers, i + 1 == c.line)
          << c.to << ": " << sequences[i].id << " " << sequences[i].line;
    }
    EXPECT_THAT(sequences[c.line - 1].line, HasSubstr(c.says));
  }
}

TEST(Recordings, ANameThatMakesNoWorldIsAnErrorOfItsLine) {
  const absl::StatusOr<FileReport> report =
      ConformDamaged(3, R"("recs":{)", R"("recs":{"no module":{"f":[0,"-"]},)");
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("x.jsonl:3: makes no world: bad module name 'no module'"));
}

}  // namespace
}  // namespace recount
