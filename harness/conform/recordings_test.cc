// The recordings in corpus/kernel/ against every subject that claims to obey, and the files made
// from them.
#include <cctype>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "gtest/gtest.h"
#include "harness/atomic_file.h"
#include "harness/conform/conform.h"
#include "harness/conform/deviations.h"
#include "harness/conform/recording.h"
#include "harness/conform/recordings_fixture.h"
#include "harness/conform/translate.h"
#include "harness/conform/universe.h"
#include "harness/program_file.h"
#include "model/outcome.h"

namespace recount {
namespace {

FileReport Conform(const std::string& file, const std::string& subject_name) {
  const std::unique_ptr<Subject> subject = NewSubject(subject_name);
  Subject* const subjects[] = {subject.get()};
  absl::StatusOr<FileReport> report = ConformFile(kRecordingFolder + file, subjects);
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

class EverySubject : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(EverySubject, NothingDiffersFromTheRecordings) {
  const FileReport report = Conform(std::get<0>(GetParam()), std::get<1>(GetParam()));
  for (const SequenceReport& sequence : report.subjects.at(0).sequences) {
    EXPECT_NE(sequence.result, ConformResult::kDiffers) << sequence.id << ": " << sequence.line;
  }
}

INSTANTIATE_TEST_SUITE_P(Subjects, EverySubject,
                         testing::Combine(testing::ValuesIn(kRecordingFiles),
                                          testing::Values("reference", "fast")),
                         [](const auto& info) {
                           std::string name =
                               std::string(std::get<1>(info.param)) + "_" + std::get<0>(info.param);
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

TEST(Recordings, HaveNothingOutOfScope) {
  for (const char* file : kRecordingFiles) {
    const absl::StatusOr<Recording> recording = ReadRecording(std::string(kRecordingFolder) + file);
    ASSERT_TRUE(recording.ok()) << recording.status();
    ASSERT_EQ(recording->sequences.size(),
              std::string(file).find("written") != std::string::npos ? 30u : 40u);
    const absl::StatusOr<Universe> universe = Universe::Derive(*recording, "w.world");
    ASSERT_TRUE(universe.ok()) << universe.status();
    for (const Sequence& sequence : recording->sequences) {
      const Translation translation = Translate(*universe, sequence);
      EXPECT_FALSE(translation.out_of_scope) << file << " " << sequence.id;
    }
  }
}

TEST(Recordings, MeetExactlyTheDeviationsDeclaredAsRecorded) {
  std::set<std::string> met;
  for (const char* file : kRecordingFiles) {
    const FileReport report = Conform(file, "reference");
    for (const SequenceReport& sequence : report.subjects.at(0).sequences) {
      for (const auto& [name, count] : sequence.deviations) met.insert(name);
    }
  }
  std::set<std::string> declared;
  for (const Deviation& deviation : Deviations()) {
    if (deviation.recorded) declared.insert(std::string(deviation.name));
  }
  EXPECT_EQ(met, declared);
}

TEST(Recordings, WorldsAndProgramsInTheCorpusAreWhatTheyMake) {
  const bool update = std::getenv("RECOUNT_UPDATE_CORPUS") != nullptr;
  for (const char* file : kRecordingFiles) {
    const std::string path = std::string(kRecordingFolder) + file;
    const auto derived = DerivedFiles(path);
    ASSERT_TRUE(derived.ok()) << derived.status();
    for (const auto& [name, contents] : *derived) {
      const std::string beside = path.substr(0, path.rfind('/') + 1) + name;
      if (update) {
        ASSERT_TRUE(WriteFile(beside, contents).ok()) << beside;
      }
      const absl::StatusOr<std::string> stored = ReadFile(beside);
      ASSERT_TRUE(stored.ok()) << stored.status();
      EXPECT_EQ(*stored, contents) << beside;
    }
  }
}

TEST(Recordings, ProgramsGiveTheirMargins) {
  const std::unique_ptr<Subject> reference = NewSubject("reference");
  std::size_t margins = 0;
  for (const char* folder : {"linux-6.1", "linux-6.12"}) {
    const auto paths = ListProgramFiles(std::string(kRecordingFolder) + folder);
    ASSERT_TRUE(paths.ok()) << paths.status();
    EXPECT_EQ(paths->size(), 70u);
    for (const std::string& path : *paths) {
      const absl::StatusOr<Program> program = ReadProgramFile(path);
      ASSERT_TRUE(program.ok()) << program.status();
      reference->Reset(program->world, program->Rules());
      for (std::size_t i = 0; i < program->ops.size(); ++i) {
        const Op& op = program->ops[i];
        const Outcome outcome = reference->Apply(op);
        if (program->margin.empty() || program->margin[i].empty()) continue;
        ++margins;
        EXPECT_EQ(OutcomeText(*program->world, op, outcome), program->margin[i])
            << path << ", operation " << i;
      }
    }
  }
  EXPECT_GT(margins, 1000u);
}

}  // namespace
}  // namespace recount
