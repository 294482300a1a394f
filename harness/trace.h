// The trace of a run, for people and for files: every operation, what it was answered, what could
// be seen afterwards.
//
// The same Program gives the same bytes on every compiler and build type (ci/determinism).
#ifndef RECOUNT_HARNESS_TRACE_H_
#define RECOUNT_HARNESS_TRACE_H_

#include <functional>
#include <string>
#include <string_view>

#include "harness/lockstep.h"
#include "model/program.h"

namespace recount {

// Called with each piece of the trace, so that it is out before an operation that never returns.
using TraceSink = std::function<void(std::string_view)>;

// Runs `program`, and says what happens. The verdict is that of lockstep.Run(program).
RunResult RunTraced(const Program& program, Lockstep* lockstep, const TraceSink& sink);

// "operation 5, hit alpha_read", or "the start" where the first Views differ.
std::string PlaceText(const Program& program, const Divergence& divergence);
// "operation 5, hit alpha_read: outcome.called is nobody, expected o0 (broken: I1)"; between
// peers "operation 5, hit alpha_read: outcome.called: left o0, right nobody"
std::string DivergenceLine(const Program& program, const Divergence& divergence);

}  // namespace recount

#endif  // RECOUNT_HARNESS_TRACE_H_
