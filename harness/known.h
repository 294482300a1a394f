// Known defects of kernels: what a real kernel does wrong, by name, so that a hunt can go on behind
// it.
//
// The reference says what should happen, so each of these is found as a divergence. When it is
// masked, a divergence that it explains ends the program as agreed up to there: what comes behind
// would be compared with a state that is unsound already. An entry undoes what its defect does to
// what is shown, and nothing else; then everything must be equal. So it cannot swallow another
// difference of the same step.
#ifndef RECOUNT_HARNESS_KNOWN_H_
#define RECOUNT_HARNESS_KNOWN_H_

#include <span>
#include <string_view>
#include <vector>

#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// A step on which the sides differ.
struct DivergingStep {
  const World& world;
  const Profile& profile;
  const Op& op;
  const Outcome& expected;
  const Outcome& actual;
  const View& before;  // both agreed on it
  const View& after;   // the oracle's
  const View& shown;   // the subject's; not looked at when it did not return
};

struct KnownDefect {
  std::string_view name;      // of its folder in corpus/findings/ too
  std::string_view kernels;   // on which it was seen: "6.1, 6.12"
  std::string_view sentence;  // what the kernel does
  // Makes of what the subject shows and answered what it would have without the defect. False when
  // the defect has no part in this step.
  bool (*undo)(const DivergingStep& step, View* shown, Outcome* actual);
};

std::span<const KnownDefect> KnownDefects();
// nullptr when there is none of that name.
const KnownDefect* FindKnownDefect(std::string_view name);
// `kernel` is "6.1".
bool IsSeenOn(const KnownDefect& defect, std::string_view kernel);
// Those of subject "linux:6.1"; of a tree ("linux:PATH") all of them; of anything else none.
std::vector<const KnownDefect*> KnownDefectsOf(std::string_view subject);

// The one of `defects` that explains all of what differs; where it takes two, the first to be
// undone. nullptr when nothing does.
const KnownDefect* Explanation(std::span<const KnownDefect* const> defects,
                               const DivergingStep& step);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_H_
