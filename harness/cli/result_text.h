// A RunResult on its way through a pipe, from the child that ran the Program to its parent.
#ifndef RECOUNT_HARNESS_CLI_RESULT_TEXT_H_
#define RECOUNT_HARNESS_CLI_RESULT_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "harness/lockstep.h"
#include "model/program.h"

namespace recount {

std::string EncodeResult(const RunResult& result);
// The inverse. Error: DataLoss, for a text that was cut short or is none of ours.
absl::StatusOr<RunResult> DecodeResult(const std::string& text);

// "operation 5, load alpha @0: records[alpha_open].count is 0, expected 1". REQUIRES: a divergence.
std::string DifferenceText(const Program& program, const RunResult& result);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_RESULT_TEXT_H_
