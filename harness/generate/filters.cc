// How the generator names functions: records that are there now, of the modules it works with, at
// the ends of groups; addresses that are in the filter already; patterns made from names.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "harness/generate/generate.h"
#include "model/errno.h"
#include "model/op.h"

namespace recount {
namespace {

constexpr std::uint32_t kRecordTries = 4;  // records looked at for one that has a name

}  // namespace

bool Generator::MakeSetFilter(const View& view, Op* op) {
  if (view.globals.dead && !Careless()) return false;
  SetFilter set;
  set.ops = OneOf(swarm_.ops);
  set.which = chooser_->Chance(5, 8) ? Which::kFilter : Which::kNotrace;
  const OpsView& ops = view.ops[Index(set.ops)];
  if (ops.ipmodify && set.which == Which::kNotrace && !Careless()) set.which = Which::kFilter;
  const bool filter = set.which == Which::kFilter;
  const HashView& hash = filter ? ops.filter : ops.notrace;
  // A reset drops cached module filters too, so where there are any it has more to do.
  const bool cached = !(filter ? ops.cached_filter : ops.cached_notrace).empty();
  set.reset = Sometimes(swarm_.resets) || (cached && chooser_->Chance(1, 4));
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
    // What livepatch or a kprobe has, an IPMODIFY ops wants too.
    if (ops.ipmodify && !set.remove && chooser_->Chance(1, 4)) {
      const Address ip = PatchedAddress(view);
      if (ip != 0) function = FunctionAt(ip, view);
      if (const FunctionId probed = ProbedFunction(view); probed != kNoFunction) function = probed;
    }
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
    if (there.state == ModuleState::kAbsent) continue;
    const FunctionId found = in_image(world_->module(module), world_->SlotAddress(there.slot));
    if (found != kNoFunction) return found;
  }
  return in_image(world_->core(), World::kCoreBase);
}

FunctionId Generator::InHash(const HashView& hash, const View& view) {
  if (hash.ips.empty()) return kNoFunction;
  return FunctionAt(OneOf(hash.ips), view);
}

}  // namespace recount
