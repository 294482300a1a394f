// recount bench: the benchmarks that stand beside the code (`_bench.cc`).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"

namespace recount {
namespace {

constexpr char kBenchExamples[] =
    "The arguments are those of Google Benchmark.\n"
    "\n"
    "Examples:\n"
    "  recount bench --benchmark_list_tests=true\n"
    "  recount bench --benchmark_filter=Lookup --benchmark_repetitions=3";

int Measure(std::vector<std::string> arguments) {
  std::string program = "recount bench";
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(argv.size()) - 1;
  benchmark::Initialize(&argc, argv.data());
  if (benchmark::ReportUnrecognizedArguments(argc, argv.data())) return kExitBadInput;
  return benchmark::RunSpecifiedBenchmarks() == 0 ? kExitBadInput : kExitAgree;
}

}  // namespace

Command BenchCommand() {
  return {
      .name = "bench",
      .about = "Measure the fast implementation",
      .examples = kBenchExamples,
      .takes_rest = true,
      .run = [](const std::vector<std::string>& rest) { return Measure(rest); },
  };
}

}  // namespace recount
