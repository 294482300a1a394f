// lockstep_replay FILE|FOLDER...: the fuzz target without libFuzzer, for compilers that have none.
// Runs each input once (bytes, or text where the name ends in .prog) and says which diverge.
// Exit: 0 all agree, 1 one diverged, 2 bad usage, missing or malformed input.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "fuzz/lockstep_target.h"
#include "harness/program_file.h"
#include "model/program.h"

namespace recount {
namespace {

int Complain(const absl::Status& status) {
  std::fprintf(stderr, "lockstep_replay: %s\n", std::string(status.message()).c_str());
  return 2;
}

// The file itself, or every file of a folder and those below it, sorted, but for hidden ones: a
// fuzzer's corpus has no common ending.
absl::StatusOr<std::vector<std::string>> ListInputs(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (fs::exists(path, error)) return std::vector<std::string>{path};
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": No such file or directory"));
  }
  std::vector<std::string> files;
  fs::recursive_directory_iterator entry(path, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      files.push_back(entry->path().string());
    }
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

int Replay(const std::vector<std::string>& paths) {
  absl::StatusOr<std::unique_ptr<LockstepTarget>> target = LockstepTarget::MakeFromEnvironment();
  if (!target.ok()) return Complain(target.status());
  // All names first: a folder that is missing is said at once, not after a long run.
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    absl::StatusOr<std::vector<std::string>> found = ListInputs(path);
    if (!found.ok()) return Complain(found.status());
    files.insert(files.end(), found->begin(), found->end());
  }

  std::size_t agree = 0, diverge = 0, skipped = 0;
  unsigned long long operations = 0;
  for (const std::string& file : files) {
    absl::StatusOr<Program> program =
        ReadProgramFile(file, file.ends_with(".prog") ? ProgramForm::kAny : ProgramForm::kBytes);
    if (!program.ok()) return Complain(program.status());
    if (!LockstepTarget::InReach(*program)) {
      std::printf("%s: skipped, world %s is too large to fuzz with\n", file.c_str(),
                  program->world->name().c_str());
      ++skipped;
      continue;
    }
    const RunResult result = (*target)->Run(*program, nullptr);
    operations += result.operations;
    if (result.verdict == Verdict::kDiverge) {
      ++diverge;
      const std::string report =
          DivergenceReport(*program, *result.divergence, (*target)->subject_name(), file);
      std::printf("%s: diverges\n%s", file.c_str(), report.c_str());
    } else if (result.verdict == Verdict::kUnknown) {
      ++skipped;
      std::printf("%s: unknown, %s\n", file.c_str(), result.unknown_reason.c_str());
    } else {
      ++agree;
    }
  }
  std::printf("%zu inputs, %llu operations: %zu agree, %zu diverge, %zu skipped\n", files.size(),
              operations, agree, diverge, skipped);
  return diverge > 0 ? 1 : 0;
}

}  // namespace
}  // namespace recount

int main(int argc, char** argv) {
  const std::vector<std::string> paths(argv + 1, argv + argc);
  if (paths.empty()) {
    std::fprintf(stderr, "usage: lockstep_replay FILE|FOLDER...   (RECOUNT_SUBJECT=NAME)\n");
    return 2;
  }
  return recount::Replay(paths);
}
