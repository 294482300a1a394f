#include "harness/export/export.h"

#include <array>
#include <cstdint>
#include <vector>

#include "harness/export/gtest_export.h"
#include "model/binary.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"text", "bytes", "gtest"};

}  // namespace

std::span<const std::string_view> ExportFormNames() { return kNames; }

std::optional<ExportForm> ExportFormFromName(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ExportForm>(i);
  }
  return std::nullopt;
}

absl::StatusOr<std::string> ExportProgram(const Program& program, ExportForm form,
                                          const ExportOptions& options) {
  switch (form) {
    case ExportForm::kText:
      return PrintProgram(program);
    case ExportForm::kBytes: {
      const absl::StatusOr<std::vector<std::uint8_t>> bytes = EncodeProgram(program);
      if (!bytes.ok()) return bytes.status();
      return std::string(bytes->begin(), bytes->end());
    }
    case ExportForm::kGtest:
      return GtestText(program, options);
  }
  return absl::InvalidArgumentError("unknown form");
}

}  // namespace recount
