// I10 to I12, I16: one operation, its Outcome, and the Views before and after it.
#include <fnmatch.h>

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

const OpsView& OpsBefore(const Observation& step, OpsId ops) { return step.before.ops[Index(ops)]; }

bool Known(int rc) {
  const auto errnos = AllErrnos();
  return std::any_of(errnos.begin(), errnos.end(), [rc](Errno error) { return Rc(error) == rc; });
}

bool OneOf(int rc, std::initializer_list<Errno> errors) {
  return std::any_of(errors.begin(), errors.end(), [rc](Errno error) { return Rc(error) == rc; });
}

// Whether `op` has a path that returns `rc`, which is not 0 (SEMANTICS 4 to 8).
bool CanReturn(const Observation& step, int rc) {
  using enum Errno;
  struct Visitor {
    const Observation& step;
    int rc;
    // An injected stage failure may carry any errno, and a notifier's answer any number.
    bool operator()(const Load&) const { return Known(rc) || !step.outcome.log.empty(); }
    bool operator()(const LoadBegin&) const { return Known(rc); }
    bool operator()(const LoadStep&) const { return Known(rc) || !step.outcome.log.empty(); }
    bool operator()(const Unload&) const { return OneOf(rc, {kNoEnt, kBusy, kAgain}); }
    bool operator()(const FreeInit&) const { return false; }
    bool operator()(const SetFilter& op) const {
      // A tracer's write has no error of its own for a move that is refused.
      if (OpsBefore(step, op.ops).user == User::kTracer) {
        return OneOf(rc, {kNoDev, kNoMem, kInval});
      }
      return OneOf(rc, {kNoDev, kNoMem, kInval, kBusy});
    }
    bool operator()(const SetFilterIp& op) const {
      return OneOf(rc, {kSrch, kNoDev, kNoMem, kInval, kBusy}) || (op.remove && rc == Rc(kNoEnt));
    }
    bool operator()(const Share&) const { return OneOf(rc, {kInval, kBusy}); }
    bool operator()(const SetOps&) const { return OneOf(rc, {kBusy, kInval}); }
    bool operator()(const Register&) const { return OneOf(rc, {kNoDev, kBusy, kInval}); }
    bool operator()(const Unregister&) const { return OneOf(rc, {kNoDev, kBusy}); }
    bool operator()(const FtraceEnabled&) const { return OneOf(rc, {kNoDev, kBusy}); }
    bool operator()(const Hit&) const { return OneOf(rc, {kNoEnt, kNoDev}); }
    bool operator()(const Locate&) const { return rc == Rc(kNoEnt); }
    bool operator()(const Fault&) const { return false; }
    bool operator()(const AddNotifier&) const { return OneOf(rc, {kExist, kBusy}); }
    bool operator()(const RemoveNotifier&) const { return rc == Rc(kNoEnt); }
    bool operator()(const SetScript&) const { return false; }
    // The errno of whatever a script answers, and no other (below).
    bool operator()(const Notify&) const { return true; }
    bool operator()(const NotifyRobust&) const { return true; }
    bool operator()(const SetPatch&) const { return rc == Rc(kBusy); }
    bool operator()(const EnablePatch&) const { return Known(rc); }
    bool operator()(const DisablePatch&) const { return rc == Rc(kNoEnt); }
    // Arming is filter_ip and register, disarming unregister and filter_ip remove (SEMANTICS 14).
    bool operator()(const AddKprobe&) const {
      return OneOf(rc, {kInval, kNoEnt, kIlSeq, kNoMem, kBusy, kNoDev}) ||
             (rc == Rc(kExist) && step.before.globals.phase != Phase::kRunning);
    }
    bool operator()(const RemoveKprobe&) const { return OneOf(rc, {kInval, kBusy}); }
    bool operator()(const EnableKprobe&) const {
      return OneOf(rc, {kInval, kNoMem, kBusy, kNoDev});
    }
    bool operator()(const DisableKprobe&) const {
      return OneOf(rc, {kInval, kNoMem, kNoDev, kNoEnt});
    }
    bool operator()(const KprobesArmed&) const {
      return OneOf(rc, {kInval, kNoMem, kBusy, kNoDev, kNoEnt});
    }
    // Conversion arms.
    bool operator()(const Boot&) const { return OneOf(rc, {kInval, kNoMem, kBusy, kNoDev}); }
    bool operator()(const Optimize&) const {
      return rc == Rc(kInval) && step.profile.optprobes == Profile::Optprobes::kOff;
    }
  };
  // What has to wait for a later phase (SEMANTICS 15).
  if (rc == Rc(kAgain) && step.before.globals.phase != Phase::kRunning) return true;
  return std::visit(Visitor{step, rc}, step.op);
}

// Operations that a dead ftrace refuses before it looks at anything else.
bool RefusedWhenDead(const Op& op) {
  return std::holds_alternative<Register>(op) || std::holds_alternative<Unregister>(op) ||
         std::holds_alternative<FtraceEnabled>(op) || std::holds_alternative<SetFilter>(op);
}

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// True when fnmatch(3) and SEMANTICS 5 read `text` the same way: no removal, no index, no escape,
// no character special to one only, and classes that are closed, plain, and ascend.
bool FnmatchReadsAlike(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  if (text.find_first_of("!^\\") != text.npos) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '[') continue;
    const std::size_t end = text.find(']', i);
    if (end == text.npos || end == i + 1) return false;
    for (std::size_t j = i + 1; j < end; ++j) {
      const bool range = text[j] == '-' && j > i + 1 && j + 1 < end && text[j - 1] < text[j + 1];
      if (!range && !IsWordChar(text[j])) return false;
      if (range && j + 2 < end && text[j + 2] == '-') return false;
    }
    i = end;
  }
  return true;
}

}  // namespace

Broken ErrnosArePossible(const Observation& step) {
  const Outcome& outcome = step.outcome;
  if (outcome.fate != Fate::kReturned) return std::nullopt;
  if (outcome.rc != 0 && !CanReturn(step, outcome.rc)) {
    return Cat({OpName(step.op), " cannot return ", RcText(outcome.rc)});
  }
  if (RefusedWhenDead(step.op)) {
    const bool refused = outcome.rc == Rc(Errno::kNoDev);
    const bool waits =
        outcome.rc == Rc(Errno::kAgain) && step.before.globals.phase != Phase::kRunning;
    if (step.before.globals.dead && !refused && !waits) {
      return Cat({OpName(step.op), " returned ", RcText(outcome.rc), " though ftrace is dead"});
    }
    if (!step.after.globals.dead && refused) {
      return Cat({OpName(step.op), " returned -ENODEV though ftrace is alive"});
    }
  }
  const bool calls =
      std::holds_alternative<Notify>(step.op) || std::holds_alternative<NotifyRobust>(step.op);
  if (calls ? outcome.rc != RcOf(outcome.answer) : outcome.answer != kNotifyDone) {
    return Cat({OpName(step.op), " returned ", RcText(outcome.rc), ", but the chain answered ",
                AnswerText(outcome.answer)});
  }
  const bool hit = std::holds_alternative<Hit>(step.op);
  const bool locate = std::holds_alternative<Locate>(step.op);
  const bool ran =
      outcome.called_count > 0 || outcome.fired_count > 0 || outcome.redirected != kNoPatch;
  if (ran && (!hit || outcome.rc != 0)) {
    return "callbacks without a hit";
  }
  if (outcome.located != kNoFunction && (!locate || outcome.rc != 0)) return "an unasked-for place";
  return std::nullopt;
}

Broken LocateIsALinearScan(const Observation& step) {
  const auto* op = std::get_if<Locate>(&step.op);
  if (op == nullptr || step.outcome.fate != Fate::kReturned) return std::nullopt;
  Outcome expected = Outcome::Error(Errno::kNoEnt);
  if (const auto address = AddressNow(step.world, step.before, op->place.function)) {
    expected = Outcome::Ok();
    // Before there are records the sorted table is looked at, which has what will be one.
    if (step.before.globals.phase == Phase::kSorted && op->place.offset < World::kCallSize &&
        World::HasRecord(step.world.function(op->place.function).kind)) {
      expected.located = op->place.function;
    }
    for (const RecordView& record : step.before.records) {
      const Address place = *address + op->place.offset;
      if (record.ip <= place && place < record.ip + World::kCallSize) {
        expected.located = record.function;
        break;
      }
    }
  }
  if (step.outcome.rc == expected.rc && step.outcome.located == expected.located) {
    return std::nullopt;
  }
  return Cat({"locate found ", OutcomeText(step.world, step.op, step.outcome), ", a linear scan ",
              OutcomeText(step.world, step.op, expected)});
}

Broken PatternsMatchAsFnmatch(const Observation& step) {
  const auto* op = std::get_if<SetFilter>(&step.op);
  if (op == nullptr || !op->reset || step.outcome.fate != Fate::kReturned || step.outcome.rc != 0) {
    return std::nullopt;
  }
  if (OpsBefore(step, op->ops).user != User::kKernel) return std::nullopt;
  const OpsView& ops = step.after.ops[Index(op->ops)];
  const HashView& hash = op->which == Which::kFilter ? ops.filter : ops.notrace;
  if (op->pattern.null()) {
    if (hash.empty()) return std::nullopt;
    return Cat({OpsName(Index(op->ops)), ": not empty after a reset without a pattern"});
  }
  if (!FnmatchReadsAlike(op->pattern.text())) return std::nullopt;

  const bool plain = op->pattern.text().find_first_of("*?[") == std::string_view::npos;
  std::array<char, Pattern::kMaxSize + 1> text{};  // fnmatch wants a NUL
  std::copy(op->pattern.text().begin(), op->pattern.text().end(), text.begin());
  std::size_t matches = 0;
  for (const RecordView& record : step.before.records) {
    if ((record.flags & kDisabled) != 0) continue;
    if (Index(record.function) >= step.world.functions().size()) continue;
    const Function& function = step.world.function(record.function);
    if (function.kind == FunctionKind::kWeak) continue;  // no name
    const bool match = plain ? function.name == op->pattern.text()
                             : fnmatch(text.data(), function.name.c_str(), 0) == 0;
    const bool chosen = std::binary_search(hash.ips.begin(), hash.ips.end(), record.ip);
    matches += match ? 1 : 0;
    if (match == chosen) continue;
    return Cat({FunctionName(step.world, record.function), ": '", op->pattern.text(),
                match ? "' matches it, but it is not in the hash"
                      : "' does not match it, but it is in the hash"});
  }
  if (matches == 0) return Cat({"'", op->pattern.text(), "' matches nothing, but the result is 0"});
  if (hash.ips.size() != matches || hash.cleared != 0 || hash.mod) {
    return Cat(
        {OpsName(Index(op->ops)), ": the hash holds more than '", op->pattern.text(), "' matches"});
  }
  return std::nullopt;
}

Broken HitsCallTheTracers(const Observation& step) {
  // The call order holds the registered ops, each once. Death at registration leaves one out.
  std::uint32_t left = RegisteredOps(step.after);
  for (const OpsId ops : step.after.order) {
    const std::uint32_t bit = Index(ops) < kAllOpsCount ? 1u << Index(ops) : 0;
    if ((left & bit) == 0) {
      return Cat({OpsName(Index(ops)), ": in the call order, but not registered, or twice"});
    }
    left &= ~bit;
  }
  if (left != 0 && !step.after.globals.dead) {
    const auto lowest = static_cast<std::size_t>(std::countr_zero(left));
    return Cat({OpsName(lowest), ": registered, but not in the call order"});
  }

  const auto* op = std::get_if<Hit>(&step.op);
  if (op == nullptr || step.outcome.fate != Fate::kReturned) return std::nullopt;
  const View& view = step.before;
  const Function& function = step.world.function(op->function);
  const auto address = AddressNow(step.world, view, op->function);
  const bool init_over = function.kind == FunctionKind::kInit &&
                         (function.module == kCore
                              ? view.globals.core_init_freed
                              : address.has_value() && view.modules[Index(function.module)].state ==
                                                           ModuleState::kLive);
  Outcome expected;
  // Livepatch's goes on to the replacement on top of its stack, those of kprobes to the probes.
  const auto call = [&](OpsId ops) {
    if (ops == kKprobeOps || ops == kKprobeIpmodifyOps) {
      FireOnFtrace(view, *address, &expected);
    } else if (Index(ops) >= kOpsCount) {
      const LivepatchOpsView* of =
          Index(ops) < kAllOpsCount ? &view.livepatch.ops[Index(ops) - kOpsCount] : nullptr;
      if (of != nullptr && of->depth > 0) expected.redirected = of->stack[0];
    } else if (expected.called_count < kOpsCount) {
      expected.AddCall(ops);
    }
  };
  if (!address.has_value() || init_over) {
    expected = Outcome::Error(Errno::kNoEnt);
  } else if (view.globals.dead) {
    expected = Outcome::Error(Errno::kNoDev);
  } else {
    const auto record =
        std::find_if(view.records.begin(), view.records.end(),
                     [&](const RecordView& candidate) { return candidate.ip == *address; });
    if (record != view.records.end() && record->site.kind == SiteKind::kTrampoline) {
      call(record->site.owner);
    } else if (record != view.records.end() && Believed(record->site).kind != SiteKind::kNop &&
               record->site.kind != SiteKind::kMcount) {
      const std::uint32_t tracers = Tracers(view).Of(*record).ops;
      for (const OpsId ops : view.order) {
        if (Index(ops) < kAllOpsCount && (tracers >> Index(ops) & 1) != 0) call(ops);
      }
    }
    if (expected.redirected == kNoPatch) FireBreakpoints(view, *address, &expected);
  }
  const bool fired =
      (step.outcome.fired_count == expected.fired_count && step.outcome.fired == expected.fired) ||
      KprobesMayStray(step);
  if (step.outcome.rc == expected.rc && step.outcome.called_count == expected.called_count &&
      step.outcome.called == expected.called && fired &&
      step.outcome.redirected == expected.redirected) {
    return std::nullopt;
  }
  return Cat({"hit answered ", OutcomeText(step.world, step.op, step.outcome), ", expected ",
              OutcomeText(step.world, step.op, expected)});
}

}  // namespace recount::internal
