// Laws of livepatch (SEMANTICS 12).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

PatchId FreePatch(const View& view) {
  for (std::size_t p = 0; p < kPatchCount; ++p) {
    if (!view.livepatch.patches[p].enabled) return static_cast<PatchId>(p);
  }
  return kNoPatch;
}

// Some function of `patch` was init text of a module, and has no symbol any more. While its module
// was on its way it could be patched, and livepatch has not let go of it.
bool HasGoneInitText(const World& world, const PatchView& patch, const View& view) {
  return std::any_of(patch.functions.begin(), patch.functions.begin() + patch.count,
                     [&](FunctionId id) {
                       const Function& function = world.function(id);
                       // The core's keeps its symbol.
                       if (function.kind != FunctionKind::kInit || function.module == kCore) {
                         return false;
                       }
                       const ModuleView& module = view.modules[Index(function.module)];
                       return module.state == ModuleState::kLive && module.next == Stage::kLayout;
                     });
}

}  // namespace

// Of a patch that replaces nothing; enabling one that does, ends the others for good.
std::optional<Broken> DisableUndoesEnable(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "disable-undoes-enable";
  Run run(subject, program);
  run.ApplyAll();
  for (std::size_t p = 0; p < kPatchCount && run.alive(); ++p) {
    const auto patch = static_cast<PatchId>(p);
    const PatchView& now = run.view().livepatch.patches[p];
    if (now.enabled || now.replace || now.count == 0) continue;
    const View before = run.view();
    const bool enabled = run.Apply(EnablePatch{patch}).rc == 0;
    if (!run.alive()) break;
    if (enabled) {
      if (auto broken = RcDiffers(kLaw, 0, run.Apply(DisablePatch{patch}).rc)) return broken;
    }
    if (!run.alive()) break;
    if (auto broken = ViewsDiffer(kLaw, run.world(), before, run.view())) return broken;
  }
  return std::nullopt;
}

// S I7.4: a second patch of the same functions is seen on the stacks, and nowhere else.
std::optional<Broken> PatchingTwiceCountsOnce(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "patching-twice-counts-once";
  Run run(subject, program);
  run.ApplyAll();
  const PatchId again = FreePatch(run.view());
  if (again == kNoPatch || !run.alive()) return std::nullopt;
  for (std::size_t p = 0; p < kPatchCount; ++p) {
    const PatchView& patch = run.view().livepatch.patches[p];
    // Only where all of it is patched: the rest is what a second one may be refused for.
    if (!patch.enabled || patch.patched != (1u << patch.count) - 1) continue;
    SetPatch set{.patch = again, .count = patch.count, .functions = patch.functions};
    run.Apply(set);
    const View before = run.view();
    const bool gone = HasGoneInitText(run.world(), patch, before);
    const int rc = run.Apply(EnablePatch{again}).rc;
    if (auto broken = RcDiffers(kLaw, gone ? Rc(Errno::kInval) : 0, rc)) return broken;
    if (gone) return ViewsDiffer(kLaw, run.world(), before, run.view());
    View expected = before;
    expected.livepatch = run.view().livepatch;
    if (auto broken = ViewsDiffer(kLaw, run.world(), expected, run.view())) return broken;
    for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
      const LivepatchOpsView& was = before.livepatch.ops[i];
      const LivepatchOpsView& is = run.view().livepatch.ops[i];
      const auto on = [p](const LivepatchOpsView& ops) {
        const auto end = ops.stack.begin() + ops.depth;
        return std::find(ops.stack.begin(), end, static_cast<PatchId>(p)) != end;
      };
      const bool deeper = is.depth == was.depth + 1 && is.stack[0] == again;
      if (on(was) ? deeper : is == was) continue;
      return Broken{absl::StrCat(std::string(kLaw), ":stack"),
                    absl::StrCat("l", i, " is not one deeper with the second patch on top")};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

// A patch that waits for its module ends where one does that is enabled when the module is there.
std::optional<Broken> WhenItWasEnabledIsForgotten(std::string_view subject,
                                                  const Program& program) {
  constexpr std::string_view kLaw = "when-it-was-enabled-is-forgotten";
  // A notifier may refuse the module, and livepatch's own list is the one thing that has an order.
  // And kprobes may own a record by the address that a module had.
  const Program plain =
      Without(Without(Without(program, IsAboutNotifiers), IsAboutLivepatches), IsAboutKprobes);
  Run waits(subject, plain);
  Run late(subject, plain);
  waits.ApplyAll();
  late.ApplyAll();
  if (!waits.alive() || !waits.view().globals.enabled) return std::nullopt;
  if (waits.view().globals.phase != Phase::kRunning) return std::nullopt;
  for (std::size_t m = 0; m < waits.world().modules().size(); ++m) {
    const Module& image = waits.world().modules()[m];
    const auto module = static_cast<ModuleId>(m);
    if (waits.view().modules[m].state != ModuleState::kAbsent || image.count == 0) continue;
    const Op load = Load{module, static_cast<SlotId>(m % waits.world().slot_count()), {}};
    SetPatch set{.patch = PatchId{0}, .count = 0};
    for (std::uint32_t i = 0; i < image.count && set.count < SetPatch::kMaxFunctions; ++i) {
      const FunctionId function{image.first + i};
      // Init text can be patched only while the module is on its way.
      if (waits.world().function(function).kind != FunctionKind::kText) continue;
      set.functions[set.count++] = function;
    }
    if (set.count == 0) continue;
    waits.Apply(set);
    late.Apply(set);
    if (auto broken = RcDiffers(kLaw, 0, waits.Apply(EnablePatch{}).rc)) return broken;
    const int rc = waits.Apply(load).rc;
    const int loaded = late.Apply(load).rc;
    const int enabled = late.Apply(EnablePatch{}).rc;
    // Where one way is refused the other is too, if later.
    if (rc != 0 || loaded != 0 || enabled != 0) {
      const bool refused = rc == 0 || (loaded == 0 && enabled == 0);
      if (refused && loaded == 0) {
        return Broken{absl::StrCat(std::string(kLaw), ":refused"),
                      absl::StrCat("one of two ways to a patched module is refused: ", RcText(rc),
                                   " and ", RcText(enabled))};
      }
      return std::nullopt;
    }
    if (auto broken = ViewsDiffer(kLaw, waits.world(), late.view(), waits.view())) return broken;
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace recount
