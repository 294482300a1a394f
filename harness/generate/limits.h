// Keeping within what a subject can do (Limits, model/subject.h).
#ifndef RECOUNT_HARNESS_GENERATE_LIMITS_H_
#define RECOUNT_HARNESS_GENERATE_LIMITS_H_

#include <string>
#include <string_view>

#include "model/op.h"
#include "model/program.h"
#include "model/subject.h"
#include "model/view.h"

namespace recount {

// False when a subject with these limits may answer `op` with kUnsupported in the state that `view`
// shows. Also false for some that it would refuse, which costs a search nothing.
bool IsWithin(const Limits& limits, const View& view, const Op& op);

// Why `who`, a subject with these limits, cannot begin where `program` does; empty when it can.
std::string CannotBegin(std::string_view who, const Limits& limits, const Program& program);

}  // namespace recount

#endif  // RECOUNT_HARNESS_GENERATE_LIMITS_H_
