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

bool AsksAChain(const Op& op) {
  return std::holds_alternative<Notify>(op) || std::holds_alternative<NotifyRobust>(op);
}

// Whether it announces a module, or changes call sites, which may need repair.
bool MayNotify(const Op& op) {
  return std::visit(
      []<typename T>(const T&) {
        return !(std::is_same_v<T, SetOps> || std::is_same_v<T, Share> || std::is_same_v<T, Hit> ||
                 std::is_same_v<T, Locate> || std::is_same_v<T, Fault> ||
                 std::is_same_v<T, AddNotifier> || std::is_same_v<T, RemoveNotifier> ||
                 std::is_same_v<T, SetScript> || std::is_same_v<T, Notify> ||
                 std::is_same_v<T, NotifyRobust> || std::is_same_v<T, SetPatch>);
      },
      op);
}

std::string LogText(const std::vector<NotifierCall>& log) {
  std::string text;
  for (const NotifierCall& call : log) {
    text += Cat({text.empty() ? "n" : " n", std::to_string(Index(call.notifier)), ":",
                 EventName(call.event)});
  }
  return text;
}

// "n0:coming n1:coming"; what LogText() says of no calls, it does not say.
bool IsLog(std::string_view text) {
  for (;;) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    const std::size_t colon = word.find(':');
    if (colon == word.npos || !word.starts_with('n') ||
        !internal::ParseNumber(word.substr(1, colon - 1), 0, kNotifierCount - 1) ||
        !EventFromName(word.substr(colon + 1))) {
      return false;
    }
    if (blank == text.npos) return true;
    text.remove_prefix(blank + 1);
  }
}

// "n0:coming = bad"
bool IsChainAnswer(std::string_view text) {
  constexpr std::string_view kIs = " = ";
  const std::size_t is = text.find(kIs);
  if (is == text.npos) return false;
  const std::string_view answer = text.substr(is + kIs.size());
  const std::optional<Answer> known = AnswerFromText(answer);
  const std::string_view log = text.substr(0, is);
  return known.has_value() && AnswerText(*known) == answer && (log == "nobody" || IsLog(log));
}

// "o2 o0", "o2 k1 k0 p1", "p1": ops, then kprobes, then at most one patch.
bool IsHit(std::string_view text) {
  constexpr std::string_view kKinds = "okp";
  constexpr std::array<std::size_t, 3> kCounts = {kOpsCount, kKprobeCount, kPatchCount};
  std::array<bool, 256> seen{};
  std::size_t last = 0;
  bool patched = false;
  for (;;) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    const std::size_t kind = word.empty() ? kKinds.npos : kKinds.find(word.front());
    if (kind == kKinds.npos || kind < last || patched) return false;
    const auto number = internal::ParseNumber(word.substr(1), 0, kCounts[kind] - 1);
    // A kprobe whose address is left behind in the other ops of the two runs twice.
    const bool twice = kKinds[kind] != 'k' && number.has_value() && seen[kind * 16 + *number];
    if (!number.has_value() || twice) return false;
    seen[kind * 16 + *number] = true;
    last = kind;
    patched = kind == 2;
    if (blank == text.npos) return true;
    text.remove_prefix(blank + 1);
  }
}

// What a success of `op` may say: empty, or what is asked for instead.
std::string SuccessFault(const World& world, const Op& op, std::string_view text) {
  if (std::holds_alternative<Hit>(op)) {
    return text == "nobody" || IsHit(text) ? "" : "'nobody', or who ran like 'o2 o0', 'o2 k1 p1'";
  }
  if (std::holds_alternative<Locate>(op)) {
    if (text == "nothing") return "";
    const absl::StatusOr<FunctionId> function = world.FindFunction(text);
    return function.ok() && world.FunctionText(*function) == text ? "" : "'nothing' or a function";
  }
  if (AsksAChain(op)) {
    return IsChainAnswer(text) ? "" : "calls and an answer like 'n0:coming n1:coming = ok'";
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
  if (AsksAChain(op)) {
    return Cat(
        {outcome.log.empty() ? "nobody" : LogText(outcome.log), " = ", AnswerText(outcome.answer)});
  }
  if (!outcome.log.empty()) return Cat({RcText(outcome.rc), " ", LogText(outcome.log)});
  if (outcome.rc != 0) return RcText(outcome.rc);
  if (std::holds_alternative<Hit>(op)) {
    std::string text;
    const std::size_t count = std::min<std::size_t>(outcome.called_count, outcome.called.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text += ' ';
      text += 'o';
      text += std::to_string(Index(outcome.called[i]));
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(outcome.fired_count, outcome.fired.size());
         ++i) {
      text += Cat({text.empty() ? "k" : " k", std::to_string(Index(outcome.fired[i]))});
    }
    if (outcome.redirected != kNoPatch) {
      text += Cat({text.empty() ? "p" : " p", std::to_string(Index(outcome.redirected))});
    }
    return text.empty() ? "nobody" : text;
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
  if (const std::size_t blank = text.find(' '); blank != text.npos && MayNotify(op)) {
    const std::string_view rc = text.substr(0, blank);
    const std::string fault = rc == "0" ? "" : ErrorFault(rc);
    if (rc == "0" || rc.starts_with('-')) {
      if (!fault.empty() || IsLog(text.substr(blank + 1))) return fault;
      return Cat({Quote(text.substr(blank + 1)), " is no list of calls like 'n0:coming n0:live'"});
    }
  }
  if (text.starts_with('-') && !AsksAChain(op)) return ErrorFault(text);
  const std::string asked = SuccessFault(world, op, text);
  if (asked.empty()) return "";
  return Cat({Quote(text), " is no outcome of ", OpName(op), ": ", asked,
              " or an error like -EINVAL is asked for"});
}

}  // namespace recount
