#include "model/reference/module_events.h"

#include <limits>

#include "model/check.h"
#include "model/reference/kprobes.h"
#include "model/reference/livepatch.h"
#include "model/reference/module_records.h"
#include "model/reference/notifiers.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

// The priorities that name their users (S 5.7 R3).
constexpr std::int32_t kFtracePriority = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kLivepatchPriority = kFtracePriority - 1;
// As the kernel has it (S 6.7).
constexpr std::int32_t kKprobePriority = 0;

bool ByChain(const State& state) { return state.profile.load_path == Profile::LoadPath::kChain; }

Entry FirstEntry(const State& state) { return state.chains.First(Chain::kModule); }

// ftrace as a notifier.
Answer CallFtrace(State& state, Event event, ModuleId module) {
  switch (event) {
    case Event::kUnformed:
      CreateModuleRecords(state, module);
      break;
    case Event::kComing:
      EnableModule(state, module);
      break;
    case Event::kLive:
      FreeInitText(state, module);
      break;
    case Event::kGoing:
      ReleaseModule(state, module);
      break;
    case Event::kFix:
      break;  // nobody announces that on this chain
  }
  return kNotifyOk;
}

// livepatch as a notifier.
Answer CallLivepatch(State& state, Event event, ModuleId module, std::optional<Errno> refusal) {
  if (event == Event::kGoing) KlpGoing(state, module);
  if (event != Event::kComing) return kNotifyOk;
  return AnswerOf(refusal ? *refusal : KlpComing(state, module));
}

// What the entries of the module chain do.
Callee EntriesFor(State& state, ModuleId module, std::optional<Errno> refusal = std::nullopt) {
  return [&state, module, refusal](Entry entry, Event event) -> Answer {
    if (entry == kFtraceEntry) return CallFtrace(state, event, module);
    if (entry == kLivepatchEntry) return CallLivepatch(state, event, module, refusal);
    if (entry == kKprobeEntry) {
      KprobesHear(state, event, module);
      return kNotifyDone;
    }
    const Answer answer = RunScript(state, entry, event, module);
    // ftrace and livepatch come last, and must hear it (SEMANTICS 11, choice).
    if (ByChain(state) && event == Event::kGoing) return kNotifyDone;
    return answer;
  };
}

void GoingToAll(State& state, ModuleId module) {
  const Direction direction = RollBackDirection(state);
  const Entry start =
      direction == Direction::kForward ? FirstEntry(state) : state.chains.Last(Chain::kModule);
  Call(state.chains, start, direction, Event::kGoing, kNoLimit, EntriesFor(state, module));
}

// A robust call (`up`, GOING) from `start` on, before which `called` entries have been called
// already. 0 or a negative rc.
int Robust(State& state, ModuleId module, Event up, Entry start, std::uint32_t called,
           std::optional<Errno> refusal = std::nullopt) {
  const Callee callee = EntriesFor(state, module, refusal);
  const CallResult result = Call(state.chains, start, Direction::kForward, up, kNoLimit, callee);
  RollBack(state.chains, Chain::kModule, RollBackDirection(state), result, called, Event::kGoing,
           callee);
  const int rc = RcOf(result.answer);
  // All were called, and still it is an error: nobody has been told yet.
  if (ByChain(state) && rc != 0 && result.stopper == kNoEntry) GoingToAll(state, module);
  return rc;
}

}  // namespace

void BootModuleChain(State& state) {
  const auto add = [&state](Entry entry, std::int32_t priority) {
    RECOUNT_CHECK(Add(state.chains, Chain::kModule, entry, priority, false) == Errno::kOk);
  };
  if (ByChain(state)) {
    add(kFtraceEntry, kFtracePriority);
    add(kLivepatchEntry, kLivepatchPriority);
  }
  add(kKprobeEntry, kKprobePriority);
}

int StageRecords(State& state, ModuleId module) {
  if (ByChain(state)) return Robust(state, module, Event::kUnformed, FirstEntry(state), 0);
  CreateModuleRecords(state, module);
  return 0;
}

void StageEnable(State& state, ModuleId module) {
  // By chain it is what the first entry does of the call that stage `coming` goes on with.
  EnableModule(state, module);
}

int StageComing(State& state, ModuleId module, std::optional<Errno> refusal) {
  if (ByChain(state)) {
    const Entry second = state.chains.links[kFtraceEntry].behind;
    return Robust(state, module, Event::kComing, second, 1, refusal);
  }
  const Errno error = refusal ? *refusal : KlpComing(state, module);
  if (error != Errno::kOk) return Rc(error);
  const int rc = Robust(state, module, Event::kComing, FirstEntry(state), 0);
  if (rc != 0) KlpGoing(state, module);
  return rc;
}

void StageLive(State& state, ModuleId module) {
  Call(state.chains, FirstEntry(state), Direction::kForward, Event::kLive, kNoLimit,
       EntriesFor(state, module));
}

void StageFreeInit(State& state, ModuleId module) {
  if (!ByChain(state)) FreeInitText(state, module);
}

void TellGoing(State& state, ModuleId module, Stage stage) {
  if (ByChain(state)) {
    // The rollback of a refused call has told those who had to know.
    if (stage == Stage::kFormation || stage > Stage::kComing) GoingToAll(state, module);
    return;
  }
  if (stage > Stage::kComing) {
    GoingToAll(state, module);
    KlpGoing(state, module);
  }
  ReleaseModule(state, module);
}

}  // namespace recount::reference
