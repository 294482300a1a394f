#include "harness/generate/generate.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "harness/generate/limits.h"
#include "model/check.h"
#include "model/op.h"

namespace recount {
namespace {

constexpr std::uint32_t kDraws = 6;       // kinds tried before anything is taken
constexpr std::uint32_t kBootDraws = 48;  // the same while few kinds are there yet
constexpr std::uint32_t kDeadOps = 8;     // operations after death

}  // namespace

Generator::Generator(WorldPtr world, const Profile& rules, Chooser* chooser,
                     const GenerateOptions& options)
    : world_(std::move(world)),
      chooser_(chooser),
      limits_(options.limits),
      swarm_(DrawSwarm(*world_, rules, chooser)),
      early_kprobes_(rules.early_kprobes == Profile::EarlyKprobes::kOn) {
  RECOUNT_CHECK(options.min_ops <= options.max_ops);
  length_ = options.min_ops + chooser_->Pick(options.max_ops - options.min_ops + 1);
  last_slot_.assign(swarm_.modules.size(), kNoSlot);
  RECOUNT_CHECK(swarm_.modules.size() <= live_.index.size());
}

bool Generator::Finished(const View& view) const {
  return made_ >= length_ || (view.globals.dead && made_dead_ >= kDeadOps);
}

void Generator::Look(const View& view) {
  live_.count = absent_.count = under_way_.count = 0;
  for (std::size_t i = 0; i < swarm_.modules.size(); ++i) {
    const ModuleView& module = view.modules[Index(swarm_.modules[i])];
    if (module.state == ModuleState::kAbsent) {
      absent_.Add(i);
    } else {
      last_slot_[i] = module.slot;
      (module.next == Stage::kLayout ? live_ : under_way_).Add(i);
    }
  }
  core_records_ = 0;
  for (const GroupView& group : view.groups) {
    if (group.owner != kCore) break;
    core_records_ += group.used;
  }
}

Op Generator::Next(const View& view) {
  Look(view);
  ++made_;
  if (view.globals.dead) ++made_dead_;
  Op op = FreeInit{};
  // Ops become what they are going to be before they are used: half of them as they are.
  while (opening_ < swarm_.ops.size()) {
    const OpsId ops = swarm_.ops[opening_++];
    if (chooser_->Chance(1, 2) && MakeSetOps(view, ops, &op)) return op;
  }
  if (follow_up_) {
    op = *follow_up_;
    follow_up_.reset();
    return op;
  }
  // Notifiers too: half of them hear of the first module.
  while (notifiers_opened_ < swarm_.notifiers.notifiers.size()) {
    ++notifiers_opened_;
    if (chooser_->Chance(1, 2) && MakeAddNotifier(view, &op)) return op;
  }
  if (view.globals.phase != Phase::kRunning && MakeBoot(view, &op)) return op;
  // A load under way goes on, else it would never get through its stages.
  if (under_way_.count > 0 && Sometimes(swarm_.load_on) && MakeLoadStep(view, &op)) return op;
  const std::uint32_t draws = view.globals.phase == Phase::kRunning ? kDraws : kBootDraws;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const auto kind = static_cast<OpKind>(swarm_.kinds.Draw(chooser_));
    if (HasToWait(kind, view, early_kprobes_) && !chooser_->Chance(1, 64)) continue;
    if (Make(kind, view, &op) && IsWithin(limits_, view, op)) return op;
  }
  return Hit{AnyFunction()};
}

bool Generator::Make(OpKind kind, const View& view, Op* op) {
  switch (kind) {
    case OpKind::kLoad:
    case OpKind::kLoadBegin:
      return MakeLoad(kind, view, op);
    case OpKind::kLoadStep:
      return MakeLoadStep(view, op);
    case OpKind::kUnload:
      return MakeUnload(op);
    case OpKind::kFreeInit:
      if (view.globals.core_init_freed && !Careless()) return false;
      *op = FreeInit{};
      return true;
    case OpKind::kSetFilter:
      return MakeSetFilter(view, op);
    case OpKind::kSetFilterIp:
      return MakeSetFilterIp(view, op);
    case OpKind::kShare:
      return MakeShare(view, op);
    case OpKind::kSetOps:
      return MakeSetOps(view, OneOf(swarm_.ops), op);
    case OpKind::kRegister:
      return MakeRegister(view, op);
    case OpKind::kUnregister:
      return MakeUnregister(view, op);
    case OpKind::kFtraceEnabled: {
      if (view.globals.dead && !Careless()) return false;
      const bool on = Careless() ? view.globals.enabled : !view.globals.enabled;
      // A permanent ops refuses it; whether it leaves no trace is worth a look now and then.
      if (!on && !chooser_->Chance(1, 4) && HasPermanent(view)) return false;
      *op = FtraceEnabled{on};
      return true;
    }
    case OpKind::kHit: {
      if (view.globals.dead && !Careless()) return false;
      FunctionId function = ProbedFunction(view);
      if (function == kNoFunction) function = SomeRecord(view);
      if (function == kNoFunction || Careless()) function = AnyFunction();
      *op = Hit{function};
      return true;
    }
    case OpKind::kLocate: {
      FunctionId function = SomeRecord(view);
      if (function == kNoFunction || Careless()) function = AnyFunction();
      // Around the borders of the call site: its first byte, its last, the one behind.
      static constexpr std::uint8_t kOffsets[] = {0, 1, 4, 5, 15};
      *op = Locate{Place{function, kOffsets[Below(std::size(kOffsets))]}};
      return true;
    }
    case OpKind::kFault:
      return MakeFault(op);
    case OpKind::kAddNotifier:
    case OpKind::kRemoveNotifier:
    case OpKind::kSetScript:
    case OpKind::kNotify:
    case OpKind::kNotifyRobust:
      return MakeChainOp(kind, view, op);
    case OpKind::kSetPatch:
      return MakeSetPatch(view, op);
    case OpKind::kEnablePatch:
      return MakeEnablePatch(view, op);
    case OpKind::kDisablePatch:
      return MakeDisablePatch(view, op);
    case OpKind::kAddKprobe:
    case OpKind::kRemoveKprobe:
    case OpKind::kEnableKprobe:
    case OpKind::kDisableKprobe:
    case OpKind::kKprobesArmed:
    case OpKind::kOptimize:
      return MakeKprobeOp(kind, view, op);
    case OpKind::kBoot:
      return MakeBoot(view, op);
  }
  return false;
}

bool Generator::MakeSetOps(const View& view, OpsId ops, Op* op) {
  const OpsView& now = view.ops[Index(ops)];
  if (now.registered && !Careless()) return false;
  SetOps set;
  set.ops = ops;
  set.user = Sometimes(swarm_.tracers) ? User::kTracer : User::kKernel;
  set.save_regs = swarm_.save_regs && chooser_->Chance(1, 2);
  set.ipmodify = swarm_.ipmodify && chooser_->Chance(1, 2);
  set.permanent = swarm_.permanent && chooser_->Chance(1, 4);
  *op = set;
  return true;
}

bool Generator::MakeRegister(const View& view, Op* op) {
  if (view.globals.dead && !Careless()) return false;
  const OpsId ops = OneOf(swarm_.ops);
  const OpsView& now = view.ops[Index(ops)];
  const bool refused = now.registered || (now.ipmodify && now.filter.empty()) ||
                       (now.permanent && !view.globals.enabled);
  if (refused && !Careless()) return false;
  *op = Register{ops};
  return true;
}

bool Generator::MakeUnregister(const View& view, Op* op) {
  if (view.globals.dead && !Careless()) return false;
  // Those of livepatch and kprobes are in the call order as well, but not ours to unregister.
  OpsId ops = !view.order.empty() ? OneOf(view.order) : OneOf(swarm_.ops);
  if (Index(ops) >= kOpsCount) ops = OneOf(swarm_.ops);
  if (!view.ops[Index(ops)].registered && !Careless()) return false;
  *op = Unregister{ops};
  return true;
}

bool Generator::MakeFault(Op* op) {
  if (swarm_.faults.total == 0) return false;
  Fault fault;
  fault.point = static_cast<FaultPoint>(swarm_.faults.Draw(chooser_));
  // Small numbers mostly: a fault that is not reached before the end did nothing.
  const std::uint32_t reach = fault.point == FaultPoint::kVerify  ? 32
                              : fault.point == FaultPoint::kWrite ? 16
                              : fault.point == FaultPoint::kStage ? 10
                                                                  : 4;
  fault.nth = static_cast<std::uint16_t>(1 + (chooser_->Chance(1, 2) ? 0 : chooser_->Pick(reach)));
  if (TakesErrno(fault.point) && chooser_->Chance(1, 4)) fault.error = SomeErrno();
  *op = fault;
  return true;
}

Program GenerateProgram(WorldPtr world, const NamedProfile& profile, const GenerateOptions& options,
                        Chooser* chooser, Subject* oracle) {
  Program program;
  program.world = world;
  program.profile = &profile;
  program.from_boot = DrawFromBoot(profile, options.limits, chooser);
  Generator generator(world, program.Rules(), chooser, options);
  program.ops.reserve(options.max_ops);
  oracle->Reset(world, program.Rules());
  View view;
  oracle->Observe(&view);
  while (!generator.Finished(view)) {
    program.ops.push_back(generator.Next(view));
    oracle->Apply(program.ops.back());
    oracle->Observe(&view);
  }
  return program;
}

}  // namespace recount
