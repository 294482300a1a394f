// One notifier chain: a list in order of priority, and its calls in both directions (SEMANTICS 10).
//
// The kernel's chain is a singly linked list: registering and unregistering walk it. Here entries
// are numbers, linked both ways, and for each priority in use the last entry that has it is known.
// So an entry is put in, and taken off, in time logarithmic in the number of priorities, however
// long the chain is; only calling it takes as long as there are entries to call.
//
// A callback may take off any entry, its own or the one that comes next. Two rules make that safe.
// What comes next is noted before the call; and an entry that is taken off keeps its links, so from
// it a call goes on where it would have gone.
#ifndef RECOUNT_IMPL_FAST_CHAIN_H_
#define RECOUNT_IMPL_FAST_CHAIN_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "impl/bugs/bugs.h"
#include "model/errno.h"
#include "model/notifier.h"

namespace recount::fast {

enum class Direction : std::uint8_t { kForward, kReverse };

class NotifierChain {
 public:
  using Entry = std::uint32_t;
  static constexpr Entry kNone = 0xffffffffu;
  static constexpr std::uint32_t kAll = 0xffffffffu;

  // Empty; entries are [0, entries).
  void Reset(Entry entries, BugSet bugs = {});

  // Behind those of the same priority. `unique`: not if there is one. Error: -EEXIST it is on the
  // list, -EBUSY its priority is in use; the latter also for an entry that is on the list behind
  // another of its priority.
  Errno Register(Entry entry, std::int32_t priority, bool unique);
  // REQUIRES: Has(entry).
  void Unregister(Entry entry);

  bool empty() const { return first_ == kNone; }
  std::uint32_t size() const { return size_; }
  bool Has(Entry entry) const { return links_[entry].listed; }
  // REQUIRES: Has(entry).
  std::int32_t priority(Entry entry) const { return links_[entry].priority; }
  // kNone where there is none. Those of an entry that was taken off are as they were then.
  Entry first() const { return first_; }
  Entry last() const { return last_; }
  Entry next(Entry entry) const { return links_[entry].next; }
  Entry previous(Entry entry) const { return links_[entry].previous; }
  Entry Begin(Direction direction) const {
    return direction == Direction::kForward ? first_ : last_;
  }

  struct Called {
    Answer answer = kNotifyDone;  // the last one
    std::uint32_t count = 0;
    Entry stopper = kNone;  // whose answer ended the call
  };
  // Calls `callback(entry)` for `from` and what stands behind it in the direction, `limit` entries
  // at most, until one answers with the stop bit.
  template <typename Callback>
  Called Call(Entry from, Direction direction, std::uint32_t limit, const Callback& callback) const;
  // What a robust call does after `up`, which was stopped: who was called before the stopper is
  // called again. It comes down in `rollback`; what is answered is ignored, but a stop ends it.
  template <typename Callback>
  void RollBack(const Called& up, Direction rollback, const Callback& down) const;

 private:
  struct Link {
    Entry next = kNone;
    Entry previous = kNone;
    std::int32_t priority = 0;
    bool listed = false;
  };

  // previous(), of an entry that is on the list.
  Entry Before(Entry entry) const;

  BugSet bugs_;
  std::vector<Link> links_;
  Entry first_ = kNone;
  Entry last_ = kNone;
  std::uint32_t size_ = 0;
  // Of each priority in use, highest first: the last entry that has it.
  std::map<std::int32_t, Entry, std::greater<>> last_of_;
};

template <typename Callback>
NotifierChain::Called NotifierChain::Call(Entry from, Direction direction, std::uint32_t limit,
                                          const Callback& callback) const {
  Called called;
  Entry entry = from;
  const bool reverse = direction == Direction::kReverse;
  // The limit is asked after a call, not ahead of it.
  if (reverse && limit != 0 && limit != kAll && bugs_.has(Bug::kRfcReverseLimit)) ++limit;
  // Nobody is called twice, unless a bug has made a ring of the list.
  limit = std::min(limit, static_cast<std::uint32_t>(links_.size()));
  while (entry != kNone && called.count < limit) {
    const Link& link = links_[entry];
    Entry noted = reverse ? link.previous : link.next;
    called.answer = callback(entry);
    ++called.count;
    if (Stops(called.answer)) {
      called.stopper = entry;
      break;
    }
    if (reverse && bugs_.has(Bug::kRfcReverseNextAfterCall)) noted = link.previous;
    entry = noted;
  }
  return called;
}

template <typename Callback>
void NotifierChain::RollBack(const Called& up, Direction rollback, const Callback& down) const {
  if (up.stopper == kNone) return;
  Entry from = rollback == Direction::kForward ? first_ : previous(up.stopper);
  std::uint32_t limit = up.count - 1;
  if (bugs_.has(Bug::kNotifierRobustRollback)) {
    from = Begin(rollback);
    limit = kAll;
  }
  if (bugs_.has(Bug::kNotifierRollbackIncludesFailer)) {
    if (rollback == Direction::kReverse) from = up.stopper;
    ++limit;
  }
  Call(from, rollback, limit, down);
}

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_CHAIN_H_
