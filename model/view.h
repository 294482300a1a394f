// What can be seen of a subject between two operations: canonical and ordered, so that two Views
// compare field by field. Buffers are reused from one Observe() to the next.
#ifndef RECOUNT_MODEL_VIEW_H_
#define RECOUNT_MODEL_VIEW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/ids.h"
#include "model/op.h"
#include "model/pattern.h"
#include "model/world.h"

namespace recount {

// Bits of RecordView::flags (SPEC 1.2). "Wanted" says what the counts ask for, "current" what the
// record believes its site does.
enum RecordFlag : std::uint8_t {
  kDisabled = 1 << 0,
  kRegs = 1 << 1,      // wanted
  kTramp = 1 << 2,     // wanted
  kIpModify = 1 << 3,  // owned by an IPMODIFY ops
  kEnabled = 1 << 4,   // current
  kRegsEn = 1 << 5,    // current
  kTrampEn = 1 << 6,   // current
};

// What the instruction at a call site is.
enum class SiteKind : std::uint8_t {
  kNop,
  kPlainEntry,
  kRegsEntry,
  kTrampoline,
  kMcount,  // as it was compiled: ftrace_init() did not come to it
  kJump,    // an early kprobe's, over a NOP
};
struct Site {
  SiteKind kind = SiteKind::kNop;
  OpsId owner{};  // of the trampoline, o0..o7, l0..l15, kp, kpi; value-initialised otherwise
  friend auto operator<=>(const Site&, const Site&) = default;
};

struct RecordView {
  Address ip = 0;
  FunctionId function{};
  std::uint32_t count = 0;
  std::uint8_t flags = 0;
  Site site;
  friend auto operator<=>(const RecordView&, const RecordView&) = default;
};

// One page group (SPEC 1.1): 2^order pages, `used` records, all of one owner.
struct GroupView {
  ModuleId owner = kCore;
  std::uint8_t order = 0;
  std::uint32_t used = 0;
  friend auto operator<=>(const GroupView&, const GroupView&) = default;
};

struct HashView {
  std::vector<Address> ips;   // ascending, without cleared entries
  std::uint32_t cleared = 0;  // entries whose function vanished: they match nothing (SPEC 3.9)
  bool mod = false;           // FL_MOD: set, though it may hold nothing yet (SPEC 3.1)
  // SPEC 3.1 E(h): for a filter "all functions", for a notrace "nothing excluded".
  bool empty() const { return ips.empty() && cleared == 0 && !mod; }
  friend auto operator<=>(const HashView&, const HashView&) = default;
};

// A module filter kept for a module that is not there yet (SPEC 3.8).
struct CachedFilter {
  Pattern function;  // null stands for the empty text
  Pattern module;    // null stands for the empty text
  friend auto operator<=>(const CachedFilter&, const CachedFilter&) = default;
};

struct OpsView {
  User user = User::kKernel;
  bool save_regs = false;
  bool ipmodify = false;
  bool permanent = false;
  bool registered = false;  // FTRACE_OPS_FL_ENABLED
  // The lowest ops that uses the same hash pair; itself when it shares with nobody lower.
  OpsId pair{};
  HashView filter;
  HashView notrace;
  std::vector<CachedFilter> cached_filter;  // newest first
  std::vector<CachedFilter> cached_notrace;
  friend auto operator<=>(const OpsView&, const OpsView&) = default;
};

enum class ModuleState : std::uint8_t { kAbsent, kUnformed, kComing, kLive };
struct ModuleView {
  ModuleState state = ModuleState::kAbsent;
  SlotId slot = kNoSlot;
  // The stage that `load_step` runs next; kLayout when no load is under way.
  Stage next = Stage::kLayout;
  bool klp_alive = false;  // livepatch may bind to it (SPEC 7.1)
  friend auto operator<=>(const ModuleView&, const ModuleView&) = default;
};

// Views are compared several times for every operation, and what follows is as good as always
// equal: so without a branch for each member, and without a call, which costs more than so few
// bytes.
template <typename T>
bool SameBytes(const T& a, const T& b) {
  static_assert(std::has_unique_object_representations_v<T>);
  const auto* const left = reinterpret_cast<const unsigned char*>(&a);
  const auto* const right = reinterpret_cast<const unsigned char*>(&b);
  std::uint64_t differ = 0;
  std::size_t at = 0;
  for (; at + sizeof differ <= sizeof(T); at += sizeof differ) {
    std::uint64_t x, y;
    std::memcpy(&x, left + at, sizeof x);
    std::memcpy(&y, right + at, sizeof y);
    differ |= x ^ y;
  }
  return (differ == 0) & (std::memcmp(left + at, right + at, sizeof(T) % sizeof differ) == 0);
}

// One notifier chain: who is on it, first to be called first.
struct ChainView {
  std::uint8_t count = 0;
  std::array<NotifierId, kNotifierCount> order{};  // value-initialised past `count`
  friend auto operator<=>(const ChainView&, const ChainView&) = default;
};

struct NotifiersView {
  std::array<ChainView, kChainCount> chains;
  std::array<std::int32_t, kNotifierCount> priority{};  // 0 while it is on no chain
  // What it took (script `alloc`) and has not given back, for all modules together.
  std::array<std::uint16_t, kNotifierCount> held{};
  std::uint32_t bad_frees = 0;  // since the start: what was given back and never taken
  friend bool operator==(const NotifiersView& a, const NotifiersView& b) {
    const bool chains = SameBytes(a.chains, b.chains);
    const bool priorities = SameBytes(a.priority, b.priority);
    const bool held = SameBytes(a.held, b.held);
    return chains & priorities & held & (a.bad_frees == b.bad_frees);
  }
};

// What one livepatch replaces. A bit a function, from bit 0.
struct PatchView {
  std::uint8_t count = 0;
  bool replace = false;
  bool enabled = false;  // it is in the list of patches
  std::array<FunctionId, SetPatch::kMaxFunctions> functions{};
  std::uint8_t bound = 0;    // the function's object is loaded, and bound
  std::uint8_t patched = 0;  // the replacement is on the function's stack
  friend bool operator==(const PatchView& a, const PatchView& b) {
    return SameBytes(a.functions, b.functions) & (a.count == b.count) & (a.replace == b.replace) &
           (a.enabled == b.enabled) & (a.bound == b.bound) & (a.patched == b.patched);
  }
};

// klp_ops: the ftrace ops of one patched function, and the replacements of it (SPEC 7.1).
struct LivepatchOpsView {
  Address ip = 0;           // of the call site; 0 while the ops is free
  bool registered = false;  // may outlive its stack, when ftrace died in between
  std::uint8_t depth = 0;
  std::array<PatchId, kPatchCount> stack{};  // the newest first; value-initialised past `depth`
  friend bool operator==(const LivepatchOpsView& a, const LivepatchOpsView& b) {
    return (a.ip == b.ip) & (a.registered == b.registered) & (a.depth == b.depth) &
           SameBytes(a.stack, b.stack);
  }
};

struct LivepatchView {
  std::array<PatchView, kPatchCount> patches;
  std::uint8_t enabled_count = 0;
  // The enabled ones as they were enabled; value-initialised past the count.
  std::array<PatchId, kPatchCount> order{};
  std::array<LivepatchOpsView, kLivepatchOpsCount> ops;
  friend bool operator==(const LivepatchView& a, const LivepatchView& b) {
    bool same = (a.enabled_count == b.enabled_count) & SameBytes(a.order, b.order);
    for (std::size_t i = 0; i < kPatchCount; ++i) same &= a.patches[i] == b.patches[i];
    for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) same &= a.ops[i] == b.ops[i];
    return same;
  }
};

// One kprobe, as its owner sees it.
struct KprobeView {
  bool registered = false;
  bool post = false;      // all below: value-initialised while it is not registered
  bool gone = false;      // its code went away (SPEC 8.8)
  bool disabled = false;  // by its owner
  Address address = 0;
  friend bool operator==(const KprobeView& a, const KprobeView& b) {
    return (a.registered == b.registered) & (a.post == b.post) & (a.gone == b.gone) &
           (a.disabled == b.disabled) & (a.address == b.address);
  }
};

// The jump that a worker puts in the place of a breakpoint (SEMANTICS 16).
enum class JumpState : std::uint8_t {
  kNone,
  kQueued,     // to be put in
  kInstalled,  // it is there
  kLeaving,    // it is there, and to be taken off
};

// What is in the kprobe table for one address: a probe alone, or an aggregator of several.
struct KprobeEntryView {
  Address address = 0;
  bool aggregate = false;
  bool on_ftrace = false;
  bool post = false;  // armed through kpi
  bool gone = false;
  bool disabled = false;
  bool early = false;      // from before init_kprobes(): a jump, not armed
  bool suspended = false;  // early, and its jump had to make way for ftrace
  JumpState jump = JumpState::kNone;
  std::uint8_t count = 0;
  std::array<KprobeId, kKprobeCount> probes{};  // the newest first; value-initialised past `count`
  friend bool operator==(const KprobeEntryView& a, const KprobeEntryView& b) {
    return (a.address == b.address) & (a.aggregate == b.aggregate) & (a.on_ftrace == b.on_ftrace) &
           (a.post == b.post) & (a.gone == b.gone) & (a.disabled == b.disabled) &
           (a.early == b.early) & (a.suspended == b.suspended) & (a.jump == b.jump) &
           (a.count == b.count) & SameBytes(a.probes, b.probes);
  }
};

// One of the two ops that kprobes on ftrace share.
struct KprobeOpsView {
  bool registered = false;
  std::vector<Address> filter;  // ascending
  friend bool operator==(const KprobeOpsView&, const KprobeOpsView&) = default;
};

struct KprobesView {
  std::array<KprobeView, kKprobeCount> probes;
  std::uint8_t entry_count = 0;
  // The newest first; value-initialised past the count.
  std::array<KprobeEntryView, kKprobeCount> entries;
  std::array<KprobeOpsView, 2> ops;  // kp, kpi
  bool all_disarmed = false;
  std::uint8_t early_slots = 0;  // that are taken
  std::uint8_t unused_count = 0;
  // Where there are entries without a probe, whose jump is to be taken off. No more than there are
  // probes: each had one when jumps were put in last. Ascending; value-initialised past the count.
  std::array<Address, kKprobeCount> unused{};
  friend bool operator==(const KprobesView& a, const KprobesView& b) {
    bool same = (a.entry_count == b.entry_count) & (a.all_disarmed == b.all_disarmed) &
                (a.early_slots == b.early_slots) & (a.unused_count == b.unused_count);
    same &= SameBytes(a.unused, b.unused);
    for (std::size_t i = 0; i < kKprobeCount; ++i) {
      same &= a.probes[i] == b.probes[i];
      same &= a.entries[i] == b.entries[i];
    }
    return same && a.ops == b.ops;
  }
};

struct Globals {
  bool dead = false;
  bool enabled = true;  // ftrace_enabled; false once dead
  bool core_init_freed = false;
  Phase phase = Phase::kRunning;
  friend auto operator<=>(const Globals&, const Globals&) = default;
};

// What is allocated. Counted where memory is taken and given back, not derived from the rest of the
// View: a leak shows here.
struct Ledger {
  std::uint32_t records = 0;  // in all groups
  std::uint32_t groups = 0;
  std::uint32_t pages = 0;         // of all groups
  std::uint32_t hash_entries = 0;  // in all hash pairs, cleared ones included
  std::uint32_t cached = 0;        // cached module filters
  friend auto operator<=>(const Ledger&, const Ledger&) = default;
};

struct View {
  std::vector<RecordView> records;  // in list order: core groups, then modules as they were loaded
  std::vector<GroupView> groups;    // in list order
  std::array<OpsView, kOpsCount> ops;
  std::vector<OpsId> order;         // registered ops as they are called, newest first; all of them
  std::vector<ModuleView> modules;  // one for each module of the World
  NotifiersView notifiers;
  LivepatchView livepatch;
  KprobesView kprobes;
  Globals globals;
  Ledger ledger;
  friend bool operator==(const View&, const View&) = default;
};

// Readable, one line a record, ops, module: for --trace and for golden files. Only what differs
// from idle is printed, so an idle View of world `small` is a few lines.
std::string ViewText(const World& world, const View& view);
// "absent", "unformed", "coming", "live".
std::string_view ModuleStateText(ModuleState state);
// "-RT-Ert": one letter a flag, '-' where it is clear, in the order D R T I E r t.
std::string FlagsText(std::uint8_t flags);
// "o3", "l0", "kp", "kpi".
std::string OpsText(OpsId id);
// "none", "queued", "installed", "leaving".
std::string_view JumpText(JumpState jump);
// "nop", "call", "call regs", "call o3", "call l0", "mcount", "jump".
std::string SiteText(const Site& site);

}  // namespace recount

#endif  // RECOUNT_MODEL_VIEW_H_
