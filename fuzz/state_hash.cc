#include "fuzz/state_hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace recount {
namespace {

// 0, 1, 2, "more": whether there are 5 or 50 of something seldom matters, zero and one always do.
std::uint64_t Capped(std::size_t n) { return std::min<std::size_t>(n, 3); }

// Which kinds of record there are, one bit a kind: 7 flag bits, capped count, kind of site. A set,
// so that the order of records and how many are alike does not matter.
class RecordKinds {
 public:
  static_assert(static_cast<std::size_t>(SiteKind::kJump) < 8, "kinds of site take three bits");
  void Add(const RecordView& record) {
    const std::size_t kind = (record.flags & 0x7fu) | Capped(record.count) << 7 |
                             static_cast<std::size_t>(record.site.kind) << 9;
    bits_[kind / 64] |= std::uint64_t{1} << kind % 64;
  }
  std::uint64_t Hash() const {
    std::uint64_t hash = 1;
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (bits_[i] != 0) hash = MixHash(hash, bits_[i] ^ i);
    }
    return hash;
  }

 private:
  std::array<std::uint64_t, (1 << 12) / 64> bits_{};
};

// True when some record is at `ip`. Records of one group ascend, groups do not.
bool HasRecord(const View& view, Address ip) {
  std::size_t begin = 0;
  for (const GroupView& group : view.groups) {
    const std::size_t end = std::min<std::size_t>(begin + group.used, view.records.size());
    if (begin < end && view.records[begin].ip <= ip && ip <= view.records[end - 1].ip) {
      const auto first = view.records.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = view.records.begin() + static_cast<std::ptrdiff_t>(end);
      const auto found = std::lower_bound(
          first, last, ip, [](const RecordView& r, Address address) { return r.ip < address; });
      if (found != last && found->ip == ip) return true;
    }
    begin = end;
  }
  return false;
}

// What matters of a hash: empty or not, why not, and whether it remembers functions that are gone.
// Only the first entries are looked up, so that a filter of 700 functions costs no more than one of
// 8.
std::uint64_t HashShape(const View& view, const HashView& hash) {
  constexpr std::size_t kLookedUp = 8;
  std::size_t stale = 0;
  for (std::size_t i = 0; i < std::min(hash.ips.size(), kLookedUp); ++i) {
    if (!HasRecord(view, hash.ips[i])) ++stale;
  }
  return Capped(hash.ips.size()) | std::min<std::uint64_t>(hash.cleared, 1) << 2 |
         std::uint64_t{hash.mod} << 3 | std::uint64_t{stale > 0} << 4 |
         std::uint64_t{stale > 0 && stale == hash.ips.size()} << 5;
}

std::uint64_t OpsShape(const View& view, std::size_t index) {
  const OpsView& ops = view.ops[index];
  const std::uint64_t flags =
      std::uint64_t{ops.user == User::kTracer} | std::uint64_t{ops.save_regs} << 1 |
      std::uint64_t{ops.ipmodify} << 2 | std::uint64_t{ops.permanent} << 3 |
      std::uint64_t{ops.registered} << 4 | std::uint64_t{Index(ops.pair) != index} << 5;
  const std::uint64_t cached = std::min<std::size_t>(ops.cached_filter.size(), 1) |
                               std::min<std::size_t>(ops.cached_notrace.size(), 1) << 1;
  return flags | cached << 6 | HashShape(view, ops.filter) << 8 |
         HashShape(view, ops.notrace) << 16;
}

// How many are on which chain, and how many hold something.
std::uint64_t NotifiersShape(const NotifiersView& notifiers) {
  std::uint64_t shape = std::min<std::uint64_t>(notifiers.bad_frees, 2);
  for (const ChainView& chain : notifiers.chains) shape = shape << 2 | Capped(chain.count);
  std::uint64_t held = 0;
  for (const std::uint16_t count : notifiers.held) held += count > 0 ? 1 : 0;
  return shape << 4 | held;
}

// How deep the stacks are, and how many functions each patch has bound and patched.
std::uint64_t LivepatchShape(const LivepatchView& livepatch) {
  std::uint64_t shape = 0;
  for (const PatchView& patch : livepatch.patches) {
    if (patch.count == 0) continue;
    shape += MixHash(4, std::uint64_t{patch.enabled} | std::uint64_t{patch.replace} << 1 |
                            std::uint64_t{patch.patched != 0} << 2 |
                            std::uint64_t{patch.patched == patch.bound} << 3);
  }
  for (const LivepatchOpsView& ops : livepatch.ops) {
    if (!ops.registered) continue;
    shape += MixHash(5, Capped(ops.depth));
  }
  return shape;
}

// How many probes the entries have, which flags, and whether those that should be armed are.
std::uint64_t KprobesShape(const KprobesView& kprobes) {
  std::uint64_t shape = 0;
  for (const KprobeEntryView& entry : kprobes.entries) {
    if (entry.count == 0) continue;
    shape += MixHash(6, Capped(entry.count) | std::uint64_t{entry.aggregate} << 2 |
                            std::uint64_t{entry.on_ftrace} << 3 | std::uint64_t{entry.post} << 4 |
                            std::uint64_t{entry.gone} << 5 | std::uint64_t{entry.disabled} << 6 |
                            std::uint64_t{entry.early} << 7 | std::uint64_t{entry.suspended} << 8 |
                            static_cast<std::uint64_t>(entry.jump) << 9);
  }
  for (const KprobeView& probe : kprobes.probes) {
    if (!probe.registered) continue;
    shape += MixHash(7, std::uint64_t{probe.post} | std::uint64_t{probe.gone} << 1 |
                            std::uint64_t{probe.disabled} << 2);
  }
  for (std::size_t i = 0; i < kprobes.ops.size(); ++i) {
    const KprobeOpsView& ops = kprobes.ops[i];
    if (!ops.registered && ops.filter.empty()) continue;
    shape += MixHash(8 + i, Capped(ops.filter.size()) | std::uint64_t{ops.registered} << 2);
  }
  if (kprobes.all_disarmed) shape += MixHash(10, 0);
  if (kprobes.unused_count > 0) shape += MixHash(11, Capped(kprobes.unused_count));
  return shape;
}

}  // namespace

std::uint64_t MixHash(std::uint64_t hash, std::uint64_t value) {
  // Two rounds of multiply and fold; constants are odd and have their bits spread.
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  hash = (hash ^ std::rotl(hash, 29)) * 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 32;
}

std::uint64_t StateHash(const View& view) {
  std::uint64_t hash = std::uint64_t{view.globals.dead} | std::uint64_t{view.globals.enabled} << 1 |
                       std::uint64_t{view.globals.core_init_freed} << 2 |
                       static_cast<std::uint64_t>(view.globals.phase) << 3;

  RecordKinds kinds;
  for (const RecordView& record : view.records) kinds.Add(record);
  hash = MixHash(hash, kinds.Hash());

  // Ops and modules are summed, not chained: which of the eight plays which part is all the same.
  std::uint64_t ops = 0;
  for (std::size_t i = 0; i < view.ops.size(); ++i) ops += MixHash(2, OpsShape(view, i));
  hash = MixHash(hash, ops);
  std::uint64_t modules = 0;
  for (const ModuleView& module : view.modules) {
    modules += MixHash(
        3, static_cast<std::uint64_t>(module.state) | static_cast<std::uint64_t>(module.next) << 2);
  }
  hash = MixHash(hash, modules);
  // Nothing is mixed in where there is nothing: most Programs have none of these.
  const std::uint64_t notifiers = NotifiersShape(view.notifiers);
  if (notifiers != 0) hash = MixHash(hash, notifiers);
  const std::uint64_t livepatch = LivepatchShape(view.livepatch);
  if (livepatch != 0) hash = MixHash(hash, livepatch);
  const std::uint64_t kprobes = KprobesShape(view.kprobes);
  return kprobes == 0 ? hash : MixHash(hash, kprobes);
}

std::uint64_t TransitionHash(const Op& op, const Outcome& outcome, std::uint64_t before,
                             std::uint64_t after) {
  std::uint64_t hash = MixHash(op.index(), static_cast<std::uint64_t>(-outcome.rc));
  hash = MixHash(hash, before);
  hash = MixHash(hash, after);
  if (outcome.fired_count > 0) hash = MixHash(hash, Capped(outcome.fired_count) | 1u << 8);
  if (outcome.log.empty()) return hash;
  return MixHash(hash, Capped(outcome.log.size()) |
                           static_cast<std::uint64_t>(outcome.log.back().event) << 2 |
                           std::uint64_t{Stops(outcome.answer)} << 5);
}

}  // namespace recount
