#include "harness/cli/linux_program.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace recount {
namespace {

constexpr std::string_view kPrefix = "linux:";
constexpr std::string_view kOption = "--subject";

}  // namespace

std::string CanonicalKernel(std::string_view subject) {
  const std::string what(subject.substr(kPrefix.size()));
  std::error_code error;
  if (!std::filesystem::is_directory(what, error)) return std::string(subject);
  return absl::StrCat("linux:", std::filesystem::canonical(what, error).string());
}

std::string LinuxProgramFolder() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "linux").string();
}

absl::StatusOr<std::string> LinuxProgram(std::string_view subject, const std::string& folder) {
  const std::string wanted = CanonicalKernel(subject);
  std::vector<std::string> there;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::string name;
    std::ifstream file(entry.path() / "subject");
    if (!std::getline(file, name) || !std::filesystem::exists(entry.path() / "recount", error)) {
      continue;
    }
    if (name == wanted) return (entry.path() / "recount").string();
    there.push_back(name);
  }
  std::sort(there.begin(), there.end());
  return absl::NotFoundError(absl::StrCat(
      "subject ", std::string(subject), " is not built (",
      there.empty() ? "no kernel is" : absl::StrCat("there are: ", absl::StrJoin(there, ", ")),
      "); `ci/linux-subject ", std::string(subject.substr(kPrefix.size())), "` builds it"));
}

std::string LinuxSubjectOf(int argc, char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    std::string_view text = argv[i];
    if (text == kOption && i + 1 < argc) {
      text = argv[i + 1];
    } else if (text.starts_with(kOption) && text.substr(kOption.size()).starts_with('=')) {
      text.remove_prefix(kOption.size() + 1);
    } else {
      continue;
    }
    if (text.starts_with(kPrefix) && text.size() > kPrefix.size()) return std::string(text);
  }
  return "";
}

absl::Status HandOver(int argc, char** argv) {
  const std::string subject = LinuxSubjectOf(argc, argv);
  if (subject.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> program = LinuxProgram(subject, LinuxProgramFolder());
  if (!program.ok()) return program.status();
  ::execv(program->c_str(), argv);
  return absl::InternalError(absl::StrCat(*program, ": ", std::strerror(errno)));
}

}  // namespace recount
