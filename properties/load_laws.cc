#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

// The failure `load` asks for at `stage`, as load_begin and load_step take it.
std::optional<Errno> FailureAt(const Load& load, Stage stage) {
  if (!load.failure.has_value() || load.failure->stage != stage) return std::nullopt;
  return load.failure->error;
}

// SEMANTICS 4: "load m @s [fail=stage] is load_begin and then load_step until the load is complete
// or fails".
Outcome LoadInSteps(const Load& load, Run* run) {
  Outcome outcome = run->Apply(LoadBegin{load.module, load.slot, FailureAt(load, Stage::kLayout)});
  while (outcome.rc == 0) {
    const ModuleView& module = run->view().modules[Index(load.module)];
    if (module.next == Stage::kLayout) break;
    const Outcome step = run->Apply(LoadStep{load.module, FailureAt(load, module.next)});
    outcome.rc = step.rc;
    outcome.log.insert(outcome.log.end(), step.log.begin(), step.log.end());
  }
  return outcome;
}

// Records and groups by address, so that two lists of modules loaded in another order compare.
View InAddressOrder(View view) {
  std::vector<std::pair<Address, GroupView>> groups;
  std::size_t begin = 0;
  for (const GroupView& group : view.groups) {
    groups.emplace_back(group.used > 0 ? view.records[begin].ip : 0, group);
    begin += group.used;
  }
  std::sort(groups.begin(), groups.end());
  for (std::size_t i = 0; i < groups.size(); ++i) view.groups[i] = groups[i].second;
  std::sort(view.records.begin(), view.records.end());
  return view;
}

std::vector<ModuleId> LoadedModules(const View& view) {
  std::vector<ModuleId> loaded;
  for (std::size_t i = 0; i < view.modules.size(); ++i) {
    const ModuleView& module = view.modules[i];
    if (module.state == ModuleState::kLive && module.next == Stage::kLayout) {
      loaded.push_back(static_cast<ModuleId>(i));
    }
  }
  return loaded;
}

}  // namespace

std::optional<Broken> LoadIsItsSteps(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "load-is-its-steps";
  Run whole(subject, program);
  Run steps(subject, program);
  for (const Op& op : program.ops) {
    const Outcome expected = whole.Apply(op);
    const auto* load = std::get_if<Load>(&op);
    const Outcome outcome = load == nullptr ? steps.Apply(op) : LoadInSteps(*load, &steps);
    if (auto broken = RcDiffers(kLaw, expected.rc, outcome.rc)) return broken;
    if (auto broken = LogsDiffer(kLaw, whole.world(), op, expected, outcome)) return broken;
    if (auto broken = ViewsDiffer(kLaw, whole.world(), whole.view(), steps.view())) {
      return broken;
    }
  }
  return std::nullopt;
}

// The reload of 2013. `recounted`: entries survive, so the module comes back exactly as it was.
std::optional<Broken> ReloadRestores(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "reload-restores";
  if (program.profile->profile.reload != Profile::Reload::kRecounted) return std::nullopt;
  // Notifiers may refuse it, livepatch's ops may get another number, and kprobes are gone.
  const Program plain =
      Without(Without(Without(program, IsAboutNotifiers), IsAboutLivepatches), IsAboutKprobes);
  Run run(subject, plain);
  run.ApplyAll();
  for (const ModuleId module : LoadedModules(run.view())) {
    if (!run.alive()) break;
    const View before = run.view();
    const SlotId slot = before.modules[Index(module)].slot;
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(Unload{module}).rc)) return broken;
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(Load{module, slot, {}}).rc)) return broken;
    if (auto broken =
            ViewsDiffer(kLaw, run.world(), InAddressOrder(before), InAddressOrder(run.view()))) {
      return broken;
    }
  }
  return std::nullopt;
}

// Elsewhere: what the old slot meant to a hash has no say at the new one, however often the module
// had come back to the old one before.
std::optional<Broken> DetourLeavesNoTrace(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "detour-leaves-no-trace";
  // Notifiers keep what they are not told to give back.
  const Program plain = Without(program, IsAboutNotifiers);
  Run run(subject, plain);
  Run detour(subject, plain);
  run.ApplyAll();
  detour.ApplyAll();
  for (const ModuleId module : LoadedModules(run.view())) {
    if (!run.alive()) break;
    const SlotId slot = run.view().modules[Index(module)].slot;
    const auto slots = run.world().slot_count();
    const auto other = static_cast<SlotId>((Index(slot) + 1) % slots);
    run.Apply(Unload{module});
    detour.Apply(Unload{module});
    detour.Apply(Load{module, slot, {}});
    detour.Apply(Unload{module});
    // The other slot may be taken: then both loads fail.
    const Op load = Load{module, other, {}};
    if (auto broken = RcDiffers(kLaw, run.Apply(load).rc, detour.Apply(load).rc)) return broken;
    if (auto broken = ViewsDiffer(kLaw, run.world(), run.view(), detour.view())) return broken;
  }
  return std::nullopt;
}

// `cleared`: what a tracer names is there. Unloading every module shows it of all of them.
std::optional<Broken> TracersForgetTheGone(std::string_view subject, const Program& program) {
  if (program.profile->profile.reload != Profile::Reload::kCleared) return std::nullopt;
  Run run(subject, program);
  run.ApplyAll();
  for (std::size_t i = 0; i <= run.world().modules().size() && run.alive(); ++i) {
    std::set<Address> there;
    for (const RecordView& record : run.view().records) there.insert(record.ip);
    for (const OpsView& ops : run.view().ops) {
      if (ops.user != User::kTracer) continue;
      for (const HashView* hash : {&ops.filter, &ops.notrace}) {
        for (const Address ip : hash->ips) {
          if (there.contains(ip)) continue;
          return Broken{"tracers-forget-the-gone:", "a tracer names an address without a record"};
        }
      }
    }
    if (i < run.world().modules().size()) run.Apply(Unload{static_cast<ModuleId>(i)});
  }
  return std::nullopt;
}

// A load that fails leaves records and modules as they were, at whichever stage (S 5.2: every error
// label). Hashes may lose entries (clearing) or gain some (cached filters), so those are left out.
std::optional<Broken> FailedLoadLeavesNoRecords(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "failed-load-leaves-no-records";
  Run run(subject, program);
  run.ApplyAll();
  if (!run.alive()) return std::nullopt;
  for (std::size_t i = 0; i < kStageCount; ++i) {
    const auto stage = static_cast<Stage>(i);
    if (!CanFail(stage)) continue;
    const auto module = static_cast<ModuleId>(i % run.world().modules().size());
    const View before = run.view();
    const Op load = Load{module, static_cast<SlotId>(i % run.world().slot_count()),
                         StageFailure{stage, Errno::kOk}};
    const int rc = run.Apply(load).rc;
    if (rc == 0) return Broken{"failed-load-leaves-no-records:rc", "a failing load returned 0"};
    // Without the groups: that they are the same is said by the ledger.
    if (before.records.size() != run.view().records.size() ||
        before.modules != run.view().modules || before.ledger.groups != run.view().ledger.groups ||
        before.ledger.pages != run.view().ledger.pages) {
      View expected = run.view();
      expected.records = before.records;
      expected.modules = before.modules;
      expected.groups = before.groups;
      expected.ledger = before.ledger;
      return ViewsDiffer(kLaw, run.world(), expected, run.view());
    }
  }
  return std::nullopt;
}

}  // namespace recount
