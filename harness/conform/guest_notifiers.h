// The guest's notifiers as n0..n7 of a Program.
//
// In the guest each chain has blocks of its own: module notifier 0 (`nb 0`) is not number 0 of
// `ch raw`. Here all share n0..n7: a block is the n of its own number where that is free when it is
// first named, else the lowest that is.
#ifndef RECOUNT_HARNESS_CONFORM_GUEST_NOTIFIERS_H_
#define RECOUNT_HARNESS_CONFORM_GUEST_NOTIFIERS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/ids.h"
#include "model/notifier.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/world.h"

namespace recount {

struct GuestNotifier {
  Chain chain = Chain::kModule;
  std::uint32_t number = 0;
  friend bool operator==(const GuestNotifier&, const GuestNotifier&) = default;
};
// Which block of the guest each of n0..n7 is; nullopt for those that are none.
using GuestNotifierTable = std::array<std::optional<GuestNotifier>, kNotifierCount>;

class GuestNotifiers {
 public:
  // `nb ...` and `ch ...`: adds the operations that do the same to `ops`. False when there are
  // none: more blocks than n0..n7, a robust call of `atomic`, a number that is no Event, an answer
  // that 16 bits do not hold, or one whose effect depends on notifiers of the kernel's own.
  bool Apply(std::span<const std::string> words, std::vector<Op>* ops);

  const GuestNotifierTable& table() const { return table_; }

 private:
  std::optional<NotifierId> Find(Chain chain, const std::string& number);
  bool Script(NotifierId notifier, Chain chain, std::optional<Event> event,
              const std::string& answer, std::vector<Op>* ops);
  void Clear(NotifierId notifier, std::vector<Op>* ops);

  GuestNotifierTable table_;
  std::array<std::array<bool, kEventCount>, kNotifierCount> scripted_{};
};

// `log` of a step as the recorder writes it: "m0 COMING tgA", "c1 2".
std::vector<std::string> GuestLog(const World& world, const GuestNotifierTable& table,
                                  std::span<const NotifierCall> calls);
// The inverse, for calls of one chain; nullopt when a line names what is not there.
std::optional<std::vector<NotifierCall>> CallsInLog(const World& world,
                                                    const GuestNotifierTable& table, Chain chain,
                                                    std::span<const std::string> log);

// `out` of a call of a chain: "ret=0x8017 errno=-22".
std::string GuestAnswerText(Answer answer);
std::optional<Answer> AnswerInOut(const std::string& out);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_GUEST_NOTIFIERS_H_
