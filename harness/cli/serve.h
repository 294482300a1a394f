// The far end of a side: a process that plays Programs on a Subject and tells what it answers and
// shows. Two kernels do not fit into one process, and what crashes or hangs must not take its judge
// along; so `recount equiv` has each of its sides served by a process of its own.
//
// Both ends send frames: a kind, the size of what follows, and that. The harness asks, one Program
// at a time; the answer to a Program is a step for the start, one for each operation, and the end.
// A step in brief is a digest, for Programs on which both sides agree: nearly all.
#ifndef RECOUNT_HARNESS_CLI_SERVE_H_
#define RECOUNT_HARNESS_CLI_SERVE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "model/outcome.h"
#include "model/subject.h"
#include "model/view.h"

namespace recount {

// What an answer means; to be raised with every change of what is sent.
inline constexpr std::string_view kServeVersion = "recount serve 1";

enum class FrameKind : char {
  // Asked: a World that is no built-in one ("NAME\nTEXT"), for how long an operation may run (a
  // double, from now on), a Program (its text).
  kWorld = 'w',
  kPatience = 'p',
  kBrief = 'b',
  kFull = 'f',
  // Answered: kServeVersion, once; a step; the last one was told; what is wrong with a question.
  kHello = 'h',
  kStep = 's',
  kEnd = 'e',
  kError = 'x',
};

// A step as it is told in brief.
struct BriefStep {
  Fate fate = Fate::kReturned;
  int rc = 0;
  std::uint64_t digest = 0;  // of the Outcome and, when it returned, the View
};
void AppendBriefStep(const BriefStep& step, std::string* bytes);
bool TakeBriefStep(std::string_view* bytes, BriefStep* step);

// Appends a whole frame.
void AppendFrame(FrameKind kind, std::string_view payload, std::string* bytes);
// Takes one from `bytes`, beginning at `*at`, which moves behind it. False when it is not all
// there.
bool TakeFrame(std::string_view bytes, std::size_t* at, FrameKind* kind, std::string_view* payload);

// An operation that takes longer than this many seconds of a processor does not come back: the
// process ends with SIGVTALRM. (One that sleeps is for the harness to give up.)
inline constexpr double kServePatience = 2.0;

// Answers on `out` what is asked on `in`, until that ends. The standard streams of the process are
// taken away from what else it runs.
void Serve(Subject* subject, int in, int out);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_SERVE_H_
