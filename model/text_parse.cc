// Text -> Program, by the grammar in text.h: the header, the lines and their margins. Operations
// are in op_parser.cc.
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/lex.h"
#include "model/op_parser.h"
#include "model/outcome.h"
#include "model/strings.h"
#include "model/text.h"

namespace recount {
namespace {

using internal::Cat;
using internal::ErrorAt;
using internal::Line;
using internal::LineReader;
using internal::OpParser;
using internal::Quote;
using internal::Word;

// Reads "KEYWORD NAME" from a line of the header; the error or the name.
absl::StatusOr<Word> HeaderName(const Line& line, std::string_view keyword) {
  const Word& first = line.words[0];
  if (first.text != keyword) {
    return ErrorAt(line.number, first.column,
                   Cat({"expected '", keyword, " NAME', not ", Quote(first.text)}));
  }
  if (line.words.size() < 2) {
    return ErrorAt(line.number, line.end_column, Cat({"the name of the ", keyword, " is missing"}));
  }
  if (line.words.size() > 2) {
    return ErrorAt(line.number, line.words[2].column,
                   Cat({"unexpected ", Quote(line.words[2].text), " behind the header"}));
  }
  return line.words[1];
}

// "from boot", which may stand behind the profile and in front of the operations.
absl::Status ParseFromBoot(const Line& line, Program* program) {
  if (program->from_boot) return ErrorAt(line.number, line.words[0].column, "'from boot' twice");
  if (!program->ops.empty()) {
    return ErrorAt(line.number, line.words[0].column, "'from boot' stands behind an operation");
  }
  if (line.words.size() != 2 || line.words[1].text != "boot") {
    return ErrorAt(line.number, line.words[0].column, "expected 'from boot'");
  }
  program->from_boot = true;
  return absl::OkStatus();
}

absl::StatusOr<const NamedProfile*> ProfileAt(const Line& line, const Word& word) {
  if (const NamedProfile* profile = FindProfile(word.text)) return profile;
  std::string names;
  for (const NamedProfile& profile : Profiles()) {
    names += Cat({names.empty() ? "" : ", ", profile.name});
  }
  return ErrorAt(line.number, word.column,
                 Cat({"unknown profile ", Quote(word.text), " (there are: ", names, ")"}));
}

// One operation with its margin, appended to `program`.
absl::Status ParseOpLine(const Line& line, Program* program) {
  std::size_t arrow = 0;
  while (arrow < line.words.size() && line.words[arrow].text != "->") ++arrow;
  const std::span<const Word> words(line.words);
  std::string margin;
  std::size_t margin_column = 0;
  if (arrow < words.size()) {
    const std::size_t column = words[arrow].column;
    if (arrow == 0) return ErrorAt(line.number, column, "no operation in front of '->'");
    if (arrow + 1 == words.size()) return ErrorAt(line.number, column, "nothing behind '->'");
    margin_column = words[arrow + 1].column;
    for (const Word& word : words.subspan(arrow + 1)) {
      margin += Cat({margin.empty() ? "" : " ", word.text});
    }
  }
  const std::size_t last = arrow - 1;
  OpParser parser(*program->world, line.number, words.first(arrow),
                  words[last].column + words[last].text.size());
  const Op op = parser.Parse();
  if (!parser.error().ok()) return parser.error();
  if (!margin.empty()) {
    const std::string fault = OutcomeTextFault(*program->world, op, margin);
    if (!fault.empty()) return ErrorAt(line.number, margin_column, fault);
  }
  program->ops.push_back(op);
  program->margin.push_back(std::move(margin));
  program->margin_lines.push_back(line.number);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WorldPtr> FindBuiltinWorld(std::string_view name) { return BuiltinWorld(name); }

absl::StatusOr<Program> ParseProgram(std::string_view text, const WorldFinder& find_world) {
  Program program;
  LineReader reader(text);
  Line line;
  while (reader.Next(&line)) {
    if (line.words.empty()) {
      if (program.world == nullptr && line.comment.has_value()) {
        std::string_view note = *line.comment;
        if (note.starts_with(' ')) note.remove_prefix(1);
        program.notes.emplace_back(note);
      }
      continue;
    }
    if (program.world == nullptr) {
      const absl::StatusOr<Word> name = HeaderName(line, "world");
      if (!name.ok()) return name.status();
      absl::StatusOr<WorldPtr> world = find_world(name->text);
      if (!world.ok()) {
        return ErrorAt(line.number, name->column, std::string(world.status().message()));
      }
      program.world = *std::move(world);
    } else if (program.profile == nullptr) {
      const absl::StatusOr<Word> name = HeaderName(line, "profile");
      if (!name.ok()) return name.status();
      const absl::StatusOr<const NamedProfile*> profile = ProfileAt(line, *name);
      if (!profile.ok()) return profile.status();
      program.profile = *profile;
    } else if (line.words[0].text == "from") {
      if (absl::Status status = ParseFromBoot(line, &program); !status.ok()) return status;
    } else if (absl::Status status = ParseOpLine(line, &program); !status.ok()) {
      return status;
    }
  }
  if (!reader.error().ok()) return reader.error();
  if (program.profile == nullptr) {
    return ErrorAt(reader.line_number(), 1,
                   program.world == nullptr ? "the header is missing: 'world NAME' comes first"
                                            : "'profile NAME' is missing behind 'world NAME'");
  }
  bool any = false;
  for (const std::string& margin : program.margin) any = any || !margin.empty();
  if (!any) {
    program.margin.clear();
    program.margin_lines.clear();
  }
  return program;
}

}  // namespace recount
