// The kernel's own ftrace code as a Subject (kernel.h). There is one kernel in a process, so of
// several LinuxSubjects the one that was Reset() last is the one that can be used.
#ifndef RECOUNT_IMPL_LINUX_LINUX_SUBJECT_H_
#define RECOUNT_IMPL_LINUX_LINUX_SUBJECT_H_

#include <memory>
#include <string>

#include "model/subject.h"

namespace recount {

// "linux:6.1", by the release it was built from.
std::string LinuxSubjectName();
// What the file `subject` beside the running program says it is called, as ci/linux-subject writes
// it; LinuxSubjectName() when there is none.
std::string InstalledSubjectName();
// `name` is what it is called: a kernel from a tree of the user's is "linux:PATH".
std::unique_ptr<Subject> MakeLinux(std::string name = LinuxSubjectName());

// For a sanitizer that ends the process, when known defects are masked: what is freed too early
// (livepatch-frees-listed-ops) stays. REQUIRES: no subject was Reset() yet.
void KeepWhatIsFreedTooEarly();

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_LINUX_SUBJECT_H_
