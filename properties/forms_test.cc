// Programs survive their text and their bytes.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/binary.h"
#include "model/text.h"
#include "properties/for_all.h"

namespace recount {
namespace {

const Programs kAnyProgram = {.worlds = {"tiny", "small", "paged"}, .cases = 300, .max_ops = 200};

TEST(Forms, TextParsesBackToTheSameProgramAndPrintsTheSame) {
  ForAllPrograms(kAnyProgram, [](const Program& program) -> std::optional<Broken> {
    const std::string text = PrintProgram(program);
    const absl::StatusOr<Program> parsed = ParseProgram(text);
    if (!parsed.ok()) {
      return Broken{"text:refused", absl::StrCat("refused: ", parsed.status().message())};
    }
    if (!(*parsed == program)) return Broken{"text:differs", "parses to another program"};
    if (PrintProgram(*parsed) != text) return Broken{"text:print", "prints another text"};
    return std::nullopt;
  });
}

TEST(Forms, BytesDecodeToTheSameProgram) {
  ForAllPrograms(kAnyProgram, [](const Program& program) -> std::optional<Broken> {
    const absl::StatusOr<std::vector<std::uint8_t>> bytes = EncodeProgram(program);
    if (!bytes.ok()) return Broken{"bytes:refused", std::string(bytes.status().message())};
    if (!LooksBinary(*bytes)) return Broken{"bytes:looks", "does not look like bytes"};
    if (!(DecodeProgram(*bytes) == program)) {
      return Broken{"bytes:differs", "decodes to another program"};
    }
    return std::nullopt;
  });
}

TEST(Forms, BytesCutAnywhereDecodeToTheBeginningOfTheProgram) {
  ForAllPrograms({.worlds = {"small"}, .cases = 100, .max_ops = 20},
                 [](const Program& program) -> std::optional<Broken> {
                   const auto bytes = EncodeProgram(program);
                   if (!bytes.ok()) return Broken{"cut:refused", "no binary form"};
                   Program whole = program;
                   for (std::size_t size = bytes->size(); size >= 3; --size) {
                     const Program cut = DecodeProgram(std::span(bytes->data(), size));
                     if (cut.ops.size() > whole.ops.size()) return Broken{"cut:grew", "it grew"};
                     whole.ops.resize(cut.ops.size());
                     if (!(cut == whole)) return Broken{"cut:differs", "not a beginning of it"};
                   }
                   return std::nullopt;
                 });
}

}  // namespace
}  // namespace recount
