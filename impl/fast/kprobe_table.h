// The probes, the addresses they are at, and which of these are armed on what (SEMANTICS 14).
//
// The kernel keeps addresses in 64 lists and looks for "all in this module" in each of them. Here
// they are in one tree, ordered by address: finding one takes logarithmic time, and those of a
// range lie next to one another. A second chain goes through them by age, which is the order in
// which all are walked; nothing depends on the order of a hash. How many are armed on each ops is
// counted as they come and go. The probes of an address are a list that runs through the probes
// themselves. Entries whose jump waits for the worker are a list of their own. So every step of
// registering and unregistering costs what one address costs, however many there are; and a
// Program's four probes take no more than four.
#ifndef RECOUNT_IMPL_FAST_KPROBE_TABLE_H_
#define RECOUNT_IMPL_FAST_KPROBE_TABLE_H_

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "impl/fast/early_slots.h"
#include "model/ids.h"
#include "model/view.h"

namespace recount::fast {

// Number of a probe; a Program's k0..k3 are the first.
using ProbeId = std::uint32_t;
inline constexpr ProbeId kNoProbe = 0xffffffffu;

// What a jump takes, an early one or one of an optimised probe: as much as a call.
inline constexpr Address kJumpSize = World::kCallSize;

// What an address is armed on; the first two are kprobes' ops, in their order. The jump is that of
// an early kprobe.
enum class ArmedOn : std::uint8_t { kKp, kKpi, kBreakpoint, kJump, kNothing };
inline constexpr std::size_t kArmedOnCount = 5;

struct Probe {
  bool registered = false;
  bool post = false;
  bool gone = false;
  bool disabled = false;
  Address address = 0;
  // Neighbours in the list of its address.
  ProbeId next = kNoProbe;
  ProbeId previous = kNoProbe;

  bool off() const { return gone || disabled; }
};

// A probe alone, or an aggregator of several. Of a probe alone, gone, disabled and post say what
// those of the probe say.
struct ProbedAddress {
  Address address = 0;
  std::uint64_t age = 0;  // the newer, the higher
  bool aggregate = false;
  bool on_ftrace = false;
  bool calls = false;  // a call of mcount is there, and no record of it
  bool post = false;
  bool gone = false;
  bool disabled = false;
  EarlySlot early_slot = kNoEarlySlot;
  bool suspended = false;             // early, and its jump had to make way
  JumpState jump = JumpState::kNone;  // changed by KprobeTable::SetJump() only
  std::uint32_t waits_at = 0;         // its place in the list of those that wait, while it does
  ArmedOn armed = ArmedOn::kNothing;  // changed by KprobeTable::SetArmed() only
  ProbeId first = kNoProbe;           // the newest; kNoProbe: unused, its jump is to be taken off
  ProbedAddress* newer = nullptr;
  ProbedAddress* older = nullptr;

  bool off() const { return gone || disabled; }
  bool early() const { return early_slot != kNoEarlySlot; }
};

class KprobeTable {
 public:
  KprobeTable() = default;
  KprobeTable(const KprobeTable&) = delete;
  KprobeTable& operator=(const KprobeTable&) = delete;

  // Empty, with probes [0, probes), none of them registered.
  void Reset(ProbeId probes);

  Probe& probe(ProbeId id) { return probes_[id]; }
  const Probe& probe(ProbeId id) const { return probes_[id]; }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  // nullptr when nobody probes `address`. Stays where it is until it is removed.
  ProbedAddress* Find(Address address);
  const ProbedAddress* Find(Address address) const;
  // REQUIRES: there is none.
  ProbedAddress* Add(Address address);
  // No probe is at it any more, or the one that is goes with it.
  void Remove(ProbedAddress* entry);

  // `id` becomes the newest of the entry, resp. leaves it. REQUIRES: it is in no list, resp. in
  // that of the entry.
  void Push(ProbedAddress* entry, ProbeId id);
  void Take(ProbedAddress* entry, ProbeId id);

  void SetArmed(ProbedAddress* entry, ArmedOn on);
  std::uint32_t armed(ArmedOn on) const { return armed_[static_cast<std::size_t>(on)]; }

  void SetJump(ProbedAddress* entry, JumpState jump);
  // How many have one, in whatever state.
  std::uint32_t jumps() const { return jumps_; }
  // Those with one that is queued or leaving, in no order that means anything.
  const std::vector<ProbedAddress*>& waiting() const { return waiting_; }
  // How many have no probe.
  std::uint32_t unused() const { return unused_; }

  // By age; nullptr at the end.
  ProbedAddress* newest() { return newest_; }
  const ProbedAddress* newest() const { return newest_; }
  // Those in [begin, end), the newest first.
  std::vector<ProbedAddress*> InRange(Address begin, Address end);
  // Calls `each` with those in [begin, end), by address.
  template <typename Each>
  void ForEachInRange(Address begin, Address end, const Each& each) const {
    for (auto at = entries_.lower_bound(begin); at != entries_.end() && at->first < end; ++at) {
      each(at->second);
    }
  }
  template <typename Each>
  void ForEachInRange(Address begin, Address end, const Each& each) {
    for (auto at = entries_.lower_bound(begin); at != entries_.end() && at->first < end; ++at) {
      each(at->second);
    }
  }

  // For the bug kill-kprobe-twice: one more is counted down than was up.
  void CountDown(ArmedOn on) {
    std::uint32_t& count = armed_[static_cast<std::size_t>(on)];
    if (count != 0) --count;  // 0: that bug has been here
  }

 private:
  std::vector<Probe> probes_;
  std::map<Address, ProbedAddress> entries_;  // a node of it stays where it is
  ProbedAddress* newest_ = nullptr;
  std::uint64_t ages_ = 0;
  std::array<std::uint32_t, kArmedOnCount> armed_{};
  std::vector<ProbedAddress*> waiting_;
  std::uint32_t jumps_ = 0;
  std::uint32_t unused_ = 0;
};

// What kprobes know.
struct Kprobes {
  KprobeTable table;
  EarlySlots early_slots;
  bool all_disarmed = false;
  // As it is to be shown, once it is made so (kprobes.h): it changes seldom, and is looked at after
  // every operation.
  KprobesView view;
  bool stale = false;  // the view is

  void Reset(ProbeId probes) {
    table.Reset(probes);
    early_slots = {};
    all_disarmed = stale = false;
    view = {};
  }
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_KPROBE_TABLE_H_
