#include "harness/conform/complaints.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace recount {
namespace {

// Without the number behind the last colon of every word.
std::vector<std::string> FilesOf(std::string_view places) {
  std::vector<std::string> files =
      absl::StrSplit(absl::string_view(places.data(), places.size()), ' ');
  for (std::string& file : files) file.resize(std::min(file.rfind(':'), file.size()));
  return files;
}

}  // namespace

bool IsKernel(const Subject& subject) { return subject.name().starts_with("linux:"); }

std::string RecordedWarnings(const RecordedStep& step) {
  if (!step.warned) return "none";
  std::vector<std::string> places;
  for (const std::string& line : step.kmsg) {
    // "WARNING: CPU: 0 PID: 97 at kernel/notifier.c:28 notifier_chain_register"
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] != "WARNING:") continue;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i] == "at") places.push_back(words[i + 1]);
    }
  }
  return places.empty() ? "somewhere" : WarningsText(places);
}

std::string WarningsText(std::span<const std::string> warnings) {
  return warnings.empty() ? "none" : absl::StrJoin(warnings, " ");
}

bool DifferInLinesOnly(std::string_view a, std::string_view b) {
  return a != b && a.find(':') != a.npos && FilesOf(a) == FilesOf(b);
}

}  // namespace recount
