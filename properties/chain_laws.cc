// Laws of notifier chains (SEMANTICS 10, 11). A Program builds the chains; then every notifier gets
// a script that a law needs, and the chain is called.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

// A chain as it stands.
std::vector<NotifierId> Members(const Run& run, Chain chain) {
  const ChainView& view = run.view().notifiers.chains[static_cast<std::size_t>(chain)];
  return {view.order.begin(), view.order.begin() + view.count};
}

// Nobody does anything, and nobody stops anything.
void MuteAll(Run* run) {
  for (std::size_t n = 0; n < kNotifierCount; ++n) {
    for (std::size_t e = 0; e < kEventCount; ++e) {
      run->Apply(SetScript{static_cast<NotifierId>(n), static_cast<Event>(e), kNotifyDone, {}, {}});
    }
  }
}

// What everybody takes on COMING is given back on GOING.
void KeepAccounts(Run* run) {
  MuteAll(run);
  for (std::size_t n = 0; n < kNotifierCount; ++n) {
    const auto id = static_cast<NotifierId>(n);
    run->Apply(SetScript{id, Event::kComing, kNotifyOk, Act::kAlloc, {}});
    run->Apply(SetScript{id, Event::kGoing, kNotifyOk, Act::kFree, {}});
  }
}

std::vector<NotifierId> Called(const Outcome& outcome) {
  std::vector<NotifierId> called;
  for (const NotifierCall& call : outcome.log) called.push_back(call.notifier);
  return called;
}

std::string Text(std::span<const NotifierId> notifiers) {
  std::string text;
  for (const NotifierId id : notifiers)
    absl::StrAppend(&text, text.empty() ? "n" : " n", Index(id));
  return text.empty() ? "nobody" : text;
}

std::optional<Broken> CallsDiffer(std::string_view law, const std::vector<NotifierId>& expected,
                                  const std::vector<NotifierId>& actual) {
  if (expected == actual) return std::nullopt;
  return Broken{absl::StrCat(std::string(law), ":calls"),
                absl::StrCat(std::string(law), ": ", Text(actual), ", expected ", Text(expected))};
}

// What a chain of RCU does not know is refused, and nobody hears of it.
std::optional<Broken> IsNotRefused(std::string_view law, const Outcome& outcome) {
  if (auto broken = RcDiffers(law, Rc(Errno::kInval), outcome.rc)) return broken;
  return CallsDiffer(law, {}, Called(outcome));
}

// A module that could be loaded now, and where; the slot is kNoSlot when there is none.
Load SomeLoad(const Run& run) {
  for (std::size_t m = 0; m < run.world().modules().size(); ++m) {
    if (run.view().modules[m].state != ModuleState::kAbsent) continue;
    return Load{static_cast<ModuleId>(m), static_cast<SlotId>(m % run.world().slot_count()), {}};
  }
  return Load{ModuleId{0}, kNoSlot, {}};
}

}  // namespace

// S I6.5, with every limit.
std::optional<Broken> ReverseMirrorsForward(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "reverse-mirrors-forward";
  Run run(subject, program);
  run.ApplyAll();
  MuteAll(&run);
  for (const Chain chain : kFreeChains) {
    const std::vector<NotifierId> members = Members(run, chain);
    for (std::size_t limit = 0; limit <= members.size() + 1; ++limit) {
      const auto most = static_cast<std::uint8_t>(limit > members.size() ? Notify::kAll : limit);
      const auto count = static_cast<std::ptrdiff_t>(std::min(limit, members.size()));
      const std::vector<NotifierId> first(members.begin(), members.begin() + count);
      const std::vector<NotifierId> last(members.rbegin(), members.rbegin() + count);
      const Outcome forward = run.Apply(Notify{chain, Event::kLive, false, most});
      if (auto broken = CallsDiffer(kLaw, first, Called(forward))) return broken;
      const Outcome reverse = run.Apply(Notify{chain, Event::kLive, true, most});
      if (IsOfRcu(chain)) {
        if (auto broken = IsNotRefused(kLaw, reverse)) return broken;
        continue;
      }
      if (auto broken = CallsDiffer(kLaw, last, Called(reverse))) return broken;
    }
  }
  return std::nullopt;
}

// S 6.4: whoever stops it, those called before are called with `down`, and nobody else.
std::optional<Broken> RobustUndoesThoseBefore(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "robust-undoes-those-before";
  Run run(subject, program);
  run.ApplyAll();
  MuteAll(&run);
  for (const Chain chain : kFreeChains) {
    const std::vector<NotifierId> members = Members(run, chain);
    for (std::size_t i = 0; i < members.size(); ++i) {
      run.Apply(SetScript{members[i], Event::kComing, AnswerOf(Errno::kNoMem), {}, {}});
      std::vector<NotifierId> before(members.begin(),
                                     members.begin() + static_cast<std::ptrdiff_t>(i));
      std::vector<NotifierId> expected = before;
      expected.push_back(members[i]);
      if (program.profile->profile.rollback == Profile::Rollback::kReverse) {
        std::reverse(before.begin(), before.end());
      }
      expected.insert(expected.end(), before.begin(), before.end());
      const Outcome outcome = run.Apply(NotifyRobust{chain, Event::kComing, Event::kGoing});
      if (IsOfRcu(chain)) {
        if (auto broken = IsNotRefused(kLaw, outcome)) return broken;
        break;
      }
      if (auto broken = RcDiffers(kLaw, Rc(Errno::kNoMem), outcome.rc)) return broken;
      if (auto broken = CallsDiffer(kLaw, expected, Called(outcome))) return broken;
      run.Apply(SetScript{members[i], Event::kComing, kNotifyDone, {}, {}});
    }
  }
  return std::nullopt;
}

// S 6.2: who comes again stands behind its equals, and nobody else moves.
std::optional<Broken> EqualsKeepTheirOrder(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "equals-keep-their-order";
  Run run(subject, program);
  run.ApplyAll();
  for (std::size_t c = 0; c < kChainCount; ++c) {
    const auto chain = static_cast<Chain>(c);
    for (const NotifierId notifier : Members(run, chain)) {
      const auto priorities = run.view().notifiers.priority;
      const std::int32_t priority = priorities[Index(notifier)];
      std::vector<NotifierId> expected = Members(run, chain);
      std::erase(expected, notifier);
      const auto behind = std::find_if(expected.begin(), expected.end(), [&](NotifierId other) {
        return priorities[Index(other)] < priority;
      });
      expected.insert(behind, notifier);
      if (auto broken = RcDiffers(kLaw, 0, run.Apply(RemoveNotifier{notifier}).rc)) return broken;
      const Op add = AddNotifier{notifier, chain, priority, false};
      if (auto broken = RcDiffers(kLaw, 0, run.Apply(add).rc)) return broken;
      if (auto broken = CallsDiffer(kLaw, expected, Members(run, chain))) return broken;
      // Twice is once too often, and changes nothing.
      const View before = run.view();
      if (auto broken = RcDiffers(kLaw, Rc(Errno::kExist), run.Apply(add).rc)) return broken;
      if (auto broken = ViewsDiffer(kLaw, run.world(), before, run.view())) return broken;
    }
  }
  return std::nullopt;
}

// A module that comes and goes leaves what notifiers hold, and what livepatch has, as it was.
std::optional<Broken> LoadAndUnloadGiveBack(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "load-and-unload-give-back";
  Run run(subject, program);
  run.ApplyAll();
  if (!run.alive()) return std::nullopt;
  KeepAccounts(&run);
  const Load load = SomeLoad(run);
  if (load.slot == kNoSlot) return std::nullopt;
  const View before = run.view();
  // Refused for want of room, or by livepatch: then nothing changed either.
  if (run.Apply(load).rc == 0) {
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(Unload{load.module}).rc)) return broken;
  }
  if (!run.alive()) return std::nullopt;
  View expected = run.view();
  expected.modules = before.modules;
  expected.notifiers = before.notifiers;
  expected.livepatch = before.livepatch;
  expected.order = before.order;
  return ViewsDiffer(kLaw, run.world(), expected, run.view());
}

// The same of one that the last on the chain refuses.
std::optional<Broken> RefusedLoadGivesBack(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "refused-load-gives-back";
  Run run(subject, program);
  run.ApplyAll();
  if (!run.alive()) return std::nullopt;
  KeepAccounts(&run);
  const std::vector<NotifierId> members = Members(run, Chain::kModule);
  const Load load = SomeLoad(run);
  if (members.empty() || load.slot == kNoSlot) return std::nullopt;
  run.Apply(SetScript{members.back(), Event::kComing, kNotifyBad, Act::kAlloc, {}});
  const View before = run.view();
  if (run.Apply(load).rc == 0) {
    return Broken{"refused-load-gives-back:rc", "a refused load returned 0"};
  }
  if (!run.alive()) return std::nullopt;
  View expected = run.view();
  expected.modules = before.modules;
  expected.notifiers = before.notifiers;
  expected.livepatch = before.livepatch;
  expected.order = before.order;
  expected.ledger.records = before.ledger.records;
  expected.ledger.groups = before.ledger.groups;
  expected.ledger.pages = before.ledger.pages;
  return ViewsDiffer(kLaw, run.world(), expected, run.view());
}

}  // namespace recount
