// Notifier chains: which there are, what they announce, and what a callback may answer.
//
// An answer is an int in the kernel; here its low 16 bits, which is all that has a meaning
// (SPEC 6.1): 0x8000 stops the chain, the rest says why.
#ifndef RECOUNT_MODEL_NOTIFIER_H_
#define RECOUNT_MODEL_NOTIFIER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/errno.h"

namespace recount {

// kModule is the loader's own chain, a blocking one. kTryFix is ftrace's: who is on it may repair a
// call site that could not be changed (SPEC 4.8). The others belong to nobody.
enum class Chain : std::uint8_t { kModule, kRaw, kBlocking, kTryFix, kAtomic, kSrcu };
inline constexpr std::size_t kChainCount = 6;
// The chains that a Program may call itself. They stay in this order: the binary form counts them.
inline constexpr std::array kFreeChains = {Chain::kRaw, Chain::kBlocking, Chain::kAtomic,
                                           Chain::kSrcu};
constexpr bool IsFree(Chain chain) {
  return std::find(kFreeChains.begin(), kFreeChains.end(), chain) != kFreeChains.end();
}
// Whether its callers only hold (S)RCU's read lock, so that it may change under them: it can be
// neither called robustly nor in reverse (SPEC 6.5).
constexpr bool IsOfRcu(Chain chain) { return chain == Chain::kAtomic || chain == Chain::kSrcu; }
// "module", "raw", "blocking", "tryfix", "atomic", "srcu".
std::string_view ChainName(Chain chain);
std::optional<Chain> ChainFromName(std::string_view name);

// What is announced: the states of a module, with the numbers of enum module_state; and on kTryFix
// that a site could not be changed. On a chain of nobody's they are just numbers.
enum class Event : std::uint8_t { kLive = 0, kComing = 1, kGoing = 2, kUnformed = 3, kFix = 4 };
inline constexpr std::size_t kEventCount = 5;
// "live", "coming", "going", "unformed", "fix".
std::string_view EventName(Event event);
std::optional<Event> EventFromName(std::string_view name);

using Answer = std::uint16_t;
inline constexpr Answer kNotifyDone = 0;
inline constexpr Answer kNotifyOk = 1;
inline constexpr Answer kNotifyStopMask = 0x8000;
inline constexpr Answer kNotifyStop = 0x8001;
inline constexpr Answer kNotifyBad = 0x8002;

constexpr bool Stops(Answer answer) { return (answer & kNotifyStopMask) != 0; }
// notifier_from_errno(): the answer that stops the chain with -error; kNotifyOk for kOk.
constexpr Answer AnswerOf(Errno error) {
  return error == Errno::kOk ? kNotifyOk
                             : static_cast<Answer>(kNotifyStopMask | (1 + static_cast<int>(error)));
}
// notifier_to_errno(): 0 or negative. Also of an answer that does not stop: 2 is -EPERM (SPEC 6.1).
constexpr int RcOf(Answer answer) {
  const int rest = answer & ~kNotifyStopMask;
  return rest > 1 ? 1 - rest : 0;
}

// What kTryFix answers of a site that is repaired: it stops, and with no errno (ours: the mail does
// not say).
constexpr bool IsFixed(Answer answer) { return Stops(answer) && RcOf(answer) == 0; }

// "done", "ok", "stop", "bad", "-ENOMEM", else "0x5"; one text for each answer.
std::string AnswerText(Answer answer);
std::optional<Answer> AnswerFromText(std::string_view text);

}  // namespace recount

#endif  // RECOUNT_MODEL_NOTIFIER_H_
