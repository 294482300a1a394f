#include "model/notifier.h"

#include <array>
#include <charconv>

#include "model/check.h"
#include "model/strings.h"

namespace recount {
namespace {

constexpr std::array<std::string_view, kChainCount> kChains = {"module", "raw",    "blocking",
                                                               "tryfix", "atomic", "srcu"};
constexpr std::array<std::string_view, kEventCount> kEvents = {"live", "coming", "going",
                                                               "unformed", "fix"};

struct NamedAnswer {
  std::string_view name;
  Answer answer;
};
constexpr NamedAnswer kAnswers[] = {
    {"done", kNotifyDone}, {"ok", kNotifyOk}, {"stop", kNotifyStop}, {"bad", kNotifyBad}};

}  // namespace

std::string_view ChainName(Chain chain) {
  const auto index = static_cast<std::size_t>(chain);
  RECOUNT_CHECK(index < kChains.size());
  return kChains[index];
}

std::optional<Chain> ChainFromName(std::string_view name) {
  for (std::size_t i = 0; i < kChains.size(); ++i) {
    if (kChains[i] == name) return static_cast<Chain>(i);
  }
  return std::nullopt;
}

std::string_view EventName(Event event) {
  const auto index = static_cast<std::size_t>(event);
  RECOUNT_CHECK(index < kEvents.size());
  return kEvents[index];
}

std::optional<Event> EventFromName(std::string_view name) {
  for (std::size_t i = 0; i < kEvents.size(); ++i) {
    if (kEvents[i] == name) return static_cast<Event>(i);
  }
  return std::nullopt;
}

std::string AnswerText(Answer answer) {
  for (const NamedAnswer& known : kAnswers) {
    if (known.answer == answer) return std::string(known.name);
  }
  for (const Errno error : AllErrnos()) {
    if (AnswerOf(error) == answer) return RcText(Rc(error));
  }
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), answer, 16).ptr;
  return internal::Cat({"0x", std::string_view(digits.data(), end - digits.data())});
}

std::optional<Answer> AnswerFromText(std::string_view text) {
  for (const NamedAnswer& known : kAnswers) {
    if (known.name == text) return known.answer;
  }
  if (text.starts_with('-')) {
    const std::optional<Errno> error = ErrnoFromName(text.substr(1));
    if (!error.has_value() || *error == Errno::kOk) return std::nullopt;
    return AnswerOf(*error);
  }
  if (!text.starts_with("0x")) return std::nullopt;
  Answer answer = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + 2, end, answer, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end || text.size() < 3) return std::nullopt;
  return answer;
}

}  // namespace recount
