#include "harness/shrink/variants.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "harness/generate/operands.h"
#include "harness/generate/pattern_maker.h"
#include "harness/shrink/simpler.h"

namespace recount {
namespace {

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
    ChainOperands(op, with);
    LivepatchOperands(op, with);
    if constexpr (requires { op.kprobe; }) {
      for (std::size_t i = 0; i < Index(op.kprobe); ++i) {
        with([i](T& o) { o.kprobe = static_cast<KprobeId>(i); });
      }
    }
    if constexpr (requires { op.post; }) {
      with([](T& o) { o.post = false; });
      with([](T& o) { o.disabled = false; });
    }
    return made;
  }

  template <typename T, typename With>
  void ChainOperands(const T& op, const With& with) const {
    if constexpr (requires { op.notifier; }) {
      for (std::size_t i = 0; i < Index(op.notifier); ++i) {
        with([i](T& o) { o.notifier = static_cast<NotifierId>(i); });
      }
    }
    if constexpr (requires { op.chain; }) {
      for (const Chain chain : kFreeChains) {
        if (IsFree(op.chain) && chain < op.chain) with([chain](T& o) { o.chain = chain; });
      }
    }
    if constexpr (requires { op.priority; }) {
      with([](T& o) { o.chain = Chain::kModule; });
      with([](T& o) { o.unique = false; });
      constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
      for (const std::int32_t priority : {0, 1, -1, 2, -2, 3, -3, kHighest - 1}) {
        with([priority](T& o) { o.priority = priority; });
      }
    }
    const auto events = [&](Event T::* event) {
      for (std::size_t i = 0; i < kEventCount; ++i) {
        with([event, i](T& o) { o.*event = static_cast<Event>(i); });
      }
    };
    if constexpr (requires { op.event; }) events(&T::event);
    if constexpr (requires { op.up; }) {
      events(&T::up);
      events(&T::down);
    }
    if constexpr (requires { op.act; }) {
      for (const Answer answer :
           {kNotifyDone, kNotifyOk, kNotifyBad, kNotifyStop, AnswerOf(Errno::kNoMem), Answer{2}}) {
        with([answer](T& o) { o.answer = answer; });
      }
      for (const Act act : {Act::kNone, Act::kAlloc, Act::kFree}) {
        with([act](T& o) {
          o.act = act;
          o.other = NotifierId{};
        });
      }
      for (std::size_t i = 0; i < Index(op.other); ++i) {
        with([i](T& o) { o.other = static_cast<NotifierId>(i); });
      }
    }
    if constexpr (requires { op.limit; }) {
      with([](T& o) { o.reverse = false; });
      with([](T& o) { o.limit = Notify::kAll; });
      for (std::uint8_t n = 0; n < std::min<std::uint8_t>(op.limit, kNotifierCount); ++n) {
        with([n](T& o) { o.limit = n; });
      }
    }
  }

  template <typename T, typename With>
  void LivepatchOperands(const T& op, const With& with) const {
    if constexpr (requires { op.patch; }) {
      for (std::size_t i = 0; i < Index(op.patch); ++i) {
        with([i](T& o) { o.patch = static_cast<PatchId>(i); });
      }
    }
    if constexpr (requires { op.functions; }) {
      with([](T& o) { o.replace = false; });
      for (std::size_t i = 0; i < op.count; ++i) {
        if (op.count > 1) with([i](T& o) { DropFunction(&o, i); });
        for (const FunctionId f : Lower(op.functions[i])) {
          const auto end = op.functions.begin() + op.count;
          if (std::find(op.functions.begin(), end, f) != end) continue;
          with([i, f](T& o) { o.functions[i] = f; });
        }
      }
    }
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
  KeepSimpler(world, Complexity(world, op), &variants);
  return variants;
}

}  // namespace recount
