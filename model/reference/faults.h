// Fault points: named places where a failure can be asked for (SEMANTICS 8).
#ifndef RECOUNT_MODEL_REFERENCE_FAULTS_H_
#define RECOUNT_MODEL_REFERENCE_FAULTS_H_

#include <optional>

#include "model/errno.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// Passes `point` once. True when this is the passing that fails; the point is unarmed then.
bool Fails(State& state, FaultPoint point);

// Passes the fault point of a load stage that can fail. `asked` is the failure the operation itself
// asks for. kOk when the stage succeeds, else the error it returns.
// REQUIRES: CanFail(stage).
Errno StageResult(State& state, Stage stage, std::optional<Errno> asked);

Outcome Apply(State& state, const Fault& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_FAULTS_H_
