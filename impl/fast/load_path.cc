#include "impl/fast/load_path.h"

#include "impl/fast/kprobes.h"
#include "impl/fast/livepatch.h"
#include "impl/fast/module_records.h"

namespace recount::fast {
namespace {

using Entry = NotifierChain::Entry;
using Called = NotifierChain::Called;

bool OnChain(const Machine& m) { return m.profile.load_path == Profile::LoadPath::kChain; }

void FtraceHears(Machine& m, ModuleId id, Event event) {
  switch (event) {
    case Event::kUnformed:
      return CreateRecords(m, id);
    case Event::kComing:
      return EnableModule(m, id);
    case Event::kLive:
      return FreeInitText(m, m.modules[Index(id)].base, m.world->module(id));
    case Event::kGoing:
      return ReleaseModule(m, id);
    case Event::kFix:
      break;  // of another chain
  }
}

Answer LivepatchHears(Machine& m, ModuleId id, Event event, Errno failure) {
  if (event == Event::kComing) {
    return AnswerOf(failure != Errno::kOk ? failure : LivepatchComing(m, id));
  }
  if (event == Event::kGoing) LivepatchGoing(m, id);
  return kNotifyOk;
}

// A callback of the module chain; `failure` is livepatch's, when it hears COMING.
auto Hearing(Machine& m, ModuleId id, Event event, Errno failure = Errno::kOk) {
  return [&m, id, event, failure](Entry entry) -> Answer {
    if (entry == kFtraceEntry) {
      FtraceHears(m, id, event);
      return kNotifyOk;
    }
    if (entry == kLivepatchEntry) return LivepatchHears(m, id, event, failure);
    if (entry == kKprobeEntry) {
      KprobesHear(m, id, event);
      return kNotifyDone;
    }
    const Answer answer =
        m.notifiers.Hear(static_cast<NotifierId>(entry), Chain::kModule, event, id);
    // Where ftrace and livepatch are told last, nobody may keep GOING from them.
    const bool must_go_on = event == Event::kGoing && OnChain(m);
    return must_go_on ? static_cast<Answer>(answer & ~kNotifyStopMask) : answer;
  };
}

const NotifierChain& ModuleChain(const Machine& m) { return m.notifiers.chain(Chain::kModule); }

void TellAll(Machine& m, ModuleId id, Event event, Direction direction) {
  const NotifierChain& chain = ModuleChain(m);
  chain.Call(chain.Begin(direction), direction, NotifierChain::kAll, Hearing(m, id, event));
}

// The call under ddebug_cleanup that the RFC forgot, after ftrace has heard GOING.
void ReleaseUnderLabel(Machine& m) {
  if (m.bugs.has(Bug::kRfcReleaseModTwice) && !m.dead()) m.records.ReleaseAgain();
}

// What is left to do of a robust call that announced `event` on load path `chain`.
Errno Conclude(Machine& m, ModuleId id, Event event, const Called& up) {
  const Errno error = m.notifiers.ErrnoOf(up.answer);
  const bool stopped = up.stopper != NotifierChain::kNone;
  if (stopped && event == Event::kUnformed && m.bugs.has(Bug::kRfcFormedPseudoState)) {
    FtraceHears(m, id, Event::kGoing);
  } else if (stopped && !m.bugs.has(Bug::kRfcGoingWithoutComing)) {
    ModuleChain(m).RollBack(up, m.backwards(), Hearing(m, id, Event::kGoing));
  } else if (stopped || error != Errno::kOk) {
    // An errno that stopped nobody has rolled nothing back.
    TellAll(m, id, Event::kGoing, m.backwards());
  }
  if (error != Errno::kOk) ReleaseUnderLabel(m);
  return error;
}

Errno ComingDirectly(Machine& m, ModuleId id, Errno failure) {
  Errno error = failure != Errno::kOk ? failure : LivepatchComing(m, id);
  if (error == Errno::kOk) {
    const NotifierChain& chain = ModuleChain(m);
    const Called up = chain.Call(chain.first(), Direction::kForward, NotifierChain::kAll,
                                 Hearing(m, id, Event::kComing));
    chain.RollBack(up, m.backwards(), Hearing(m, id, Event::kGoing));
    error = m.notifiers.ErrnoOf(up.answer);
    if (error == Errno::kOk) return error;
    LivepatchGoing(m, id);
  }
  ReleaseModule(m, id);
  return error;
}

}  // namespace

void SetUpModuleChain(Machine& m) {
  NotifierChain& chain = m.notifiers.chain(Chain::kModule);
  if (OnChain(m)) {
    chain.Register(kFtraceEntry, kFtracePriority, /*unique=*/false);
    chain.Register(kLivepatchEntry, kLivepatchPriority, /*unique=*/false);
  }
  chain.Register(kKprobeEntry, kKprobePriority, /*unique=*/false);
}

Errno AnnounceRecords(Machine& m, ModuleId id) {
  if (!OnChain(m)) {
    CreateRecords(m, id);
    return Errno::kOk;
  }
  const NotifierChain& chain = ModuleChain(m);
  return Conclude(m, id, Event::kUnformed,
                  chain.Call(chain.first(), Direction::kForward, NotifierChain::kAll,
                             Hearing(m, id, Event::kUnformed)));
}

// On load path `chain` this is the first call of the robust one that `coming` goes on with.
void AnnounceEnable(Machine& m, ModuleId id) { EnableModule(m, id); }

Errno AnnounceComing(Machine& m, ModuleId id, Errno failure) {
  if (!OnChain(m)) return ComingDirectly(m, id, failure);
  const NotifierChain& chain = ModuleChain(m);
  const auto hear = Hearing(m, id, Event::kComing, failure);
  return Conclude(
      m, id, Event::kComing,
      chain.Call(chain.first(), Direction::kForward, NotifierChain::kAll, [&hear](Entry entry) {
        // In stage `enable` it has heard of it already.
        return entry == kFtraceEntry ? kNotifyOk : hear(entry);
      }));
}

void AnnounceLive(Machine& m, ModuleId id) {
  const bool wrong = m.bugs.has(Bug::kLiveToldAsUnformed);
  TellAll(m, id, wrong ? Event::kUnformed : Event::kLive, Direction::kForward);
}

void AnnounceFreeInit(Machine& m, ModuleId id) {
  if (!OnChain(m)) return FtraceHears(m, id, Event::kLive);
  if (m.bugs.has(Bug::kRfcFtraceFreeMemLeft)) m.records.RemoveAgain();
}

void WithdrawUnformed(Machine& m, ModuleId id) {
  if (!OnChain(m)) {
    if (!m.bugs.has(Bug::kReleaseModMissingOnEarlyFail)) ReleaseModule(m, id);
    return;
  }
  if (m.bugs.has(Bug::kRfcReleaseModNever)) return;
  if (m.bugs.has(Bug::kRfcFormedPseudoState)) return FtraceHears(m, id, Event::kGoing);
  TellAll(m, id, Event::kGoing, m.backwards());
  ReleaseUnderLabel(m);
}

void WithdrawComing(Machine& m, ModuleId id, std::optional<Stage> failed) {
  // Two error paths: that of load_module(), and that of do_init_module().
  const bool early = failed && *failed < Stage::kInitAlloc;
  const bool late = failed && !early;
  const bool forward = (early && m.bugs.has(Bug::kRfcGoingChainForward)) ||
                       (!failed && m.bugs.has(Bug::kNotifierPriorityCleanupLast));
  if (!early || !m.bugs.has(Bug::kModuleGoingMissingOnComingFail)) {
    TellAll(m, id, Event::kGoing, forward ? Direction::kForward : m.backwards());
  }
  if (OnChain(m)) {
    if (early) ReleaseUnderLabel(m);
    return;
  }
  const bool forgotten = (early && m.bugs.has(Bug::kRfcKlpGoingRemoved)) ||
                         (late && m.bugs.has(Bug::kKpatchPhantomModule));
  if (!forgotten) LivepatchGoing(m, id);
  ReleaseModule(m, id);
}

}  // namespace recount::fast
