// What a subject answers to one operation.
#ifndef RECOUNT_MODEL_OUTCOME_H_
#define RECOUNT_MODEL_OUTCOME_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

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

struct Outcome {
  Fate fate = Fate::kReturned;
  int rc = 0;  // 0 or -errno

  // `hit`: who was called back, in order. Entries past `called_count` are value-initialised.
  std::uint8_t called_count = 0;
  std::array<OpsId, kOpsCount> called{};
  // `locate`: the function whose call site covers the place, else kNoFunction.
  FunctionId located = kNoFunction;

  static Outcome Ok() { return {}; }
  static Outcome Error(Errno error) {
    Outcome outcome;
    outcome.rc = Rc(error);
    return outcome;
  }
  void AddCall(OpsId ops) { called[called_count++] = ops; }

  friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

// "returned", "unsupported", "crashed", "hung".
std::string_view FateText(Fate fate);
// The canonical text of what `op` was answered, as a margin holds it:
//   "0", "-EINVAL", "crashed", "hung", "unsupported";
//   for a `hit` that returned 0: "o2 o0" or "nobody";  for a `locate`: "alpha_read" or "nothing".
std::string OutcomeText(const World& world, const Op& op, const Outcome& outcome);

// Why OutcomeText() never says `text` of `op`; empty when it may. `text` is words with one space
// between them.
std::string OutcomeTextFault(const World& world, const Op& op, std::string_view text);

}  // namespace recount

#endif  // RECOUNT_MODEL_OUTCOME_H_
