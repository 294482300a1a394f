// The libFuzzer target: any bytes, as a Program, reference against the subject that RECOUNT_SUBJECT
// names ("fast" without it; "fast+bug:ID" to see a known bug found). A divergence is printed and
// aborts, so that libFuzzer keeps the input; `recount shrink` takes that file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fuzz/feedback.h"
#include "fuzz/lockstep_target.h"
#include "fuzz/mutate.h"
#include "harness/chooser.h"
#include "model/binary.h"
#include "model/program.h"

// libFuzzer clears these before each run and takes each one that is not zero for a feature. The
// section's name must be a C identifier, as the linker makes its start and stop symbols from it.
__attribute__((section("__libfuzzer_extra_counters"))) static std::uint8_t
    extra_counters[recount::Feedback::kCounters];

namespace recount {
namespace {

// RECOUNT_FEEDBACK=0 leaves only code coverage: to measure what the counters are worth.
bool FeedbackWanted() {
  const char* value = std::getenv("RECOUNT_FEEDBACK");
  return value == nullptr || std::strcmp(value, "0") != 0;
}

LockstepTarget& Target() {
  static const std::unique_ptr<LockstepTarget> target = [] {
    absl::StatusOr<std::unique_ptr<LockstepTarget>> made = LockstepTarget::MakeFromEnvironment();
    if (!made.ok()) {
      std::fprintf(stderr, "lockstep_fuzzer: RECOUNT_SUBJECT: %s\n",
                   std::string(made.status().message()).c_str());
      std::exit(2);
    }
    return *std::move(made);
  }();
  return *target;
}

// A parent for mutation. Only the header of a Program in world `kernel` is of use here: its
// operations are kept and moved to `small`, so that such a seed is not lost.
Program Parent(const std::uint8_t* data, std::size_t size) {
  Program program = DecodeProgram(std::span(data, size));
  if (LockstepTarget::InReach(program)) return program;
  absl::StatusOr<WorldPtr> small = BuiltinWorld("small");
  if (!small.ok()) return DecodeProgram({});
  program.world = *std::move(small);
  for (Op& op : program.ops) op = FitOp(*program.world, op);
  return program;
}

// The child's bytes into libFuzzer's buffer, without the operations at the end that do not fit.
std::size_t Write(Program program, std::uint8_t* out, std::size_t max_size) {
  for (;;) {
    absl::StatusOr<std::vector<std::uint8_t>> bytes = EncodeProgram(program);
    if (!bytes.ok()) return 0;
    if (bytes->size() <= max_size) {
      std::copy(bytes->begin(), bytes->end(), out);
      return bytes->size();
    }
    if (program.ops.empty()) return 0;
    program.ops.resize(program.ops.size() - (program.ops.size() + 7) / 8);
  }
}

}  // namespace
}  // namespace recount

// libFuzzer's own mutation.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  recount::Target();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recount;
  static const bool feedback_wanted = FeedbackWanted();
  const Program program = DecodeProgram(std::span(data, size));
  // Not moved to another world here: the file would then mean something else to `recount`.
  if (!LockstepTarget::InReach(program)) return 0;
  Feedback feedback{std::span(extra_counters)};
  const RunResult result = Target().Run(program, feedback_wanted ? &feedback : nullptr);
  if (result.verdict == Verdict::kDiverge) {
    const std::string report =
        DivergenceReport(program, *result.divergence, Target().subject_name(), "THE_CRASH_FILE");
    std::fputs(report.c_str(), stderr);
    std::abort();
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  using namespace recount;
  RandomChooser chooser(seed);
  // Now and then the bytes themselves, with the dictionary: what no operand is ever drawn as.
  if (size > 0 && chooser.Chance(1, 16)) return LLVMFuzzerMutate(data, size, max_size);
  const Program parent = Parent(data, size);
  return Write(chooser.Chance(1, 4) ? GrowProgram(parent, &chooser, Target().oracle())
                                    : MutateProgram(parent, &chooser),
               data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2,
                                                 std::uint8_t* out, std::size_t max_out_size,
                                                 unsigned int seed) {
  recount::RandomChooser chooser(seed);
  return recount::Write(
      recount::CrossOver(recount::Parent(data1, size1), recount::Parent(data2, size2), &chooser),
      out, max_out_size);
}
