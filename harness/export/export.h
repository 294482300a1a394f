// The forms a Program can leave this tool in.
#ifndef RECOUNT_HARNESS_EXPORT_EXPORT_H_
#define RECOUNT_HARNESS_EXPORT_EXPORT_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/program.h"

namespace recount {

enum class ExportForm { kText, kBytes, kGtest };

// "text", "bytes", "gtest", in this order.
std::span<const std::string_view> ExportFormNames();
std::optional<ExportForm> ExportFormFromName(std::string_view name);

struct ExportOptions {
  // For kGtest: what is held against the reference, and the test's name (made an identifier).
  std::string subject = "fast";
  std::string test_name = "Program";
};

// The whole file, as bytes. kText is the canonical form. kBytes fails (FailedPrecondition) when the
// Program has no binary form. kGtest is one .cc file that needs this project's libraries and
// GoogleTest, and nothing on disk: a world from a file is written into it.
absl::StatusOr<std::string> ExportProgram(const Program& program, ExportForm form,
                                          const ExportOptions& options = {});

}  // namespace recount

#endif  // RECOUNT_HARNESS_EXPORT_EXPORT_H_
