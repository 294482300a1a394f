// make_seeds OUT FILE|FOLDER...: turns text Programs (.prog) into the bytes a fuzzer starts from.
// The corpus is text, and stays so; its bytes are made when they are needed.
// Each file a/b/c.prog becomes OUT/c.bin; a name met twice gets a number. Exit: 0, or 2 with the
// reason.
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fuzz/lockstep_target.h"
#include "harness/atomic_file.h"
#include "harness/program_file.h"
#include "model/binary.h"

namespace recount {
namespace {

int Complain(const std::string& what) {
  std::fprintf(stderr, "make_seeds: %s\n", what.c_str());
  return 2;
}

int MakeSeeds(const std::string& out, const std::vector<std::string>& paths) {
  const absl::Status folder = MakeFolder(out);
  if (!folder.ok()) return Complain(std::string(folder.message()));
  std::map<std::string, int> seen;
  int made = 0;
  for (const std::string& path : paths) {
    absl::StatusOr<std::vector<std::string>> files = ListProgramFiles(path);
    if (!files.ok()) return Complain(std::string(files.status().message()));
    for (const std::string& file : *files) {
      absl::StatusOr<Program> program = ReadProgramFile(file);
      if (!program.ok()) return Complain(std::string(program.status().message()));
      // A Program in a world of its own file, or in one too large, is no seed; say so and go on.
      absl::StatusOr<std::vector<std::uint8_t>> bytes = EncodeProgram(*program);
      if (!bytes.ok() || !LockstepTarget::InReach(*program)) {
        std::printf("%s: no seed (world %s)\n", file.c_str(), program->world->name().c_str());
        continue;
      }
      std::string stem = std::filesystem::path(file).stem().string();
      if (const int times = seen[stem]++; times > 0) absl::StrAppend(&stem, "-", times);
      const absl::Status written =
          WriteFile(absl::StrCat(out, "/", stem, ".bin"),
                    std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
      if (!written.ok()) return Complain(std::string(written.message()));
      ++made;
    }
  }
  std::printf("%d seeds in %s\n", made, out.c_str());
  return 0;
}

}  // namespace
}  // namespace recount

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: make_seeds OUT FILE|FOLDER...\n");
    return 2;
  }
  return recount::MakeSeeds(argv[1], std::vector<std::string>(argv + 2, argv + argc));
}
