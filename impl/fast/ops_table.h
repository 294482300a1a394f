// The eight ops, their hash pairs, livepatch's ops, and who is registered.
//
// Sets of ops and sets of pairs are bytes, one bit each, so that "which ops trace this address" is
// a few masks over one entry of the AddressIndex.
//
// Livepatch's have no bit there. Each is IPMODIFY and PERMANENT, names one address in its filter
// and excludes none, so sixteen cells say all of what they trace. Nor have kprobes' two, which save
// registers: the filter of each is an ordered set, changed at the cost of the one address that
// comes or goes. Both kinds are the hidden ops: a record knows of them by a bit of its tally.
#ifndef RECOUNT_IMPL_FAST_OPS_TABLE_H_
#define RECOUNT_IMPL_FAST_OPS_TABLE_H_

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "impl/fast/address_index.h"
#include "impl/fast/filter_hash.h"
#include "impl/fast/record_table.h"
#include "model/op.h"
#include "model/view.h"

namespace recount::fast {

static_assert(kOpsCount == 8);  // a set of ops is a byte
using OpsSet = std::uint8_t;
using PairSet = std::uint8_t;

constexpr OpsSet Bit(OpsId ops) { return static_cast<OpsSet>(1u << Index(ops)); }
constexpr bool IsHidden(OpsId ops) { return Index(ops) >= kOpsCount; }
constexpr bool IsKprobe(OpsId ops) { return Index(ops) >= Index(kKprobeOps); }
constexpr bool IsLivepatch(OpsId ops) { return IsHidden(ops) && !IsKprobe(ops); }
// A set of ops of both kinds.
using AnyOpsSet = std::uint32_t;
constexpr AnyOpsSet AnyBit(OpsId ops) { return AnyOpsSet{1} << Index(ops); }
static_assert(kAllOpsCount <= 32);
inline constexpr AnyOpsSet kLivepatchSet = ((AnyOpsSet{1} << kLivepatchOpsCount) - 1) << kOpsCount;
inline constexpr AnyOpsSet kKprobeSet = AnyBit(kKprobeOps) | AnyBit(kKprobeIpmodifyOps);
// The bit of a hidden ops in the tally of a record that it traces.
constexpr std::uint8_t HiddenBit(OpsId ops) {
  if (ops == kKprobeOps) return kByKprobe;
  return ops == kKprobeIpmodifyOps ? kByKprobeIpmodify : kByLivepatch;
}
constexpr std::size_t At(Which which) { return static_cast<std::size_t>(which); }

// Calls `each` with the number of every bit of `set`, ascending.
template <typename Each>
void ForEachBit(AnyOpsSet set, const Each& each) {
  for (AnyOpsSet left = set; left != 0; left &= left - 1) {
    each(static_cast<unsigned>(std::countr_zero(left)));
  }
}

// Module filters kept for later (SEMANTICS 5), counted where they are taken and dropped.
class CachedFilters {
 public:
  void Init(std::uint32_t* live) { live_ = live; }
  std::span<const CachedFilter> items() const { return items_; }
  bool empty() const { return items_.empty(); }
  // Newest first.
  void Prepend(const CachedFilter& item) {
    items_.insert(items_.begin(), item);
    ++*live_;
  }
  // Drops every item `drop` says true of; returns how many.
  template <typename Drop>
  std::size_t DropIf(const Drop& drop) {
    const std::size_t dropped = std::erase_if(items_, drop);
    *live_ -= static_cast<std::uint32_t>(dropped);
    return dropped;
  }
  void Clear() {
    *live_ -= static_cast<std::uint32_t>(items_.size());
    items_.clear();
  }

 private:
  std::vector<CachedFilter> items_;
  std::uint32_t* live_ = nullptr;
};

struct HashPair {
  std::array<FilterHash, 2> hash;  // by Which
  OpsSet users = 0;
};

struct Ops {
  User user = User::kKernel;
  bool save_regs = false;
  bool ipmodify = false;
  bool permanent = false;
  unsigned pair = 0;
  std::array<CachedFilters, 2> cached;  // by Which
};

class OpsTable {
 public:
  explicit OpsTable(AddressIndex* index) : index_(index) {}
  OpsTable(const OpsTable&) = delete;
  OpsTable& operator=(const OpsTable&) = delete;

  void Reset();

  Ops& at(OpsId ops) { return ops_[Index(ops)]; }
  const Ops& at(OpsId ops) const { return ops_[Index(ops)]; }
  const HashPair& pair(unsigned number) const { return pairs_[number]; }
  const HashPair& PairOf(OpsId ops) const { return pairs_[at(ops).pair]; }
  const FilterHash& Hash(OpsId ops, Which which) const { return PairOf(ops).hash[At(which)]; }

  // REQUIRES: `op.ops` is not registered.
  void SetFlags(const SetOps& op);
  // `ops` leaves its pair for that of `with`. REQUIRES: `ops` is not registered.
  void Share(OpsId ops, OpsId with);
  // Moves a new hash into a pair, keeps the reverse index in step. `removed` and `added` are the
  // Difference() of old and new.
  void Replace(unsigned pair, Which which, HashCopy content, std::span<const Cell> removed,
               std::span<const Cell> added);

  // Of one of livepatch's ops: the filter, one cell or (nullopt) empty.
  std::optional<Cell> LivepatchFilter(OpsId ops) const;
  void SetLivepatchFilter(OpsId ops, std::optional<Cell> cell);
  // Those of livepatch's that are registered with `cell`.
  AnyOpsSet LivepatchAt(Cell cell) const;
  // The one whose trampoline a site at `cell` calls, if it is one of livepatch's. After a death it
  // need not be registered any more.
  OpsId LivepatchLastAt(Cell cell) const;

  // Of one of kprobes' two: the filter, without the meaning "all" of an empty one, for it is
  // registered only while it names an address.
  const std::set<Cell>& KprobeFilter(OpsId ops) const { return kprobe_filter_[KprobeAt(ops)]; }
  void NameInKprobeFilter(OpsId ops, Cell cell);
  void DropFromKprobeFilter(OpsId ops, Cell cell);
  // Those of the two that are registered with `cell`.
  AnyOpsSet KprobesAt(Cell cell) const {
    AnyOpsSet found = 0;
    if ((any_registered_ & kKprobeSet) == 0) return found;
    for (const OpsId ops : {kKprobeOps, kKprobeIpmodifyOps}) {
      if (registered(ops) && KprobeFilter(ops).contains(cell)) found |= AnyBit(ops);
    }
    return found;
  }

  // Of any ops. FTRACE_OPS_FL_ENABLED and the call list; they part only when registering kills
  // ftrace.
  bool registered(OpsId ops) const { return (any_registered_ & AnyBit(ops)) != 0; }
  void Register(OpsId ops);
  void Unlist(OpsId ops);
  void Unregister(OpsId ops);

  // As they are called: newest first.
  std::span<const OpsId> order() const { return {order_.data(), order_size_}; }
  OpsSet registered() const { return static_cast<OpsSet>(any_registered_); }
  OpsSet save_regs() const { return save_regs_; }
  OpsSet ipmodify() const { return ipmodify_; }
  bool AnyPermanent() const {
    return (registered() & permanent_) != 0 || (any_registered_ & kLivepatchSet) != 0;
  }
  // Pairs that a tracer uses.
  PairSet TracerPairs() const;
  // Registered ops whose filter is empty: they trace all but their notrace.
  OpsSet TraceAll() const;
  // Ops that use one of `pairs`.
  OpsSet UsersOf(PairSet pairs) const {
    OpsSet users = 0;
    ForEachBit(pairs, [&](unsigned pair) { users |= pairs_[pair].users; });
    return users;
  }
  // Of the ops in `set`, the one registered first. REQUIRES: there is one, and all are registered.
  OpsId FirstRegistered(AnyOpsSet set) const;

  std::uint32_t live_entries() const { return live_entries_; }
  std::uint32_t live_cached() const { return live_cached_; }

 private:
  void LeavePair(OpsId ops);
  void TakeFreshPair(OpsId ops);
  static std::size_t KprobeAt(OpsId ops) { return Index(ops) - Index(kKprobeOps); }
  static void Set(OpsSet* set, OpsId ops, bool on) {
    *set = static_cast<OpsSet>(on ? *set | Bit(ops) : *set & ~Bit(ops));
  }

  AddressIndex* index_;
  // Counted by the hashes and lists below; above them, so that it outlives them.
  std::uint32_t live_entries_ = 0;
  std::uint32_t live_cached_ = 0;
  std::array<Ops, kOpsCount> ops_;
  std::array<HashPair, kOpsCount> pairs_;  // one for each ops is enough
  std::array<FilterHash, kLivepatchOpsCount> livepatch_filter_;
  std::array<Cell, kLivepatchOpsCount> livepatch_cell_{};  // that it was last registered with
  std::array<std::set<Cell>, 2> kprobe_filter_;            // kp, kpi
  // When each was registered last, ascending; of two IPMODIFY ops the lower one owns.
  std::array<std::uint64_t, kAllOpsCount> registration_{};
  std::uint64_t registrations_ = 0;
  std::array<OpsId, kAllOpsCount> order_{};
  std::size_t order_size_ = 0;
  AnyOpsSet any_registered_ = 0;
  OpsSet save_regs_ = 0;
  OpsSet ipmodify_ = 0;
  OpsSet permanent_ = 0;
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_OPS_TABLE_H_
