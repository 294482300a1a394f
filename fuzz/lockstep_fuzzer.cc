// The libFuzzer target: any bytes, as a Program, reference against the subject that RECOUNT_SUBJECT
// names ("fast" without it; "fast+bug:ID" to see a known bug found). A divergence is printed and
// aborts, so that libFuzzer keeps the input; `recount shrink` takes that file. RECOUNT_KNOWN=1
// masks the known defects of a kernel.
#include "fuzz/lockstep_fuzzer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fuzz/feedback.h"
#include "fuzz/lockstep_target.h"
#include "fuzz/mutate.h"
#include "harness/generate/chooser.h"
#include "harness/known/known.h"
#include "model/binary.h"
#include "model/program.h"

// libFuzzer clears these before each run and takes each one that is not zero for a feature. The
// section's name must be a C identifier, as the linker makes its start and stop symbols from it.
__attribute__((section("__libfuzzer_extra_counters"))) static std::uint8_t
    extra_counters[recount::Feedback::kCounters];

namespace recount {
namespace {

// What libFuzzer takes for "not into the corpus, whatever it covers".
constexpr int kNoParent = -1;

std::uint64_t operations = 0;

// How often a defect ended a run that was masked.
std::map<const KnownDefect*, std::uint64_t>& Masked() {
  static auto* const masked = new std::map<const KnownDefect*, std::uint64_t>();
  return *masked;
}

// RECOUNT_FEEDBACK=0 leaves only code coverage: to measure what the counters are worth.
bool FeedbackWanted() {
  const char* value = std::getenv("RECOUNT_FEEDBACK");
  return value == nullptr || std::strcmp(value, "0") != 0;
}

const Fuzzed& Whom() {
  static const auto* const whom = new Fuzzed(WhomToFuzz());
  return *whom;
}

LockstepTarget& Target() {
  static const std::unique_ptr<LockstepTarget> target = [] {
    absl::StatusOr<std::unique_ptr<LockstepTarget>> made =
        LockstepTarget::MakeFromEnvironment(Whom().subject);
    if (!made.ok()) {
      std::fprintf(stderr, "lockstep_fuzzer: RECOUNT_SUBJECT, RECOUNT_KNOWN: %s\n",
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
  // Or each child would be a program that is not run.
  Target().Fit(&program);
  if (LockstepTarget::InReach(program)) return program;
  absl::StatusOr<WorldPtr> small = BuiltinWorld("small");
  if (!small.ok()) return DecodeProgram({});
  program.world = *std::move(small);
  for (Op& op : program.ops) op = FitOp(*program.world, op);
  return program;
}

// The child's bytes into libFuzzer's buffer, without the operations at the end that do not fit.
std::size_t Write(Program program, std::uint8_t* out, std::size_t max_size) {
  Target().Fit(&program);
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

// A run's operations, beside what libFuzzer counts; and the defects, in the order of
// harness/known/known.cc, not of pointers.
void PrintSums() {
  std::fprintf(stderr, "operations: %llu\n", static_cast<unsigned long long>(operations));
  for (const KnownDefect& defect : KnownDefects()) {
    const auto at = Masked().find(&defect);
    if (at == Masked().end()) continue;
    std::fprintf(stderr, "known: %s %llu\n", std::string(defect.name).c_str(),
                 static_cast<unsigned long long>(at->second));
  }
}

}  // namespace
}  // namespace recount

// libFuzzer's own mutation.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  recount::Target();
  std::atexit(recount::PrintSums);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recount;
  static const bool feedback_wanted = FeedbackWanted();
  const Program program = DecodeProgram(std::span(data, size));
  // Not moved to another world here: the file would then mean something else to `recount`.
  if (!LockstepTarget::InReach(program) || !Target().Follows(program.profile)) return kNoParent;
  Feedback feedback{std::span(extra_counters).first(Whom().state_counters)};
  const RunResult result = Target().Run(program, feedback_wanted ? &feedback : nullptr);
  operations += result.operations;
  if (result.verdict == Verdict::kDiverge) {
    const std::string report = DivergenceReport(
        program, *result.divergence, Target().subject_name(), "THE_CRASH_FILE", Target().known());
    std::fputs(report.c_str(), stderr);
    std::abort();
  }
  if (result.verdict == Verdict::kAgree) return 0;
  // What is put behind it would never run.
  if (result.known != nullptr) ++Masked()[result.known];
  return kNoParent;
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
