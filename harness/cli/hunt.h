// The engine of `recount hunt`: workers, budget, and which finding is reported.
//
// A worker is a child process: a subject that crashes or hangs ends a worker, not the hunt. Worker
// k of n takes the units k, k + n, ...; a finding at program i ends the hunt once every program
// below i has been run, so that the lowest number wins and the result does not depend on n.
#ifndef RECOUNT_HARNESS_CLI_HUNT_H_
#define RECOUNT_HARNESS_CLI_HUNT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harness/cli/finder.h"
#include "harness/cli/judge.h"
#include "harness/finding.h"
#include "harness/shrink/shrink.h"

namespace recount {

struct HuntOptions {
  FinderOptions finder;
  unsigned jobs = 1;
  // Either may end the hunt; without a finding that is a clean result.
  double seconds = std::numeric_limits<double>::infinity();
  std::uint64_t programs = std::numeric_limits<std::uint64_t>::max();
  bool keep_going = false;  // past a finding
  ShrinkLimits shrink;
  double patience = kPatience;
  std::vector<const KnownDefect*> masked;  // as Lockstep::Mask()
};

struct HuntProgress {
  std::uint64_t programs = 0;
  std::uint64_t operations = 0;
  std::uint64_t refused = 0;   // operations that the oracle answered with an error
  std::uint64_t unknown = 0;   // programs the subject did not speak all of
  std::uint64_t findings = 0;  // reported, repetitions left out
  double seconds = 0;          // of hunting; shrinking is not in it
  // Programs that a masked defect ended, for each of HuntOptions::masked.
  std::vector<std::uint64_t> known;
};

struct HuntResult {
  HuntProgress progress;
  bool interrupted = false;
  bool diverged = false;  // a finding was a Divergence
  bool unknown = false;   // a finding was none: a hang, or a crash that is not the subject's
};

class Hunt {
 public:
  // Called while nothing is found, some times a second.
  std::function<void(const HuntProgress&)> on_progress;
  // A finding, minimal. False ends the hunt, as when it could not be written.
  std::function<bool(const Finding&)> on_finding;
  // The best so far of a finding that is being shrunk, with a note that says so; perhaps called in
  // a child.
  std::function<void(const Program&)> on_candidate;

  Hunt(HuntOptions options, SubjectFactory oracle, SubjectFactory subject);
  // Options::patience and masked are then the judge's matter, and masked only what is counted.
  Hunt(HuntOptions options, Judge judge);
  // `interrupted` ends it early.
  HuntResult Run(const std::atomic<bool>& interrupted);

  // Program `number` of the hunt, made again without the subject (but for what its island has
  // learned, where defects are masked).
  absl::StatusOr<Program> Regenerate(std::uint64_t number);

 private:
  struct Shared;
  struct Worker;

  // In the child. Says what differed, for when it does not do so again.
  std::string Work(Worker* worker, Shared* shared);
  void Start(Worker* worker, Shared* shared);
  // True when the worker has ended, with `found` set when it did so over a program.
  bool HasEnded(Worker* worker, std::optional<std::uint64_t>* found);
  void Count(const std::vector<std::unique_ptr<Worker>>& workers);
  // Makes the Finding and hands it out. False ends the hunt.
  bool Report(std::uint64_t number, const std::atomic<bool>& interrupted);

  HuntOptions options_;
  Judge judge_;
  HuntResult result_;
  std::map<std::uint64_t, std::string> said_;  // by workers, of the programs they ended over
  std::set<std::string> reported_;  // what keep_going has reported, so that it is said once
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_HUNT_H_
