#include "model/reference/notifiers.h"

#include <utility>

namespace recount::reference {
namespace {

Entry EntryOf(NotifierId id) { return static_cast<Entry>(Index(id)); }

// On a chain of nobody's a notifier is called for no module.
Callee ScriptsOf(State& state) {
  return [&state](Entry entry, Event event) { return RunScript(state, entry, event, kCore); };
}

Outcome Answered(State& state, Answer answer) {
  Outcome outcome;
  outcome.rc = RcOf(answer);
  outcome.answer = answer;
  outcome.log = std::exchange(state.log, {});
  return outcome;
}

}  // namespace

Answer RunScript(State& state, Entry entry, Event event, ModuleId module) {
  const NotifierId id{entry};
  const Script& script = state.scripts[entry][static_cast<std::size_t>(event)];
  state.log.push_back({.notifier = id, .event = event, .module = module});
  std::uint16_t& held = state.held[entry][module];
  switch (script.act) {
    case Act::kNone:
      break;
    case Act::kAlloc:
      // Who refuses has cleaned up behind himself.
      if (!Stops(script.answer)) ++held;
      break;
    case Act::kFree:
      held > 0 ? --held : ++state.bad_frees;
      break;
    case Act::kUnregister: {
      const Entry other = EntryOf(script.other);
      // A blocking chain is locked while it is called, and taking one off `atomic` or `srcu` waits
      // for who calls them: all of that would wait for ever (S 6.5).
      if (state.calling_raw && state.chains.links[other].on == Chain::kRaw) {
        TakeOff(state.chains, other);
      }
      break;
    }
  }
  return script.answer;
}

Outcome Apply(State& state, const AddNotifier& op) {
  const bool unique = op.unique && (op.chain == Chain::kBlocking || op.chain == Chain::kAtomic);
  return Outcome::Error(Add(state.chains, op.chain, EntryOf(op.notifier), op.priority, unique));
}

Outcome Apply(State& state, const RemoveNotifier& op) {
  const Entry entry = EntryOf(op.notifier);
  if (!state.chains.links[entry].on) return Outcome::Error(Errno::kNoEnt);
  TakeOff(state.chains, entry);
  return Outcome::Ok();
}

Outcome Apply(State& state, const SetScript& op) {
  state.scripts[Index(op.notifier)][static_cast<std::size_t>(op.event)] = {
      .answer = op.answer, .act = op.act, .other = op.other};
  return Outcome::Ok();
}

Outcome Apply(State& state, const Notify& op) {
  if (op.reverse && IsOfRcu(op.chain)) return Answered(state, AnswerOf(Errno::kInval));
  const Direction direction = op.reverse ? Direction::kReverse : Direction::kForward;
  const Entry start = op.reverse ? state.chains.Last(op.chain) : state.chains.First(op.chain);
  const std::uint32_t limit = op.limit == Notify::kAll ? kNoLimit : op.limit;
  state.calling_raw = op.chain == Chain::kRaw;
  const CallResult result = Call(state.chains, start, direction, op.event, limit, ScriptsOf(state));
  state.calling_raw = false;
  return Answered(state, result.answer);
}

Outcome Apply(State& state, const NotifyRobust& op) {
  if (IsOfRcu(op.chain)) return Answered(state, AnswerOf(Errno::kInval));
  state.calling_raw = op.chain == Chain::kRaw;
  const CallResult up = Call(state.chains, state.chains.First(op.chain), Direction::kForward, op.up,
                             kNoLimit, ScriptsOf(state));
  RollBack(state.chains, op.chain, RollBackDirection(state), up, 0, op.down, ScriptsOf(state));
  state.calling_raw = false;
  return Answered(state, up.answer);
}

}  // namespace recount::reference
