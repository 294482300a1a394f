// A law of optimised jumps (SEMANTICS 16).
#include <algorithm>
#include <optional>
#include <string_view>
#include <variant>

#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

// What a worker that runs some time or other may change of a View; and with it where in the table
// an entry is, since a probe comes to one that is still there, or begins a new one.
View WithoutJumps(const View& view) {
  View rest = view;
  KprobesView& kprobes = rest.kprobes;
  const auto end = kprobes.entries.begin() + std::min<int>(kprobes.entry_count, kKprobeCount);
  for (auto entry = kprobes.entries.begin(); entry != end; ++entry) entry->jump = JumpState::kNone;
  std::sort(kprobes.entries.begin(), end, [](const KprobeEntryView& a, const KprobeEntryView& b) {
    return a.address < b.address;
  });
  kprobes.unused_count = 0;
  kprobes.unused = {};
  return rest;
}

}  // namespace

// It runs when the Program says so, or after every operation: nobody hears the difference. Without
// faults: a probe that comes to an entry which waits to be dropped asks for no memory.
std::optional<Broken> TheOptimizerIsNotHeard(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "the-optimizer-is-not-heard";
  if (program.profile->profile.optprobes == Profile::Optprobes::kOff) return std::nullopt;
  const Program bare =
      Without(program, [](const Op& op) { return std::holds_alternative<Fault>(op); });
  Run seldom(subject, bare);
  Run always(subject, bare);
  for (const Op& op : bare.ops) {
    const Outcome expected = always.Apply(op);
    const Outcome actual = seldom.Apply(op);
    if (auto broken = RcDiffers(kLaw, expected.rc, actual.rc)) return broken;
    if (expected.fired_count != actual.fired_count || expected.fired != actual.fired) {
      return Broken{"the-optimizer-is-not-heard:fired", "other kprobes ran"};
    }
    if (auto broken = LogsDiffer(kLaw, always.world(), op, expected, actual)) return broken;
    always.Apply(Optimize{});
    if (auto broken = ViewsDiffer(kLaw, always.world(), WithoutJumps(always.view()),
                                  WithoutJumps(seldom.view()))) {
      return broken;
    }
  }
  return std::nullopt;
}

}  // namespace recount
