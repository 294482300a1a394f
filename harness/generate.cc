#include "harness/generate.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/check.h"
#include "model/errno.h"

namespace recount {
namespace {

constexpr std::uint32_t kDraws = 6;    // kinds tried before anything is taken
constexpr std::uint32_t kDeadOps = 8;  // operations after death
constexpr std::uint32_t kRecordTries =
    4;  // records looked at for one that is traced, has a name, ..

Address ImageSize(const Module& image) {
  return Address{std::max<std::uint32_t>(1, image.count)} * World::kFunctionStride;
}

bool Present(const ModuleView& module) { return module.state != ModuleState::kAbsent; }

}  // namespace

Generator::Generator(WorldPtr world, Chooser* chooser, const GenerateOptions& options)
    : world_(std::move(world)), chooser_(chooser), swarm_(DrawSwarm(*world_, chooser)) {
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
    if (!Present(module)) {
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
  // A load under way goes on, else it would never get through its stages.
  if (under_way_.count > 0 && Sometimes(swarm_.load_on) && MakeLoadStep(view, &op)) return op;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    if (Make(static_cast<OpKind>(swarm_.kinds.Draw(chooser_)), view, &op)) return op;
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
      if (!on && !Careless()) {
        for (const OpsView& ops : view.ops) {
          if (ops.registered && ops.permanent) return false;
        }
      }
      *op = FtraceEnabled{on};
      return true;
    }
    case OpKind::kHit: {
      if (view.globals.dead && !Careless()) return false;
      FunctionId function = SomeRecord(view);
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
  }
  return false;
}

// --- modules -----------------------------------------------------------------------------------

bool Generator::Overlaps(ModuleId module, SlotId slot, const View& view) const {
  const Address begin = world_->SlotAddress(slot);
  const Address end = begin + ImageSize(world_->module(module));
  for (const ModuleId other : swarm_.modules) {
    const ModuleView& there = view.modules[Index(other)];
    if (!Present(there)) continue;
    const Address other_begin = world_->SlotAddress(there.slot);
    if (begin < other_begin + ImageSize(world_->module(other)) && other_begin < end) return true;
  }
  return false;
}

SlotId Generator::FreeSlot(std::size_t i, const View& view) {
  for (std::uint32_t attempt = 0; attempt < kRecordTries; ++attempt) {
    // Its own old place, where its leftovers are; the place of whoever came last; any.
    const std::uint32_t how = chooser_->Pick(8);
    SlotId slot = how < 4 ? last_slot_[i] : how < 6 ? newest_slot_ : kNoSlot;
    if (slot == kNoSlot) slot = OneOf(swarm_.slots);
    if (!Overlaps(swarm_.modules[i], slot, view)) return slot;
  }
  return kNoSlot;
}

bool Generator::MakeLoad(OpKind kind, const View& view, Op* op) {
  if (swarm_.modules.empty()) return false;
  std::size_t i;
  SlotId slot = kNoSlot;
  if (absent_.count > 0) {
    i = absent_.index[Below(absent_.count)];
    slot = FreeSlot(i, view);
  } else {
    i = Below(swarm_.modules.size());
  }
  if (slot == kNoSlot) {
    if (!Careless()) return false;
    slot = OneOf(swarm_.slots);
  }
  newest_slot_ = slot;
  const bool fail = Sometimes(swarm_.failing_loads);
  if (kind == OpKind::kLoadBegin) {
    LoadBegin begin{swarm_.modules[i], slot, std::nullopt};
    if (fail && chooser_->Chance(1, 4)) begin.failure = SomeErrno();
    *op = begin;
    return true;
  }
  Load load{swarm_.modules[i], slot, std::nullopt};
  if (fail) {
    auto stage = static_cast<Stage>(Below(kStageCount));
    if (!CanFail(stage)) stage = Stage::kInit;
    load.failure = StageFailure{stage, SomeErrno()};
  }
  *op = load;
  return true;
}

bool Generator::MakeLoadStep(const View& view, Op* op) {
  if (under_way_.count == 0) {
    if (swarm_.modules.empty() || !Careless()) return false;
    *op = LoadStep{OneOf(swarm_.modules), std::nullopt};
    return true;
  }
  const ModuleId module = swarm_.modules[under_way_.index[Below(under_way_.count)]];
  LoadStep step{module, std::nullopt};
  // A load has some dozen steps, so each is asked to fail less often than a load in one step.
  if (CanFail(view.modules[Index(module)].next) && Sometimes(swarm_.failing_loads) &&
      chooser_->Chance(1, 4)) {
    step.failure = SomeErrno();
  }
  *op = step;
  return true;
}

bool Generator::MakeUnload(Op* op) {
  if (live_.count > 0) {
    *op = Unload{swarm_.modules[live_.index[Below(live_.count)]]};
    return true;
  }
  if (swarm_.modules.empty() || !Careless()) return false;
  *op = Unload{OneOf(swarm_.modules)};
  return true;
}

// --- filters -----------------------------------------------------------------------------------

bool Generator::MakeSetFilter(const View& view, Op* op) {
  if (view.globals.dead && !Careless()) return false;
  SetFilter set;
  set.ops = OneOf(swarm_.ops);
  set.which = chooser_->Chance(5, 8) ? Which::kFilter : Which::kNotrace;
  const OpsView& ops = view.ops[Index(set.ops)];
  if (ops.ipmodify && set.which == Which::kNotrace && !Careless()) set.which = Which::kFilter;
  set.reset = Sometimes(swarm_.resets);
  const HashView& hash = set.which == Which::kFilter ? ops.filter : ops.notrace;
  // No pattern makes the filter empty, which is all functions: for a reset only, or now and then.
  if (!chooser_->Chance(1, set.reset ? 3 : 32)) set.pattern = MakePattern(view, ops, hash);
  if (set.pattern.null() && ops.ipmodify && ops.registered && !Careless()) return false;
  *op = set;
  return true;
}

bool Generator::MakeSetFilterIp(const View& view, Op* op) {
  if (view.globals.dead && !Careless()) return false;
  SetFilterIp set;
  set.ops = OneOf(swarm_.ops);
  set.which = chooser_->Chance(5, 8) ? Which::kFilter : Which::kNotrace;
  const OpsView& ops = view.ops[Index(set.ops)];
  if (ops.ipmodify && set.which == Which::kNotrace && !Careless()) set.which = Which::kFilter;
  const HashView& hash = set.which == Which::kFilter ? ops.filter : ops.notrace;
  set.remove = Sometimes(swarm_.negated) && !hash.ips.empty();
  set.reset = !set.remove && Sometimes(swarm_.resets);
  set.count = chooser_->Chance(5, 8)
                  ? std::uint8_t{1}
                  : static_cast<std::uint8_t>(1 + chooser_->Pick(SetFilterIp::kMaxPlaces));
  for (std::uint8_t i = 0; i < set.count; ++i) {
    FunctionId function = set.remove ? InHash(hash, view) : SomeRecord(view);
    if (Careless()) function = AnyFunction();
    if (function == kNoFunction) return false;
    const bool inside = chooser_->Chance(1, 8);
    set.places[i] = {function, inside ? static_cast<std::uint8_t>(Below(World::kCallSize + 1))
                                      : std::uint8_t{0}};
    // Removing twice fails with -ENOENT: one place is enough.
    if (set.remove && !Careless()) {
      set.count = static_cast<std::uint8_t>(i + 1);
      break;
    }
  }
  *op = set;
  return true;
}

Pattern Generator::MakePattern(const View& view, const OpsView& ops, const HashView& hash) {
  PatternBuffer out;
  const bool negated = Sometimes(swarm_.negated);
  if (negated) out.Add('!');
  const bool tracer = ops.user == User::kTracer;
  const bool with_module =
      (tracer || Careless()) && !swarm_.modules.empty() && Sometimes(swarm_.module_patterns);
  const std::size_t module = with_module ? Below(swarm_.modules.size()) : 0;
  const Module* image = with_module ? &world_->module(swarm_.modules[module]) : nullptr;

  FunctionId function = kNoFunction;
  if (image != nullptr && image->count > 0 && chooser_->Chance(3, 4)) {
    function = static_cast<FunctionId>(image->first + Below(image->count));
  } else if (negated && !hash.ips.empty()) {
    function = InHash(hash, view);
  }
  if (function == kNoFunction) function = SomeRecord(view);
  // Leftovers of weak functions have no name to be matched by.
  for (std::uint32_t i = 0; i < kRecordTries && function != kNoFunction; ++i) {
    if (world_->function(function).kind != FunctionKind::kWeak) break;
    function = SomeRecord(view);
  }
  if (function == kNoFunction) function = AnyFunction();

  // With a module an empty function part means all of it.
  if (image == nullptr || chooser_->Chance(7, 8)) {
    auto shape = static_cast<PatternShape>(swarm_.shapes.Draw(chooser_));
    if (image != nullptr && chooser_->Chance(1, 3)) shape = PatternShape::kAll;
    AddShaped(shape, world_->function(function).name,
              static_cast<std::uint32_t>(view.records.size()), chooser_, &out);
  }
  if (image != nullptr) {
    out.Add(":mod:");
    if (chooser_->Chance(1, 16)) out.Add('!');
    if (chooser_->Chance(15, 16)) {
      // A cached filter applies only when it names the module in full.
      const PatternShape shape = chooser_->Chance(7, 8)
                                     ? PatternShape::kFull
                                     : static_cast<PatternShape>(swarm_.shapes.Draw(chooser_));
      AddShaped(shape, image->name, static_cast<std::uint32_t>(view.records.size()), chooser_,
                &out);
    }
  }
  return out.Take();
}

bool Generator::MakeShare(const View& view, Op* op) {
  const OpsId ops = OneOf(swarm_.ops);
  const OpsId with = OneOf(swarm_.ops);
  const OpsView& a = view.ops[Index(ops)];
  const bool refused = ops == with || a.user == User::kTracer || a.registered || a.ipmodify ||
                       view.ops[Index(with)].ipmodify;
  if (refused && !Careless()) return false;
  *op = Share{ops, with};
  return true;
}

// --- tracing -----------------------------------------------------------------------------------

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
  const OpsId ops = !view.order.empty() ? OneOf(view.order) : OneOf(swarm_.ops);
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
                              : fault.point == FaultPoint::kStage ? 10
                                                                  : 4;
  fault.nth = static_cast<std::uint16_t>(1 + (chooser_->Chance(1, 2) ? 0 : chooser_->Pick(reach)));
  if (fault.point == FaultPoint::kStage && chooser_->Chance(1, 4)) fault.error = SomeErrno();
  *op = fault;
  return true;
}

// --- operands ----------------------------------------------------------------------------------

Errno Generator::SomeErrno() {
  if (!chooser_->Chance(1, 4)) return Errno::kOk;
  return AllErrnos()[Below(AllErrnos().size())];
}

FunctionId Generator::AnyFunction() {
  if (!swarm_.modules.empty() && chooser_->Chance(1, 2)) {
    const Module& image = world_->module(OneOf(swarm_.modules));
    if (image.count > 0) return static_cast<FunctionId>(image.first + Below(image.count));
  }
  const Module& core = world_->core();
  return static_cast<FunctionId>(core.first + Below(core.count));
}

FunctionId Generator::SomeRecord(const View& view) {
  const auto all = static_cast<std::uint32_t>(view.records.size());
  const std::uint32_t of_modules = all - core_records_;
  if (of_modules == 0 || chooser_->Chance(1, 3)) {
    if (core_records_ == 0) return kNoFunction;
    const std::uint32_t at = swarm_.core_first + chooser_->Pick(swarm_.core_width);
    return view.records[at % core_records_].function;
  }
  // Ends of groups are where counting and searching go wrong.
  if (of_modules > 64 && chooser_->Chance(1, 2)) {
    const std::uint32_t wanted = Below(view.groups.size());
    std::uint32_t at = 0;
    for (std::uint32_t i = 0; i < wanted; ++i) at += view.groups[i].used;
    const std::uint32_t used = std::max<std::uint32_t>(1, view.groups[wanted].used);
    if (chooser_->Chance(1, 2)) at += used - 1;
    return view.records[std::min(at, all - 1)].function;
  }
  return view.records[core_records_ + chooser_->Pick(of_modules)].function;
}

FunctionId Generator::FunctionAt(Address ip, const View& view) const {
  const auto in_image = [ip](const Module& image, Address base) {
    if (ip < base || ip >= base + Address{image.count} * World::kFunctionStride) return kNoFunction;
    return static_cast<FunctionId>(image.first + (ip - base) / World::kFunctionStride);
  };
  for (const ModuleId module : swarm_.modules) {
    const ModuleView& there = view.modules[Index(module)];
    if (!Present(there)) continue;
    const FunctionId found = in_image(world_->module(module), world_->SlotAddress(there.slot));
    if (found != kNoFunction) return found;
  }
  return in_image(world_->core(), World::kCoreBase);
}

FunctionId Generator::InHash(const HashView& hash, const View& view) {
  if (hash.ips.empty()) return kNoFunction;
  return FunctionAt(OneOf(hash.ips), view);
}

// --- whole Programs ----------------------------------------------------------------------------

Program GenerateProgram(WorldPtr world, const NamedProfile& profile, const GenerateOptions& options,
                        Chooser* chooser, Subject* oracle) {
  Program program;
  program.world = world;
  program.profile = &profile;
  Generator generator(world, chooser, options);
  program.ops.reserve(options.max_ops);
  oracle->Reset(world, profile.profile);
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
