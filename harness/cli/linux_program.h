// A kernel cannot be linked into this program at run time: its code wants low addresses, and two
// versions would fight over one name each. So each kernel that ci/linux-subject builds has a
// program of its own, which is this one with one subject more, and `--subject linux:6.1` is handed
// over to it.
#ifndef RECOUNT_HARNESS_CLI_LINUX_PROGRAM_H_
#define RECOUNT_HARNESS_CLI_LINUX_PROGRAM_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace recount {

// The rules that every kernel follows.
inline constexpr char kKernelProfile[] = "linux-6.1";
inline bool IsKernel(std::string_view subject) { return subject.starts_with("linux:"); }

// The one name of a kernel: a tree goes by its path, and there are many ways to write one.
std::string CanonicalKernel(std::string_view subject);

// The program in `folder` that has `subject` ("linux:6.1"; "linux:PATH" is a tree, by any path to
// it): FOLDER/NAME/recount, where FOLDER/NAME/subject holds the name. Error: NotFound that lists
// what there is and says how it is built.
absl::StatusOr<std::string> LinuxProgram(std::string_view subject, const std::string& folder);

// Where this program looks for them: ../linux, from where it lies.
std::string LinuxProgramFolder();

// The subject that a command line asks for, if it is a kernel; else empty.
std::string LinuxSubjectOf(int argc, char* const* argv);

// Goes on in the program with the kernel that the command line asks for, and returns only when it
// asks for none (ok) or for one that is not there.
absl::Status HandOver(int argc, char** argv);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_LINUX_PROGRAM_H_
