// One side of `recount equiv`: a Subject under a Profile, by name.
//
//   PROFILE            the fast implementation under these rules: "linux-3.2"
//   SUBJECT            what impl/roster or a kernel's program knows: "fast+bug:canary", "linux:6.1"
//   SUBJECT@PROFILE    under these rules: "reference@linux-3.2"
//
// A kernel has rules of its own. Any other SUBJECT without a PROFILE goes by those of the program.
#ifndef RECOUNT_HARNESS_CLI_SIDE_H_
#define RECOUNT_HARNESS_CLI_SIDE_H_

#include <functional>
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
  // Serves (serve.h) on the standard streams of its process, and returns at their end, or does not.
  std::function<void()> serve;
  Limits limits;
};

// `programs` is the folder of the kernels' programs (linux_program.h). Errors: NotFound that says
// what a side can be; InvalidArgument for a kernel under rules that are not its own.
absl::StatusOr<Side> SideNamed(std::string_view name, const std::string& programs);

// For tests: `make` serves in a child.
Side SideOf(std::string name, SubjectFactory make);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_SIDE_H_
