// One side of `recount equiv`: a Subject under a Profile, by name.
//
//   PROFILE            the fast implementation under these rules: "linux-3.2"
//   SUBJECT            what impl/roster or a kernel's program knows: "fast+bug:canary", "linux:6.1"
//   SUBJECT@PROFILE    under these rules: "reference@linux-3.2"
//
// A PROFILE may have switches set otherwise (rules.h): "linux-6.1,load_path=chain".
// A kernel has rules of its own. Any other SUBJECT without a PROFILE goes by those of the program.
#ifndef RECOUNT_HARNESS_CLI_SIDE_H_
#define RECOUNT_HARNESS_CLI_SIDE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harness/cli/judge.h"
#include "model/profile.h"
#include "model/subject.h"

namespace recount {

struct Side {
  std::string name;                       // as it was asked for
  std::string subject;                    // "fast", "linux:6.1"
  const NamedProfile* profile = nullptr;  // null: that of each program
  std::optional<Profile> rules;           // it, with what is switched; set when it is
  SubjectFactory make;                    // null for one that another program has
  // Serves (serve.h) on the standard streams of its process, and returns at their end, or does not.
  std::function<void()> serve;
  Limits limits;
};

// `programs` is the folder of the kernels' programs (linux_program.h). Errors: NotFound that says
// what a side can be; InvalidArgument for a kernel under rules that are not its own; those of
// RulesNamed().
absl::StatusOr<Side> SideNamed(std::string_view name, const std::string& programs);

// Holds a side that has no rules of its own to `rules`.
void HoldTo(const Profile& rules, Side* side);

// For tests: `make` serves in a child.
Side SideOf(std::string name, SubjectFactory make);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_SIDE_H_
