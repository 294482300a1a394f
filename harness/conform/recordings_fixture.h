// The recordings in corpus/kernel/ for tests, whole or one sequence of them, to be changed.
#ifndef RECOUNT_HARNESS_CONFORM_RECORDINGS_FIXTURE_H_
#define RECOUNT_HARNESS_CONFORM_RECORDINGS_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"
#include "harness/conform/conform.h"
#include "harness/conform/recording.h"
#include "harness/conform/replay.h"
#include "harness/conform/universe.h"
#include "impl/roster.h"

namespace recount {

inline constexpr char kRecordingFolder[] = RECOUNT_SOURCE_DIR "/corpus/kernel/";
inline constexpr const char* kRecordingFiles[] = {
    "linux-6.1/written.jsonl", "linux-6.1/random.jsonl", "linux-6.12/written.jsonl",
    "linux-6.12/random.jsonl"};

inline std::unique_ptr<Subject> NewSubject(std::string_view name) {
  absl::StatusOr<std::unique_ptr<Subject>> subject = MakeSubject(name);
  EXPECT_TRUE(subject.ok()) << subject.status();
  return *std::move(subject);
}

// The recorded sequence `id`, to be changed.
struct Recorded {
  Universe universe;
  Sequence sequence;
};
inline Recorded GetRecorded(const std::string& id,
                            const std::string& file = "linux-6.1/written.jsonl") {
  absl::StatusOr<Recording> recording = ReadRecording(kRecordingFolder + file);
  EXPECT_TRUE(recording.ok()) << recording.status();
  absl::StatusOr<Universe> universe = Universe::Derive(*recording, "w.world");
  EXPECT_TRUE(universe.ok()) << universe.status();
  for (Sequence& sequence : recording->sequences) {
    if (sequence.id == id) return {*std::move(universe), std::move(sequence)};
  }
  ADD_FAILURE() << "no sequence " << id;
  return {*std::move(universe), {}};
}

// What a replay against `subject` says of it.
inline std::string LineOf(const Recorded& recorded, std::string_view subject = "reference") {
  return Replay(recorded.universe, FindProfile("linux-6.1")->profile, recorded.sequence,
                NewSubject(subject).get())
      .line;
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_RECORDINGS_FIXTURE_H_
