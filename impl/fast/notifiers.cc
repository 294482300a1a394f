#include "impl/fast/notifiers.h"

#include <utility>

namespace recount::fast {
namespace {

// What a chain can do beyond taking one on and off and calling all, by Chain (SEMANTICS 10).
struct ChainTraits {
  bool unique;     // knows unique priorities
  bool both_ways;  // is called robustly, and in reverse
};
constexpr ChainTraits kTraits[kChainCount] = {
    {.unique = false, .both_ways = true},   // module
    {.unique = false, .both_ways = true},   // raw
    {.unique = true, .both_ways = true},    // blocking
    {.unique = false, .both_ways = true},   // tryfix
    {.unique = true, .both_ways = false},   // atomic
    {.unique = false, .both_ways = false},  // srcu
};

}  // namespace

void Notifiers::Reset(std::size_t modules, BugSet bugs) {
  bugs_ = bugs;
  for (NotifierChain& chain : chains_) chain.Reset(kEntryCount, bugs);
  on_.fill(std::nullopt);
  scripts_ = {};
  held_.assign((modules + 1) * kNotifierCount, 0);
  log_.clear();
  view_ = {};
}

Errno Notifiers::Add(const AddNotifier& op) {
  std::optional<Chain>& on = on_[Index(op.notifier)];
  // One block has one link (choice of SEMANTICS 10).
  if (on && *on != op.chain) return Errno::kBusy;
  const bool unique = op.unique && kTraits[At(op.chain)].unique;
  const Errno error =
      chain(op.chain).Register(static_cast<NotifierChain::Entry>(op.notifier), op.priority, unique);
  if (error != Errno::kOk) return error;
  on = op.chain;
  view_.priority[Index(op.notifier)] = op.priority;
  ShowChain(op.chain);
  return Errno::kOk;
}

Errno Notifiers::Remove(NotifierId id) {
  std::optional<Chain>& on = on_[Index(id)];
  if (!on) return Errno::kNoEnt;
  const Chain from = *std::exchange(on, std::nullopt);
  chain(from).Unregister(static_cast<NotifierChain::Entry>(id));
  view_.priority[Index(id)] = 0;
  ShowChain(from);
  return Errno::kOk;
}

Answer Notifiers::Hear(NotifierId id, Chain chain, Event event, ModuleId module) {
  log_.push_back({.notifier = id, .event = event, .module = module});
  const SetScript& script = scripts_[Index(id)][static_cast<std::size_t>(event)];
  switch (script.act) {
    case Act::kNone:
      break;
    case Act::kAlloc:
      // Who refuses takes nothing.
      if (Stops(script.answer)) break;
      ++Held(id, module);
      ++view_.held[Index(id)];
      break;
    case Act::kFree:
      if (Held(id, module) == 0) {
        ++view_.bad_frees;
        break;
      }
      --Held(id, module);
      --view_.held[Index(id)];
      break;
    case Act::kUnregister:
      // Elsewhere it would wait for the very call that it is made in.
      if (chain == Chain::kRaw && on_[Index(script.other)] == Chain::kRaw) Remove(script.other);
      break;
  }
  return script.answer;
}

void Notifiers::ShowChain(Chain chain) {
  const NotifierChain& list = chains_[At(chain)];
  ChainView& shown = view_.chains[At(chain)];
  shown = {};
  for (auto entry = list.first(); entry != NotifierChain::kNone; entry = list.next(entry)) {
    if (entry >= kNotifierCount) continue;
    if (shown.count == shown.order.size()) break;  // a ring, made by a bug
    shown.order[shown.count++] = static_cast<NotifierId>(entry);
  }
}

Errno Notifiers::ErrnoOf(Answer answer) const {
  const int rc = RcOf(answer);
  return static_cast<Errno>(rc != 0 && bugs_.has(Bug::kModuleNotifierErrnoEncoding) ? 1 - rc : -rc);
}

namespace {

Outcome OutcomeOf(const Notifiers& notifiers, Answer answer) {
  Outcome outcome = Outcome::Error(notifiers.ErrnoOf(answer));
  outcome.answer = answer;
  return outcome;
}

bool GoesBothWays(Chain chain) { return kTraits[static_cast<std::size_t>(chain)].both_ways; }

// Nobody was called, so that no answer was decoded either.
Outcome Refused() {
  Outcome outcome = Outcome::Error(Errno::kInval);
  outcome.answer = AnswerOf(Errno::kInval);
  return outcome;
}

}  // namespace

Outcome CallChain(Notifiers& notifiers, const Notify& op) {
  if (op.reverse && !GoesBothWays(op.chain)) return Refused();
  const NotifierChain& chain = notifiers.chain(op.chain);
  const Direction direction = op.reverse ? Direction::kReverse : Direction::kForward;
  const std::uint32_t limit = op.limit == Notify::kAll ? NotifierChain::kAll : op.limit;
  const auto hear = [&](NotifierChain::Entry entry) {
    return notifiers.Hear(static_cast<NotifierId>(entry), op.chain, op.event, kCore);
  };
  return OutcomeOf(notifiers, chain.Call(chain.Begin(direction), direction, limit, hear).answer);
}

Outcome CallChainRobust(Notifiers& notifiers, const NotifyRobust& op, Direction rollback) {
  if (!GoesBothWays(op.chain)) return Refused();
  const NotifierChain& chain = notifiers.chain(op.chain);
  const auto hear = [&](Event event) {
    return [&notifiers, &op, event](NotifierChain::Entry entry) {
      return notifiers.Hear(static_cast<NotifierId>(entry), op.chain, event, kCore);
    };
  };
  const NotifierChain::Called up =
      chain.Call(chain.first(), Direction::kForward, NotifierChain::kAll, hear(op.up));
  chain.RollBack(up, rollback, hear(op.down));
  return OutcomeOf(notifiers, up.answer);
}

}  // namespace recount::fast
