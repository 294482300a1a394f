// A notifier chain (SEMANTICS 10): a list in order of priority, and the ways to call it.
//
// Entries are linked both ways and keep their links when they are taken off, because a call that
// stands at such an entry goes on from there.
#ifndef RECOUNT_MODEL_REFERENCE_CHAINS_H_
#define RECOUNT_MODEL_REFERENCE_CHAINS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

#include "model/errno.h"
#include "model/ids.h"
#include "model/notifier.h"

namespace recount::reference {

// n0..n7, and behind them the two that are on the module chain in load path `chain`, and kprobes'
// own on that and on `tryfix`.
using Entry = std::uint8_t;
inline constexpr Entry kFtraceEntry = kNotifierCount;
inline constexpr Entry kLivepatchEntry = kNotifierCount + 1;
inline constexpr Entry kKprobeEntry = kNotifierCount + 2;
inline constexpr Entry kKprobeFixEntry = kNotifierCount + 3;
inline constexpr std::size_t kEntryCount = kNotifierCount + 4;
inline constexpr Entry kNoEntry = 0xff;

struct Chains {
  struct Link {
    Entry before = kNoEntry;
    Entry behind = kNoEntry;
    std::optional<Chain> on;
    std::int32_t priority = 0;
  };
  std::array<Link, kEntryCount> links;
  std::array<Entry, kChainCount> first;
  std::array<Entry, kChainCount> last;

  Chains() {
    first.fill(kNoEntry);
    last.fill(kNoEntry);
  }
  Entry First(Chain chain) const { return first[static_cast<std::size_t>(chain)]; }
  Entry Last(Chain chain) const { return last[static_cast<std::size_t>(chain)]; }
};

// kOk, kExist or kBusy.
Errno Add(Chains& chains, Chain chain, Entry entry, std::int32_t priority, bool unique);
// REQUIRES: it is on a chain.
void TakeOff(Chains& chains, Entry entry);

enum class Direction : std::uint8_t { kForward, kReverse };
// What an entry does when it is called. It may take entries off the chain.
using Callee = std::function<Answer(Entry, Event)>;
inline constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

struct CallResult {
  Answer answer = kNotifyDone;
  std::uint32_t calls = 0;
  Entry stopper = kNoEntry;  // who stopped it
};
// Calls `start` and what stands behind it in the direction.
CallResult Call(const Chains& chains, Entry start, Direction direction, Event event,
                std::uint32_t limit, const Callee& callee);

// The rest of a robust call whose way up gave `up`: those called before the one that stopped are
// called with `down`. `called_before`: how many were called before the call that gave `up` began.
void RollBack(const Chains& chains, Chain chain, Direction direction, const CallResult& up,
              std::uint32_t called_before, Event down, const Callee& callee);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_CHAINS_H_
