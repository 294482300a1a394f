// Programs from files: text and a fuzzer's bytes come through the same door.
#ifndef RECOUNT_HARNESS_PROGRAM_FILE_H_
#define RECOUNT_HARNESS_PROGRAM_FILE_H_

#include <string>
#include <string_view>
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

// "-" is the standard input, which errors call "<stdin>". Errors: "cannot read FILE: why",
// "FILE:LINE:COLUMN: what", "FILE: byte N: what".
absl::StatusOr<Program> ReadProgramFile(const std::string& path,
                                        ProgramForm form = ProgramForm::kAny);

// `path` itself when it is a file or "-"; the files of a folder and below it that end in `ending`
// (".prog"), sorted. Error: it does not exist, or a folder without such files.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path,
                                                   std::string_view ending);
// The .prog files.
absl::StatusOr<std::vector<std::string>> ListProgramFiles(const std::string& path);

}  // namespace recount

#endif  // RECOUNT_HARNESS_PROGRAM_FILE_H_
