#include "model/reference/faults.h"

#include <cstddef>

#include "model/check.h"

namespace recount::reference {

bool Fails(State& state, FaultPoint point) {
  ArmedFault& armed = state.faults[static_cast<std::size_t>(point)];
  if (armed.left == 0) return false;
  if (--armed.left > 0) return false;
  armed = {};  // once
  return true;
}

Errno StageResult(State& state, Stage stage, std::optional<Errno> asked) {
  RECOUNT_CHECK(CanFail(stage));
  const Errno armed = state.faults[static_cast<std::size_t>(FaultPoint::kStage)].error;
  // The point is passed also when the operation asks for the failure itself.
  const bool injected = Fails(state, FaultPoint::kStage);
  if (!asked && !injected) return Errno::kOk;
  // Whose errno: the operation's own, then the fault's, then the stage's.
  if (asked && *asked != Errno::kOk) return *asked;
  if (injected && armed != Errno::kOk) return armed;
  return StageErrno(stage);
}

Outcome Apply(State& state, const Fault& op) {
  state.faults[static_cast<std::size_t>(op.point)] = {.left = op.nth, .error = op.error};
  return Outcome::Ok();
}

}  // namespace recount::reference
