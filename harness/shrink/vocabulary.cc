#include "harness/shrink/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "harness/generate/operands.h"
#include "harness/generate/pattern_maker.h"
#include "harness/shrink/simpler.h"
#include "harness/shrink/variants.h"

namespace recount {
namespace {

constexpr std::size_t kMaxPlainModules = 4;

Pattern MakePattern(std::string_view text) {
  PatternBuffer out;
  out.Add(text);
  return out.Take();
}

// What a Program names, and the first of each kind of thing.
struct Things {
  std::set<OpsId> ops = {OpsId{0}};
  std::set<ModuleId> modules;  // used ones and the first few
  std::set<ModuleId> used_modules;
  std::set<SlotId> slots = {SlotId{0}};
  std::set<FunctionId> functions;
  std::set<Pattern> patterns;  // as they are written
  std::set<Fault> faults;
  // Empty in a Program that has nothing to do with them: most need no such words.
  std::set<NotifierId> notifiers;
  std::set<PatchId> patches;
  std::set<KprobeId> kprobes;
  std::set<std::uint8_t> offsets;  // of kprobes
  std::set<Chain> chains;
  bool optimizes = false;  // it has the worker run
  std::set<Event> events;
  std::set<std::int32_t> priorities;
  std::set<Answer> answers;
};

// What the operations of op_chain.h are written with besides ids.
template <typename T>
void AddChainWords(const T& o, Things* things) {
  if constexpr (requires { o.chain; }) things->chains.insert(o.chain);
  if constexpr (requires { o.event; }) things->events.insert(o.event);
  if constexpr (requires { o.up; }) things->events.insert({o.up, o.down});
  if constexpr (requires { o.priority; }) things->priorities.insert(o.priority);
  if constexpr (requires { o.act; }) things->answers.insert(o.answer);
}

// One more than there are, where there are any.
template <typename Id>
void AddNext(std::size_t count, std::set<Id>* ids) {
  if (ids->empty()) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (ids->insert(static_cast<Id>(i)).second) return;
  }
}

Things ThingsOf(const World& world, std::span<const Op> program) {
  Things things;
  for (const Op& op : program) {
    VisitOperands(op, [&](const auto& operand) {
      using T = std::remove_cvref_t<decltype(operand)>;
      if constexpr (std::is_same_v<T, OpsId>) things.ops.insert(operand);
      if constexpr (std::is_same_v<T, ModuleId>) things.used_modules.insert(operand);
      if constexpr (std::is_same_v<T, SlotId>) things.slots.insert(operand);
      if constexpr (std::is_same_v<T, FunctionId>) things.functions.insert(operand);
      if constexpr (std::is_same_v<T, Place>) things.functions.insert(operand.function);
      if constexpr (std::is_same_v<T, Pattern>) things.patterns.insert(operand);
      if constexpr (std::is_same_v<T, NotifierId>) things.notifiers.insert(operand);
      if constexpr (std::is_same_v<T, PatchId>) things.patches.insert(operand);
      if constexpr (std::is_same_v<T, KprobeId>) things.kprobes.insert(operand);
    });
    if (const auto* add = std::get_if<AddKprobe>(&op)) things.offsets.insert(add->place.offset);
    things.optimizes = things.optimizes || std::holds_alternative<Optimize>(op);
    std::visit([&things](const auto& o) { AddChainWords(o, &things); }, op);
    if (const auto* fault = std::get_if<Fault>(&op)) things.faults.insert(*fault);
  }
  // One ops more than the Program has: a second register needs somebody to register.
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (things.ops.insert(static_cast<OpsId>(i)).second) break;
  }
  AddNext(kNotifierCount, &things.notifiers);
  AddNext(kPatchCount, &things.patches);
  AddNext(kKprobeCount, &things.kprobes);
  // Kprobes hear of modules on the same chain: one may stand for two notifiers.
  if (things.chains.count(Chain::kModule) != 0) things.kprobes.insert(KprobeId{0});
  things.modules = things.used_modules;
  for (std::size_t i = 0; i < std::min(world.modules().size(), kMaxOthers); ++i) {
    things.modules.insert(static_cast<ModuleId>(i));
  }
  // Of each image the first function of each kind.
  const auto add_image = [&](const Module& image) {
    std::set<FunctionKind> seen;
    for (std::size_t i = image.first; i < image.first + image.count; ++i) {
      if (seen.insert(world.functions()[i].kind).second) {
        things.functions.insert(static_cast<FunctionId>(i));
      }
      if (i > image.first + kMaxFunctions) break;
    }
  };
  add_image(world.core());
  for (const ModuleId module : things.used_modules) add_image(world.module(module));
  if (!world.modules().empty()) add_image(world.modules()[0]);
  return things;
}

Pattern OfModule(const World& world, std::string_view function, ModuleId module) {
  PatternBuffer out;
  out.Add(function);
  out.Add(":mod:");
  out.Add(world.module(module).name);
  return out.Take();
}

// Notifiers, on the chains that the Program has to do with, and what is told them.
void AddChainWordsOf(const Things& things, std::vector<Op>* words) {
  if (things.notifiers.empty() && things.chains.empty()) return;
  std::set<Event> events = things.events;
  events.insert({Event::kComing, Event::kGoing});
  std::set<std::int32_t> priorities = things.priorities;
  priorities.insert({0, 1});
  std::set<Answer> answers = things.answers;
  answers.insert({kNotifyDone, kNotifyOk, kNotifyBad, kNotifyStop});
  for (const NotifierId n : things.notifiers) {
    words->push_back(RemoveNotifier{n});
    for (const Chain chain : things.chains) {
      for (const std::int32_t priority : priorities) {
        words->push_back(AddNotifier{n, chain, priority, false});
      }
    }
    for (const Event event : events) {
      for (const Answer answer : answers) words->push_back(SetScript{n, event, answer, {}, {}});
      words->push_back(SetScript{n, event, kNotifyDone, Act::kAlloc, {}});
      words->push_back(SetScript{n, event, kNotifyDone, Act::kFree, {}});
      for (const NotifierId other : things.notifiers) {
        words->push_back(SetScript{n, event, kNotifyDone, Act::kUnregister, other});
      }
    }
  }
  for (const Chain chain : things.chains) {
    if (!IsFree(chain)) continue;
    for (const Event event : events) {
      words->push_back(Notify{chain, event, false, Notify::kAll});
      if (IsOfRcu(chain)) continue;
      words->push_back(Notify{chain, event, true, Notify::kAll});
      for (const Event down : events) words->push_back(NotifyRobust{chain, event, down});
    }
  }
}

void AddLivepatchWords(const Things& things, std::vector<Op>* words) {
  for (const PatchId p : things.patches) {
    words->push_back(EnablePatch{p});
    words->push_back(DisablePatch{p});
    for (const FunctionId function : things.functions) {
      for (const bool replace : {false, true}) {
        words->push_back(SetPatch{p, replace, 1, {function}});
      }
    }
  }
}

void AddKprobeWords(const Things& things, std::vector<Op>* words) {
  if (things.kprobes.empty()) return;
  std::set<std::uint8_t> offsets = things.offsets;
  offsets.insert(0);
  for (const KprobeId k : things.kprobes) {
    words->push_back(RemoveKprobe{k});
    words->push_back(EnableKprobe{k});
    words->push_back(DisableKprobe{k});
    for (const FunctionId function : things.functions) {
      for (const std::uint8_t offset : offsets) {
        for (const bool post : {false, true}) {
          words->push_back(AddKprobe{k, {function, offset}, post, false});
        }
        words->push_back(AddKprobe{k, {function, offset}, false, true});
      }
    }
  }
  for (const bool on : {false, true}) words->push_back(KprobesArmed{on});
  if (things.optimizes) words->push_back(Optimize{});
}

}  // namespace

std::vector<Pattern> PlainPatterns(const World& world, std::span<const Op> program) {
  const Things things = ThingsOf(world, program);
  std::vector<Pattern> plain;
  for (const FunctionId function : things.functions) {
    plain.push_back(MakePattern(world.function(function).name));
  }
  for (const ModuleId module : things.modules) plain.push_back(OfModule(world, "", module));
  plain.push_back(MakePattern("*"));
  return plain;
}

std::vector<FunctionId> FunctionsToProbe(const World& world, std::span<const Op> program) {
  const Things things = ThingsOf(world, program);
  if (things.kprobes.empty()) return {};
  return {things.functions.begin(), things.functions.end()};
}

std::vector<Op> PlainWords(const World& world, std::span<const Op> program) {
  const Things things = ThingsOf(world, program);
  std::vector<Op> plain = {FreeInit{}, FtraceEnabled{false}};
  for (const OpsId ops : things.ops) {
    plain.push_back(Register{ops});
    plain.push_back(Unregister{ops});
  }
  for (const User user : {User::kKernel, User::kTracer}) {
    plain.push_back(SetOps{OpsId{0}, user, false, false, false});
  }
  plain.push_back(SetOps{OpsId{0}, User::kKernel, true, false, false});
  plain.push_back(SetOps{OpsId{0}, User::kKernel, false, true, false});
  plain.push_back(SetOps{OpsId{0}, User::kKernel, false, false, true});
  std::set<ModuleId> modules = things.used_modules;
  for (std::size_t i = 0; i < std::min(world.modules().size(), kMaxPlainModules); ++i) {
    modules.insert(static_cast<ModuleId>(i));
  }
  for (const ModuleId module : modules) {
    plain.push_back(Unload{module});
    for (const SlotId slot : things.slots) {
      plain.push_back(Load{module, slot, std::nullopt});
      plain.push_back(Load{module, slot, StageFailure{Stage::kInit, Errno::kOk}});
    }
  }
  for (const PatchId patch : things.patches) {
    plain.push_back(EnablePatch{patch});
    plain.push_back(DisablePatch{patch});
  }
  for (const KprobeId kprobe : things.kprobes) {
    plain.push_back(RemoveKprobe{kprobe});
    plain.push_back(DisableKprobe{kprobe});
    // In which function, the pass tries all (FunctionsToProbe).
    if (things.functions.empty()) continue;
    plain.push_back(AddKprobe{kprobe, {*things.functions.begin(), 0}, false, false});
  }
  for (const NotifierId notifier : things.notifiers) {
    plain.push_back(RemoveNotifier{notifier});
    for (const Chain chain : things.chains) plain.push_back(AddNotifier{notifier, chain, 0, false});
    for (const Answer answer : {kNotifyDone, kNotifyBad}) {
      plain.push_back(SetScript{notifier, Event::kComing, answer, {}, {}});
    }
  }
  KeepSimpler(world, ~std::uint64_t{0}, &plain);
  return plain;
}

std::vector<Op> Vocabulary(const World& world, std::span<const Op> program) {
  const Things things = ThingsOf(world, program);
  std::set<SlotId> slots = things.slots;
  if (world.slot_count() > 1) slots.insert(SlotId{1});
  std::set<Pattern> patterns = things.patterns;
  patterns.insert({Pattern(), MakePattern("*")});
  for (const FunctionId function : things.functions) {
    patterns.insert(MakePattern(world.function(function).name));
  }
  for (const ModuleId module : things.used_modules) {
    for (const std::string_view function : {"", "*", "a"}) {
      patterns.insert(OfModule(world, function, module));
    }
  }
  std::set<Fault> faults = things.faults;
  for (const Fault& fault : things.faults) {
    for (std::uint16_t n = 1; n < 8; ++n) faults.insert(Fault{fault.point, n, fault.error});
  }
  for (std::size_t point = 0; point < kFaultPointCount; ++point) {
    const bool of_kprobes = point >= static_cast<std::size_t>(FaultPoint::kKprobeAlloc);
    const bool of_livepatch =
        point >= static_cast<std::size_t>(FaultPoint::kKlpAlloc) && !of_kprobes;
    if (of_livepatch && things.patches.empty()) continue;
    if (of_kprobes && things.kprobes.empty()) continue;
    faults.insert(Fault{static_cast<FaultPoint>(point), 1, Errno::kOk});
  }

  std::vector<Op> all = {FreeInit{}, FtraceEnabled{false}, FtraceEnabled{true}};
  for (const ModuleId module : things.modules) {
    all.push_back(Unload{module});
    all.push_back(LoadStep{module, std::nullopt});
    for (const SlotId slot : slots) {
      all.push_back(Load{module, slot, std::nullopt});
      all.push_back(LoadBegin{module, slot, std::nullopt});
      for (const Stage stage : {Stage::kInit, Stage::kFormation, Stage::kComing}) {
        all.push_back(Load{module, slot, StageFailure{stage, Errno::kOk}});
      }
    }
  }
  for (const OpsId o : things.ops) {
    all.push_back(Register{o});
    all.push_back(Unregister{o});
    for (const OpsId with : things.ops) all.push_back(Share{o, with});
    for (unsigned bits = 0; bits < 16; ++bits) {
      all.push_back(SetOps{o, (bits & 1) != 0 ? User::kTracer : User::kKernel, (bits & 2) != 0,
                           (bits & 4) != 0, (bits & 8) != 0});
    }
    for (const Which which : {Which::kFilter, Which::kNotrace}) {
      for (const bool reset : {false, true}) {
        for (const Pattern& pattern : patterns) all.push_back(SetFilter{which, o, reset, pattern});
        for (const FunctionId function : things.functions) {
          for (const bool remove : {false, true}) {
            SetFilterIp ip{which, o, remove, reset, 1, {}};
            ip.places[0] = {function, 0};
            all.push_back(ip);
          }
        }
      }
    }
  }
  for (const FunctionId function : things.functions) {
    all.push_back(Hit{function});
    all.push_back(Locate{{function, 0}});
    all.push_back(Locate{{function, 1}});
  }
  for (const Fault& fault : faults) all.push_back(fault);
  AddChainWordsOf(things, &all);
  AddLivepatchWords(things, &all);
  AddKprobeWords(things, &all);
  KeepSimpler(world, ~std::uint64_t{0}, &all);
  return all;
}

}  // namespace recount
