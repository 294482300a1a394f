#include "harness/conform/guest_notifiers.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "model/lex.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

std::optional<Event> EventOfNumber(const std::string& word) {
  const auto number = internal::ParseNumber(word, 0, kEventCount - 1);
  if (!number) return std::nullopt;
  return static_cast<Event>(*number);
}

// "COMING"
std::optional<Event> EventOfState(const std::string& word) {
  return EventFromName(absl::AsciiStrToLower(word));
}

// "done", "-22" (as notifier_from_errno() makes it), "5".
std::optional<Answer> AnswerOfWord(const std::string& word) {
  if (word == "stopmask") return kNotifyStopMask;
  for (const Answer answer : {kNotifyDone, kNotifyOk, kNotifyStop, kNotifyBad}) {
    if (AnswerText(answer) == word) return answer;
  }
  int number = 0;
  if (!absl::SimpleAtoi(word, &number)) return std::nullopt;
  if (number < 0) {
    if (number < -(kNotifyStopMask - 2)) return std::nullopt;
    return static_cast<Answer>(kNotifyStopMask | (1 - number));
  }
  if (number > std::numeric_limits<Answer>::max()) return std::nullopt;
  return static_cast<Answer>(number);
}

std::string CallText(const World& world, const GuestNotifier& block, const NotifierCall& call) {
  const std::string number = std::to_string(block.number);
  if (block.chain != Chain::kModule) {
    return Cat({"c", number, " ", std::to_string(static_cast<int>(call.event))});
  }
  const std::string_view name = EventName(call.event);
  return Cat({"m", number, " ", absl::AsciiStrToUpper(absl::string_view(name.data(), name.size())),
              " ", world.ImageName(call.module)});
}

std::optional<Chain> FindChain(const std::string& word) {
  if (word == "raw") return Chain::kRaw;
  if (word == "blk") return Chain::kBlocking;
  if (word == "atomic") return Chain::kAtomic;
  return std::nullopt;
}

}  // namespace

bool GuestNotifiers::Apply(std::span<const std::string> words, std::vector<Op>* ops) {
  if (words.size() < 3) return false;
  const bool of_modules = words[0] == "nb";
  const std::optional<Chain> chain = of_modules ? Chain::kModule : FindChain(words[1]);
  if (!chain) return false;
  const std::string& verb = words[2];
  // What stands behind `nb I VERB` or `ch CHAIN VERB I`.
  const std::span<const std::string> rest = words.subspan(3);
  if (verb == "call" || verb == "robust") {
    const bool robust = verb == "robust";
    if (of_modules || rest.size() != (robust ? 2 : 1)) return false;
    const std::optional<Event> up = EventOfNumber(rest.front());
    const std::optional<Event> down = EventOfNumber(rest.back());
    if (!up || !down) return false;
    // No kernel has that.
    if (robust && IsOfRcu(*chain)) return false;
    if (robust) ops->push_back(NotifyRobust{*chain, *up, *down});
    if (!robust) ops->push_back(Notify{.chain = *chain, .event = *up});
    return true;
  }
  if (!of_modules && rest.empty()) return false;
  const std::optional<NotifierId> notifier = Find(*chain, of_modules ? words[1] : rest[0]);
  if (!notifier) return false;
  const std::span<const std::string> operands = of_modules ? rest : rest.subspan(1);
  if ((verb == "reg" || (verb == "regu" && !of_modules)) && operands.size() == 1) {
    std::int32_t priority = 0;
    if (!absl::SimpleAtoi(operands[0], &priority)) return false;
    // A raw chain has no unique priorities: there the guest registers as always.
    const bool unique = verb == "regu" && *chain != Chain::kRaw;
    ops->push_back(AddNotifier{*notifier, *chain, priority, unique});
    return true;
  }
  if (verb == "unreg" && operands.empty()) {
    ops->push_back(RemoveNotifier{*notifier});
    return true;
  }
  if (verb == "clr" && operands.empty()) {
    Clear(*notifier, ops);
    return true;
  }
  if (verb != "ret" || operands.size() != 2) return false;
  const std::optional<Event> event =
      of_modules ? EventOfState(operands[0]) : EventOfNumber(operands[0]);
  return Script(*notifier, *chain, event, operands[1], ops);
}

std::optional<NotifierId> GuestNotifiers::Find(Chain chain, const std::string& number) {
  GuestNotifier block{.chain = chain};
  if (!absl::SimpleAtoi(number, &block.number)) return std::nullopt;
  const auto known = std::find(table_.begin(), table_.end(), block);
  if (known != table_.end()) return static_cast<NotifierId>(known - table_.begin());
  std::size_t at = block.number;
  if (at >= kNotifierCount || table_[at]) {
    const auto free = std::find(table_.begin(), table_.end(), std::nullopt);
    if (free == table_.end()) return std::nullopt;
    at = static_cast<std::size_t>(free - table_.begin());
  }
  table_[at] = block;
  return static_cast<NotifierId>(at);
}

bool GuestNotifiers::Script(NotifierId notifier, Chain chain, std::optional<Event> event,
                            const std::string& word, std::vector<Op>* ops) {
  const std::optional<Answer> answer = AnswerOfWord(word);
  if (!event || !answer) return false;
  // It counts when it is the last that is said, and behind the guest's there are the kernel's own.
  if (chain == Chain::kModule && !Stops(*answer) && RcOf(*answer) != 0) return false;
  ops->push_back(SetScript{.notifier = notifier, .event = *event, .answer = *answer});
  scripted_[Index(notifier)][static_cast<std::size_t>(*event)] = true;
  return true;
}

// Nothing for an event that was never scripted.
void GuestNotifiers::Clear(NotifierId notifier, std::vector<Op>* ops) {
  std::array<bool, kEventCount>& scripted = scripted_[Index(notifier)];
  for (std::size_t event = 0; event < kEventCount; ++event) {
    if (!scripted[event]) continue;
    ops->push_back(SetScript{.notifier = notifier, .event = static_cast<Event>(event)});
    scripted[event] = false;
  }
}

std::vector<std::string> GuestLog(const World& world, const GuestNotifierTable& table,
                                  std::span<const NotifierCall> calls) {
  std::vector<std::string> log;
  for (const NotifierCall& call : calls) {
    const std::size_t index = Index(call.notifier);
    // A subject that is wrong may call anybody.
    const bool known = index < kNotifierCount && table[index];
    log.push_back(known ? CallText(world, *table[index], call)
                        : Cat({"n", std::to_string(index), " ", EventName(call.event)}));
  }
  return log;
}

std::optional<std::vector<NotifierCall>> CallsInLog(const World& world,
                                                    const GuestNotifierTable& table, Chain chain,
                                                    std::span<const std::string> log) {
  std::vector<NotifierCall> calls;
  for (const std::string& line : log) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    GuestNotifier block{.chain = chain};
    if (words.size() < 2 || !absl::SimpleAtoi(words[0].substr(1), &block.number)) {
      return std::nullopt;
    }
    const auto at = std::find(table.begin(), table.end(), block);
    const bool of_module = chain == Chain::kModule;
    const std::optional<Event> event = of_module ? EventOfState(words[1]) : EventOfNumber(words[1]);
    const std::optional<ModuleId> module = of_module ? world.FindModule(words.back()) : kCore;
    if (at == table.end() || !event || !module) return std::nullopt;
    calls.push_back({static_cast<NotifierId>(at - table.begin()), *event, *module});
  }
  return calls;
}

std::string GuestAnswerText(Answer answer) {
  return absl::StrFormat("ret=0x%x errno=%d", answer, RcOf(answer));
}

std::optional<Answer> AnswerInOut(const std::string& out) {
  constexpr std::string_view kRet = "ret=0x";
  std::uint32_t answer = 0;
  if (!out.starts_with(kRet)) return std::nullopt;
  if (!absl::SimpleHexAtoi(out.substr(kRet.size(), out.find(' ') - kRet.size()), &answer) ||
      answer > std::numeric_limits<Answer>::max() || GuestAnswerText(Answer(answer)) != out) {
    return std::nullopt;
  }
  return static_cast<Answer>(answer);
}

}  // namespace recount
