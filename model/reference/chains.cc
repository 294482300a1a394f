#include "model/reference/chains.h"

#include "model/check.h"

namespace recount::reference {
namespace {

// Puts `entry` before `at`; at the end when that is kNoEntry.
void Insert(Chains& chains, Chain chain, Entry entry, Entry at) {
  const auto index = static_cast<std::size_t>(chain);
  const Entry before = at == kNoEntry ? chains.last[index] : chains.links[at].before;
  Chains::Link& link = chains.links[entry];
  link.before = before;
  link.behind = at;
  link.on = chain;
  (before == kNoEntry ? chains.first[index] : chains.links[before].behind) = entry;
  (at == kNoEntry ? chains.last[index] : chains.links[at].before) = entry;
}

}  // namespace

Errno Add(Chains& chains, Chain chain, Entry entry, std::int32_t priority, bool unique) {
  if (chains.links[entry].on && *chains.links[entry].on != chain) return Errno::kBusy;
  const bool there = chains.links[entry].on.has_value();
  if (there) priority = chains.links[entry].priority;
  Entry at = chains.First(chain);
  for (; at != kNoEntry; at = chains.links[at].behind) {
    if (at == entry) return Errno::kExist;
    if (priority > chains.links[at].priority) break;
    if (priority == chains.links[at].priority && unique) return Errno::kBusy;
  }
  RECOUNT_CHECK(!there);  // with its own priority it is met before the place it would go to
  Insert(chains, chain, entry, at);
  chains.links[entry].priority = priority;
  return Errno::kOk;
}

void TakeOff(Chains& chains, Entry entry) {
  Chains::Link& link = chains.links[entry];
  RECOUNT_CHECK(link.on.has_value());
  const auto index = static_cast<std::size_t>(*link.on);
  (link.before == kNoEntry ? chains.first[index] : chains.links[link.before].behind) = link.behind;
  (link.behind == kNoEntry ? chains.last[index] : chains.links[link.behind].before) = link.before;
  link.on.reset();
  link.priority = 0;
}

CallResult Call(const Chains& chains, Entry start, Direction direction, Event event,
                std::uint32_t limit, const Callee& callee) {
  CallResult result;
  Entry entry = start;
  while (entry != kNoEntry && result.calls < limit) {
    // Noted before the call, in which `entry` or the next one may be taken off.
    const Chains::Link& link = chains.links[entry];
    const Entry next = direction == Direction::kForward ? link.behind : link.before;
    result.answer = callee(entry, event);
    ++result.calls;
    if (Stops(result.answer)) {
      result.stopper = entry;
      break;
    }
    entry = next;
  }
  return result;
}

void RollBack(const Chains& chains, Chain chain, Direction direction, const CallResult& up,
              std::uint32_t called_before, Event down, const Callee& callee) {
  if (up.stopper == kNoEntry) return;
  const Entry start =
      direction == Direction::kForward ? chains.First(chain) : chains.links[up.stopper].before;
  Call(chains, start, direction, down, called_before + up.calls - 1, callee);
}

}  // namespace recount::reference
