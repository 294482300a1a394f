// World files (`.world`).
//
//   world = { line }
//   line  = [ entry ] [ comment ] EOL
//   entry = "core" FN { FN } | "module" NAME { FN } | "slot" OFFSET { OFFSET }
//   FN    = NAME [ ":" ( "init" | "null" | "weak" | "notrace" | "nokprobe" ) ]
//           "nokprobe" only in the core
//   NAME  = [A-Za-z_][A-Za-z0-9_.]*, at most 48 characters; a module is not "vmlinux" or "kernel",
//           nothing is called "reset" or "remove"
//
// Lines of one image may be repeated: they append, so that long lists wrap. Modules are numbered
// by their first line, functions and slots as they stand. OFFSET is in functions (world.h).
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/lex.h"
#include "model/strings.h"
#include "model/world.h"
#include "model/world_check.h"

namespace recount {
namespace {

using internal::Cat;
using internal::ErrorAt;
using internal::Line;
using internal::Quote;
using internal::Word;
using Definition = World::Definition;

constexpr std::array<std::pair<std::string_view, FunctionKind>, 5> kKinds = {{
    {"init", FunctionKind::kInit},
    {"null", FunctionKind::kNull},
    {"weak", FunctionKind::kWeak},
    {"notrace", FunctionKind::kNotrace},
    {"nokprobe", FunctionKind::kNoKprobe},
}};

struct At {
  std::size_t line = 0;
  std::size_t column = 0;
};

// Where each name of an image stands.
struct ImagePlaces {
  At name;
  std::vector<At> functions;
};

// Takes in lines, whose text must outlive it; images[0] is the core, images[n] modules[n - 1], as
// in DefinitionFault.
class WorldParser {
 public:
  explicit WorldParser(std::string_view name) { definition_.name = std::string(name); }

  absl::Status AddLine(const Line& line) {
    const Word& first = line.words[0];
    if (first.text != "core" && first.text != "module" && first.text != "slot") {
      return ErrorAt(line.number, first.column,
                     Cat({"expected 'core', 'module' or 'slot', not ", Quote(first.text)}));
    }
    if (line.words.size() < 2) {
      return ErrorAt(line.number, line.end_column, Cat({"nothing behind ", Quote(first.text)}));
    }
    if (first.text == "slot") return AddSlots(line);
    const bool core = first.text == "core";
    const std::size_t image = core ? 0 : ModuleNumber(line, line.words[1]);
    // Said at once: what else such a file holds is not worth reading.
    if (image > internal::kMaxModules) {
      return ErrorAt(line.number, line.words[1].column, internal::kTooManyModules);
    }
    for (std::size_t i = core ? 1 : 2; i < line.words.size(); ++i) {
      absl::Status status = AddFunction(line, line.words[i], image);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<WorldPtr> Finish(std::size_t last_line) {
    if (const auto fault = internal::CheckDefinition(definition_)) {
      At at{last_line, 1};
      if (fault->part == internal::DefinitionFault::Part::kModule) at = images_[fault->image].name;
      if (fault->part == internal::DefinitionFault::Part::kFunction) {
        at = images_[fault->image].functions[fault->function];
      }
      return ErrorAt(at.line, at.column, fault->what);
    }
    return World::Make(std::move(definition_));
  }

 private:
  absl::Status AddSlots(const Line& line) {
    for (const Word& word : std::span(line.words).subspan(1)) {
      const auto offset = internal::ParseNumber(word.text, 0, 0xffffffffu);
      if (!offset.has_value()) {
        return ErrorAt(line.number, word.column,
                       Cat({"bad slot offset ", Quote(word.text),
                            ": a number of functions, 0 to 4294967295, is asked for"}));
      }
      definition_.slots.push_back(*offset);
      if (definition_.slots.size() > internal::kMaxSlots) {
        return ErrorAt(line.number, word.column, internal::kTooManySlots);
      }
    }
    return absl::OkStatus();
  }

  std::size_t ModuleNumber(const Line& line, const Word& word) {
    const auto [it, added] = numbers_.try_emplace(word.text, definition_.modules.size() + 1);
    if (!added) return it->second;
    definition_.modules.push_back({std::string(word.text), {}});
    images_.push_back({{line.number, word.column}, {}});
    return definition_.modules.size();
  }

  absl::Status AddFunction(const Line& line, const Word& word, std::size_t image) {
    const std::size_t colon = word.text.find(':');
    FunctionKind kind = FunctionKind::kText;
    if (colon != std::string_view::npos) {
      const std::string_view name = word.text.substr(colon + 1);
      bool known = false;
      for (const auto& [text, value] : kKinds) {
        if (text != name) continue;
        kind = value;
        known = true;
      }
      if (!known) {
        return ErrorAt(
            line.number, word.column + colon + 1,
            Cat({"unknown kind ", Quote(name), " (init, null, weak, notrace or nokprobe)"}));
      }
    }
    auto& functions =
        image == 0 ? definition_.core.functions : definition_.modules[image - 1].functions;
    functions.emplace_back(word.text.substr(0, colon), kind);
    images_[image].functions.push_back({line.number, word.column});
    return absl::OkStatus();
  }

  Definition definition_;
  std::vector<ImagePlaces> images_{1};
  std::unordered_map<std::string_view, std::size_t> numbers_;  // module -> its image; for lookup
};

// Appends `words` behind `head`, as many lines as they need.
void PrintWrapped(std::string_view head, const std::vector<std::string>& words, std::string* text) {
  constexpr std::size_t kColumns = 100;
  std::string line(head);
  for (const std::string& word : words) {
    if (line.size() > head.size() && line.size() + 1 + word.size() > kColumns) {
      *text += line + "\n";
      line = head;
    }
    line += Cat({" ", word});
  }
  *text += line + "\n";
}

std::vector<std::string> FunctionWords(const Definition::Image& image) {
  std::vector<std::string> words;
  for (const auto& [name, kind] : image.functions) {
    words.push_back(name);
    for (const auto& [text, value] : kKinds) {
      if (value == kind) words.back() += Cat({":", text});
    }
  }
  return words;
}

}  // namespace

absl::StatusOr<WorldPtr> ParseWorld(std::string_view text, std::string_view name) {
  WorldParser parser(name);
  internal::LineReader reader(text);
  Line line;
  while (reader.Next(&line)) {
    if (line.words.empty()) continue;
    absl::Status status = parser.AddLine(line);
    if (!status.ok()) return status;
  }
  if (!reader.error().ok()) return reader.error();
  return parser.Finish(reader.line_number());
}

std::string PrintWorld(const World& world) {
  const Definition& definition = world.definition();
  std::string text;
  PrintWrapped("core", FunctionWords(definition.core), &text);
  for (const Definition::Image& module : definition.modules) {
    PrintWrapped(Cat({"module ", module.name}), FunctionWords(module), &text);
  }
  std::vector<std::string> offsets;
  for (const std::uint32_t slot : definition.slots) offsets.push_back(std::to_string(slot));
  PrintWrapped("slot", offsets, &text);
  return text;
}

}  // namespace recount
