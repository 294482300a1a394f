// The program `recount` with a kernel in it. The file `subject` beside it says what it is called.
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "harness/cli/command.h"
#include "impl/linux/linux_subject.h"
#include "impl/roster.h"

int main(int argc, char** argv) {
  std::string name = recount::LinuxSubjectName();
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::ifstream file(self.parent_path() / "subject");
  std::getline(file, name);
  if (name.empty()) name = recount::LinuxSubjectName();
  recount::AddSubject(name, [name] { return recount::MakeLinux(name); });
  return recount::Main(argc, argv);
}
