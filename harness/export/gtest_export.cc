#include "harness/export/gtest_export.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "harness/world_finder.h"
#include "model/text.h"

namespace recount {
namespace {

// `text` in the shape of a C++ identifier, in which words begin with a capital: "a-b.prog" ->
// "ABProg".
std::string Identifier(std::string_view text) {
  std::string name;
  bool start = true;
  for (const char c : text) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    if (lower || upper || digit) {
      if (digit && name.empty()) name += 'N';
      name += start && lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    start = !(lower || upper || digit);
  }
  return name.empty() ? "Program" : name;
}

// A raw string literal with a delimiter that does not occur in `text`, cut into pieces: a compiler
// need not take a literal of more than 65,536 characters.
std::string RawLiteral(const std::string& text) {
  std::string delimiter = "prog";
  while (text.find(absl::StrCat(")", delimiter, "\"")) != std::string::npos) delimiter += "_";
  constexpr std::size_t kPiece = 32000;
  std::string literal;
  for (std::size_t at = 0; at == 0 || at < text.size(); at += kPiece) {
    absl::StrAppend(&literal, at == 0 ? "" : "\n    ", "R\"", delimiter, "(",
                    text.substr(at, kPiece), ")", delimiter, "\"");
  }
  return literal;
}

std::string QuotedLiteral(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + "\"";
}

// Not a raw string: ci/check_includes would take its lines for includes of this file.
constexpr char kHead[] =
    "// Written by `recount export --as gtest`. Link it with recount_roster, recount_harness and\n"
    "// GTest::gtest_main.\n"
    "#include <gtest/gtest.h>\n"
    "\n"
    "#include <memory>\n"
    "#include <string>\n"
    "#include <string_view>\n"
    "#include <utility>\n"
    "\n"
    "#include \"absl/status/statusor.h\"\n"
    "#include \"harness/lockstep.h\"\n"
    "#include \"harness/trace.h\"\n"
    "#include \"impl/roster.h\"\n"
    "#include \"model/subject.h\"\n"
    "#include \"model/text.h\"\n"
    "#include \"model/world.h\"\n"
    "\n"
    "namespace {\n"
    "\n";

constexpr char kTail[] = R"text(
  ASSERT_TRUE(program.ok()) << program.status();
  auto oracle = recount::MakeSubject("reference");
  auto subject = recount::MakeSubject(kSubject);
  ASSERT_TRUE(oracle.ok()) << oracle.status();
  ASSERT_TRUE(subject.ok()) << subject.status();
  recount::Lockstep lockstep(oracle->get(), subject->get());
  const recount::RunResult result = lockstep.Run(*program);
  ASSERT_NE(result.verdict, recount::Verdict::kUnknown) << result.unknown_reason;
  EXPECT_EQ(result.verdict, recount::Verdict::kAgree)
      << "differs at " << recount::DivergenceLine(*program, *result.divergence);
}

}  // namespace
)text";

}  // namespace

std::string GtestText(const Program& program, const ExportOptions& options) {
  const bool own_world = NamesWorldFile(program.world->name());
  std::string text = kHead;
  absl::StrAppend(&text, "constexpr std::string_view kSubject = ", QuotedLiteral(options.subject),
                  ";\n\n");
  absl::StrAppend(&text, "constexpr std::string_view kProgram =\n    ",
                  RawLiteral(PrintProgram(program)), ";\n\n");
  if (own_world) {
    absl::StrAppend(&text, "constexpr std::string_view kWorld =\n    ",
                    RawLiteral(PrintWorld(*program.world)), ";\n\n");
    absl::StrAppend(&text,
                    "absl::StatusOr<recount::WorldPtr> FindWorld(std::string_view name) {\n"
                    "  return recount::ParseWorld(kWorld, name);\n}\n\n");
  }
  absl::StrAppend(
      &text, "TEST(Recount, ", Identifier(options.test_name), ") {\n",
      "  const absl::StatusOr<recount::Program> program = recount::ParseProgram(kProgram",
      own_world ? ", FindWorld" : "", ");");
  return text + kTail;
}

}  // namespace recount
