#include "fuzz/mutate_operand.h"

#include <array>
#include <iterator>
#include <limits>
#include <optional>
#include <variant>

#include "harness/generate/generate.h"
#include "harness/generate/operands.h"

namespace recount {
namespace {

class Changer {
 public:
  Changer(const World& world, Chooser* chooser) : world_(world), chooser_(chooser) {}

  Op operator()(Load op) {
    switch (Pick(3)) {
      case 0:
        op.module = DrawModule();
        break;
      case 1:
        op.slot = DrawSlot();
        break;
      default:
        op.failure.reset();
        if (Pick(2) == 0) op.failure = StageFailure{DrawFailingStage(), DrawErrno()};
    }
    return op;
  }
  Op operator()(LoadBegin op) {
    switch (Pick(3)) {
      case 0:
        op.module = DrawModule();
        break;
      case 1:
        op.slot = DrawSlot();
        break;
      default:
        op.failure = DrawFailure();
    }
    return op;
  }
  Op operator()(LoadStep op) {
    if (Pick(2) == 0) {
      op.module = DrawModule();
    } else {
      op.failure = DrawFailure();
    }
    return op;
  }
  Op operator()(Unload) { return Unload{DrawModule()}; }
  Op operator()(FreeInit) { return RandomOp(world_, chooser_); }

  Op operator()(SetFilter op) {
    switch (Pick(5)) {
      case 0:
        op.which = Flip(op.which);
        break;
      case 1:
        op.ops = DrawOps();
        break;
      case 2:
        op.reset = !op.reset;
        break;
      default:
        op.pattern = Pick(8) == 0 ? Pattern() : RandomPattern(world_, chooser_);
    }
    return op;
  }
  Op operator()(SetFilterIp op) {
    switch (Pick(6)) {
      case 0:
        op.which = Flip(op.which);
        break;
      case 1:
        op.ops = DrawOps();
        break;
      case 2:
        op.reset = !op.reset;
        break;
      case 3:
        op.remove = !op.remove;
        break;
      case 4: {
        const auto count = static_cast<std::uint8_t>(1 + Pick(SetFilterIp::kMaxPlaces));
        for (std::size_t i = op.count; i < count; ++i) op.places[i] = DrawPlace();
        // Places past the count stay value-initialised, or equal operations would compare unequal.
        for (std::size_t i = count; i < op.places.size(); ++i) op.places[i] = {};
        op.count = count;
        break;
      }
      default:
        op.places[Pick(op.count)] = DrawPlace();
    }
    return op;
  }
  Op operator()(Share op) {
    (Pick(2) == 0 ? op.ops : op.with) = DrawOps();
    return op;
  }

  Op operator()(SetOps op) {
    switch (Pick(5)) {
      case 0:
        op.ops = DrawOps();
        break;
      case 1:
        op.user = op.user == User::kKernel ? User::kTracer : User::kKernel;
        break;
      case 2:
        op.save_regs = !op.save_regs;
        break;
      case 3:
        op.ipmodify = !op.ipmodify;
        break;
      default:
        op.permanent = !op.permanent;
    }
    return op;
  }
  Op operator()(Register op) {
    if (Pick(2) == 0) return Unregister{op.ops};
    return Register{DrawOps()};
  }
  Op operator()(Unregister op) {
    if (Pick(2) == 0) return Register{op.ops};
    return Unregister{DrawOps()};
  }
  Op operator()(FtraceEnabled op) { return FtraceEnabled{!op.on}; }
  Op operator()(Hit) { return Hit{DrawFunction()}; }
  Op operator()(Locate) { return Locate{DrawPlace()}; }

  Op operator()(Fault op) {
    switch (Pick(3)) {
      case 0:
        op.point = static_cast<FaultPoint>(Pick(kFaultPointCount));
        break;
      case 1:
        // Mostly soon; now and then deep inside a pass over many records.
        op.nth = static_cast<std::uint16_t>(1 + (Pick(4) == 0 ? Pick(300) : Pick(6)));
        break;
      default:
        op.error = DrawErrno();
    }
    // Only some points look at the errno, and only there does it have a text form.
    if (!TakesErrno(op.point)) op.error = Errno::kOk;
    return op;
  }

  Op operator()(AddNotifier op) {
    switch (Pick(5)) {
      case 0:
        op.notifier = DrawNotifier();
        break;
      case 1:
        op.chain = static_cast<Chain>(Pick(kChainCount));
        break;
      case 2:
        op.unique = !op.unique;
        break;
      default:
        op.priority = DrawPriority(op.priority);
    }
    return op;
  }
  Op operator()(RemoveNotifier op) {
    if (Pick(2) == 0) return AddNotifier{.notifier = op.notifier};
    return RemoveNotifier{DrawNotifier()};
  }
  Op operator()(SetScript op) {
    switch (Pick(5)) {
      case 0:
        op.notifier = DrawNotifier();
        break;
      case 1:
        op.event = DrawEvent();
        break;
      case 2:
        op.act = static_cast<Act>(Pick(4));
        // Only for `unregister`: equal operations must compare equal.
        op.other = op.act == Act::kUnregister ? DrawNotifier() : NotifierId{};
        break;
      default:
        op.answer = DrawAnswer();
    }
    return op;
  }
  Op operator()(Notify op) {
    switch (Pick(4)) {
      case 0:
        op.chain = DrawFreeChain();
        break;
      case 1:
        op.event = DrawEvent();
        break;
      case 2:
        op.reverse = !op.reverse;
        break;
      default:
        op.limit = Pick(3) == 0 ? Notify::kAll : static_cast<std::uint8_t>(Pick(kNotifierCount));
    }
    return op;
  }
  Op operator()(NotifyRobust op) {
    switch (Pick(3)) {
      case 0:
        op.chain = DrawFreeChain();
        break;
      case 1:
        op.up = DrawEvent();
        break;
      default:
        op.down = DrawEvent();
    }
    return op;
  }

  Op operator()(SetPatch op) {
    switch (Pick(5)) {
      case 0:
        op.patch = DrawPatch();
        break;
      case 1:
        op.replace = !op.replace;
        break;
      case 2:
        if (op.count < SetPatch::kMaxFunctions) op.functions[op.count++] = DrawFunction();
        break;
      case 3:
        if (op.count > 1) DropFunction(&op, Pick(op.count));
        break;
      default:
        op.functions[Pick(op.count)] = DrawFunction();
    }
    Op distinct = op;
    DropRepeated(&distinct);
    return distinct;
  }
  Op operator()(EnablePatch op) {
    if (Pick(2) == 0) return DisablePatch{op.patch};
    return EnablePatch{DrawPatch()};
  }
  Op operator()(DisablePatch op) {
    if (Pick(2) == 0) return EnablePatch{op.patch};
    return DisablePatch{DrawPatch()};
  }

  Op operator()(AddKprobe op) {
    switch (Pick(5)) {
      case 0:
        op.kprobe = DrawKprobe();
        break;
      case 1:
        op.post = !op.post;
        break;
      case 2:
        op.disabled = !op.disabled;
        break;
      case 3: {
        // Where instructions begin; now and then anywhere.
        static constexpr std::uint8_t kOffsets[] = {0, 0, 5, 8, 12};
        op.place.offset = Pick(6) == 0 ? static_cast<std::uint8_t>(Pick(World::kFunctionStride))
                                       : kOffsets[Pick(std::size(kOffsets))];
        break;
      }
      default:
        op.place.function = DrawFunction();
    }
    return op;
  }
  Op operator()(RemoveKprobe op) {
    switch (Pick(4)) {
      case 0:
        return AddKprobe{.kprobe = op.kprobe, .place = DrawPlace()};
      case 1:
        return DisableKprobe{op.kprobe};
      default:
        return RemoveKprobe{DrawKprobe()};
    }
  }
  Op operator()(EnableKprobe op) {
    if (Pick(2) == 0) return DisableKprobe{op.kprobe};
    return EnableKprobe{DrawKprobe()};
  }
  Op operator()(DisableKprobe op) {
    switch (Pick(4)) {
      case 0:
        return EnableKprobe{op.kprobe};
      case 1:
        return RemoveKprobe{op.kprobe};
      default:
        return DisableKprobe{DrawKprobe()};
    }
  }
  Op operator()(KprobesArmed op) { return KprobesArmed{!op.on}; }
  Op operator()(Boot op) { return op; }
  Op operator()(Optimize op) { return op; }

 private:
  std::uint32_t Pick(std::size_t n) { return chooser_->Pick(static_cast<std::uint32_t>(n)); }
  static Which Flip(Which which) {
    return which == Which::kFilter ? Which::kNotrace : Which::kFilter;
  }
  // REQUIRES: the world has modules; an operation that names one is valid only in such a world.
  ModuleId DrawModule() { return static_cast<ModuleId>(Pick(world_.modules().size())); }
  SlotId DrawSlot() { return static_cast<SlotId>(Pick(world_.slot_count())); }
  OpsId DrawOps() { return static_cast<OpsId>(Pick(kOpsCount)); }
  FunctionId DrawFunction() { return static_cast<FunctionId>(Pick(world_.functions().size())); }
  Place DrawPlace() {
    // The start of a function is what callers mean; the rest is for the lookup's edges.
    const std::uint32_t offset = Pick(2) == 0 ? 0 : Pick(World::kFunctionStride);
    return Place{DrawFunction(), static_cast<std::uint8_t>(offset)};
  }
  NotifierId DrawNotifier() { return static_cast<NotifierId>(Pick(kNotifierCount)); }
  KprobeId DrawKprobe() { return static_cast<KprobeId>(Pick(kKprobeCount)); }
  PatchId DrawPatch() { return static_cast<PatchId>(Pick(kPatchCount)); }
  Event DrawEvent() { return static_cast<Event>(Pick(kEventCount)); }
  Chain DrawFreeChain() { return kFreeChains[Pick(kFreeChains.size())]; }
  // A neighbour's, or one at the ends.
  std::int32_t DrawPriority(std::int32_t now) {
    using Limits = std::numeric_limits<std::int32_t>;
    switch (Pick(6)) {
      case 0:
        return now < Limits::max() ? now + 1 : now - 1;
      case 1:
        return now > Limits::min() ? now - 1 : now + 1;
      case 2:
        return Limits::max() - static_cast<std::int32_t>(Pick(3));
      case 3:
        return Limits::min();
      default:
        return 0;
    }
  }
  Answer DrawAnswer() {
    static constexpr Answer kAnswers[] = {kNotifyDone, kNotifyOk, kNotifyStop, kNotifyBad};
    switch (Pick(4)) {
      case 0:
        return AnswerOf(DrawErrno());
      case 1:
        return static_cast<Answer>(Pick(0x10000));
      default:
        return kAnswers[Pick(std::size(kAnswers))];
    }
  }
  Stage DrawFailingStage() {
    std::array<Stage, kStageCount> stages{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < kStageCount; ++i) {
      if (CanFail(static_cast<Stage>(i))) stages[count++] = static_cast<Stage>(i);
    }
    return stages[Pick(count)];
  }
  // kOk, "the stage's own", half the time.
  Errno DrawErrno() { return Pick(2) == 0 ? Errno::kOk : AllErrnos()[Pick(AllErrnos().size())]; }
  std::optional<Errno> DrawFailure() {
    if (Pick(2) == 0) return std::nullopt;
    return DrawErrno();
  }

  const World& world_;
  Chooser* chooser_;
};

}  // namespace

void ChangeOperand(const World& world, Chooser* chooser, Op* op) {
  *op = std::visit(Changer(world, chooser), *op);
}

}  // namespace recount
