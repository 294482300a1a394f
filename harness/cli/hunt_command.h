// recount hunt, as far as recount equiv is the same: what it asks of the command line, and how it
// tells what it does.
#ifndef RECOUNT_HARNESS_CLI_HUNT_COMMAND_H_
#define RECOUNT_HARNESS_CLI_HUNT_COMMAND_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "harness/cli/hunt.h"
#include "harness/cli/judge.h"

namespace recount {

inline constexpr std::uint64_t kMaxJobs = 256;

struct HuntFlags {
  double seconds = 0;  // 0: not asked for
  std::uint64_t programs = 0;
  std::uint64_t seed = 1;
  std::uint64_t jobs = 1;
  std::string finder = "all";
  std::string bug;
  std::string subject = "fast";
  std::string world;
  std::string profile;
  std::string corpus;
  std::string out = "findings";
  bool keep_going = false;
  bool known = false;
};

// `subject` is the one that `flags` name; null between two peers. Error: a name that nothing has, a
// file that cannot be read, a profile that the subject does not follow.
absl::StatusOr<HuntOptions> MakeHuntOptions(const HuntFlags& flags, const Subject* subject);

// Hunts, with progress on a terminal, findings printed and written to flags.out, and a summary.
// Returns an exit code.
int RunHunt(const HuntFlags& flags, HuntOptions options, Judge judge);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_HUNT_COMMAND_H_
