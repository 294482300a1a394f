#include "fuzz/feedback.h"

#include "fuzz/state_hash.h"

namespace recount {

void Feedback::Count(Family family, std::uint64_t hash) {
  // Seen or not seen. How often is no news here, and libFuzzer would take each power of two of a
  // counter for a feature of its own.
  counters_[family * region_ + hash % region_] = 1;
}

void Feedback::Begin(const View& view) {
  last_[0] = last_[1] = 0;
  state_ = StateHash(view);
  Count(kStates, state_);
}

void Feedback::Step(const Op& op, const Outcome& outcome, const View& after, bool changed) {
  const std::uint64_t before = state_;
  if (changed) state_ = StateHash(after);
  const std::uint64_t step = MixHash(op.index() + 1, static_cast<std::uint64_t>(-outcome.rc));
  Count(kStates, state_);
  Count(kTransitions, TransitionHash(op, outcome, before, state_));
  Count(kOpTriples, MixHash(MixHash(last_[0], last_[1]), step));
  last_[0] = last_[1];
  last_[1] = step;
}

}  // namespace recount
