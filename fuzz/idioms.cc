#include "fuzz/idioms.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "fuzz/idiom_teller.h"
#include "model/check.h"

namespace recount::internal {

IdiomTeller::IdiomTeller(const World& world, Chooser* chooser) : world_(world), chooser_(chooser) {
  const std::size_t modules = world.modules().size();
  const Module* image = &world.core();
  if (modules > 0) {
    cast_.module = static_cast<ModuleId>(Pick(modules));
    cast_.other = Different(cast_.module, modules, chooser);
    image = &world.module(cast_.module);
  }
  cast_.slot = static_cast<SlotId>(Pick(world.slot_count()));
  cast_.elsewhere = Different(cast_.slot, world.slot_count(), chooser);
  cast_.ops = static_cast<OpsId>(Pick(kOpsCount));
  cast_.ops2 = Different(cast_.ops, kOpsCount, chooser);
  cast_.patch = static_cast<PatchId>(Pick(kPatchCount));
  cast_.patch2 = Different(cast_.patch, kPatchCount, chooser);
  cast_.kprobe = static_cast<KprobeId>(Pick(kKprobeCount));
  cast_.kprobe2 = Different(cast_.kprobe, kKprobeCount, chooser);
  if (image->count == 0) image = &world.core();
  cast_.function = static_cast<FunctionId>(image->first + Pick(image->count));
}

std::vector<Op> IdiomTeller::Tell(Idiom idiom) {
  switch (idiom) {
    case Idiom::kReload:
      Reload(cast_.module, cast_.slot);
      break;
    case Idiom::kOtherAtSlot:
      Reload(cast_.other, cast_.slot);
      break;
    case Idiom::kReloadElsewhere:
      Reload(cast_.module, cast_.elsewhere);
      break;
    case Idiom::kStagedLoad:
      StagedLoad();
      break;
    case Idiom::kFilterChange:
      FilterChange();
      break;
    case Idiom::kCachedFilter:
      CachedFilter();
      break;
    case Idiom::kEmptyFilter:
      EmptyFilter();
      break;
    case Idiom::kSharedHash:
      SharedHash();
      break;
    case Idiom::kIpModify:
      IpModify();
      break;
    case Idiom::kSysctl:
      Sysctl();
      break;
    case Idiom::kFaultedLoad:
      FaultedLoad();
      break;
    case Idiom::kFaultedPatch:
      FaultedPatch();
      break;
    case Idiom::kNotifiedLoad:
      NotifiedLoad();
      break;
    case Idiom::kRobustCall:
      RobustCall();
      break;
    case Idiom::kLivepatch:
      Livepatch();
      break;
    case Idiom::kPatchStack:
      PatchStack();
      break;
    case Idiom::kProbedModule:
      ProbedModule();
      break;
    case Idiom::kProbeStack:
      ProbeStack();
      break;
    case Idiom::kProbeAndOwner:
      ProbeAndOwner();
      break;
    case Idiom::kOptimizedProbe:
      OptimizedProbe();
      break;
  }
  return std::move(story_);
}

void IdiomTeller::Say(Op op) {
  const bool needs_module =
      std::holds_alternative<Load>(op) || std::holds_alternative<LoadBegin>(op) ||
      std::holds_alternative<LoadStep>(op) || std::holds_alternative<Unload>(op);
  if (needs_module && world_.modules().empty()) return;
  story_.push_back(op);
}

void IdiomTeller::Aside() {
  if (chooser_->Chance(1, 4)) Say(RandomOp(world_, chooser_));
}

Pattern IdiomTeller::FunctionPattern() {
  const std::string& name = world_.function(cast_.function).name;
  absl::StatusOr<Pattern> pattern = Pattern::FromText(name);
  return pattern.ok() ? *pattern : RandomPattern(world_, chooser_);
}

Pattern IdiomTeller::ModulePattern(bool negated) {
  if (world_.modules().empty()) return RandomPattern(world_, chooser_);
  const std::string& module = world_.module(cast_.module).name;
  const std::string function = Sometimes() ? "*" : world_.function(cast_.function).name;
  absl::StatusOr<Pattern> pattern =
      Pattern::FromText((negated ? "!" : "") + function + ":mod:" + module);
  return pattern.ok() ? *pattern : RandomPattern(world_, chooser_);
}

void IdiomTeller::FilterOn(OpsId ops, bool reset) {
  switch (Pick(4)) {
    case 0:
      Say(SetFilterIp{.ops = ops, .reset = reset, .places = {Place{cast_.function, 0}}});
      break;
    case 1:
      Say(SetFilter{
          .which = Which::kNotrace, .ops = ops, .reset = reset, .pattern = FunctionPattern()});
      break;
    case 2:
      Say(SetFilter{.ops = ops, .reset = reset, .pattern = RandomPattern(world_, chooser_)});
      break;
    default:
      Say(SetFilter{.ops = ops, .reset = reset, .pattern = FunctionPattern()});
  }
}

}  // namespace recount::internal

namespace recount {

std::string_view IdiomName(Idiom idiom) {
  switch (idiom) {
    case Idiom::kReload:
      return "reload";
    case Idiom::kOtherAtSlot:
      return "other-at-slot";
    case Idiom::kReloadElsewhere:
      return "reload-elsewhere";
    case Idiom::kStagedLoad:
      return "staged-load";
    case Idiom::kFilterChange:
      return "filter-change";
    case Idiom::kCachedFilter:
      return "cached-filter";
    case Idiom::kEmptyFilter:
      return "empty-filter";
    case Idiom::kSharedHash:
      return "shared-hash";
    case Idiom::kIpModify:
      return "ipmodify";
    case Idiom::kSysctl:
      return "sysctl";
    case Idiom::kFaultedLoad:
      return "faulted-load";
    case Idiom::kFaultedPatch:
      return "faulted-patch";
    case Idiom::kNotifiedLoad:
      return "notified-load";
    case Idiom::kRobustCall:
      return "robust-call";
    case Idiom::kLivepatch:
      return "livepatch";
    case Idiom::kPatchStack:
      return "patch-stack";
    case Idiom::kProbedModule:
      return "probed-module";
    case Idiom::kProbeStack:
      return "probe-stack";
    case Idiom::kProbeAndOwner:
      return "probe-and-owner";
    case Idiom::kOptimizedProbe:
      return "optimized-probe";
  }
  RECOUNT_CHECK(false);
  return "";
}

std::vector<Op> MakeIdiom(Idiom idiom, const World& world, Chooser* chooser) {
  return internal::IdiomTeller(world, chooser).Tell(idiom);
}

}  // namespace recount
