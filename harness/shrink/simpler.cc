#include "harness/shrink/simpler.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "harness/generate/swarm.h"
#include "harness/shrink/shrink.h"

namespace recount {
namespace {

// The units are far enough apart that many of a lower one never make one of a higher one.
constexpr std::uint64_t kKindUnit = std::uint64_t{1} << 44;
constexpr std::uint64_t kWordUnit = std::uint64_t{1} << 36;  // one more word or sign to read
constexpr std::uint64_t kIdUnit = std::uint64_t{1} << 24;    // o1 instead of o0
// Functions count by their number: up to 2^24 of them.

// What a reader of a reproducer wants to see, the plain first: a module in one step before one
// stage by stage, a filter by name before one by address, faults last.
constexpr std::array<std::uint8_t, kOpKindCount> kKindRank = [] {
  constexpr std::array order = {
      OpKind::kRegister,     OpKind::kLoad,          OpKind::kUnload,       OpKind::kSetFilter,
      OpKind::kHit,          OpKind::kUnregister,    OpKind::kFreeInit,     OpKind::kLocate,
      OpKind::kSetOps,       OpKind::kFtraceEnabled, OpKind::kShare,        OpKind::kSetFilterIp,
      OpKind::kLoadStep,     OpKind::kLoadBegin,     OpKind::kFault,        OpKind::kSetPatch,
      OpKind::kEnablePatch,  OpKind::kDisablePatch,  OpKind::kAddNotifier,  OpKind::kRemoveNotifier,
      OpKind::kSetScript,    OpKind::kNotify,        OpKind::kNotifyRobust, OpKind::kAddKprobe,
      OpKind::kRemoveKprobe, OpKind::kDisableKprobe, OpKind::kEnableKprobe, OpKind::kKprobesArmed,
      OpKind::kBoot,         OpKind::kOptimize,
  };
  static_assert(order.size() == kOpKindCount);
  std::array<std::uint8_t, kOpKindCount> rank{};
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[static_cast<std::size_t>(order[i])] = static_cast<std::uint8_t>(i + 1);
  }
  return rank;
}();

bool NameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// One part of a pattern: nothing, then a name there is, the first first; then the fewer signs and
// the shorter.
template <typename Named>
std::uint64_t OfText(std::string_view text, std::span<const Named> named) {
  const bool negated = text.starts_with('!');
  if (negated) text.remove_prefix(1);
  std::uint64_t cost = negated ? kWordUnit : 0;
  if (text.empty()) return cost;
  cost += kWordUnit;
  const auto found = std::find_if(named.begin(), named.end(),
                                  [text](const Named& thing) { return thing.name == text; });
  if (found != named.end()) return cost + static_cast<std::uint64_t>(found - named.begin());
  cost += kWordUnit + text.size() * kIdUnit;
  // A number in front is an INDEX: one more thing to know.
  if (text.front() >= '0' && text.front() <= '9') cost += kWordUnit;
  for (const char c : text) {
    if (!NameChar(c)) cost += kWordUnit;
  }
  return cost;
}

// A function part, and behind ":mod:" a module part.
std::uint64_t OfPattern(const World& world, const Pattern& pattern) {
  const std::string_view text = pattern.text();
  const std::size_t colon = text.find(':');
  const std::uint64_t cost = OfText(text.substr(0, colon), world.functions());
  if (colon == std::string_view::npos) return cost;
  constexpr std::string_view kCommand = ":mod:";
  std::string_view rest = text.substr(colon);
  const bool plain = rest.starts_with(kCommand);
  rest.remove_prefix(plain ? kCommand.size() : 1);
  return cost + (plain ? 2 : 4) * kWordUnit + OfText(rest, world.modules());
}

std::uint64_t OfPlace(const Place& place) {
  return Index(place.function) + place.offset * kIdUnit + (place.offset > 0 ? kWordUnit : 0);
}

std::uint64_t OfErrno(Errno error) {
  return error == Errno::kOk ? 0 : kWordUnit + static_cast<std::uint64_t>(error);
}

std::uint64_t Words(bool word) { return word ? kWordUnit : 0; }

// Most modules come and go; what is announced of one that fails or is ready is the rarer thing.
std::uint64_t OfEvent(Event event, bool down = false) {
  constexpr std::array<Event, kEventCount> kUp = {Event::kComing, Event::kGoing, Event::kLive,
                                                  Event::kUnformed, Event::kFix};
  constexpr std::array<Event, kEventCount> kDown = {Event::kGoing, Event::kComing, Event::kLive,
                                                    Event::kUnformed, Event::kFix};
  const auto& order = down ? kDown : kUp;
  return static_cast<std::uint64_t>(std::find(order.begin(), order.end(), event) - order.begin()) *
         kIdUnit;
}

// 0, then the nearer to it; of two the same distance away the positive one.
std::uint64_t OfPriority(std::int32_t priority) {
  if (priority == 0) return 0;
  const std::int64_t wide = priority;
  return kWordUnit + static_cast<std::uint64_t>(wide < 0 ? -2 * wide + 1 : 2 * wide);
}

// done, ok, bad, stop, an errno, and last what has no name.
std::uint64_t OfAnswer(Answer answer) {
  switch (answer) {
    case kNotifyDone:
      return 0;
    case kNotifyOk:
      return kWordUnit;
    case kNotifyBad:
      return kWordUnit + kIdUnit;
    case kNotifyStop:
      return kWordUnit + 2 * kIdUnit;
  }
  const auto named = [answer](Errno error) { return AnswerOf(error) == answer; };
  const bool error = std::any_of(AllErrnos().begin(), AllErrnos().end(), named);
  return (error ? 2 : 3) * kWordUnit + answer;
}

std::uint64_t OfAct(const SetScript& op) {
  switch (op.act) {
    case Act::kNone:
      return 0;
    case Act::kAlloc:
      return kWordUnit;
    case Act::kFree:
      return kWordUnit + kIdUnit;
    case Act::kUnregister:
      return 2 * kWordUnit + Index(op.other) * kIdUnit;
  }
  return 0;
}

// The operations of op_chain.h, op_livepatch.h and op_kprobe.h. What they have in common with
// others is no concern of these.
template <typename T>
std::uint64_t OfChainOperands(const T& o) {
  std::uint64_t cost = 0;
  if constexpr (requires { o.notifier; }) cost += Index(o.notifier) * kIdUnit;
  if constexpr (requires { o.chain; }) cost += static_cast<std::uint64_t>(o.chain) * kIdUnit;
  if constexpr (requires { o.priority; }) cost += OfPriority(o.priority) + Words(o.unique);
  if constexpr (requires { o.event; }) cost += OfEvent(o.event);
  if constexpr (requires { o.up; }) cost += OfEvent(o.up) + OfEvent(o.down, true);
  if constexpr (requires { o.act; }) cost += OfAnswer(o.answer) + OfAct(o);
  if constexpr (requires { o.limit; }) {
    cost += Words(o.reverse);
    if (o.limit != Notify::kAll) cost += kWordUnit + o.limit * kIdUnit;
  }
  if constexpr (requires { o.patch; }) cost += Index(o.patch) * kIdUnit;
  if constexpr (requires { o.kprobe; }) cost += Index(o.kprobe) * kIdUnit;
  if constexpr (requires { o.post; }) cost += Words(o.post) + Words(o.disabled);
  if constexpr (requires { o.functions; }) {
    cost += Words(o.replace);
    for (std::size_t i = 0; i < o.count; ++i) cost += kWordUnit + Index(o.functions[i]);
  }
  return cost;
}

}  // namespace

std::uint64_t Complexity(const World& world, const Op& op) {
  std::uint64_t cost = kKindRank[op.index()] * kKindUnit;
  std::visit(
      [&](const auto& o) {
        if constexpr (requires { o.module; }) cost += Index(o.module) * kIdUnit;
        if constexpr (requires { o.slot; }) cost += Index(o.slot) * kIdUnit;
        if constexpr (requires { o.ops; }) cost += Index(o.ops) * kIdUnit;
        if constexpr (requires { o.with; }) cost += Index(o.with) * kIdUnit;
        if constexpr (requires { o.function; }) cost += Index(o.function);
        if constexpr (requires { o.place; }) cost += OfPlace(o.place);
        if constexpr (requires { o.places; }) {
          for (std::size_t i = 0; i < o.count; ++i) cost += kWordUnit + OfPlace(o.places[i]);
        }
        if constexpr (requires { o.pattern; }) cost += OfPattern(world, o.pattern);
        if constexpr (requires { o.which; }) cost += Words(o.which == Which::kNotrace);
        if constexpr (requires { o.reset; }) cost += Words(o.reset);
        if constexpr (requires { o.remove; }) cost += Words(o.remove);
        if constexpr (requires { o.user; }) {
          cost += Words(o.user == User::kTracer) + Words(o.save_regs) + Words(o.ipmodify) +
                  Words(o.permanent);
        }
        if constexpr (requires { o.on; }) cost += Words(o.on);
        if constexpr (requires { o.failure->stage; }) {
          // The later the stage the plainer the failure: less of the load is missing.
          if (o.failure) {
            cost += 2 * kWordUnit + OfErrno(o.failure->error) +
                    (kStageCount - static_cast<std::size_t>(o.failure->stage)) * kIdUnit;
          }
        } else if constexpr (requires { o.failure; }) {
          if (o.failure) cost += kWordUnit + OfErrno(*o.failure);
        }
        if constexpr (requires { o.nth; }) {
          cost +=
              static_cast<std::uint64_t>(o.point) * kWordUnit + o.nth * kIdUnit + OfErrno(o.error);
        }
        cost += OfChainOperands(o);
      },
      op);
  return cost;
}

bool SimplerOps(const World& world, std::span<const Op> a, std::span<const Op> b) {
  if (a.size() != b.size()) return a.size() < b.size();
  std::uint64_t of_a = 0;
  std::uint64_t of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    of_a += Complexity(world, a[i]);
    of_b += Complexity(world, b[i]);
  }
  if (of_a != of_b) return of_a < of_b;
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

void KeepSimpler(const World& world, std::uint64_t limit, std::vector<Op>* ops) {
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

bool Simpler(const Program& a, const Program& b) { return SimplerOps(*a.world, a.ops, b.ops); }

namespace {

class Mixer {
 public:
  void Add(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15u;
    hash_ ^= hash_ >> 29;
  }
  void Add(Errno error) { Add(static_cast<std::uint64_t>(error)); }
  void Add(const Place& place) { Add(Index(place.function) << 8 | place.offset); }
  void Add(const Pattern& pattern) {
    Add(pattern.text().size());
    for (const char c : pattern.text()) Add(static_cast<unsigned char>(c));
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0x243f6a8885a308d3u;
};

template <typename T>
void AddChainOperands(const T& o, Mixer* mixer) {
  if constexpr (requires { o.notifier; }) mixer->Add(Index(o.notifier));
  if constexpr (requires { o.chain; }) mixer->Add(static_cast<std::uint64_t>(o.chain));
  if constexpr (requires { o.priority; }) {
    mixer->Add(std::uint64_t{static_cast<std::uint32_t>(o.priority)} << 1 | o.unique);
  }
  if constexpr (requires { o.event; }) mixer->Add(static_cast<std::uint64_t>(o.event));
  if constexpr (requires { o.up; }) {
    mixer->Add(static_cast<std::uint64_t>(o.up) << 3 | static_cast<std::uint64_t>(o.down));
  }
  if constexpr (requires { o.act; }) {
    mixer->Add(std::uint64_t{o.answer} << 16 | static_cast<std::uint64_t>(o.act) << 8 |
               Index(o.other));
  }
  if constexpr (requires { o.limit; }) mixer->Add(std::uint64_t{o.limit} << 1 | o.reverse);
  if constexpr (requires { o.patch; }) mixer->Add(Index(o.patch));
  if constexpr (requires { o.kprobe; }) mixer->Add(Index(o.kprobe));
  if constexpr (requires { o.post; }) mixer->Add(std::uint64_t{o.post} << 1 | o.disabled);
  if constexpr (requires { o.functions; }) {
    mixer->Add(std::uint64_t{o.count} << 1 | o.replace);
    for (std::size_t i = 0; i < o.count; ++i) mixer->Add(Index(o.functions[i]));
  }
}

}  // namespace

std::uint64_t Fingerprint(std::span<const Op> ops) {
  Mixer mixer;
  for (const Op& op : ops) {
    mixer.Add(op.index());
    std::visit(
        [&mixer](const auto& o) {
          if constexpr (requires { o.module; }) mixer.Add(Index(o.module));
          if constexpr (requires { o.slot; }) mixer.Add(Index(o.slot));
          if constexpr (requires { o.ops; }) mixer.Add(Index(o.ops));
          if constexpr (requires { o.with; }) mixer.Add(Index(o.with));
          if constexpr (requires { o.function; }) mixer.Add(Index(o.function));
          if constexpr (requires { o.place; }) mixer.Add(o.place);
          if constexpr (requires { o.places; }) {
            mixer.Add(o.count);
            for (const Place& place : o.places) mixer.Add(place);
          }
          if constexpr (requires { o.pattern; }) mixer.Add(o.pattern);
          if constexpr (requires { o.which; }) {
            mixer.Add(static_cast<std::uint64_t>(o.which) << 1 | o.reset);
          }
          if constexpr (requires { o.remove; }) mixer.Add(std::uint64_t{o.remove});
          if constexpr (requires { o.user; }) {
            mixer.Add(static_cast<std::uint64_t>(o.user) << 3 | o.save_regs << 2 | o.ipmodify << 1 |
                      std::uint64_t{o.permanent});
          }
          if constexpr (requires { o.on; }) mixer.Add(std::uint64_t{o.on});
          if constexpr (requires { o.failure->stage; }) {
            mixer.Add(o.failure ? 1 + static_cast<std::uint64_t>(o.failure->stage) : 0);
            if (o.failure) mixer.Add(o.failure->error);
          } else if constexpr (requires { o.failure; }) {
            mixer.Add(std::uint64_t{o.failure.has_value()});
            if (o.failure) mixer.Add(*o.failure);
          }
          if constexpr (requires { o.nth; }) {
            mixer.Add(static_cast<std::uint64_t>(o.point) << 16 | o.nth);
            mixer.Add(o.error);
          }
          AddChainOperands(o, &mixer);
        },
        op);
  }
  return mixer.hash();
}

}  // namespace recount
