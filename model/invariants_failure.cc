// I9: what an operation leaves alone, above all one that fails.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

bool FtraceDied(const Observation& step) {
  return step.after.globals.dead && !step.before.globals.dead;
}

// What an operation may touch that fails, or that is not about ftrace.
enum class Touches {
  kAll,
  kNothing,
  kOps,   // hashes and cached filters, so counts and sites; not which records and modules exist
  kLoad,  // as kOps; the module is gone, and with it what livepatch had there
  kNotifiers,  // chains, and what their scripts hold
  kPatch,      // which functions a patch has
  kKprobes,    // the kprobe table, and what kp and kpi trace
};

bool OfKprobes(const Op& op) {
  return std::holds_alternative<AddKprobe>(op) || std::holds_alternative<RemoveKprobe>(op) ||
         std::holds_alternative<EnableKprobe>(op) || std::holds_alternative<DisableKprobe>(op) ||
         std::holds_alternative<KprobesArmed>(op) || std::holds_alternative<Optimize>(op);
}

Touches TouchedByFailure(const Observation& step) {
  // Boot goes on, whatever cannot be converted.
  if (std::holds_alternative<Boot>(step.op)) {
    return step.before.globals.phase == Phase::kRunning ? Touches::kNothing : Touches::kAll;
  }
  if (const auto* op = std::get_if<SetFilter>(&step.op)) {
    // The tracefs file is closed after an error of the write, and what was edited is installed.
    const bool tracer = step.before.ops[Index(op->ops)].user == User::kTracer;
    return tracer && step.outcome.rc == Rc(Errno::kInval) ? Touches::kOps : Touches::kNothing;
  }
  // A load that had begun runs the stages up to the failing one, which may use up cached filters
  // and, on the way back, clear entries.
  if (const auto* op = std::get_if<Load>(&step.op)) {
    return step.before.modules[Index(op->module)].state == ModuleState::kAbsent ? Touches::kLoad
                                                                                : Touches::kNothing;
  }
  if (const auto* op = std::get_if<LoadStep>(&step.op)) {
    return step.before.modules[Index(op->module)].next != Stage::kLayout ? Touches::kLoad
                                                                         : Touches::kNothing;
  }
  // What a chain returns is what somebody answered, not that nothing happened.
  if (std::holds_alternative<Notify>(step.op) || std::holds_alternative<NotifyRobust>(step.op)) {
    return Touches::kNotifiers;
  }
  // What could not be armed may have become an aggregator, or one that is not gone any more; what
  // could not be disarmed may have lost its ops all the same (SEMANTICS 14).
  if (OfKprobes(step.op)) {
    const bool refused = step.outcome.rc == Rc(Errno::kInval) ||
                         step.outcome.rc == Rc(Errno::kNoEnt) ||
                         step.outcome.rc == Rc(Errno::kIlSeq);
    return refused && !KprobesMayStray(step) ? Touches::kNothing : Touches::kKprobes;
  }
  return Touches::kNothing;
}

// `hit`, `locate`, `fault` and `script` never change what is seen.
bool OnlyAsks(const Op& op) {
  return std::holds_alternative<Hit>(op) || std::holds_alternative<Locate>(op) ||
         std::holds_alternative<Fault>(op) || std::holds_alternative<SetScript>(op);
}

Touches Touched(const Observation& step) {
  if (OnlyAsks(step.op)) return Touches::kNothing;
  if (step.outcome.rc != 0) return TouchedByFailure(step);
  if (std::holds_alternative<AddNotifier>(step.op) ||
      std::holds_alternative<RemoveNotifier>(step.op) || std::holds_alternative<Notify>(step.op) ||
      std::holds_alternative<NotifyRobust>(step.op)) {
    return Touches::kNotifiers;
  }
  if (OfKprobes(step.op)) return Touches::kKprobes;
  return std::holds_alternative<SetPatch>(step.op) ? Touches::kPatch : Touches::kAll;
}

ModuleId LoadedModule(const Op& op) {
  if (const auto* load = std::get_if<Load>(&op)) return load->module;
  return std::get<LoadStep>(op).module;
}

bool RecordsAreEqual(const View& before, const View& after) {
  return before.records == after.records && before.groups == after.groups &&
         before.ledger == after.ledger;
}

bool ChainsAreKept(const View& before, const View& after) {
  return before.notifiers.chains == after.notifiers.chains &&
         before.notifiers.priority == after.notifiers.priority;
}

// The ops of livepatch and kprobes that are there no more: those of a module that is gone may be.
// A bit for each of all ops.
std::uint32_t FreedOps(const View& before, const View& after) {
  constexpr std::uint32_t kOfPrograms = (1u << kOpsCount) - 1;
  return RegisteredOps(before) & ~RegisteredOps(after) & ~kOfPrograms;
}

// Why kprobes are not what they were but for those that went with a module; empty when they are.
std::string_view KprobesFault(const Observation& step) {
  const KprobesView& before = step.before.kprobes;
  KprobesView after = step.after.kprobes;
  if (before == after) return "";
  // Who is gone loses its post_handler, and is armed no more.
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    after.probes[i].gone = before.probes[i].gone;
    const bool went = after.entries[i].gone && !before.entries[i].gone;
    after.entries[i].gone = before.entries[i].gone;
    if (went) after.entries[i].post = before.entries[i].post;
    // What was written in the text went with it.
    if (after.entries[i].jump == JumpState::kNone) after.entries[i].jump = before.entries[i].jump;
  }
  const auto unused = std::span(after.unused).first(after.unused_count);
  if (std::includes(before.unused.begin(), before.unused.begin() + before.unused_count,
                    unused.begin(), unused.end())) {
    after.unused = before.unused;
    after.unused_count = before.unused_count;
  }
  for (std::size_t i = 0; i < after.ops.size(); ++i) {
    if (!before.ops[i].registered && after.ops[i].registered) return "kprobes were armed";
    after.ops[i] = before.ops[i];
  }
  return before == after ? "" : "kprobes changed, and are not gone";
}

// Why livepatch is not what it was but for `module`, whose load failed; empty when it is.
std::string_view LivepatchFault(const Observation& step, ModuleId module) {
  const LivepatchView& before = step.before.livepatch;
  const LivepatchView& after = step.after.livepatch;
  if (before == after) return "";
  if (before.order != after.order || before.enabled_count != after.enabled_count) {
    return "the list of patches changed";
  }
  const std::uint32_t freed = FreedOps(step.before, step.after);
  const SlotId slot = step.before.modules[Index(module)].slot;
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    if (before.ops[i] == after.ops[i]) continue;
    // One that outlives its stack has nothing else changed.
    LivepatchOpsView outlived = before.ops[i];
    outlived.depth = 0;
    outlived.stack = {};
    const bool gone = (freed >> (kOpsCount + i) & 1) != 0 ||
                      (step.after.globals.dead && after.ops[i] == outlived);
    if (!gone || Index(slot) >= step.world.slot_count()) return "a stack of patches changed";
    const Address begin = step.world.SlotAddress(slot);
    const Address size = step.world.module(module).count * World::kFunctionStride;
    if (before.ops[i].ip < begin || before.ops[i].ip >= begin + size) {
      return "a stack of patches changed that is not the module's";
    }
  }
  return "";
}

// The call order without those that are freed.
bool OrderIsKept(const View& before, const View& after) {
  if (before.order == after.order) return true;
  const std::uint32_t freed = FreedOps(before, after);
  std::vector<OpsId> kept;
  for (const OpsId ops : before.order) {
    const bool gone = Index(ops) < kAllOpsCount && (freed >> Index(ops) & 1) != 0;
    if (!gone) kept.push_back(ops);
  }
  return kept == after.order;
}

// What a load that fails may not change, or nothing.
std::string_view FailedLoadFault(const Observation& step) {
  const View& before = step.before;
  const View& after = step.after;
  const ModuleId loaded = LoadedModule(step.op);
  for (std::size_t i = 0; i < after.modules.size(); ++i) {
    const bool is_loaded = i == Index(loaded);
    if (after.modules[i] == (is_loaded ? ModuleView{} : before.modules[i])) continue;
    return is_loaded ? "the module is not gone" : "another module changed";
  }
  if (const std::string_view fault = LivepatchFault(step, loaded); !fault.empty()) return fault;
  if (const std::string_view fault = KprobesFault(step); !fault.empty()) return fault;
  if (!ChainsAreKept(before, after)) return "a notifier chain changed";
  return OrderIsKept(before, after) ? "" : "the call order changed";
}

// But for early ones whose jump had to make way for what was changed after all.
bool KprobesAreKept(const Observation& step) {
  KprobesView kprobes = step.after.kprobes;
  if (step.before.globals.phase != Phase::kRunning) {
    for (std::size_t i = 0; i < kKprobeCount; ++i) {
      kprobes.entries[i].suspended = step.before.kprobes.entries[i].suspended;
    }
  }
  return kprobes == step.before.kprobes;
}

// Who was asked for a repair may have taken memory, or given it back, and nothing else changed.
bool OnlyRepairsChanged(const Observation& step) {
  const auto& log = step.outcome.log;
  if (std::none_of(log.begin(), log.end(),
                   [&](const NotifierCall& call) { return IsRepair(call, step.op); })) {
    return false;
  }
  View rest = step.after;
  rest.notifiers = step.before.notifiers;
  return rest == step.before;
}

}  // namespace

Broken ErrorsChangeNothing(const Observation& step) {
  if (step.outcome.fate != Fate::kReturned || step.unchanged) return std::nullopt;
  const Touches touches = Touched(step);
  if (touches == Touches::kAll) return std::nullopt;
  const bool failed = step.outcome.rc != 0;
  if (FtraceDied(step)) {
    if (touches == Touches::kKprobes) return std::nullopt;
    if (failed && touches != Touches::kNotifiers && !OnlyAsks(step.op)) return std::nullopt;
    return "ftrace died of an operation that changes nothing";
  }
  const auto fault = [&](std::string_view what) {
    return Cat({OpName(step.op),
                failed              ? " failed, but "
                : OnlyAsks(step.op) ? " only asks, but "
                                    : ": ",
                what});
  };
  const View& before = step.before;
  const View& after = step.after;
  switch (touches) {
    case Touches::kAll:
      return std::nullopt;
    case Touches::kNothing:
      if (OnlyRepairsChanged(step)) return std::nullopt;
      return fault("the View changed");
    case Touches::kOps:
      if (before.modules != after.modules) return fault("modules changed");
      if (before.groups != after.groups) return fault("groups changed");
      if (before.livepatch != after.livepatch) return fault("livepatch changed");
      if (!KprobesAreKept(step)) return fault("kprobes changed");
      if (before.order != after.order) return fault("the call order changed");
      break;
    case Touches::kLoad:
      if (const std::string_view what = FailedLoadFault(step); !what.empty()) return fault(what);
      break;
    case Touches::kKprobes:
      if (before.modules != after.modules) return fault("modules changed");
      if (before.groups != after.groups) return fault("groups changed");
      if (before.ops != after.ops) return fault("an ops changed that is not of kprobes");
      if (before.livepatch != after.livepatch) return fault("livepatch changed");
      if (!ChainsAreKept(before, after)) return fault("a notifier chain changed");
      // Who was asked for a repair may have taken memory, or given it back.
      if (step.outcome.log.empty() && before.notifiers != after.notifiers) {
        return fault("a notifier changed");
      }
      break;
    case Touches::kNotifiers:
    case Touches::kPatch: {
      LivepatchView livepatch = before.livepatch;
      if (const auto* op = std::get_if<SetPatch>(&step.op)) {
        livepatch.patches[Index(op->patch)] = after.livepatch.patches[Index(op->patch)];
        if (before.notifiers != after.notifiers) return fault("a notifier changed");
      }
      if (livepatch != after.livepatch) return fault("livepatch changed");
      if (before.kprobes != after.kprobes) return fault("kprobes changed");
      if (before.modules != after.modules) return fault("modules changed");
      if (before.ops != after.ops || before.order != after.order ||
          !RecordsAreEqual(before, after)) {
        return fault("records or ops changed");
      }
      break;
    }
  }
  if (before.globals != after.globals) return fault("global state changed");
  return std::nullopt;
}

}  // namespace recount::internal
