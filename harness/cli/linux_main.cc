// The program `recount` with a kernel in it.
#include <string>

#include "harness/cli/command.h"
#include "impl/linux/linux_subject.h"
#include "impl/roster.h"

int main(int argc, char** argv) {
  const std::string name = recount::InstalledSubjectName();
  recount::AddSubject(name, [name] { return recount::MakeLinux(name); });
  return recount::Main(argc, argv);
}
