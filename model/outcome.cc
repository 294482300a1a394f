#include "model/outcome.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "model/strings.h"

namespace recount {

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
      return internal::Cat({"function ", std::to_string(Index(outcome.located))});
    }
    return world.FunctionText(outcome.located);
  }
  return "0";
}

}  // namespace recount
