// I8 and the second half of I18: who is called on a chain, in which order, and what with.
//
// A log is held against the chain as the View showed it before the operation. Callbacks may take
// entries off while it is called, but none is put on, so places in it only go one way.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

std::string CallText(const Observation& step, const NotifierCall& call) {
  std::string text = Cat({"n", std::to_string(Index(call.notifier)), ":", EventName(call.event)});
  if (call.module != kCore) text += Cat({" of ", ImageName(step.world, call.module)});
  return text;
}

// The place of `notifier` in the chain; its length when it is not there.
std::size_t PlaceIn(const ChainView& chain, NotifierId notifier) {
  const auto end = chain.order.begin() + std::min<std::size_t>(chain.count, kNotifierCount);
  return static_cast<std::size_t>(std::find(chain.order.begin(), end, notifier) -
                                  chain.order.begin());
}

const ChainView& ChainBefore(const Observation& step, Chain chain) {
  return step.before.notifiers.chains[static_cast<std::size_t>(chain)];
}

bool GoesInReverse(const Observation& step) {
  return step.profile.rollback == Profile::Rollback::kReverse;
}

// The first of `calls` that does not stand behind the one before it, in the direction; their number
// when all do.
std::size_t EndOfWalk(std::span<const NotifierCall> calls, const ChainView& chain, bool reverse) {
  for (std::size_t i = 1; i < calls.size(); ++i) {
    const std::size_t last = PlaceIn(chain, calls[i - 1].notifier);
    const std::size_t now = PlaceIn(chain, calls[i].notifier);
    if (reverse ? now >= last : now <= last) return i;
  }
  return calls.size();
}

Broken OutOfOrder(const Observation& step, const NotifierCall& call) {
  return Cat({CallText(step, call), ": called out of the order of the chain"});
}

Broken NotOnChain(const Observation& step, const ChainView& chain) {
  for (const NotifierCall& call : step.outcome.log) {
    if (PlaceIn(chain, call.notifier) < chain.count) continue;
    return Cat({CallText(step, call), ": called, but not on the chain"});
  }
  return std::nullopt;
}

// A notifier is on one chain at most, and a chain in the order of priorities.
Broken ChainFault(const NotifiersView& notifiers) {
  std::uint32_t on = 0;
  for (std::size_t i = 0; i < kChainCount; ++i) {
    const ChainView& chain = notifiers.chains[i];
    const auto fault = [i](std::string_view what) {
      return Cat({"chain ", ChainName(static_cast<Chain>(i)), ": ", what});
    };
    if (chain.count > kNotifierCount) return fault("longer than there are notifiers");
    for (std::size_t j = 0; j < chain.count; ++j) {
      const std::size_t id = Index(chain.order[j]);
      if (id >= kNotifierCount || (on >> id & 1) != 0) {
        return fault(Cat({"n", std::to_string(id), " is on a chain twice, or there is none"}));
      }
      on |= 1u << id;
      if (j > 0 && notifiers.priority[id] > notifiers.priority[Index(chain.order[j - 1])]) {
        return fault(Cat({"n", std::to_string(id), " stands behind a lower priority"}));
      }
    }
  }
  for (std::size_t id = 0; id < kNotifierCount; ++id) {
    if ((on >> id & 1) != 0 || notifiers.priority[id] == 0) continue;
    return Cat({"n", std::to_string(id), ": on no chain, but with a priority"});
  }
  return std::nullopt;
}

// `notify`: a walk with one event. `notify_robust`: a walk up; what comes down was called before
// the last that was called up. A chain of RCU is only called forward, and once.
Broken FreeChainFault(const Observation& step) {
  const std::span<const NotifierCall> log = step.outcome.log;
  const auto* const notify = std::get_if<Notify>(&step.op);
  const bool forward = notify != nullptr && !notify->reverse;
  const Chain called = notify != nullptr ? notify->chain : std::get<NotifyRobust>(step.op).chain;
  if (IsOfRcu(called) && !forward && (!log.empty() || step.outcome.rc != Rc(Errno::kInval))) {
    return Cat(
        {OpName(step.op), ": not refused, but chain ", ChainName(called), " has no such call"});
  }
  if (notify != nullptr) {
    const ChainView& chain = ChainBefore(step, called);
    if (Broken broken = NotOnChain(step, chain)) return broken;
    const std::size_t end = EndOfWalk(log, chain, notify->reverse);
    if (end < log.size()) return OutOfOrder(step, log[end]);
    if (notify->limit != Notify::kAll && log.size() > notify->limit) {
      return "notify called past its limit";
    }
    return std::nullopt;
  }
  const auto& op = std::get<NotifyRobust>(step.op);
  const ChainView& chain = ChainBefore(step, op.chain);
  if (Broken broken = NotOnChain(step, chain)) return broken;
  // Where both events are the same the walk says where it turns, but for a single call.
  const std::size_t walk = EndOfWalk(log, chain, false);
  std::size_t up = 0;
  while (up < walk && log[up].event == op.up) ++up;
  const std::span<const NotifierCall> down = log.subspan(up);
  const std::size_t end = EndOfWalk(down, chain, GoesInReverse(step));
  if (end < down.size()) return OutOfOrder(step, down[end]);
  for (const NotifierCall& call : down) {
    // Going forward starts from what the chain is by then, and one that was taken off while it was
    // called is not on it.
    if (step.before.notifiers.chains != step.after.notifiers.chains) break;
    const auto called_before = [&](const NotifierCall& before) {
      return before.notifier == call.notifier;
    };
    if (up > 0 && std::any_of(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(up) - 1,
                              called_before)) {
      continue;
    }
    return Cat(
        {CallText(step, call), ": told, though it was not called before the one that stopped"});
  }
  return std::nullopt;
}

// Follows the log of a load or an unload call by call.
class ModuleLog {
 public:
  ModuleLog(const Observation& step, ModuleId module)
      : step_(step), module_(module), chain_(ChainBefore(step, Chain::kModule)) {
    if (Index(module) < step.told.modules()) told_ = step.told.of(module);
  }

  Broken Follow() {
    const auto& log = step_.outcome.log;
    if (Broken broken = NotOnChain(step_, chain_)) return broken;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const NotifierCall& call = log[i];
      const bool going = call.event == Event::kGoing;
      // A rollback and the end of a load may follow one another, if the rollback was no failure.
      if (i > 0 && log[i - 1].event == call.event && !told_.stopped &&
          EndOfWalk(std::span(log).subspan(i - 1, 2), chain_, going && GoesInReverse(step_)) < 2) {
        return OutOfOrder(step_, call);
      }
      const auto bit = static_cast<std::uint8_t>(1u << (Index(call.notifier) % kNotifierCount));
      if (going && !told_.stopped && ((told_.up | told_.late) & bit) == 0) {
        return Cat({CallText(step_, call), ": told, though nothing came up for it"});
      }
      const Answer answer = step_.told.AnswerTo(call.notifier, call.event);
      if (going && Stops(answer)) going_stopped_ = true;
      if (call.event == Event::kComing && !Stops(answer)) last_coming_ = answer;
      Announcements::Hear(call, answer, &told_);
    }
    return Forgotten();
  }

 private:
  // The module is gone: whoever was told COMING of it was told GOING.
  Broken Forgotten() const {
    if (step_.after.modules[Index(module_)].state != ModuleState::kAbsent) return std::nullopt;
    if (told_.coming == 0 || told_.stopped) return std::nullopt;
    if (step_.profile.load_path == Profile::LoadPath::kDirect) {
      // An answer may end the call, and an errno that stops nothing is not rolled back.
      if (going_stopped_ || RcOf(last_coming_) != 0) return std::nullopt;
    }
    std::size_t n = 0;
    while ((told_.coming >> n & 1) == 0) ++n;
    return Cat({"n", std::to_string(n), ": was told COMING of ", ImageName(step_.world, module_),
                ", which is gone, and not GOING"});
  }

  const Observation& step_;
  const ModuleId module_;
  const ChainView& chain_;
  Announcements::OfModule told_;
  bool going_stopped_ = false;
  Answer last_coming_ = kNotifyDone;  // of this step
};

std::optional<ModuleId> ModuleOf(const Op& op) {
  if (const auto* load = std::get_if<Load>(&op)) return load->module;
  if (const auto* step = std::get_if<LoadStep>(&op)) return step->module;
  if (const auto* unload = std::get_if<Unload>(&op)) return unload->module;
  return std::nullopt;
}

bool CallsFreeChain(const Op& op) {
  return std::holds_alternative<Notify>(op) || std::holds_alternative<NotifyRobust>(op);
}

// Whether the stage `next`, which was run alone, may say this.
bool SaysAt(const Observation& step, Stage next, Event event) {
  const bool by_chain = step.profile.load_path == Profile::LoadPath::kChain;
  const bool failed = step.outcome.rc != 0;
  switch (event) {
    case Event::kUnformed:
      return by_chain && next == Stage::kRecords;
    case Event::kComing:
      return next == Stage::kComing;
    case Event::kLive:
      return next == Stage::kLive;
    case Event::kGoing:
      break;
    case Event::kFix:
      return false;
  }
  // The rollback of a refusal, or the end of a load that fails later.
  if (next == Stage::kComing || (by_chain && next == Stage::kRecords)) return true;
  return failed && (next > Stage::kComing || (by_chain && next == Stage::kFormation));
}

// Repairs are calls of another chain, in between.
bool HasRepairs(const Observation& step) {
  return std::any_of(step.outcome.log.begin(), step.outcome.log.end(),
                     [&step](const NotifierCall& call) { return IsRepair(call, step.op); });
}

Outcome WithoutRepairs(const Observation& step) {
  Outcome outcome = step.outcome;
  std::erase_if(outcome.log, [&step](const NotifierCall& call) { return IsRepair(call, step.op); });
  return outcome;
}

// The step, had its outcome been `outcome`.
Observation Answering(const Observation& step, const Outcome& outcome) {
  return {step.world, step.profile,   step.op,     outcome,  step.before,
          step.after, step.unchanged, step.traced, step.told};
}

// UNFORMED, COMING, LIVE; a load's own number for each.
int Progress(Event event) {
  return event == Event::kUnformed ? 0 : event == Event::kComing ? 1 : 2;
}

}  // namespace

Broken GoingFollowsComing(const Observation& step) {
  if (step.outcome.fate != Fate::kReturned) return std::nullopt;
  if (HasRepairs(step)) {
    if (Broken broken = RepairsFault(step)) return broken;
    const Outcome rest = WithoutRepairs(step);
    return GoingFollowsComing(Answering(step, rest));
  }
  if (!step.unchanged) {
    if (Broken broken = ChainFault(step.after.notifiers)) return broken;
  }
  if (CallsFreeChain(step.op)) return FreeChainFault(step);
  const auto module = ModuleOf(step.op);
  if (!module.has_value() || Index(*module) >= step.after.modules.size()) return std::nullopt;
  return ModuleLog(step, *module).Follow();
}

Broken AnnouncementFault(const Observation& step) {
  if (HasRepairs(step)) {
    const Outcome rest = WithoutRepairs(step);
    return rest.log.empty() ? std::nullopt : AnnouncementFault(Answering(step, rest));
  }
  const auto module = ModuleOf(step.op);
  const bool free_chain = CallsFreeChain(step.op);
  if (!module.has_value() && !free_chain) return Cat({OpName(step.op), " calls no chain"});
  int progress = 0;
  for (const NotifierCall& call : step.outcome.log) {
    const auto fault = [&](std::string_view what) { return Cat({CallText(step, call), what}); };
    if (Index(call.notifier) >= kNotifierCount) return "a call of a notifier there is not";
    if (call.module != (free_chain ? kCore : *module)) return fault(": not what this is about");
    bool good = true;
    if (const auto* notify = std::get_if<Notify>(&step.op)) {
      good = call.event == notify->event;
    } else if (const auto* robust = std::get_if<NotifyRobust>(&step.op)) {
      good = call.event == robust->up || call.event == robust->down;
    } else if (std::holds_alternative<Unload>(step.op)) {
      good = call.event == Event::kGoing && step.outcome.rc == 0;
    } else if (std::holds_alternative<LoadStep>(step.op)) {
      good = SaysAt(step, step.before.modules[Index(*module)].next, call.event);
    } else if (call.event != Event::kGoing) {
      // A whole load goes up once. Behind LIVE nothing fails.
      good =
          Progress(call.event) >= progress &&
          (call.event != Event::kLive || step.outcome.rc == 0) &&
          (call.event != Event::kUnformed || step.profile.load_path == Profile::LoadPath::kChain);
      progress = Progress(call.event);
    } else {
      good = progress < Progress(Event::kLive);
    }
    if (!good) return fault(": not announced in this state");
  }
  return std::nullopt;
}

}  // namespace recount::internal
