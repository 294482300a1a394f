#include "impl/fast/kprobe_table.h"

#include <algorithm>

namespace recount::fast {
namespace {

bool Waits(JumpState jump) { return jump == JumpState::kQueued || jump == JumpState::kLeaving; }

}  // namespace

void KprobeTable::Reset(ProbeId probes) {
  probes_.assign(probes, Probe());
  entries_.clear();
  newest_ = nullptr;
  ages_ = 0;
  armed_.fill(0);
  waiting_.clear();
  jumps_ = unused_ = 0;
}

ProbedAddress* KprobeTable::Find(Address address) {
  const auto found = entries_.find(address);
  return found == entries_.end() ? nullptr : &found->second;
}

const ProbedAddress* KprobeTable::Find(Address address) const {
  return const_cast<KprobeTable*>(this)->Find(address);
}

ProbedAddress* KprobeTable::Add(Address address) {
  ProbedAddress* const entry = &entries_[address];
  entry->address = address;
  entry->age = ++ages_;
  entry->older = newest_;
  if (newest_ != nullptr) newest_->newer = entry;
  newest_ = entry;
  ++armed_[static_cast<std::size_t>(ArmedOn::kNothing)];
  ++unused_;
  return entry;
}

void KprobeTable::Remove(ProbedAddress* entry) {
  CountDown(entry->armed);
  SetJump(entry, JumpState::kNone);
  if (entry->first == kNoProbe) --unused_;
  (entry->newer != nullptr ? entry->newer->older : newest_) = entry->older;
  if (entry->older != nullptr) entry->older->newer = entry->newer;
  const Address address = entry->address;  // the entry goes with its node
  entries_.erase(address);
}

void KprobeTable::Push(ProbedAddress* entry, ProbeId id) {
  Probe& probe = probes_[id];
  if (entry->first == kNoProbe) --unused_;
  probe.next = entry->first;
  probe.previous = kNoProbe;
  if (probe.next != kNoProbe) probes_[probe.next].previous = id;
  entry->first = id;
}

void KprobeTable::Take(ProbedAddress* entry, ProbeId id) {
  Probe& probe = probes_[id];
  (probe.previous != kNoProbe ? probes_[probe.previous].next : entry->first) = probe.next;
  if (probe.next != kNoProbe) probes_[probe.next].previous = probe.previous;
  probe.next = probe.previous = kNoProbe;
  if (entry->first == kNoProbe) ++unused_;
}

void KprobeTable::SetArmed(ProbedAddress* entry, ArmedOn on) {
  CountDown(entry->armed);
  ++armed_[static_cast<std::size_t>(on)];
  entry->armed = on;
}

void KprobeTable::SetJump(ProbedAddress* entry, JumpState jump) {
  if (entry->jump == jump) return;
  if (Waits(entry->jump)) {
    waiting_[entry->waits_at] = waiting_.back();
    waiting_[entry->waits_at]->waits_at = entry->waits_at;
    waiting_.pop_back();
  }
  if (Waits(jump)) {
    entry->waits_at = static_cast<std::uint32_t>(waiting_.size());
    waiting_.push_back(entry);
  }
  jumps_ += static_cast<std::uint32_t>(jump != JumpState::kNone) -
            static_cast<std::uint32_t>(entry->jump != JumpState::kNone);
  entry->jump = jump;
}

std::vector<ProbedAddress*> KprobeTable::InRange(Address begin, Address end) {
  std::vector<ProbedAddress*> found;
  for (auto at = entries_.lower_bound(begin); at != entries_.end() && at->first < end; ++at) {
    found.push_back(&at->second);
  }
  std::sort(found.begin(), found.end(),
            [](const ProbedAddress* a, const ProbedAddress* b) { return a->age > b->age; });
  return found;
}

}  // namespace recount::fast
