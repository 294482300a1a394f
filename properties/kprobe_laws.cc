// Laws of kprobes (SEMANTICS 14).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/text.h"
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

bool IsIn(Address address, const KprobeOpsView& ops) {
  return std::find(ops.filter.begin(), ops.filter.end(), address) != ops.filter.end();
}

// Whether some filter of kprobes has the address already: what nobody told them of may have been
// left behind, and goes with the next who is there.
bool IsLeftBehind(const View& view, Address address) {
  return IsIn(address, view.kprobes.ops[0]) || IsIn(address, view.kprobes.ops[1]);
}

// A fault that is armed still would strike where the law looks.
bool HasFaults(const Program& program) {
  return std::any_of(program.ops.begin(), program.ops.end(),
                     [](const Op& op) { return std::holds_alternative<Fault>(op); });
}

// Some kprobe there is neither gone nor disabled.
bool IsOn(const View& view, Address address) {
  const KprobeEntryView* const entry = EntryAt(view, address);
  return entry != nullptr && !entry->gone && !entry->disabled;
}

// What the kprobe of `op` is part of, where `op` disables or unregisters it.
const KprobeEntryView* EntryOf(const View& view, const Op& op) {
  const auto* disable = std::get_if<DisableKprobe>(&op);
  const auto* remove = std::get_if<RemoveKprobe>(&op);
  if (disable == nullptr && remove == nullptr) return nullptr;
  const KprobeId kprobe = disable != nullptr ? disable->kprobe : remove->kprobe;
  const KprobeView& probe = view.kprobes.probes[Index(kprobe)];
  return probe.registered ? EntryAt(view, probe.address) : nullptr;
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

// A plain one, where another is on already: that is what aggregation is for. One with a
// post_handler moves the entry to the other ops of kprobes, where it stays.
std::optional<Broken> ASecondProbeIsOnlyInTheTable(std::string_view subject,
                                                   const Program& program) {
  constexpr std::string_view kLaw = "a-second-probe-is-only-in-the-table";
  if (HasFaults(program)) return std::nullopt;
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
    // Where it is armed, which the filter of its ops tells: `kprobes_armed 1` may have failed.
    const KprobeEntryView* const now = EntryAt(run.view(), record.ip);
    if (run.view().kprobes.all_disarmed || !IsIn(record.ip, run.view().kprobes.ops[now->post]) ||
        run.Apply(AddKprobe{*kprobe, {record.function, 0}, true, false}).rc != 0) {
      continue;
    }
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(RemoveKprobe{*kprobe}).rc)) return broken;
    const KprobeEntryView* const after = EntryAt(run.view(), record.ip);
    for (const bool post : {false, true}) {
      if (IsIn(record.ip, run.view().kprobes.ops[post]) == (after->post == post)) continue;
      return Broken{"a-second-probe-is-only-in-the-table:ops",
                    "a kprobe is not on the ops that its entry says"};
    }
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

// In the core, where nobody but free_init takes the record away: a kprobe that is neither gone nor
// disabled is called when its function is hit, and of several the newest first. One with a
// post_handler may have lost the function to a livepatch while all were disarmed.
std::optional<Broken> AnEnabledKprobeRuns(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "an-enabled-kprobe-runs";
  if (HasFaults(program)) return std::nullopt;
  Run run(subject, program);
  run.ApplyAll();
  const View view = run.view();
  if (view.globals.dead || !view.globals.enabled || view.kprobes.all_disarmed) return std::nullopt;
  for (const RecordView& record : view.records) {
    const KprobeEntryView* const entry = EntryAt(view, record.ip);
    if (entry == nullptr || record.ip >= World::kModuleBase || entry->post) continue;
    const Outcome hit = run.Apply(Hit{record.function});
    const auto at_site = [&](KprobeId id) {
      return view.kprobes.probes[Index(id)].address == record.ip;
    };
    std::vector<KprobeId> expected;
    for (std::size_t i = 0; i < entry->count && !entry->gone && !entry->disabled; ++i) {
      const KprobeView& probe = view.kprobes.probes[Index(entry->probes[i])];
      if (!probe.disabled) expected.push_back(entry->probes[i]);
    }
    std::vector<KprobeId> fired(hit.fired.begin(), hit.fired.begin() + hit.fired_count);
    std::erase_if(fired, [&](KprobeId id) { return !at_site(id); });
    if (fired == expected) continue;
    return Broken{
        absl::StrCat(std::string(kLaw), ":fired"),
        absl::StrCat(fired.size(), " kprobes run in ",
                     std::string(run.world().function(record.function).name), ", not the ",
                     expected.size(), " that are enabled, or in another order")};
  }
  return std::nullopt;
}

std::optional<Broken> ARegisteredKprobeIsRefused(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "a-registered-kprobe-is-refused";
  Run run(subject, program);
  run.ApplyAll();
  const View before = run.view();
  for (std::size_t k = 0; k < kKprobeCount; ++k) {
    if (!before.kprobes.probes[k].registered) continue;
    for (const bool post : {false, true}) {
      const AddKprobe again{static_cast<KprobeId>(k), {FunctionId{0}, 0}, post, !post};
      if (auto broken = RcDiffers(kLaw, Rc(Errno::kInval), run.Apply(again).rc)) return broken;
      if (auto broken = ViewsDiffer(kLaw, run.world(), before, run.view())) return broken;
    }
  }
  return std::nullopt;
}

// S I8.5. Memory runs out while kprobes are registered, enabled, disabled and unregistered,
// wherever they ask for it: who was refused is what he was, and so are the others. (An entry that
// has become an aggregator stays one; and what could not be disarmed may be half disarmed.)
std::optional<Broken> AFailedKprobeChangesNothing(std::string_view subject,
                                                  const Program& program) {
  constexpr std::string_view kLaw = "a-failed-kprobe-changes-nothing";
  if (HasFaults(program)) return std::nullopt;
  Run run(subject, program);
  run.ApplyAll();
  if (!run.alive()) return std::nullopt;
  std::vector<Op> ops;
  if (const std::optional<KprobeId> free = FreeKprobe(run.view())) {
    for (const RecordView& record : run.view().records) {
      const KprobeEntryView* const entry = EntryAt(run.view(), record.ip);
      if (entry != nullptr && entry->gone) continue;  // its new life is not taken back
      for (const bool post : {false, true}) {
        ops.push_back(AddKprobe{*free, {record.function, 0}, post, false});
        ops.push_back(AddKprobe{*free, {record.function, World::kCallSize}, post, false});
      }
    }
  }
  for (std::size_t k = 0; k < kKprobeCount; ++k) {
    const auto kprobe = static_cast<KprobeId>(k);
    ops.push_back(DisableKprobe{kprobe});
    ops.push_back(EnableKprobe{kprobe});
    ops.push_back(RemoveKprobe{kprobe});
  }
  bool half = false;  // something is disarmed by half: unregistered, with its address in the filter
  for (const Op& op : ops) {
    for (const FaultPoint point : {FaultPoint::kHashCopy, FaultPoint::kHashMove,
                                   FaultPoint::kKprobeAlloc, FaultPoint::kKprobeSlot}) {
      View before = run.view();
      // Enabled beside an entry that is disabled: it would be disabled with it.
      if (const auto* enable = std::get_if<EnableKprobe>(&op)) {
        if (!before.kprobes.probes[Index(enable->kprobe)].disabled) continue;
      }
      run.Apply(Fault{point, 1, Errno::kOk});
      const KprobeEntryView* const at = EntryOf(before, op);
      if (run.Apply(op).rc == 0) {
        if (!half && at != nullptr && !at->gone && !at->disabled && at->on_ftrace &&
            !IsOn(run.view(), at->address) && IsLeftBehind(run.view(), at->address)) {
          return Broken{absl::StrCat(std::string(kLaw), ":left"),
                        absl::StrCat(PrintOp(run.world(), op),
                                     ": returned 0 and leaves the address in a filter")};
        }
        if (const auto* add = std::get_if<AddKprobe>(&op)) run.Apply(RemoveKprobe{add->kprobe});
        continue;
      }
      View after = run.view();
      for (KprobesView* kprobes : {&before.kprobes, &after.kprobes}) {
        for (KprobeEntryView& entry : kprobes->entries) entry.aggregate = false;
      }
      if (std::holds_alternative<DisableKprobe>(op) || std::holds_alternative<RemoveKprobe>(op)) {
        half = true;
        const KprobesView kprobes = before.kprobes;
        before = after;
        before.kprobes.probes = kprobes.probes;
        before.kprobes.entries = kprobes.entries;
      }
      if (auto broken = ViewsDiffer(kLaw, run.world(), before, after)) return broken;
    }
  }
  return std::nullopt;
}

// A module that goes takes its kprobes with it, and where it is the loader that tells so, their
// addresses are in no filter any more.
std::optional<Broken> KprobesGoWithTheirModule(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "kprobes-go-with-their-module";
  // A notifier that stops GOING hides it from kprobes.
  const Program plain = Without(program, IsAboutNotifiers);
  Run run(subject, plain);
  run.ApplyAll();
  if (!run.alive()) return std::nullopt;
  const bool direct = program.profile->profile.load_path == Profile::LoadPath::kDirect;
  for (std::size_t m = 0; m < run.world().modules().size() && run.alive(); ++m) {
    const View before = run.view();
    const Address begin = before.modules[m].state == ModuleState::kLive
                              ? run.world().SlotAddress(before.modules[m].slot)
                              : 0;
    if (begin == 0 || run.Apply(Unload{static_cast<ModuleId>(m)}).rc != 0) continue;
    const Address end = begin + run.world().modules()[m].count * World::kFunctionStride;
    const View& after = run.view();
    for (const KprobeView& probe : after.kprobes.probes) {
      if (!probe.registered || probe.address < begin || probe.address >= end || probe.gone)
        continue;
      return Broken{absl::StrCat(std::string(kLaw), ":gone"),
                    "a kprobe in a module that went is not gone"};
    }
    if (!direct) continue;
    for (const RecordView& record : before.records) {
      if (record.ip < begin || record.ip >= end || !IsLeftBehind(after, record.ip)) continue;
      return Broken{
          absl::StrCat(std::string(kLaw), ":filter"),
          absl::StrCat("the address of ", std::string(run.world().function(record.function).name),
                       " is still in a filter of kprobes")};
    }
  }
  return std::nullopt;
}

}  // namespace recount
