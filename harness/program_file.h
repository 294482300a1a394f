// Programs from files: text and a fuzzer's bytes come through the same door.
#ifndef RECOUNT_HARNESS_PROGRAM_FILE_H_
#define RECOUNT_HARNESS_PROGRAM_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/program.h"

namespace recount {

enum class ProgramForm {
  // Text or the binary form, told apart by the first bytes. Strict: a binary file that is cut in
  // the middle of an operation, or that is neither form, is an error.
  kAny,
  // Bytes as the fuzz target takes them: anything is a Program.
  kBytes,
};

// Errors: "cannot read FILE: why", "FILE:LINE:COLUMN: what", "FILE: byte N: what".
absl::StatusOr<Program> ReadProgramFile(const std::string& path,
                                        ProgramForm form = ProgramForm::kAny);

// `path` itself when it is a file; the .prog files of a folder and those below it, sorted. Error:
// it does not exist, or a folder without programs.
absl::StatusOr<std::vector<std::string>> ListProgramFiles(const std::string& path);

}  // namespace recount

#endif  // RECOUNT_HARNESS_PROGRAM_FILE_H_
