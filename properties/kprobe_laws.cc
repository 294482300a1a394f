// Laws of kprobes (SEMANTICS 14).
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

// One that is not registered; nullopt when all are.
std::optional<KprobeId> FreeKprobe(const View& view) {
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    if (!view.kprobes.probes[i].registered) return static_cast<KprobeId>(i);
  }
  return std::nullopt;
}

const KprobeEntryView* EntryAt(const View& view, Address address) {
  for (std::size_t i = 0; i < view.kprobes.entry_count; ++i) {
    if (view.kprobes.entries[i].address == address) return &view.kprobes.entries[i];
  }
  return nullptr;
}

// Whether some filter of kprobes has the address already: what nobody told them of may have been
// left behind, and goes with the next who is there.
bool IsLeftBehind(const View& view, Address address) {
  for (const KprobeOpsView& ops : view.kprobes.ops) {
    for (const Address ip : ops.filter) {
      if (ip == address) return true;
    }
  }
  return false;
}

}  // namespace

// At each record that is not probed yet, plainly and with a post_handler.
std::optional<Broken> UnprobingUndoesProbing(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "unprobing-undoes-probing";
  Run run(subject, program);
  run.ApplyAll();
  const std::optional<KprobeId> kprobe = FreeKprobe(run.view());
  if (!kprobe || !run.alive()) return std::nullopt;
  const View before = run.view();
  for (const RecordView& record : before.records) {
    if (EntryAt(before, record.ip) != nullptr || IsLeftBehind(before, record.ip)) continue;
    for (const bool post : {false, true}) {
      const AddKprobe add{*kprobe, {record.function, 0}, post, false};
      // Refused for another owner, or because the text is gone: then nothing has changed.
      if (run.Apply(add).rc == 0) {
        if (auto broken = RcDiffers(kLaw, 0, run.Apply(RemoveKprobe{*kprobe}).rc)) return broken;
      }
      if (auto broken = ViewsDiffer(kLaw, run.world(), before, run.view())) return broken;
    }
  }
  return std::nullopt;
}

// A plain one, where another is on already: that is what aggregation is for.
std::optional<Broken> ASecondProbeIsOnlyInTheTable(std::string_view subject,
                                                   const Program& program) {
  constexpr std::string_view kLaw = "a-second-probe-is-only-in-the-table";
  Run run(subject, program);
  run.ApplyAll();
  const std::optional<KprobeId> kprobe = FreeKprobe(run.view());
  if (!kprobe || !run.alive()) return std::nullopt;
  const std::vector<RecordView> records = run.view().records;
  for (const RecordView& record : records) {
    const KprobeEntryView* const entry = EntryAt(run.view(), record.ip);
    if (entry == nullptr || entry->gone || entry->disabled) continue;
    const View before = run.view();
    if (run.Apply(AddKprobe{*kprobe, {record.function, 0}, false, false}).rc != 0) continue;
    View expected = before;
    expected.kprobes = run.view().kprobes;
    expected.kprobes.ops = before.kprobes.ops;
    if (auto broken = ViewsDiffer(kLaw, run.world(), expected, run.view())) return broken;
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(RemoveKprobe{*kprobe}).rc)) return broken;
    expected.kprobes = run.view().kprobes;
    expected.kprobes.ops = before.kprobes.ops;
    if (auto broken = ViewsDiffer(kLaw, run.world(), expected, run.view())) return broken;
  }
  return std::nullopt;
}

std::optional<Broken> BreakpointsAreNoConcernOfFtrace(std::string_view subject,
                                                      const Program& program) {
  constexpr std::string_view kLaw = "breakpoints-are-no-concern-of-ftrace";
  Run run(subject, program);
  run.ApplyAll();
  const std::optional<KprobeId> kprobe = FreeKprobe(run.view());
  if (!kprobe) return std::nullopt;
  const auto functions = static_cast<std::uint32_t>(run.world().functions().size());
  for (std::uint32_t i = 0; i < functions; ++i) {
    View expected = run.view();
    const AddKprobe add{*kprobe, {FunctionId{i}, World::kCallSize}, i % 2 == 1, i % 3 == 2};
    const int rc = run.Apply(add).rc;
    const std::size_t entries = expected.kprobes.entry_count;
    const KprobeOpsView kp = expected.kprobes.ops[0];
    const KprobeOpsView kpi = expected.kprobes.ops[1];
    expected.kprobes = run.view().kprobes;
    expected.kprobes.ops = {kp, kpi};
    if (auto broken = ViewsDiffer(kLaw, run.world(), expected, run.view())) return broken;
    if (rc != 0) continue;
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(RemoveKprobe{*kprobe}).rc)) return broken;
    expected.kprobes = run.view().kprobes;
    expected.kprobes.ops = {kp, kpi};
    if (auto broken = ViewsDiffer(kLaw, run.world(), expected, run.view())) return broken;
    if (run.view().kprobes.entry_count == entries) continue;
    return Broken{"breakpoints-are-no-concern-of-ftrace:entry",
                  "a kprobe that is gone has left its entry in the table"};
  }
  return std::nullopt;
}

}  // namespace recount
