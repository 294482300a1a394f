#include "harness/export/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/world_finder.h"
#include "model/binary.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kText[] = "world tiny\nprofile linux-6.1\nregister o0\n";

TEST(Export, FormsHaveNames) {
  for (const std::string_view name : ExportFormNames()) {
    EXPECT_TRUE(ExportFormFromName(name).has_value()) << name;
  }
  EXPECT_FALSE(ExportFormFromName("html").has_value());
}

TEST(Export, TextIsCanonical) {
  const Program program = *ParseProgram("world tiny\n\nprofile   linux-6.1\nregister    o0  # x\n");
  EXPECT_EQ(*ExportProgram(program, ExportForm::kText), kText);
}

TEST(Export, BytesDecodeToTheProgram) {
  const Program program = *ParseProgram(kText);
  const std::string bytes = *ExportProgram(program, ExportForm::kBytes);
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  EXPECT_EQ(DecodeProgram(std::span(data, bytes.size())), program);
}

TEST(Export, AWorldFromAFileHasNoBytes) {
  Program program = *ParseProgram(kText);
  program.world = *RenameWorld(*program.world, "./my.world");
  EXPECT_EQ(ExportProgram(program, ExportForm::kBytes).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

// That an exported test compiles and passes is shown by the target exported_test.
TEST(Export, GtestNamesSubjectAndTest) {
  ExportOptions options;
  options.subject = "fast+bug:x";
  options.test_name = "2nd-reload_case";
  const std::string text = *ExportProgram(*ParseProgram(kText), ExportForm::kGtest, options);
  EXPECT_THAT(text, HasSubstr("TEST(Recount, N2ndReloadCase) {"));
  EXPECT_THAT(text, HasSubstr("kSubject = \"fast+bug:x\";"));
  EXPECT_THAT(text, HasSubstr("R\"prog(" + std::string(kText) + ")prog\""));
  EXPECT_THAT(text, Not(HasSubstr("kWorld")));
}

TEST(Export, GtestCarriesAWorldFromAFile) {
  Program program = *ParseProgram(kText);
  program.world = *RenameWorld(*program.world, "./my.world");
  const std::string text = *ExportProgram(program, ExportForm::kGtest);
  EXPECT_THAT(text, HasSubstr(PrintWorld(*program.world)));
  EXPECT_THAT(text, HasSubstr("ParseProgram(kProgram, FindWorld)"));
}

TEST(Export, GtestSurvivesTextThatEndsARawString) {
  Program program = *ParseProgram(kText);
  program.notes = {")prog\" would end it"};
  EXPECT_THAT(*ExportProgram(program, ExportForm::kGtest), HasSubstr("R\"prog_("));
}

}  // namespace
}  // namespace recount
