// Conformance: what a real kernel was recorded doing, replayed against subjects.
//
// A recording (JSON lines, corpus/kernel/README.md) holds operation sequences and the ftrace state
// a kernel showed after each operation. A file is parsed (recording.h), a World and a Program are
// derived from it (translate.h), and each sequence is replayed step by step (replay.h) under the
// profile linux-6.1 or linux-6.12, as the recorded kernel (linux-6.1 where a subject does not
// follow the other); a recording of any other kernel is refused unless the caller says which rules
// to hold it against. Known differences between that kernel and the intent are declared in one
// table (deviations.h): meeting one is counted and printed by name, never silent. A subject that is
// a kernel must also warn where that one did (complaints.h).
#ifndef RECOUNT_HARNESS_CONFORM_CONFORM_H_
#define RECOUNT_HARNESS_CONFORM_CONFORM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "harness/conform/left_out.h"
#include "model/profile.h"
#include "model/subject.h"

namespace recount {

enum class ConformResult : std::uint8_t {
  kAgrees,      // every step was compared
  kDeviates,    // agrees up to a declared deviation that ends the comparison
  kOutOfScope,  // agrees up to an operation the language does not have
  kDiffers,     // a difference nobody declared
};

// One sequence under one subject. Steps are numbered from 0, as `.steps[k]` of the recording.
struct SequenceReport {
  std::string id;
  ConformResult result = ConformResult::kAgrees;
  std::size_t steps = 0;     // of the recording
  std::size_t compared = 0;  // after how many of them the state was compared
  // Behind the id, for example "agrees (12 steps)" or "differs at step 3: rc kernel=0
  // model=-EINVAL".
  std::string line;
  // Declared deviations met, each with how often, in the order first met.
  std::vector<std::pair<std::string, std::size_t>> deviations;
  LeftOutCounts left_out{};
};

struct SubjectReport {
  std::string subject;
  std::vector<SequenceReport> sequences;
};

struct FileReport {
  std::string path;
  std::string kernel;   // "6.1.0-56-amd64"
  std::string profile;  // the rules it was held against
  std::vector<SubjectReport> subjects;
};

// Totals over sequences x subjects.
struct ConformSummary {
  std::size_t sequences = 0;
  std::size_t agree = 0;
  std::size_t deviate = 0;
  std::size_t out_of_scope = 0;
  std::size_t differ = 0;
  std::size_t steps = 0;
  std::size_t compared = 0;
  std::vector<std::pair<std::string, std::size_t>> deviations;  // by name
  LeftOutCounts left_out{};
  bool ok() const { return differ == 0; }
};

// Replays every sequence of `path` ("-": the standard input) against each subject, under `profile`
// or, when it is null, under the one that the recorded kernel is known to obey. Error: "cannot read
// FILE: why", InvalidArgument "FILE:LINE: what" (not a recording, or cut short, or no profile is
// known for its kernel).
absl::StatusOr<FileReport> ConformFile(const std::string& path, std::span<Subject* const> subjects,
                                       const NamedProfile* profile = nullptr);

// What a recording makes beside it: "NAME.world" for NAME.jsonl, and "ID.prog" for every sequence,
// as (file name, contents). Errors as ConformFile(), and an id that is no file name.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> DerivedFiles(
    const std::string& path);

ConformSummary Summarize(std::span<const FileReport> files);

// A header line, then one line a sequence; where subjects say different things, one line for each
// of them, with its name. Ends with a newline.
std::string ReportText(const FileReport& file);
// The totals; each deviation met with its count, kind and one sentence; what of the recordings was
// not compared, with its count and the reason. Ends with a newline.
std::string SummaryText(const ConformSummary& summary);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_CONFORM_H_
