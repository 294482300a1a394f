// What a subject answers to one operation.
#ifndef RECOUNT_MODEL_OUTCOME_H_
#define RECOUNT_MODEL_OUTCOME_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/errno.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/world.h"

namespace recount {

enum class Fate : std::uint8_t {
  kReturned,
  kUnsupported,  // the subject does not speak this operation; the verdict is "unknown"
  kCrashed,
  kHung,
};

// One call of a notifier. A chain of nobody's is called for no module: kCore.
struct NotifierCall {
  NotifierId notifier{};
  Event event = Event::kLive;
  ModuleId module = kCore;
  friend auto operator<=>(const NotifierCall&, const NotifierCall&) = default;
};

struct Outcome {
  Fate fate = Fate::kReturned;
  int rc = 0;  // 0 or -errno

  // `hit`: who was called back, in order. Entries past `called_count` are value-initialised.
  std::uint8_t called_count = 0;
  std::array<OpsId, kOpsCount> called{};
  // `locate`: the function whose call site covers the place, else kNoFunction.
  FunctionId located = kNoFunction;
  // `hit`: the livepatch whose replacement ran, else kNoPatch.
  PatchId redirected = kNoPatch;
  // `hit`: the kprobes whose pre_handler ran, in order.
  std::uint8_t fired_count = 0;  // fired past it are value-initialised
  std::array<KprobeId, 2 * kKprobeCount> fired{};
  // What the chain answered, of the operations that call one; kNotifyDone of all others.
  Answer answer = kNotifyDone;
  // Which notifiers heard what, in order, on every chain that the operation called.
  std::vector<NotifierCall> log;

  // "kernel/trace/ftrace.c:1791": what a kernel complained about meanwhile. Shown, and held against
  // recordings; no part of what is compared, for the rules know of no complaints.
  std::vector<std::string> warnings;

  static Outcome Ok() { return {}; }
  static Outcome Error(Errno error) {
    Outcome outcome;
    outcome.rc = Rc(error);
    return outcome;
  }
  void AddCall(OpsId ops) { called[called_count++] = ops; }
  void AddFired(KprobeId kprobe) { fired[fired_count++] = kprobe; }

  // All but the warnings.
  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.fate == b.fate && a.rc == b.rc && a.called_count == b.called_count &&
           a.called == b.called && a.located == b.located && a.redirected == b.redirected &&
           a.fired_count == b.fired_count && a.fired == b.fired && a.answer == b.answer &&
           a.log == b.log;
  }
};

// "returned", "unsupported", "crashed", "hung".
std::string_view FateText(Fate fate);
// The canonical text of what `op` was answered, as a margin holds it:
//   "0", "-EINVAL", "crashed", "hung", "unsupported";
//   for a `hit` that returned 0: who was called, then which kprobes ran, then the livepatch whose
//   replacement ran: "o2 o0", "o2 k1 k0 p1" or "nobody";
//   for a `locate`: "alpha_read" or "nothing";
//   for what calls a chain of nobody's: who heard what, and its answer, "n0:coming n1:coming =
//   bad", "nobody = done"; for all others: who heard what behind the rc, "0 n0:coming n0:live".
std::string OutcomeText(const World& world, const Op& op, const Outcome& outcome);

// Why OutcomeText() never says `text` of `op`; empty when it may. `text` is words with one space
// between them.
std::string OutcomeTextFault(const World& world, const Op& op, std::string_view text);

}  // namespace recount

#endif  // RECOUNT_MODEL_OUTCOME_H_
