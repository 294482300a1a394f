#include "fuzz/idioms.h"

#include <iterator>
#include <string>

#include "harness/generate.h"
#include "model/check.h"

namespace recount {
namespace {

// The cast of one story, drawn once so that its operations are about the same things.
struct Cast {
  ModuleId module{};
  ModuleId other{};  // another module where there is one
  SlotId slot{};
  SlotId elsewhere{};
  OpsId ops{};
  OpsId ops2{};  // never `ops`
  PatchId patch{};
  PatchId patch2{};  // never `patch`
  KprobeId kprobe{};
  KprobeId kprobe2{};     // never `kprobe`
  FunctionId function{};  // of `module`; of the core in a world without modules
};

template <typename Id>
Id Different(Id id, std::size_t count, Chooser* chooser) {
  if (count < 2) return id;
  auto shift = 1 + chooser->Pick(static_cast<std::uint32_t>(count - 1));
  return static_cast<Id>((Index(id) + shift) % count);
}

class IdiomTeller {
 public:
  IdiomTeller(const World& world, Chooser* chooser) : world_(world), chooser_(chooser) {
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

  std::vector<Op> Tell(Idiom idiom) {
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

 private:
  std::uint32_t Pick(std::size_t n) { return chooser_->Pick(static_cast<std::uint32_t>(n)); }
  bool Sometimes() { return chooser_->Chance(1, 2); }

  // An operation on a module is left out where the world has none.
  void Say(Op op) {
    const bool needs_module =
        std::holds_alternative<Load>(op) || std::holds_alternative<LoadBegin>(op) ||
        std::holds_alternative<LoadStep>(op) || std::holds_alternative<Unload>(op);
    if (needs_module && world_.modules().empty()) return;
    story_.push_back(op);
  }
  // Now and then something unrelated happens in between.
  void Aside() {
    if (chooser_->Chance(1, 4)) Say(RandomOp(world_, chooser_));
  }

  Pattern FunctionPattern() {
    const std::string& name = world_.function(cast_.function).name;
    absl::StatusOr<Pattern> pattern = Pattern::FromText(name);
    return pattern.ok() ? *pattern : RandomPattern(world_, chooser_);
  }
  Pattern ModulePattern(bool negated) {
    if (world_.modules().empty()) return RandomPattern(world_, chooser_);
    const std::string& module = world_.module(cast_.module).name;
    const std::string function = Sometimes() ? "*" : world_.function(cast_.function).name;
    absl::StatusOr<Pattern> pattern =
        Pattern::FromText((negated ? "!" : "") + function + ":mod:" + module);
    return pattern.ok() ? *pattern : RandomPattern(world_, chooser_);
  }

  void LoadAt(ModuleId module, SlotId slot) { Say(Load{module, slot, std::nullopt}); }
  void FilterOn(OpsId ops, bool reset) {
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
  void FilterOff(OpsId ops) { Say(SetFilter{.ops = ops, .reset = true, .pattern = Pattern()}); }

  // The 2013 bug and its relatives: the hash remembers what the records forgot.
  void Reload(ModuleId second, SlotId slot) {
    LoadAt(cast_.module, cast_.slot);
    FilterOn(cast_.ops, false);
    Say(Register{cast_.ops});
    Aside();
    if (chooser_->Chance(1, 4)) Say(Unregister{cast_.ops});
    Say(Unload{cast_.module});
    if (chooser_->Chance(1, 3)) FilterOn(cast_.ops, Sometimes());
    LoadAt(second, slot);
    Say(Hit{cast_.function});
    Say(Unregister{cast_.ops});
  }

  void StagedLoad() {
    if (Sometimes()) Say(Register{cast_.ops});
    Say(LoadBegin{cast_.module, cast_.slot, std::nullopt});
    const std::size_t steps = 1 + Pick(kStageCount);
    const std::size_t change = Pick(steps);
    for (std::size_t i = 0; i < steps; ++i) {
      const bool fails = i + 1 == steps && chooser_->Chance(1, 3);
      Say(LoadStep{cast_.module, fails ? std::optional<Errno>(Errno::kOk) : std::nullopt});
      if (i == change) {
        FilterOn(cast_.ops, Sometimes());
        if (Sometimes()) Say(Register{cast_.ops});
      }
    }
    Aside();
    Say(Unload{cast_.module});
  }

  void FilterChange() {
    FilterOn(cast_.ops, true);
    Say(Register{cast_.ops});
    FilterOn(cast_.ops, Sometimes());
    Aside();
    FilterOn(cast_.ops, Sometimes());
    Say(Unregister{cast_.ops});
  }

  void CachedFilter() {
    const Which which = chooser_->Chance(1, 3) ? Which::kNotrace : Which::kFilter;
    Say(SetOps{.ops = cast_.ops, .user = User::kTracer, .save_regs = Sometimes()});
    Say(SetFilter{.which = which, .ops = cast_.ops, .pattern = ModulePattern(false)});
    if (Sometimes()) Say(Register{cast_.ops});
    if (chooser_->Chance(1, 4)) {
      Say(SetFilter{.which = which, .ops = cast_.ops, .pattern = ModulePattern(true)});
    }
    Aside();
    LoadAt(cast_.module, cast_.slot);
    Say(Hit{cast_.function});
    if (Sometimes()) Say(Unload{cast_.module});
  }

  void EmptyFilter() {
    LoadAt(cast_.module, cast_.slot);
    FilterOn(cast_.ops, true);
    Say(Register{cast_.ops});
    FilterOff(cast_.ops);
    Aside();
    FilterOn(cast_.ops, true);
    if (Sometimes()) Say(Unregister{cast_.ops});
  }

  void SharedHash() {
    Say(Share{cast_.ops, cast_.ops2});
    FilterOn(Sometimes() ? cast_.ops : cast_.ops2, true);
    Say(Register{cast_.ops});
    Say(Register{cast_.ops2});
    FilterOn(Sometimes() ? cast_.ops : cast_.ops2, Sometimes());
    Aside();
    Say(Unregister{cast_.ops});
    Say(Share{cast_.ops, cast_.ops});
  }

  void IpModify() {
    for (OpsId ops : {cast_.ops, cast_.ops2}) {
      Say(SetOps{.ops = ops, .save_regs = Sometimes(), .ipmodify = true});
      Say(SetFilterIp{.ops = ops, .reset = true, .places = {Place{cast_.function, 0}}});
    }
    Say(Register{cast_.ops});
    Aside();
    Say(Register{cast_.ops2});
    Say(Unregister{cast_.ops});
    Say(Register{cast_.ops2});
  }

  void Sysctl() {
    if (Sometimes()) Say(Register{cast_.ops});
    Say(FtraceEnabled{false});
    FilterOn(cast_.ops, Sometimes());
    Say(Sometimes() ? Op{Register{cast_.ops2}} : Op{Unregister{cast_.ops}});
    if (Sometimes()) LoadAt(cast_.module, cast_.slot);
    Aside();
    Say(FtraceEnabled{true});
  }

  void FaultedLoad() {
    const FaultPoint point = static_cast<FaultPoint>(Pick(kFaultPointCount));
    if (Sometimes()) {
      FilterOn(cast_.ops, false);
      Say(Register{cast_.ops});
    }
    Say(Fault{.point = point, .nth = static_cast<std::uint16_t>(1 + Pick(4))});
    LoadAt(cast_.module, cast_.slot);
    Say(Unload{cast_.module});
    LoadAt(cast_.module, cast_.slot);
  }

  void FaultedPatch() {
    LoadAt(cast_.module, cast_.slot);
    FilterOn(cast_.ops, true);
    Say(Fault{.point = FaultPoint::kVerify, .nth = static_cast<std::uint16_t>(1 + Pick(3))});
    Say(Register{cast_.ops});
    Say(Register{cast_.ops2});
    Say(Unregister{cast_.ops});
    Say(Unload{cast_.module});
  }

  // Some notifiers of one chain, in any order and with one priority or two.
  std::vector<NotifierId> Assemble(Chain chain) {
    std::vector<NotifierId> notifiers = {static_cast<NotifierId>(Pick(kNotifierCount))};
    for (std::uint32_t more = 1 + Pick(2); more > 0; --more) {
      notifiers.push_back(Different(notifiers.back(), kNotifierCount, chooser_));
    }
    for (const NotifierId notifier : notifiers) {
      Say(AddNotifier{.notifier = notifier,
                      .chain = chain,
                      .priority = Sometimes() ? 0 : static_cast<std::int32_t>(Pick(2))});
    }
    return notifiers;
  }
  Answer Refusal() {
    switch (Pick(3)) {
      case 0:
        return kNotifyBad;
      case 1:
        return kNotifyStop;
      default:
        return AnswerOf(AllErrnos()[Pick(AllErrnos().size())]);
    }
  }

  void NotifiedLoad() {
    const std::vector<NotifierId> notifiers = Assemble(Chain::kModule);
    const NotifierId keeper = notifiers.front();
    Say(SetScript{keeper, Event::kComing, kNotifyOk, Act::kAlloc, {}});
    Say(SetScript{keeper, Event::kGoing, kNotifyOk, Act::kFree, {}});
    const bool refused = Sometimes();
    const Event event = Pick(4) == 0 ? Event::kUnformed : Event::kComing;
    if (refused) Say(SetScript{notifiers.back(), event, Refusal(), Act::kNone, {}});
    Aside();
    if (Sometimes()) {
      LoadAt(cast_.module, cast_.slot);
    } else {
      Say(Load{cast_.module, cast_.slot, StageFailure{Stage::kInit, Errno::kOk}});
    }
    if (refused) {
      Say(SetScript{notifiers.back(), event, kNotifyDone, Act::kNone, {}});
      LoadAt(cast_.module, cast_.slot);
    }
    if (chooser_->Chance(1, 3)) Say(RemoveNotifier{notifiers[Pick(notifiers.size())]});
    Say(Unload{cast_.module});
  }

  void RobustCall() {
    const Chain chain = Sometimes() ? Chain::kRaw : Chain::kBlocking;
    const std::vector<NotifierId> notifiers = Assemble(chain);
    const NotifierId middle = notifiers[notifiers.size() / 2];
    Say(SetScript{middle, Event::kComing, Refusal(), Act::kNone, {}});
    if (chain == Chain::kRaw && Sometimes()) {
      Say(SetScript{notifiers[Pick(notifiers.size())], Sometimes() ? Event::kComing : Event::kGoing,
                    kNotifyOk, Act::kUnregister, notifiers[Pick(notifiers.size())]});
    }
    Aside();
    Say(NotifyRobust{.chain = chain});
    Say(Notify{.chain = chain, .event = Event::kGoing, .reverse = Sometimes()});
  }

  void Patch(PatchId patch, bool replace) {
    SetPatch set{.patch = patch, .replace = replace, .functions = {cast_.function}};
    const FunctionId more = static_cast<FunctionId>(Pick(world_.functions().size()));
    if (Sometimes() && more != cast_.function) set.functions[set.count++] = more;
    Say(set);
  }

  void Livepatch() {
    const bool there = chooser_->Chance(1, 4);
    if (there) LoadAt(cast_.module, cast_.slot);
    Patch(cast_.patch, false);
    Say(EnablePatch{cast_.patch});
    Aside();
    if (!there) LoadAt(cast_.module, cast_.slot);
    Say(Hit{cast_.function});
    Say(Unload{cast_.module});
    LoadAt(cast_.module, Sometimes() ? cast_.slot : cast_.elsewhere);
    if (Sometimes()) Say(DisablePatch{cast_.patch});
  }

  void PatchStack() {
    LoadAt(cast_.module, cast_.slot);
    Patch(cast_.patch, false);
    Patch(cast_.patch2, chooser_->Chance(1, 3));
    Say(EnablePatch{cast_.patch});
    Say(EnablePatch{cast_.patch2});
    Say(Hit{cast_.function});
    Aside();
    Say(DisablePatch{Sometimes() ? cast_.patch : cast_.patch2});
    Say(Hit{cast_.function});
    if (Sometimes()) Say(Unload{cast_.module});
  }

  // Mostly the call site, else an instruction behind it.
  Place ProbedPlace() {
    static constexpr std::uint8_t kOffsets[] = {0, 0, 0, 0, 5, 8, 12};
    return {cast_.function, kOffsets[Pick(std::size(kOffsets))]};
  }

  // S 8.8: what the module takes along is gone for good.
  void ProbedModule() {
    const Place place = ProbedPlace();
    LoadAt(cast_.module, cast_.slot);
    Say(AddKprobe{cast_.kprobe, place, Sometimes(), chooser_->Chance(1, 4)});
    if (chooser_->Chance(1, 3)) Say(AddKprobe{cast_.kprobe2, place, Sometimes(), false});
    Say(Hit{cast_.function});
    Aside();
    Say(Unload{cast_.module});
    if (chooser_->Chance(1, 3)) Say(RemoveKprobe{cast_.kprobe});
    LoadAt(cast_.module, cast_.slot);
    Say(Hit{cast_.function});
    if (Sometimes()) Say(EnableKprobe{cast_.kprobe});
    Say(AddKprobe{Sometimes() ? cast_.kprobe : cast_.kprobe2, place, Sometimes(), false});
    Say(Hit{cast_.function});
    Say(RemoveKprobe{cast_.kprobe});
  }

  // S 8.4: the aggregator gets a post_handler, and moves from one ops to the other.
  void ProbeStack() {
    const Place place = ProbedPlace();
    LoadAt(cast_.module, cast_.slot);
    const bool post_first = chooser_->Chance(1, 4);
    Say(AddKprobe{cast_.kprobe, place, post_first, chooser_->Chance(1, 4)});
    Say(AddKprobe{cast_.kprobe2, place, !post_first, chooser_->Chance(1, 4)});
    Say(Hit{cast_.function});
    Aside();
    if (chooser_->Chance(1, 3)) Say(KprobesArmed{false});
    const bool newest_first = Sometimes();
    const KprobeId first = newest_first ? cast_.kprobe2 : cast_.kprobe;
    const KprobeId second = newest_first ? cast_.kprobe : cast_.kprobe2;
    if (Sometimes()) Say(DisableKprobe{Sometimes() ? first : second});
    if (Sometimes()) Say(EnableKprobe{Sometimes() ? first : second});
    Say(RemoveKprobe{first});
    if (Sometimes()) Say(KprobesArmed{true});
    Say(Hit{cast_.function});
    Say(RemoveKprobe{second});
    Say(AddKprobe{first, place, false, false});
  }

  // S 8.3, 7.3: one IPMODIFY a record, whoever comes first.
  void ProbeAndOwner() {
    LoadAt(cast_.module, cast_.slot);
    const Place place{cast_.function, 0};
    const Op probe = AddKprobe{cast_.kprobe, place, chooser_->Chance(3, 4), false};
    const bool probe_first = Sometimes();
    if (probe_first) Say(probe);
    const bool patch = Sometimes();
    if (patch) {
      Patch(cast_.patch, false);
      Say(EnablePatch{cast_.patch});
    } else {
      Say(SetOps{.ops = cast_.ops, .save_regs = true, .ipmodify = true});
      Say(SetFilterIp{.ops = cast_.ops, .reset = true, .places = {place}});
      Say(Register{cast_.ops});
    }
    if (!probe_first) Say(probe);
    if (Sometimes()) Say(AddKprobe{cast_.kprobe2, place, Sometimes(), false});
    Say(Hit{cast_.function});
    Aside();
    const Op end = patch ? Op{DisablePatch{cast_.patch}} : Op{Unregister{cast_.ops}};
    Say(probe_first ? Op{RemoveKprobe{cast_.kprobe}} : end);
    Say(Hit{cast_.function});
    if (!probe_first) Say(AddKprobe{cast_.kprobe, place, true, false});
  }

  // S 8.7: a jump that the worker puts in goes in one way, and perhaps comes back.
  void OptimizedProbe() {
    const bool low = Sometimes();
    const auto offset = static_cast<std::uint8_t>(low ? 5 : 8);
    const auto behind = static_cast<std::uint8_t>(low ? 8 : 12);
    LoadAt(cast_.module, cast_.slot);
    Say(AddKprobe{cast_.kprobe, {cast_.function, offset}, false, chooser_->Chance(1, 6)});
    if (chooser_->Chance(5, 6)) Say(Optimize{});
    switch (Pick(4)) {
      case 0:
        Say(KprobesArmed{false});
        Aside();
        Say(KprobesArmed{true});
        break;
      case 1:
        Say(AddKprobe{cast_.kprobe2, {cast_.function, behind}, false, Sometimes()});
        if (Sometimes()) Say(EnableKprobe{cast_.kprobe2});
        if (Sometimes()) Say(Optimize{});
        Say(Sometimes() ? Op{DisableKprobe{cast_.kprobe2}} : Op{RemoveKprobe{cast_.kprobe2}});
        break;
      case 2:
        Say(DisableKprobe{cast_.kprobe});
        if (Sometimes()) Aside();
        Say(EnableKprobe{cast_.kprobe});
        break;
      default:
        Say(RemoveKprobe{cast_.kprobe});
        if (Sometimes()) Say(AddKprobe{cast_.kprobe2, {cast_.function, behind}, false, false});
        Say(AddKprobe{cast_.kprobe, {cast_.function, offset}, Sometimes(), chooser_->Chance(1, 4)});
    }
    Say(Hit{cast_.function});
    Say(Optimize{});
    Say(Hit{cast_.function});
    Say(RemoveKprobe{cast_.kprobe});
  }

  const World& world_;
  Chooser* chooser_;
  Cast cast_;
  std::vector<Op> story_;
};

}  // namespace

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
  return IdiomTeller(world, chooser).Tell(idiom);
}

}  // namespace recount
