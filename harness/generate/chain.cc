// How the generator uses notifiers: a handful on few chains with few priorities, scripts that
// mostly let things pass, and what one of them takes for a module it mostly gives back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "harness/generate/generate.h"
#include "model/op.h"

namespace recount {
namespace {

std::uint8_t BitOf(NotifierId notifier) { return static_cast<std::uint8_t>(1u << Index(notifier)); }

// Mostly of a module that comes, so that scripts and calls are about the same.
constexpr Event kEvents[] = {Event::kComing, Event::kComing, Event::kComing,
                             Event::kGoing,  Event::kLive,   Event::kUnformed};

// A script for these may keep a module from being loaded.
bool IsUp(Event event) { return event == Event::kComing || event == Event::kUnformed; }

}  // namespace

const ChainView* Generator::ChainOf(NotifierId notifier, const View& view) {
  for (const ChainView& chain : view.notifiers.chains) {
    const auto end = chain.order.begin() + chain.count;
    if (std::find(chain.order.begin(), end, notifier) != end) return &chain;
  }
  return nullptr;
}

bool Generator::MakeChainOp(OpKind kind, const View& view, Op* op) {
  // A mutant may have such operations in a Program that draws none.
  if (swarm_.notifiers.notifiers.empty()) return false;
  switch (kind) {
    case OpKind::kAddNotifier:
      return MakeAddNotifier(view, op);
    case OpKind::kRemoveNotifier:
      return MakeRemoveNotifier(view, op);
    case OpKind::kSetScript:
      return MakeSetScript(view, op);
    case OpKind::kNotify:
      return MakeNotify(view, op);
    default:
      return MakeNotifyRobust(view, op);
  }
}

bool Generator::MakeAddNotifier(const View& view, Op* op) {
  AddNotifier add;
  add.notifier = OneOf(swarm_.notifiers.notifiers);
  if (ChainOf(add.notifier, view) != nullptr && !Careless()) return false;
  add.chain = static_cast<Chain>(swarm_.notifiers.chains.Draw(chooser_));
  add.priority = OneOf(swarm_.notifiers.priorities);
  if (add.chain == Chain::kBlocking || add.chain == Chain::kAtomic)
    add.unique = chooser_->Chance(1, 3);
  *op = add;
  return true;
}

bool Generator::MakeRemoveNotifier(const View& view, Op* op) {
  const NotifierId notifier = OneOf(swarm_.notifiers.notifiers);
  if (ChainOf(notifier, view) == nullptr && !Careless()) return false;
  *op = RemoveNotifier{notifier};
  return true;
}

Answer Generator::SomeAnswer(bool refuses) {
  // An errno in an answer that does not stop is lost to the next one's, unless it is the last.
  if (chooser_->Chance(1, 32)) return static_cast<Answer>(chooser_->Pick(16));
  if (!refuses) return chooser_->Chance(1, 2) ? kNotifyDone : kNotifyOk;
  static constexpr Answer kRefusals[] = {kNotifyBad,
                                         kNotifyBad,
                                         kNotifyStop,
                                         AnswerOf(Errno::kNoMem),
                                         AnswerOf(Errno::kBusy),
                                         AnswerOf(Errno::kIo),
                                         0x8000,
                                         0xffff};
  // The last two are rare: a stop without anything, and an errno without a name.
  return kRefusals[Below(chooser_->Chance(1, 8) ? std::size(kRefusals) : 6)];
}

bool Generator::MakeSetScript(const View& view, Op* op) {
  SetScript set;
  set.notifier = OneOf(swarm_.notifiers.notifiers);
  set.event = kEvents[Below(std::size(kEvents))];
  const ChainView* const on = ChainOf(set.notifier, view);
  if (on == &view.notifiers.chains[static_cast<std::size_t>(Chain::kTryFix)]) {
    return MakeRepair(set.notifier, op);
  }
  bool refuses = Sometimes(swarm_.notifiers.refusals);
  // Who refuses every module is in the way of everything else: not for long, and one at a time.
  const bool of_modules = swarm_.notifiers.chains.weight[0] > 0;
  if (!of_modules) refuses = refuses || chooser_->Chance(1, 4);
  if (refusing_ != 0 && of_modules) {
    refuses = false;
    for (const NotifierId notifier : swarm_.notifiers.notifiers) {
      if ((refusing_ & BitOf(notifier)) == 0 || !chooser_->Chance(2, 3)) continue;
      set.notifier = notifier;
      set.event = chooser_->Chance(5, 6) ? Event::kComing : Event::kUnformed;
    }
  }
  set.answer = SomeAnswer(refuses);
  if (Sometimes(swarm_.notifiers.acts)) {
    const ChainView* chain = ChainOf(set.notifier, view);
    const bool raw = chain == &view.notifiers.chains[static_cast<std::size_t>(Chain::kRaw)];
    if (chooser_->Chance(raw ? 8 : 1, 16)) {
      // Itself, a neighbour in either direction, or whoever.
      set.act = Act::kUnregister;
      set.other = chain != nullptr && chooser_->Chance(7, 8)
                      ? chain->order[Below(std::min<std::size_t>(chain->count, kNotifierCount))]
                      : OneOf(swarm_.notifiers.notifiers);
    } else if (IsUp(set.event)) {
      set.act = Act::kAlloc;
      SetScript back{set.notifier, Event::kGoing, kNotifyOk, Act::kFree, {}};
      if (chooser_->Chance(3, 4)) follow_up_ = back;
    } else {
      set.act = set.event == Event::kGoing ? Act::kFree : Act::kAlloc;
    }
  }
  if (IsUp(set.event)) {
    refusing_ &= static_cast<std::uint8_t>(~BitOf(set.notifier));
    if (Stops(set.answer)) refusing_ |= BitOf(set.notifier);
  }
  *op = set;
  return true;
}

bool Generator::MakeRepair(NotifierId notifier, Op* op) {
  SetScript set{.notifier = notifier, .event = Event::kFix};
  // Mostly it is repaired; else it is left to the next, or refused with an errno.
  static constexpr Answer kAnswers[] = {kNotifyStop, kNotifyStop, kNotifyStop,
                                        kNotifyDone, kNotifyBad,  0x8000};
  set.answer = chooser_->Chance(1, 12) ? SomeAnswer(chooser_->Chance(1, 2))
                                       : kAnswers[Below(std::size(kAnswers))];
  if (Sometimes(swarm_.notifiers.acts)) {
    set.act = chooser_->Chance(1, 2) ? Act::kAlloc : Act::kFree;
  }
  *op = set;
  return true;
}

Chain Generator::CallableChain(const View& view) {
  const std::size_t first = Below(kFreeChains.size());
  for (std::size_t i = 0; i < kFreeChains.size(); ++i) {
    const Chain chain = kFreeChains[(first + i) % kFreeChains.size()];
    if (view.notifiers.chains[static_cast<std::size_t>(chain)].count > 0) return chain;
  }
  return kFreeChains[first];
}

bool Generator::MakeNotify(const View& view, Op* op) {
  Notify notify;
  notify.chain = CallableChain(view);
  const std::uint8_t count = view.notifiers.chains[static_cast<std::size_t>(notify.chain)].count;
  if (count == 0 && !Careless()) return false;
  notify.event = kEvents[Below(std::size(kEvents))];
  notify.reverse = chooser_->Chance(1, 2) && (!IsOfRcu(notify.chain) || Careless());
  if (chooser_->Chance(3, 8)) notify.limit = static_cast<std::uint8_t>(Below(count + 2u));
  *op = notify;
  return true;
}

bool Generator::MakeNotifyRobust(const View& view, Op* op) {
  NotifyRobust robust;
  robust.chain = CallableChain(view);
  const std::uint8_t count = view.notifiers.chains[static_cast<std::size_t>(robust.chain)].count;
  if ((count == 0 || IsOfRcu(robust.chain)) && !Careless()) return false;
  if (chooser_->Chance(1, 4)) {
    robust.up = static_cast<Event>(Below(kEventCount));
    robust.down = static_cast<Event>(Below(kEventCount));
  }
  *op = robust;
  return true;
}

}  // namespace recount
