#include "harness/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "harness/operands.h"
#include "harness/pattern_maker.h"
#include "harness/simpler.h"

namespace recount {
namespace {

// In a big world: how many ids of a kind are worth trying.
constexpr std::size_t kMaxFunctions = 48;
constexpr std::size_t kMaxOthers = 8;
constexpr std::size_t kMaxPlainModules = 4;

// Each once, by complexity; those not below `limit` are dropped.
void SortBelow(const World& world, std::uint64_t limit, std::vector<Op>* ops) {
  std::vector<std::pair<std::uint64_t, Op>> keyed;
  keyed.reserve(ops->size());
  for (Op& op : *ops) {
    const std::uint64_t key = Complexity(world, op);
    if (key < limit) keyed.emplace_back(key, std::move(op));
  }
  std::sort(keyed.begin(), keyed.end());
  keyed.erase(std::unique(keyed.begin(), keyed.end()), keyed.end());
  ops->clear();
  for (auto& [key, op] : keyed) ops->push_back(std::move(op));
}

Pattern MakePattern(std::string_view text) {
  PatternBuffer out;
  out.Add(text);
  return out.Take();
}

// The pattern with a character less, without its '!' or its module part, and the names there are.
std::vector<Pattern> PlainerPatterns(const World& world, const Pattern& pattern) {
  std::vector<Pattern> plainer = {Pattern()};
  const std::string_view text = pattern.text();
  if (pattern.null()) return plainer;
  const bool negated = text.starts_with('!');
  const std::size_t colon = text.find(':');
  const std::string_view tail = colon == std::string_view::npos ? "" : text.substr(colon);
  const std::size_t functions = std::min(world.functions().size(), kMaxFunctions);
  const auto add = [&](bool bang, std::string_view function, std::string_view rest) {
    PatternBuffer out;
    if (bang) out.Add('!');
    out.Add(function);
    out.Add(rest);
    if (out.size() > 0) plainer.push_back(out.Take());
  };
  for (const bool bang : {false, negated}) {
    for (const std::string_view rest : {std::string_view(), tail}) {
      for (std::size_t i = 0; i < functions; ++i) add(bang, world.functions()[i].name, rest);
      add(bang, "*", rest);
      add(bang, "a", rest);  // matches nothing, and is not a name
      add(bang, "1", rest);
      add(bang, "", rest);
      add(bang, text.substr(negated, colon == std::string_view::npos ? colon : colon - negated),
          rest);
    }
  }
  // Beginnings of names there are, where the pattern is not a name itself.
  const auto named = [&](const Function& f) { return f.name == text; };
  if (std::none_of(world.functions().begin(), world.functions().end(), named)) {
    for (std::size_t i = 0; i < functions; ++i) {
      const std::string_view name = world.functions()[i].name;
      for (std::size_t length = 1; length <= name.size(); ++length) {
        add(false, name.substr(0, length), "*");
      }
    }
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    PatternBuffer shorter;
    shorter.Add(text.substr(0, i));
    shorter.Add(text.substr(i + 1));
    plainer.push_back(shorter.Take());
    // A star for a sign that says more, and for all of what follows it.
    PatternBuffer starred;
    starred.Add(text.substr(0, i));
    starred.Add('*');
    plainer.push_back(starred.Take());
    starred.Add(text.substr(i + 1));
    plainer.push_back(starred.Take());
  }
  if (tail.empty()) return plainer;
  // Another module; or none named, which stands for any.
  for (std::size_t i = 0; i < std::min(world.modules().size(), kMaxOthers); ++i) {
    PatternBuffer other;
    other.Add(text.substr(0, colon));
    other.Add(":mod:");
    other.Add(world.modules()[i].name);
    plainer.push_back(other.Take());
  }
  PatternBuffer any;
  any.Add(text.substr(0, colon));
  any.Add(":mod:");
  plainer.push_back(any.Take());
  return plainer;
}

class VariantMaker {
 public:
  VariantMaker(const World& world, const Op& op) : world_(world) {
    std::visit([this](const auto& o) { Make(o); }, op);
  }
  std::vector<Op> Take() { return std::move(made_); }

 private:
  // All with one thing changed, and those once more: two at a time is enough for what is linked
  // inside one operation (a stage and its errno, a reset and a pattern).
  template <typename T>
  void Make(const T& op) {
    const std::vector<T> once = Once(op);
    for (const T& plainer : once) made_.push_back(plainer);
    // Patterns make many: there the second change is left to the next round.
    if (once.size() > kMaxFunctions) return;
    for (const T& plainer : once) {
      for (const T& twice : Once(plainer)) made_.push_back(twice);
    }
  }

  template <typename T>
  std::vector<T> Once(const T& op) const {
    std::vector<T> made;
    const auto with = [&](auto change) {
      T copy = op;
      change(copy);
      made.push_back(copy);
    };
    if constexpr (requires { op.module; }) {
      for (std::size_t i = 0; i < std::min(world_.modules().size(), kMaxOthers); ++i) {
        with([i](T& o) { o.module = static_cast<ModuleId>(i); });
      }
    }
    if constexpr (requires { op.slot; }) {
      for (std::size_t i = 0; i < std::min(world_.slot_count(), kMaxOthers); ++i) {
        with([i](T& o) { o.slot = static_cast<SlotId>(i); });
      }
    }
    if constexpr (requires { op.ops; }) {
      for (std::size_t i = 0; i < Index(op.ops); ++i) {
        with([i](T& o) { o.ops = static_cast<OpsId>(i); });
      }
    }
    if constexpr (requires { op.with; }) {
      for (std::size_t i = 0; i < Index(op.with); ++i) {
        with([i](T& o) { o.with = static_cast<OpsId>(i); });
      }
    }
    if constexpr (requires { op.which; }) {
      with([](T& o) { o.which = Which::kFilter; });
      with([](T& o) { o.reset = false; });
    }
    if constexpr (requires { op.remove; }) with([](T& o) { o.remove = false; });
    if constexpr (requires { op.user; }) {
      with([](T& o) { o.user = User::kKernel; });
      with([](T& o) { o.save_regs = false; });
      with([](T& o) { o.ipmodify = false; });
      with([](T& o) { o.permanent = false; });
    }
    if constexpr (requires { op.on; }) with([](T& o) { o.on = false; });
    if constexpr (requires { op.failure->stage; }) {
      with([](T& o) { o.failure.reset(); });
      if (op.failure) {
        for (std::size_t i = 0; i < kStageCount; ++i) {
          const auto stage = static_cast<Stage>(i);
          if (CanFail(stage)) with([stage](T& o) { o.failure = StageFailure{stage, Errno::kOk}; });
        }
      }
    } else if constexpr (requires { op.failure; }) {
      with([](T& o) { o.failure.reset(); });
      if (op.failure) with([](T& o) { o.failure = Errno::kOk; });
    }
    if constexpr (requires { op.pattern; }) {
      for (const Pattern& pattern : PlainerPatterns(world_, op.pattern)) {
        with([&pattern](T& o) { o.pattern = pattern; });
      }
    }
    if constexpr (requires { op.function; }) {
      for (const FunctionId f : Lower(op.function)) with([f](T& o) { o.function = f; });
    }
    if constexpr (requires { op.place; }) {
      for (const Place p : Lower(op.place)) with([p](T& o) { o.place = p; });
    }
    if constexpr (requires { op.places; }) {
      for (std::size_t i = 0; i < op.count; ++i) {
        if (op.count > 1) {
          with([i](T& o) {
            std::move(o.places.begin() + i + 1, o.places.end(), o.places.begin() + i);
            o.places.back() = Place{};
            --o.count;
          });
        }
        for (const Place p : Lower(op.places[i])) with([i, p](T& o) { o.places[i] = p; });
      }
    }
    if constexpr (requires { op.nth; }) {
      for (std::uint16_t n = 1; n < std::min<std::uint16_t>(op.nth, 64); ++n) {
        with([n](T& o) { o.nth = n; });
      }
      with([](T& o) { o.error = Errno::kOk; });
    }
    return made;
  }

  std::vector<FunctionId> Lower(FunctionId function) const {
    std::vector<FunctionId> lower;
    for (std::size_t i = 0; i < std::min(Index(function), kMaxFunctions); ++i) {
      lower.push_back(static_cast<FunctionId>(i));
    }
    // In a big world the first of its own image are not among the first of all.
    const Module& image = world_.image(world_.function(function).module);
    for (std::size_t i = image.first;
         i < std::min<std::size_t>(Index(function), image.first + kMaxOthers); ++i) {
      lower.push_back(static_cast<FunctionId>(i));
    }
    return lower;
  }
  std::vector<Place> Lower(const Place& place) const {
    std::vector<Place> lower;
    for (const FunctionId f : Lower(place.function)) lower.push_back({f, place.offset});
    for (std::uint8_t offset = 0; offset < place.offset; ++offset) {
      lower.push_back({place.function, offset});
    }
    return lower;
  }

  const World& world_;
  std::vector<Op> made_;
};

}  // namespace

std::vector<Op> Variants(const World& world, const Op& op) {
  std::vector<Op> variants = VariantMaker(world, op).Take();
  SortBelow(world, Complexity(world, op), &variants);
  return variants;
}

namespace {

// What a Program names, and the first of each kind of thing.
struct Things {
  std::set<OpsId> ops = {OpsId{0}};
  std::set<ModuleId> modules;  // used ones and the first few
  std::set<ModuleId> used_modules;
  std::set<SlotId> slots = {SlotId{0}};
  std::set<FunctionId> functions;
  std::set<Pattern> patterns;  // as they are written
  std::set<Fault> faults;
};

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
    });
    if (const auto* fault = std::get_if<Fault>(&op)) things.faults.insert(*fault);
  }
  // One ops more than the Program has: a second register needs somebody to register.
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (things.ops.insert(static_cast<OpsId>(i)).second) break;
  }
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
  SortBelow(world, ~std::uint64_t{0}, &plain);
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
  SortBelow(world, ~std::uint64_t{0}, &all);
  return all;
}

}  // namespace recount
