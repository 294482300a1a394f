// Known defects of kernels: what a real kernel does wrong, by name, so that a hunt can go on behind
// it.
//
// The reference says what should happen, so each of these is found as a divergence. When it is
// masked, a divergence that it explains ends the program as agreed up to there: what comes behind
// would be compared with a state that is unsound already.
//
// What a defect does to records is predicted, and must be what is shown (records.h). What it
// does to anything else, its entry takes back, and nothing else; then everything must be equal. So
// it cannot swallow another difference of the same step.
#ifndef RECOUNT_HARNESS_KNOWN_KNOWN_H_
#define RECOUNT_HARNESS_KNOWN_KNOWN_H_

#include <array>
#include <cstdint>
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
  // For each fault point the number that a `fault` of this program armed last; 0: none did. It may
  // have struck since.
  std::array<std::uint16_t, kFaultPointCount> armed{};
};

// Defects in how the kernel counts and patches.
enum RecordDefect : std::uint8_t {
  kStaleRegs = 1 << 0,
  kIpModifyNotrace = 1 << 1,
  kIpModifyReload = 1 << 2,
  kLoadIgnoresSysctl = 1 << 3,
  kSharedPairKills = 1 << 4,
  kKilledOpsUnlisted = 1 << 5,
};

struct KnownDefect {
  std::string_view name;      // of its folder in corpus/findings/ too
  std::string_view kernels;   // on which it was seen: "6.1, 6.12"
  std::string_view sentence;  // what the kernel does
  // Makes of what the subject shows and answered what it would have without the defect. False when
  // the defect has no part in this step. Records are left alone. nullptr: there is only `records`,
  // or only `hides`.
  bool (*undo)(const DivergingStep& step, View* shown, Outcome* actual);
  std::uint8_t records = 0;  // of RecordDefect
  // `undo` is asked ahead of the records: what it takes back stands in the list of ops.
  bool of_list = false;
  // Whether it left behind what a later step shows, on a step that shows no difference: a fault
  // armed that struck the oracle, or a count that nobody sees.
  bool (*hides)(const DivergingStep& step) = nullptr;
};

std::span<const KnownDefect> KnownDefects();
// nullptr when there is none of that name.
const KnownDefect* FindKnownDefect(std::string_view name);
// `kernel` is "6.1".
bool IsSeenOn(const KnownDefect& defect, std::string_view kernel);
// Those of subject "linux:6.1"; of a tree ("linux:PATH") all of them; of anything else none.
std::vector<const KnownDefect*> KnownDefectsOf(std::string_view subject);

// The one of `defects` that explains all of what differs; where it takes several, the first of
// them. nullptr when nothing does.
const KnownDefect* Explanation(std::span<const KnownDefect* const> defects,
                               const DivergingStep& step);

// The one of `defects` that was at work in a step on which the sides agree, and nothing shows it
// yet. nullptr when none was.
const KnownDefect* HiddenIn(std::span<const KnownDefect* const> defects, const DivergingStep& step);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_KNOWN_H_
