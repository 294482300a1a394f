// recount_trace GENERATED FILE...: traces of the programs in the files and of GENERATED random
// programs a world and profile, on stdout.
//
// For ci/determinism, which builds it with every compiler, build type and sanitizer and wants the
// same bytes. It is `recount run --trace` and `recount hunt` without the command line, so that
// those eight builds are short.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harness/generate/generate.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/trace.h"
#include "impl/roster.h"
#include "model/profile.h"
#include "model/world.h"

namespace recount {
namespace {

// A world whose programs are traced in seconds also by a Debug build with sanitizers.
constexpr std::string_view kWorlds[] = {"tiny", "small", "paged"};

void Write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int Trace(int generated, int files, char** names) {
  absl::StatusOr<std::unique_ptr<Subject>> oracle = MakeSubject("reference");
  absl::StatusOr<std::unique_ptr<Subject>> subject = MakeSubject("fast");
  Lockstep lockstep(oracle->get(), subject->get());
  for (int i = 0; i < files; ++i) {
    const absl::StatusOr<Program> program = ReadProgramFile(names[i]);
    if (!program.ok()) {
      std::fprintf(stderr, "recount_trace: %s\n", std::string(program.status().message()).c_str());
      return 2;
    }
    RunTraced(*program, &lockstep, Write);
  }
  for (const std::string_view world : kWorlds) {
    for (const NamedProfile& profile : Profiles()) {
      for (int i = 0; i < generated; ++i) {
        RandomChooser chooser(static_cast<std::uint64_t>(i) + 1);
        const Program program = GenerateProgram(*BuiltinWorld(world), profile, GenerateOptions(),
                                                &chooser, oracle->get());
        RunTraced(program, &lockstep, Write);
      }
    }
  }
  return std::fflush(stdout) == 0 ? 0 : 2;
}

}  // namespace
}  // namespace recount

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: recount_trace GENERATED FILE...\n");
    return 2;
  }
  return recount::Trace(std::atoi(argv[1]), argc - 2, argv + 2);
}
