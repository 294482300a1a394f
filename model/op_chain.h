// The operations on notifiers and their chains.
#ifndef RECOUNT_MODEL_OP_CHAIN_H_
#define RECOUNT_MODEL_OP_CHAIN_H_

#include <compare>
#include <cstdint>

#include "model/ids.h"
#include "model/notifier.h"

namespace recount {

struct AddNotifier {  // `notifier`
  NotifierId notifier{};
  Chain chain = Chain::kModule;
  std::int32_t priority = 0;
  bool unique = false;  // no second of this priority; only kBlocking and kAtomic know it
  friend auto operator<=>(const AddNotifier&, const AddNotifier&) = default;
};
struct RemoveNotifier {  // `unnotifier`
  NotifierId notifier{};
  friend auto operator<=>(const RemoveNotifier&, const RemoveNotifier&) = default;
};

// What a callback does besides answering.
enum class Act : std::uint8_t {
  kNone,
  kAlloc,       // takes memory for the module, unless the answer stops the chain
  kFree,        // gives it back; what it never took is a bad free
  kUnregister,  // takes a notifier, itself or another, off the chain that is being called
};
struct SetScript {  // `script`
  NotifierId notifier{};
  Event event = Event::kLive;
  Answer answer = kNotifyDone;
  Act act = Act::kNone;
  NotifierId other{};  // of kUnregister; value-initialised otherwise
  friend auto operator<=>(const SetScript&, const SetScript&) = default;
};

struct Notify {  // `notify` and `notify_reverse`
  static constexpr std::uint8_t kAll = 0xff;
  Chain chain = Chain::kRaw;  // of kFreeChains: the others are not a Program's to call
  Event event = Event::kLive;
  bool reverse = false;
  std::uint8_t limit = kAll;  // at most so many are called: 0..99, or kAll
  friend auto operator<=>(const Notify&, const Notify&) = default;
};
struct NotifyRobust {         // `notify_robust`
  Chain chain = Chain::kRaw;  // of kFreeChains
  Event up = Event::kComing;
  Event down = Event::kGoing;
  friend auto operator<=>(const NotifyRobust&, const NotifyRobust&) = default;
};

}  // namespace recount

#endif  // RECOUNT_MODEL_OP_CHAIN_H_
