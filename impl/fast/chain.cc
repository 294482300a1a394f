#include "impl/fast/chain.h"

#include <iterator>

#include "model/check.h"

namespace recount::fast {

void NotifierChain::Reset(Entry entries, BugSet bugs) {
  bugs_ = bugs;
  links_.assign(entries, Link());
  first_ = last_ = kNone;
  size_ = 0;
  last_of_.clear();
}

Errno NotifierChain::Register(Entry entry, std::int32_t priority, bool unique) {
  Link& link = links_[entry];
  if (link.listed && !bugs_.has(Bug::kNotifierDoubleRegister)) {
    const Entry before = link.previous;
    const bool behind_equal = before != kNone && links_[before].priority == link.priority;
    return unique && behind_equal ? Errno::kBusy : Errno::kExist;
  }
  // The first run of a priority that is not higher, from the front.
  const auto run = last_of_.lower_bound(priority);
  const bool used = run != last_of_.end() && run->first == priority;
  if (used && unique) return Errno::kBusy;

  Entry before = kNone;  // the entry it goes behind
  if (used && bugs_.has(Bug::kRfcPrioAmbiguous)) {
    // Not ">" but ">=": in front of the first of its priority.
    Entry first = run->second;
    while ((before = Before(first)) != kNone && links_[before].priority == priority) first = before;
  } else if (used) {
    before = run->second;
    run->second = entry;
  } else {
    if (run != last_of_.begin()) before = std::prev(run)->second;
    last_of_.emplace_hint(run, priority, entry);
  }
  const Entry behind = before == kNone ? first_ : links_[before].next;
  link = {.next = behind, .previous = before, .priority = priority, .listed = true};
  (before == kNone ? first_ : links_[before].next) = entry;
  (behind == kNone ? last_ : links_[behind].previous) = entry;
  ++size_;
  return Errno::kOk;
}

void NotifierChain::Unregister(Entry entry) {
  Link& link = links_[entry];
  RECOUNT_CHECK(link.listed);
  link.listed = false;
  const Entry before = Before(entry);
  (before == kNone ? first_ : links_[before].next) = link.next;
  if (link.next == kNone) {
    last_ = before;
  } else if (!bugs_.has(Bug::kRfcReverseStableOrder)) {
    links_[link.next].previous = before;
  }
  --size_;
  const auto run = last_of_.find(link.priority);
  if (run != last_of_.end() && run->second == entry) {
    if (before != kNone && links_[before].priority == link.priority) {
      run->second = before;
    } else {
      last_of_.erase(run);
    }
  }
}

NotifierChain::Entry NotifierChain::Before(Entry entry) const {
  if (!bugs_.has(Bug::kRfcReverseStableOrder)) return links_[entry].previous;
  // Its back links are wrong, but the list still is what it should be from the front.
  Entry before = kNone;
  for (Entry at = first_; at != entry && at != kNone; at = links_[at].next) before = at;
  return before;
}

}  // namespace recount::fast
