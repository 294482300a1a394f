// Laws of repair and of early kprobes (SEMANTICS 15).
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

constexpr NotifierId kFixer{kNotifierCount - 1};

bool IsAFault(const Op& op) { return std::holds_alternative<Fault>(op); }

// Nothing of it decides who repairs, and what fails.
Program Bare(const Program& program) {
  return Without(Without(program, IsAboutNotifiers), IsAFault);
}

// Repairs whatever it is asked for, but what kprobes have repaired before it.
void PutFixer(Run* run) {
  run->Apply(AddNotifier{.notifier = kFixer, .chain = Chain::kTryFix, .priority = -1});
  run->Apply(SetScript{.notifier = kFixer, .event = Event::kFix, .answer = kNotifyStop});
}

}  // namespace

// Every operation once as it is, and once with a call site that cannot be changed at first.
std::optional<Broken> ARepairLeavesNoTrace(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "a-repair-leaves-no-trace";
  if (program.profile->profile.patch_failure != Profile::PatchFailure::kRepairable) {
    return std::nullopt;
  }
  const Program bare = Bare(program);
  Run smooth(subject, bare);
  Run repaired(subject, bare);
  PutFixer(&smooth);
  PutFixer(&repaired);
  // One kind in a Program: together they might hit one site, and its second try. That is the only
  // one which comes to the write where an early kprobe's jump is.
  const bool verify = bare.from_boot || bare.ops.size() % 2 == 0;
  const FaultPoint point = verify ? FaultPoint::kVerify : FaultPoint::kWrite;
  std::uint16_t turn = 0;
  for (const Op& op : bare.ops) {
    ++turn;
    // While there are early kprobes the first: one further on might hit the second try for a jump.
    const bool running = repaired.view().globals.phase == Phase::kRunning;
    const auto nth = static_cast<std::uint16_t>(running ? 1 + turn % 5 : 1);
    repaired.Apply(Fault{.point = point, .nth = nth});
    if (auto broken = RcDiffers(kLaw, smooth.Apply(op).rc, repaired.Apply(op).rc)) return broken;
    if (auto broken = ViewsDiffer(kLaw, smooth.world(), smooth.view(), repaired.view())) {
      return broken;
    }
  }
  return std::nullopt;
}

// Taken away at the last moment before init_kprobes() would convert them.
std::optional<Broken> EarlyKprobesThatGoLeaveNoTrace(std::string_view subject,
                                                     const Program& program) {
  constexpr std::string_view kLaw = "early-kprobes-that-go-leave-no-trace";
  if (!program.from_boot) return std::nullopt;
  const Program bare = Bare(program);
  Run without(subject, bare);
  Run with(subject, bare);
  for (const Op& op : bare.ops) {
    const Phase phase = without.view().globals.phase;
    if (phase != Phase::kRunning && IsAboutKprobes(op)) {
      with.Apply(op);
      continue;
    }
    if (phase == Phase::kFtrace && std::holds_alternative<Boot>(op)) {
      for (std::uint8_t i = 0; i < kKprobeCount; ++i) with.Apply(RemoveKprobe{KprobeId{i}});
    }
    const int rc = without.Apply(op).rc;
    if (auto broken = RcDiffers(kLaw, rc, with.Apply(op).rc)) return broken;
    if (without.view().globals.phase != Phase::kRunning) continue;
    if (auto broken = ViewsDiffer(kLaw, without.world(), without.view(), with.view())) {
      return broken;
    }
  }
  return std::nullopt;
}

// And on the way: what ftrace counts and calls is not theirs to change.
std::optional<Broken> EarlyKprobesAreNotCounted(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "early-kprobes-are-not-counted";
  if (!program.from_boot) return std::nullopt;
  const Program bare = Bare(program);
  Run without(subject, bare);
  Run with(subject, bare);
  for (const Op& op : bare.ops) {
    with.Apply(op);
    if (!IsAboutKprobes(op)) without.Apply(op);
    if (with.view().globals.phase == Phase::kRunning) return std::nullopt;
    View expected = without.view();
    expected.kprobes = with.view().kprobes;
    View actual = with.view();
    for (RecordView& record : actual.records) {
      if (record.site.kind == SiteKind::kJump) record.site = {};
    }
    if (auto broken = ViewsDiffer(kLaw, with.world(), expected, actual)) return broken;
  }
  return std::nullopt;
}

}  // namespace recount
