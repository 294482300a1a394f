#include "model/outcome.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "model/lex.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;
using internal::Quote;

// "-EINVAL", or "-77" where the number has no name.
std::string ErrorFault(std::string_view text) {
  const std::string_view name = text.substr(1);
  if (ErrnoFromName(name).has_value()) return "";
  if (const auto number = internal::ParseNumber(name, 1, 0x7fffffff)) {
    const std::string spelt = RcText(-static_cast<int>(*number));
    return spelt == text ? "" : Cat({Quote(text), " is written ", spelt});
  }
  std::vector<std::string_view> names;
  for (const Errno error : AllErrnos()) names.push_back(ErrnoName(error));
  const std::string_view meant = internal::Nearest(name, names);
  return Cat({"unknown errno ", Quote(name), meant.empty() ? "" : " (did you mean ", meant,
              meant.empty() ? "" : "?)"});
}

// "o2 o0": each ops at most once.
bool IsCallList(std::string_view text) {
  std::array<bool, kOpsCount> seen{};
  for (;;) {
    if (text.size() < 2 || text[0] != 'o') return false;
    const auto number = internal::ParseNumber(text.substr(1, 1), 0, kOpsCount - 1);
    if (!number.has_value() || seen[*number]) return false;
    seen[*number] = true;
    if (text.size() == 2) return true;
    if (text[2] != ' ') return false;
    text.remove_prefix(3);
  }
}

// What a success of `op` may say: empty, or what is asked for instead.
std::string SuccessFault(const World& world, const Op& op, std::string_view text) {
  if (std::holds_alternative<Hit>(op)) {
    return text == "nobody" || IsCallList(text) ? "" : "'nobody' or ops like 'o2 o0'";
  }
  if (std::holds_alternative<Locate>(op)) {
    if (text == "nothing") return "";
    const absl::StatusOr<FunctionId> function = world.FindFunction(text);
    return function.ok() && world.FunctionText(*function) == text ? "" : "'nothing' or a function";
  }
  return text == "0" ? "" : "0";
}

}  // namespace

std::string_view FateText(Fate fate) {
  switch (fate) {
    case Fate::kReturned:
      return "returned";
    case Fate::kUnsupported:
      return "unsupported";
    case Fate::kCrashed:
      return "crashed";
    case Fate::kHung:
      return "hung";
  }
  return "?";
}

std::string OutcomeText(const World& world, const Op& op, const Outcome& outcome) {
  if (outcome.fate != Fate::kReturned) return std::string(FateText(outcome.fate));
  if (outcome.rc != 0) return RcText(outcome.rc);
  if (std::holds_alternative<Hit>(op)) {
    if (outcome.called_count == 0) return "nobody";
    std::string text;
    const std::size_t count = std::min<std::size_t>(outcome.called_count, outcome.called.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text += ' ';
      text += 'o';
      text += std::to_string(Index(outcome.called[i]));
    }
    return text;
  }
  if (std::holds_alternative<Locate>(op)) {
    if (outcome.located == kNoFunction) return "nothing";
    // A subject that is wrong may answer anything.
    if (Index(outcome.located) >= world.functions().size()) {
      return Cat({"function ", std::to_string(Index(outcome.located))});
    }
    return world.FunctionText(outcome.located);
  }
  return "0";
}

std::string OutcomeTextFault(const World& world, const Op& op, std::string_view text) {
  for (const Fate fate : {Fate::kUnsupported, Fate::kCrashed, Fate::kHung}) {
    if (text == FateText(fate)) return "";
  }
  if (text.starts_with('-')) return ErrorFault(text);
  const std::string asked = SuccessFault(world, op, text);
  if (asked.empty()) return "";
  return Cat({Quote(text), " is no outcome of ", OpName(op), ": ", asked,
              " or an error like -EINVAL is asked for"});
}

}  // namespace recount
