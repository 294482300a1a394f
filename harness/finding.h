// A Finding: a minimal Program, what went wrong with it, and where it came from.
//
// It is what a person reads, and what a file in corpus/regressions/ is made of. The text begins
// with the program, because that is what gets mailed.
#ifndef RECOUNT_HARNESS_FINDING_H_
#define RECOUNT_HARNESS_FINDING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harness/lockstep.h"
#include "model/program.h"

namespace recount {

// Where a Finding came from: enough to find it again.
struct Provenance {
  std::string subject;       // "fast+bug:reload-refcount-lost"; of two peers the right one
  std::string left;          // the left one; empty where the reference is the measure
  std::string found;         // "random finder, seed 1, program 17", "crash-1f"
  std::size_t from_ops = 0;  // operations before shrinking
  std::uint64_t tries = 0;   // of the shrinker
  bool finished = true;      // the shrinker came to its end, no limit stopped it
  // Signatures of failures of another class that shrinking met: perhaps a second bug.
  std::vector<std::string> others;
};

struct Finding {
  Program program;  // notes and margin are not used
  // kDiverge: `divergence` says what differs. kUnknown: `unknown_reason` says why nobody knows.
  Verdict verdict = Verdict::kDiverge;
  Divergence divergence;
  std::string unknown_reason;
  Provenance provenance;
};

// The program as it is kept: notes that begin with "why:", and no margin.
Program AnnotatedProgram(const Finding& finding);

// "fast-0c5f62a7.prog": the subject (or "LEFT-RIGHT") and a hash of the text, so that the same
// finding has the same name whoever finds it.
std::string FindingFileName(const Finding& finding);

// Writes the annotated program to `path` and, when its world comes from a file, that world beside
// it (a file that is there already is used when it says the same, and never replaced). Error:
// InvalidArgument that names path and reason.
absl::Status WriteFindingAs(const Finding& finding, const std::string& path);

// Writes `folder`/FindingFileName(). Creates the folder. Returns the path.
absl::StatusOr<std::string> WriteFinding(const Finding& finding, const std::string& folder);

// The minimal program, then what differed, then where it comes from, then the command that replays
// it from `path` (no command when `path` is empty).
std::string FindingText(const Finding& finding, const std::string& path);

// `ci/recount run PATH --subject SUBJECT`, or `ci/recount equiv PATH --left LEFT --right SUBJECT`,
// quoted for a shell.
std::string ReplayCommand(const std::string& path, const Provenance& provenance);

}  // namespace recount

#endif  // RECOUNT_HARNESS_FINDING_H_
