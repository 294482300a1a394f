#include "harness/conform/completeness.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "harness/conform/guest_op.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

absl::Status Missing(std::size_t step, std::string_view key) {
  return absl::InvalidArgumentError(
      Cat({"steps[", std::to_string(step), "].", key, ": is missing"}));
}

std::string Key(std::string_view list, std::uint32_t index) {
  return Cat({list, ".", std::to_string(index)});
}

// A sequence that works with ops shows them in every step, and each from the step on that names it.
absl::Status CheckOps(const Sequence& sequence) {
  const bool any =
      std::any_of(sequence.steps.begin(), sequence.steps.end(), [](const RecordedStep& step) {
        return step.shows_ops || GuestOpsIndex(step.op).has_value();
      });
  if (!any) return absl::OkStatus();
  std::set<std::uint32_t> named;
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const RecordedStep& step = sequence.steps[i];
    if (const auto index = GuestOpsIndex(step.op)) named.insert(*index);
    if (!step.has_state) continue;
    if (!step.shows_ops) return Missing(i, "ops");
    std::set<std::uint32_t> shown;
    for (const RecordedOps& ops : step.ops) shown.insert(ops.index);
    for (const std::uint32_t index : named) {
      if (shown.count(index) == 0) return Missing(i, Key("ops", index));
    }
    named = std::move(shown);
  }
  return absl::OkStatus();
}

// A sequence that works with kprobes shows in every step all that it ever names.
absl::Status CheckKprobes(const Sequence& sequence) {
  std::set<std::uint32_t> all;
  bool any = false;
  for (const RecordedStep& step : sequence.steps) {
    any = any || step.shows_kprobes;
    if (const auto index = GuestKprobeIndex(step.op)) all.insert(*index);
    for (const auto& [index, flags] : step.kprobes) all.insert(index);
  }
  if (!any && all.empty()) return absl::OkStatus();
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const RecordedStep& step = sequence.steps[i];
    if (!step.has_state) continue;
    if (!step.shows_kprobes) return Missing(i, "kp");
    for (const std::uint32_t index : all) {
      const bool shown = std::any_of(step.kprobes.begin(), step.kprobes.end(),
                                     [index](const auto& kp) { return kp.first == index; });
      if (!shown) return Missing(i, Key("kp", index));
    }
    if (step.op == kReadKprobes && !step.out) return Missing(i, "out");
  }
  return absl::OkStatus();
}

// A call that was done counts the callbacks of every ops that is shown, and what was returned.
absl::Status CheckHits(const Sequence& sequence) {
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const RecordedStep& step = sequence.steps[i];
    if (!step.has_state || step.rc != 0 || !step.op.starts_with("call ")) continue;
    if (!step.shows_hits) return Missing(i, "hits");
    if (!step.returned) return Missing(i, "ret");
    for (const RecordedOps& ops : step.ops) {
      const bool counted = std::any_of(step.hits.begin(), step.hits.end(),
                                       [&ops](const auto& hit) { return hit.first == ops.index; });
      if (!counted) return Missing(i, Key("hits", ops.index));
    }
  }
  return absl::OkStatus();
}

// A sequence that shows the lines of the filter files shows those of both in every step.
absl::Status CheckLines(const Sequence& sequence) {
  const bool any =
      std::any_of(sequence.steps.begin(), sequence.steps.end(), [](const RecordedStep& step) {
        return step.filter_lines.has_value() || step.notrace_lines.has_value();
      });
  if (!any) return absl::OkStatus();
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const RecordedStep& step = sequence.steps[i];
    if (!step.has_state) continue;
    if (!step.filter_lines) return Missing(i, "set_ftrace_filter");
    if (!step.notrace_lines) return Missing(i, "set_ftrace_notrace");
  }
  return absl::OkStatus();
}

// A sequence that works with notifiers, or shows calls of one, shows them in every step, also where
// there are none; and what a chain answered where one was called.
absl::Status CheckLog(const Sequence& sequence) {
  const bool any = std::any_of(
      sequence.steps.begin(), sequence.steps.end(),
      [](const RecordedStep& step) { return step.log.has_value() || IsGuestNotifierOp(step.op); });
  if (!any) return absl::OkStatus();
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const RecordedStep& step = sequence.steps[i];
    if (!step.has_state) continue;
    if (!step.log) return Missing(i, "log");
    if (IsGuestChainCall(step.op) && !step.out) return Missing(i, "out");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckComplete(const Sequence& sequence) {
  for (const auto check : {CheckOps, CheckKprobes, CheckHits, CheckLines, CheckLog}) {
    if (absl::Status status = check(sequence); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace recount
