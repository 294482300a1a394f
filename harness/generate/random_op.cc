// Operations without a View: any kind with any operands, for mutators and for tests that need every
// corner of the language rather than interesting programs.
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "harness/generate/generate.h"
#include "harness/generate/operands.h"
#include "harness/generate/pattern_maker.h"
#include "harness/generate/swarm.h"
#include "model/errno.h"
#include "model/op.h"

namespace recount {
namespace {

class RandomOperands {
 public:
  RandomOperands(const World& world, Chooser* chooser) : world_(world), chooser_(chooser) {}

  bool Bool() { return chooser_->Pick(2) == 1; }
  template <typename Id>
  Id Any(std::size_t n) {
    return static_cast<Id>(chooser_->Pick(static_cast<std::uint32_t>(n)));
  }
  OpsId Ops() { return Any<OpsId>(kOpsCount); }
  ModuleId Module() { return Any<ModuleId>(world_.modules().size()); }
  SlotId Slot() { return Any<SlotId>(world_.slot_count()); }
  FunctionId Function() { return Any<FunctionId>(world_.functions().size()); }
  Place APlace() {
    const FunctionId function = Function();
    const bool entry = Bool();
    return {function,
            entry ? std::uint8_t{0} : Any<std::uint8_t>(std::size_t{World::kFunctionStride})};
  }
  Which AWhich() { return Bool() ? Which::kNotrace : Which::kFilter; }
  // kOk, which means the place's own errno, half of the time.
  Errno AnErrno() {
    return Bool() ? AllErrnos()[chooser_->Pick(static_cast<std::uint32_t>(AllErrnos().size()))]
                  : Errno::kOk;
  }
  std::optional<Errno> MaybeErrno() {
    if (chooser_->Pick(4) > 0) return std::nullopt;
    return AnErrno();
  }
  std::optional<StageFailure> MaybeFailure() {
    if (chooser_->Pick(4) > 0) return std::nullopt;
    auto stage = Any<Stage>(kStageCount);
    if (!CanFail(stage)) stage = Stage::kInit;
    return StageFailure{stage, AnErrno()};
  }
  NotifierId Notifier() { return Any<NotifierId>(kNotifierCount); }
  PatchId Patch() { return Any<PatchId>(kPatchCount); }
  KprobeId Kprobe() { return Any<KprobeId>(kKprobeCount); }
  Event AnEvent() { return Any<Event>(kEventCount); }
  // Of those that a Program may call.
  Chain FreeChain() { return kFreeChains[Any<std::size_t>(kFreeChains.size())]; }
  std::int32_t Priority() {
    static constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
    static constexpr std::int32_t kPriorities[] = {0, 0, 0, 1, -1, 10, kHighest, kHighest - 1};
    const auto at = Any<std::size_t>(std::size(kPriorities) + 1);
    if (at < std::size(kPriorities)) return kPriorities[at];
    return static_cast<std::int32_t>(chooser_->Pick(0xffffffff));
  }
  Answer AnAnswer() {
    static constexpr Answer kAnswers[] = {kNotifyDone, kNotifyOk, kNotifyStop, kNotifyBad};
    const auto at = Any<std::size_t>(std::size(kAnswers) + 2);
    if (at < std::size(kAnswers)) return kAnswers[at];
    return at == std::size(kAnswers) ? AnswerOf(AnErrno()) : Any<Answer>(0x10000);
  }

 private:
  const World& world_;
  Chooser* chooser_;
};

}  // namespace

namespace {

// Those about notifiers, livepatches and kprobes stand at the end.
constexpr auto kFtraceKinds = static_cast<std::uint32_t>(OpKind::kAddNotifier);

Op RandomChainOp(const World& world, OpKind kind, Chooser* chooser) {
  RandomOperands any(world, chooser);
  switch (kind) {
    case OpKind::kAddNotifier: {
      AddNotifier op;
      op.notifier = any.Notifier();
      op.chain = any.Any<Chain>(kChainCount);
      op.priority = any.Priority();
      op.unique = any.Bool();
      return op;
    }
    case OpKind::kRemoveNotifier:
      return RemoveNotifier{any.Notifier()};
    case OpKind::kSetScript: {
      SetScript op;
      op.notifier = any.Notifier();
      op.event = any.AnEvent();
      op.answer = any.AnAnswer();
      op.act = any.Any<Act>(std::size_t{4});
      if (op.act == Act::kUnregister) op.other = any.Notifier();
      return op;
    }
    case OpKind::kNotify: {
      Notify op;
      op.chain = any.FreeChain();
      op.event = any.AnEvent();
      op.reverse = any.Bool();
      if (any.Bool()) op.limit = any.Any<std::uint8_t>(any.Bool() ? kNotifierCount + 1 : 100);
      return op;
    }
    case OpKind::kNotifyRobust: {
      NotifyRobust op;
      op.chain = any.FreeChain();
      op.up = any.AnEvent();
      op.down = any.AnEvent();
      return op;
    }
    case OpKind::kSetPatch: {
      SetPatch op;
      op.patch = any.Patch();
      op.replace = any.Bool();
      op.count = static_cast<std::uint8_t>(1 + chooser->Pick(SetPatch::kMaxFunctions));
      for (std::uint8_t i = 0; i < op.count; ++i) op.functions[i] = any.Function();
      Op distinct = op;
      DropRepeated(&distinct);
      return distinct;
    }
    case OpKind::kEnablePatch:
      return EnablePatch{any.Patch()};
    case OpKind::kDisablePatch:
      return DisablePatch{any.Patch()};
    case OpKind::kAddKprobe: {
      // One after the other: the order in which arguments are evaluated is the compiler's.
      AddKprobe op;
      op.kprobe = any.Kprobe();
      op.place = any.APlace();
      op.post = any.Bool();
      op.disabled = any.Bool();
      return op;
    }
    case OpKind::kRemoveKprobe:
      return RemoveKprobe{any.Kprobe()};
    case OpKind::kEnableKprobe:
      return EnableKprobe{any.Kprobe()};
    case OpKind::kDisableKprobe:
      return DisableKprobe{any.Kprobe()};
    case OpKind::kBoot:
      return Boot{};
    case OpKind::kOptimize:
      return Optimize{};
    default:
      return KprobesArmed{any.Bool()};
  }
}

}  // namespace

Op RandomOp(const World& world, Chooser* chooser) {
  if (chooser->Chance(1, 3)) {
    const std::uint32_t kind = kFtraceKinds + chooser->Pick(kOpKindCount - kFtraceKinds);
    return RandomChainOp(world, static_cast<OpKind>(kind), chooser);
  }
  RandomOperands any(world, chooser);
  auto kind = static_cast<OpKind>(chooser->Pick(kFtraceKinds));
  const bool of_module = kind == OpKind::kLoad || kind == OpKind::kLoadBegin ||
                         kind == OpKind::kLoadStep || kind == OpKind::kUnload;
  if (of_module && world.modules().empty()) kind = OpKind::kHit;
  switch (kind) {
    case OpKind::kLoad: {
      const ModuleId module = any.Module();
      const SlotId slot = any.Slot();
      return Load{module, slot, any.MaybeFailure()};
    }
    case OpKind::kLoadBegin: {
      const ModuleId module = any.Module();
      const SlotId slot = any.Slot();
      return LoadBegin{module, slot, any.MaybeErrno()};
    }
    case OpKind::kLoadStep: {
      const ModuleId module = any.Module();
      return LoadStep{module, any.MaybeErrno()};
    }
    case OpKind::kUnload:
      return Unload{any.Module()};
    case OpKind::kFreeInit:
      return FreeInit{};
    case OpKind::kSetFilter: {
      SetFilter op;
      op.which = any.AWhich();
      op.ops = any.Ops();
      op.reset = any.Bool();
      if (chooser->Pick(8) > 0) op.pattern = RandomPattern(world, chooser);
      return op;
    }
    case OpKind::kSetFilterIp: {
      SetFilterIp op;
      op.which = any.AWhich();
      op.ops = any.Ops();
      op.remove = any.Bool();
      op.reset = any.Bool();
      op.count = static_cast<std::uint8_t>(1 + chooser->Pick(SetFilterIp::kMaxPlaces));
      for (std::uint8_t i = 0; i < op.count; ++i) op.places[i] = any.APlace();
      return op;
    }
    case OpKind::kShare: {
      const OpsId ops = any.Ops();
      return Share{ops, any.Ops()};
    }
    case OpKind::kSetOps: {
      SetOps op;
      op.ops = any.Ops();
      op.user = any.Bool() ? User::kTracer : User::kKernel;
      op.save_regs = any.Bool();
      op.ipmodify = any.Bool();
      op.permanent = any.Bool();
      return op;
    }
    case OpKind::kRegister:
      return Register{any.Ops()};
    case OpKind::kUnregister:
      return Unregister{any.Ops()};
    case OpKind::kFtraceEnabled:
      return FtraceEnabled{any.Bool()};
    case OpKind::kHit:
      return Hit{any.Function()};
    case OpKind::kLocate:
      return Locate{any.APlace()};
    case OpKind::kFault: {
      Fault op;
      op.point = any.Any<FaultPoint>(kFaultPointCount);
      op.nth = static_cast<std::uint16_t>(1 + chooser->Pick(8));
      if (TakesErrno(op.point)) op.error = any.AnErrno();
      return op;
    }
    default:
      break;
  }
  return FreeInit{};
}

Pattern RandomPattern(const World& world, Chooser* chooser) {
  const auto functions = static_cast<std::uint32_t>(world.functions().size());
  const Function& function = world.functions()[chooser->Pick(functions)];
  const auto shape = static_cast<PatternShape>(chooser->Pick(kPatternShapeCount));
  PatternBuffer out;
  if (chooser->Chance(1, 4)) out.Add('!');
  const bool with_module = chooser->Chance(1, 4) && !world.modules().empty();
  // "!:mod:alpha" and ":mod:alpha" are patterns too: an empty function part means all.
  if (!with_module || chooser->Chance(3, 4)) {
    AddShaped(shape, function.name, functions, chooser, &out);
  }
  if (with_module) {
    out.Add(":mod:");
    if (chooser->Chance(1, 8)) out.Add('!');
    // Of the function's own module mostly; of any other to match nothing.
    const ModuleId module = function.module != kCore && chooser->Chance(3, 4)
                                ? function.module
                                : static_cast<ModuleId>(chooser->Pick(
                                      static_cast<std::uint32_t>(world.modules().size())));
    if (chooser->Chance(7, 8)) {
      AddShaped(chooser->Chance(3, 4) ? PatternShape::kFull : PatternShape::kPrefix,
                world.module(module).name, functions, chooser, &out);
    }
  }
  return out.Take();
}

}  // namespace recount
