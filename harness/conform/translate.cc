#include "harness/conform/translate.h"

#include <span>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "harness/conform/guest_kprobes.h"
#include "harness/conform/guest_livepatch.h"
#include "harness/conform/guest_notifiers.h"
#include "harness/conform/guest_op.h"

namespace recount {
namespace {

using Words = std::span<const std::string>;

std::optional<Errno> KnownErrno(int number) {
  for (const Errno error : AllErrnos()) {
    if (static_cast<int>(error) == number) return error;
  }
  return std::nullopt;
}

std::optional<bool> ParseBit(const std::string& word) {
  if (word == "0") return false;
  if (word == "1") return true;
  return std::nullopt;
}

// The word where a pattern stands: "-" and '' are the null pattern.
std::optional<Pattern> ParsePattern(const std::string& word) {
  if (word == "-" || word == "''") return Pattern();
  absl::StatusOr<Pattern> pattern = Pattern::FromText(word);
  if (!pattern.ok()) return std::nullopt;
  return *pattern;
}

// Walks a sequence; holds what an operation's meaning depends on.
class Translator {
 public:
  Translator(const Universe& universe, const Sequence& sequence)
      : universe_(universe),
        world_(*universe.world()),
        sequence_(sequence),
        kprobes_(universe, sequence.kernel) {}

  Translation Run() {
    Translation result;
    for (const RecordedStep& step : sequence_.steps) {
      uses_tracer_ = uses_tracer_ || step.filter_lines.has_value();
      StepPlan plan;
      const std::vector<std::string> words = absl::StrSplit(step.op, ' ', absl::SkipEmpty());
      if (!Step(words, step, &plan)) {
        result.out_of_scope = step.op;
        result.why = why_;
        break;
      }
      result.steps.push_back(std::move(plan));
    }
    result.notifiers = notifiers_.table();
    if (uses_tracer_) {
      result.prelude.push_back(SetOps{.ops = kGlobalTracer, .user = User::kTracer});
    }
    return result;
  }

 private:
  // Each returns false when the step is out of scope.
  bool Step(Words words, const RecordedStep& step, StepPlan* plan) {
    if (words.empty()) return false;
    const std::string& verb = words[0];
    if (verb == "insmod") return Insmod(words, step, plan);
    if (verb == "rmmod") return Rmmod(words, step, plan);
    if (verb == "call") return Call(words, plan);
    if (verb == "echo") return Echo(words, step, plan);
    if (verb == "ops") return OpsCall(words, plan);
    if (verb == "nb" || verb == "ch") {
      if (IsGuestChainCall(step.op)) plan->kind = StepPlan::Kind::kChain;
      return notifiers_.Apply(words, &plan->ops);
    }
    if (verb == "klpwait") return KlpWait(words, plan);
    if (verb == "kp") return Kprobe(words, step, plan);
    plan->kind = StepPlan::Kind::kNoChange;
    return verb == "read";
  }

  bool Kprobe(Words words, const RecordedStep& step, StepPlan* plan) {
    const GuestKprobeCall call = kprobes_.Apply(words, step);
    why_ = call.out_of_scope;
    if (!why_.empty()) return false;
    if (call.behind_endbr) plan->deviations.push_back("endbr-before-call-site");
    if (call.op) {
      plan->ops.push_back(*call.op);
      return true;
    }
    plan->kind = StepPlan::Kind::kNoChange;
    plan->rc = call.rc;
    if (call.registered) plan->kprobe_in_use = {call.kprobe, *call.registered};
    return true;
  }

  bool Insmod(Words words, const RecordedStep& step, StepPlan* plan) {
    if (words.size() < 2) return false;
    const std::optional<ModuleId> module = world_.FindModule(words[1]);
    if (!module) return false;
    Load load{.module = *module, .slot = universe_.spare_slot()};
    // The place it was loaded at; a load that fails leaves nobody who saw one.
    const std::optional<std::uint64_t> base = step.BaseOf(words[1]);
    if (step.rc == 0 && base) load.slot = universe_.SlotOf(*base);
    if (const std::optional<PatchId> patch = PatchOfModule(words[1])) {
      if (step.rc == 0) {
        return LoadLivepatch(universe_, *module, load.slot, *patch, words.subspan(2), &plan->ops);
      }
      // Whether the loader, a notifier or livepatch itself refused it is seen of one errno only.
      if (step.rc != Rc(Errno::kExist)) return false;
      plan->ops.push_back(load);
      return true;
    }
    for (const std::string& parameter : words.subspan(2)) {
      const std::size_t equals = parameter.find('=');
      const std::string name = parameter.substr(0, equals);
      const std::string value = equals == std::string::npos ? "" : parameter.substr(equals + 1);
      if (name == "init_calls") calls_pending_ = true;
      if (name != "init_ret" || load.failure) continue;  // unknown ones are only warned of
      int number = 0;
      if (!absl::SimpleAtoi(value, &number)) {
        load.failure = StageFailure{Stage::kParams, Errno::kInval};
      } else if (number < 0) {
        const std::optional<Errno> error = KnownErrno(-number);
        if (!error) return false;
        load.failure = StageFailure{Stage::kInit, *error};
      }
    }
    plan->ops.push_back(load);
    return true;
  }

  bool Rmmod(Words words, const RecordedStep& step, StepPlan* plan) {
    if (words.size() != 2) return false;
    const std::optional<ModuleId> module = world_.FindModule(words[1]);
    if (!module) return false;
    // A patch that is enabled holds its module; the language does not know whose it is.
    if (PatchOfModule(words[1]) && step.rc == Rc(Errno::kAgain)) return false;
    plan->ops.push_back(Unload{*module});
    return true;
  }

  bool KlpWait(Words words, StepPlan* plan) {
    const std::optional<PatchId> patch = words.size() == 2 ? PatchOfModule(words[1]) : std::nullopt;
    if (!patch) return false;
    plan->kind = StepPlan::Kind::kWait;
    plan->patch = *patch;
    return true;
  }

  bool Call(Words words, StepPlan* plan) {
    int which = 0;
    if (words.size() != 3 || !absl::SimpleAtoi(words[2], &which)) return false;
    const std::optional<ModuleId> module = world_.FindModule(words[1]);
    const std::vector<std::string> targets = TargetsOf(words[1]).callable;
    if (!module || targets.empty() || which < -1 || which >= static_cast<int>(targets.size()))
      return false;
    plan->kind = StepPlan::Kind::kCall;
    plan->hits_are_exact = !std::exchange(calls_pending_, false);
    for (int i = 0; i < static_cast<int>(targets.size()); ++i) {
      if (which != -1 && which != i) continue;
      const std::optional<FunctionId> function =
          universe_.FindFunction(*module, targets[static_cast<std::size_t>(i)]);
      if (!function) return false;
      plan->ops.push_back(Hit{*function});
    }
    return true;
  }

  bool Echo(Words words, const RecordedStep& step, StepPlan* plan) {
    if (words.size() < 4) return false;
    const std::string& file = words.back();
    const std::string& arrow = words[words.size() - 2];
    const Words text = words.subspan(1, words.size() - 3);
    if (arrow != ">" && arrow != ">>") return false;
    if (file == "set_ftrace_filter" || file == "set_ftrace_notrace") {
      uses_tracer_ = true;
      const Which which = file == "set_ftrace_filter" ? Which::kFilter : Which::kNotrace;
      // One open and close with a write for each word: the later words add to the first ones.
      for (const std::string& word : text) {
        const std::optional<Pattern> pattern = ParsePattern(word);
        if (!pattern) return false;
        plan->ops.push_back(SetFilter{.which = which,
                                      .ops = kGlobalTracer,
                                      .reset = arrow == ">" && plan->ops.empty(),
                                      .pattern = *pattern});
      }
      return true;
    }
    if (text.size() != 1) return false;
    if (file == "current_tracer") {
      if (text[0] != "function" && text[0] != "nop") return false;
      uses_tracer_ = true;
      const bool on = text[0] == "function";
      if (on != tracing_) {
        if (on) plan->ops.push_back(Register{kGlobalTracer});
        if (!on) plan->ops.push_back(Unregister{kGlobalTracer});
      }
      if (step.rc == 0) tracing_ = on;
      return true;
    }
    if (file == "/proc/sys/kernel/ftrace_enabled") {
      const std::optional<bool> on = ParseBit(text[0]);
      if (on) plan->ops.push_back(FtraceEnabled{*on});
      return on.has_value();
    }
    if (const std::optional<PatchId> patch = PatchOfFile(file); patch && text[0] == "0") {
      plan->ops.push_back(DisablePatch{*patch});
      return true;
    }
    return false;
  }

  bool OpsCall(Words words, StepPlan* plan) {
    std::uint32_t index = 0;
    if (words.size() < 3 || !absl::SimpleAtoi(words[1], &index)) return false;
    if (index >= Index(kGlobalTracer)) return false;
    const OpsId ops{static_cast<std::uint8_t>(index)};
    const std::string& verb = words[2];
    if (verb == "reg" && words.size() == 3) {
      plan->ops.push_back(Register{ops});
      return true;
    }
    if (verb == "unreg" && words.size() == 3) {
      plan->ops.push_back(Unregister{ops});
      return true;
    }
    if (verb == "flags") {
      SetOps set{.ops = ops};
      for (const std::string& flag : words.subspan(3)) {
        if (flag == "SAVE_REGS") {
          set.save_regs = true;
        } else if (flag == "IPMODIFY") {
          set.ipmodify = true;
        } else if (flag == "PERMANENT") {
          set.permanent = true;
        } else {
          return false;
        }
      }
      plan->ops.push_back(set);
      return true;
    }
    if ((verb == "filter" || verb == "notrace") && words.size() == 5) {
      const std::optional<Pattern> pattern = ParsePattern(words[3]);
      const std::optional<bool> reset = ParseBit(words[4]);
      if (!pattern || !reset) return false;
      plan->ops.push_back(SetFilter{.which = verb == "filter" ? Which::kFilter : Which::kNotrace,
                                    .ops = ops,
                                    .reset = *reset,
                                    .pattern = *pattern});
      return true;
    }
    if (verb == "ip" && words.size() == 6) return Ip(ops, words, plan);
    return false;
  }

  bool Ip(OpsId ops, Words words, StepPlan* plan) {
    const std::optional<bool> remove = ParseBit(words[4]);
    const std::optional<bool> reset = ParseBit(words[5]);
    if (!remove || !reset) return false;
    SetFilterIp set{.ops = ops, .remove = *remove, .reset = *reset};
    if (words[3].rfind("0x", 0) == 0) {
      // User space addresses: no function anywhere near.
      std::uint64_t address = 0;
      if (!absl::SimpleHexAtoi(words[3], &address) || address >> 63 != 0) return false;
      set.places[0] = {universe_.no_call_site(), 0};
    } else {
      const std::size_t colon = words[3].find(':');
      const std::size_t plus = words[3].find('+');
      int offset = 0;
      if (colon == std::string::npos) return false;
      if (plus != std::string::npos && !absl::SimpleAtoi(words[3].substr(plus + 1), &offset)) {
        return false;
      }
      if (offset < 0 || offset >= static_cast<int>(World::kFunctionStride)) return false;
      const std::optional<ModuleId> module = world_.FindModule(words[3].substr(0, colon));
      if (!module) return false;
      const std::optional<FunctionId> function =
          universe_.FindFunction(*module, words[3].substr(colon + 1, plus - colon - 1));
      if (!function) return false;
      const int endbr = EndbrSize(sequence_.kernel);
      if (offset > 0 && endbr > 0) {
        plan->deviations.push_back("endbr-before-call-site");
        offset = offset < endbr ? static_cast<int>(World::kCallSize) : offset - endbr;
      }
      set.places[0] = {*function, static_cast<std::uint8_t>(offset)};
    }
    plan->ops.push_back(set);
    return true;
  }

  const Universe& universe_;
  const World& world_;
  const Sequence& sequence_;
  GuestNotifiers notifiers_;
  GuestKprobes kprobes_;
  std::string_view why_;  // the step is out of scope
  bool uses_tracer_ = false;
  bool tracing_ = false;        // current_tracer is "function"
  bool calls_pending_ = false;  // an init function called the targets since the last `call`
};

}  // namespace

Translation Translate(const Universe& universe, const Sequence& sequence) {
  return Translator(universe, sequence).Run();
}

bool LeavesKernelUnsound(const RecordedStep& step) {
  if (step.crashed) return true;
  if (!step.warned) return false;
  const bool registration = step.op.rfind("ops ", 0) == 0 && step.rc == Rc(Errno::kBusy);
  const bool notifier = (step.op.rfind("nb ", 0) == 0 || step.op.rfind("ch ", 0) == 0) &&
                        step.rc == Rc(Errno::kExist);
  return !registration && !notifier;
}

}  // namespace recount
