// Files, whole or not at all.
//
// A finding is worth hours of search, so it is never half on disk: the text goes to a temporary
// name beside the target, is forced out, and then takes the target's name in one step.
#ifndef RECOUNT_HARNESS_ATOMIC_FILE_H_
#define RECOUNT_HARNESS_ATOMIC_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace recount {

// Larger input is refused: a program of that size is somebody's disk image.
inline constexpr std::size_t kMaxFileSize = std::size_t{64} << 20;

// The whole file. Error: NotFound or InvalidArgument "cannot read PATH: why".
absl::StatusOr<std::string> ReadFile(const std::string& path);

// What stands for the standard input where a file to read is named; "./-" is a file of that name.
inline constexpr std::string_view kStandardInput = "-";
// As ReadFile(); `path` may be kStandardInput.
absl::StatusOr<std::string> ReadInput(const std::string& path);
// What messages call `path`: "<stdin>" for the standard input.
std::string InputName(const std::string& path);

// Replaces `path` by `contents`; after an error the old file, or none, is there and nothing else.
// What is not a regular file (/dev/full, a pipe) is written to in place: it has no content to keep.
// Error: InvalidArgument "cannot write PATH: why".
absl::Status WriteFile(const std::string& path, std::string_view contents);

// The folder and those above it. Error: InvalidArgument "cannot create PATH: why".
absl::Status MakeFolder(const std::string& path);

}  // namespace recount

#endif  // RECOUNT_HARNESS_ATOMIC_FILE_H_
