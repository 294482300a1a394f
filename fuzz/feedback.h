// What one run of a Program has seen, as counters a coverage-guided fuzzer reads: abstract states,
// transitions between them, and which operations followed which with what result.
//
// Each family has a region of its own, sized so that it fills up. A region that never fills calls
// every input new: the corpus then grows without end and the fuzzer spends its time on copies.
#ifndef RECOUNT_FUZZ_FEEDBACK_H_
#define RECOUNT_FUZZ_FEEDBACK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/op.h"
#include "model/outcome.h"
#include "model/view.h"

namespace recount {

class Feedback {
 public:
  static constexpr std::size_t kFamilies = 3;
  static constexpr std::size_t kCounters = kFamilies << 12;

  // Counters go up, and are left to their owner to clear. `counters` must outlive this; each family
  // has a third of them. kCounters are right where nothing else says what is new.
  explicit Feedback(std::span<std::uint8_t> counters)
      : counters_(counters), region_(counters.size() / kFamilies) {}

  void Begin(const View& view);
  // `changed` false: `after` is what it was before the operation.
  void Step(const Op& op, const Outcome& outcome, const View& after, bool changed = true);

 private:
  enum Family : std::size_t { kStates, kTransitions, kOpTriples };
  void Count(Family family, std::uint64_t hash);

  std::span<std::uint8_t> counters_;
  std::size_t region_;
  std::uint64_t state_ = 0;
  // The last two operations, kind and result, for the triples.
  std::uint64_t last_[2] = {};
};

}  // namespace recount

#endif  // RECOUNT_FUZZ_FEEDBACK_H_
