// The model. Functions are named after what kernel/trace/ftrace.c does there; where a defect is
// mended, its bit is asked for. The rules it has to come out at are SEMANTICS 2 and 3.
#include "harness/known_records.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <deque>
#include <utility>
#include <variant>
#include <vector>

namespace recount {
namespace {

constexpr std::uint8_t kCurrentBits = kEnabled | kRegsEn | kTrampEn;
constexpr unsigned kNoFault = 0;

// The filters of an ops, wherever they are at the moment.
struct Hashes {
  const HashView* filter = nullptr;
  const HashView* notrace = nullptr;
};

bool Contains(const HashView& hash, Address ip) {
  return std::binary_search(hash.ips.begin(), hash.ips.end(), ip);
}

// match(o, r) of SEMANTICS 2.
bool Match(const Hashes& hashes, Address ip) {
  return (hashes.filter->empty() || Contains(*hashes.filter, ip)) && !Contains(*hashes.notrace, ip);
}

const KprobeOpsView& KprobeOps(const View& view, OpsId id) {
  return view.kprobes.ops[id == kKprobeOps ? 0 : 1];
}

class Kernel {
 public:
  struct Variant {
    std::uint8_t defects = 0;
    // Up to 6.1 a change of a notrace hash counts its functions alone; later, all that the ops
    // traces goes and comes.
    bool notrace_apart = false;
    // A hash that is no other than before was moved in all the same. An error of that is not seen
    // with a tracer, so either may be.
    bool same_again = false;
    unsigned verify = kNoFault;  // which check of a site is to fail, the first being 1
  };

  // `target`: the View in which the step's new hashes are found.
  Kernel(const DivergingStep& step, const View& target, const Variant& variant);
  void Run() {
    std::visit([this](const auto& op) { Do(op); }, step_.op);
  }

  bool Shows(const View& view) const;
  unsigned verified() const { return verified_; }

 private:
  // Why a pass runs, which is what the search for a trampoline depends on.
  struct Cause {
    std::optional<OpsId> adding, removing, modifying;
    Hashes old;  // of the ops that is modified
  };

  bool Has(RecordDefect defect) const { return (variant_.defects & defect) != 0; }
  const OpsView& Ops(OpsId id) const {
    return Index(id) < kOpsCount ? step_.before.ops[Index(id)] : others_[Index(id) - kOpsCount];
  }
  const Hashes& HashesOf(OpsId id) const { return hashes_[Index(id)]; }
  bool Matches(OpsId id, const RecordView& record) const { return Match(HashesOf(id), record.ip); }

  void Do(const SetFilter& op) { Install(op.ops, op.which); }
  void Do(const SetFilterIp& op) { Install(op.ops, op.which); }
  void Do(const Register& op);
  void Do(const Unregister& op);
  void Do(const FtraceEnabled& op);
  void Do(const LoadStep& op);
  void Do(const AddKprobe&) { ChangeKprobeOps(); }
  void Do(const RemoveKprobe&) { ChangeKprobeOps(); }
  void Do(const EnableKprobe&) { ChangeKprobeOps(); }
  void Do(const DisableKprobe&) { ChangeKprobeOps(); }
  void Do(const KprobesArmed&) { ChangeKprobeOps(); }
  void Do(const Unload&) { Leave(); }
  void Do(const FreeInit&) { Leave(); }
  template <typename Other>
  void Do(const Other&) {}

  void Add(OpsId ops);
  void Remove(OpsId ops);
  // kp and kpi become those of the target, as arming and disarming does it.
  void ChangeKprobeOps();
  // Text goes: its probes, and then the records that the target has no more.
  void Leave();
  void SetKprobeFilter(OpsId ops, Address ip, bool remove);
  // The new hash of the target, if it is one.
  void Install(OpsId ops, Which which);
  void EnableModule(ModuleId module);
  void Count(OpsId ops, Which which, bool up);
  void CountSharers(OpsId ops, Which which, bool up);
  void CountUp(const OpsView& ops, RecordView* record) const;
  // False: there was nothing to count down.
  bool CountDown(OpsId ops, RecordView* record);
  void MarkOwned(const HashView& filter, bool owned);
  // Makes REGS and TRAMP what they should be, unless that is the defect.
  void MendWanted();
  bool IsOldestOwner(OpsId ops, const RecordView& record) const;

  enum class Change { kNone, kCall, kModify, kNop };
  static Change ChangeOf(const RecordView& record, bool enable);
  void SetCurrent(RecordView* record, bool enable) const;
  // What stands at a site that is not a NOP, as the kernel finds out.
  std::optional<Site> FindCurrent(const RecordView& record, const Cause& cause) const;
  std::optional<Site> FindNew(const RecordView& record) const;
  bool VerifyFails() { return ++verified_ == variant_.verify; }
  void Pass(bool enable, const Cause& cause);
  void Die() {
    dead_ = true;
    enabled_ = false;
  }

  const DivergingStep& step_;
  const View& target_;
  const Variant variant_;
  std::vector<RecordView> records_;
  // Livepatch's and those of kprobes, as ops. What is modelled here does not change livepatch's.
  std::array<OpsView, kAllOpsCount - kOpsCount> others_;
  std::deque<HashView> kprobe_filters_;  // all there have been
  std::array<Hashes, kAllOpsCount> hashes_;
  std::array<bool, kAllOpsCount> registered_;
  std::vector<OpsId> order_;
  bool dead_;
  bool enabled_;
  unsigned verified_ = 0;
};

Kernel::Kernel(const DivergingStep& step, const View& target, const Variant& variant)
    : step_(step),
      target_(target),
      variant_(variant),
      records_(step.before.records),
      order_(step.before.order),
      dead_(step.before.globals.dead),
      enabled_(step.before.globals.enabled) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsView& ops = step.before.ops[i];
    hashes_[i] = {&ops.filter, &ops.notrace};
    registered_[i] = ops.registered;
  }
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const LivepatchOpsView& from = step.before.livepatch.ops[i];
    OpsView& ops = others_[i];
    ops.ipmodify = ops.permanent = true;
    ops.registered = from.registered;
    ops.pair = OpsId{static_cast<std::uint8_t>(kOpsCount + i)};
    ops.filter.ips = {from.ip};
    hashes_[kOpsCount + i] = {&ops.filter, &ops.notrace};
    registered_[kOpsCount + i] = from.registered;
  }
  for (const OpsId id : {kKprobeOps, kKprobeIpmodifyOps}) {
    const KprobeOpsView& from = KprobeOps(step.before, id);
    OpsView& ops = others_[Index(id) - kOpsCount];
    ops.save_regs = true;
    ops.ipmodify = id == kKprobeIpmodifyOps;
    ops.registered = registered_[Index(id)] = from.registered;
    ops.pair = id;
    ops.filter.ips = from.filter;
    hashes_[Index(id)] = {&ops.filter, &ops.notrace};
  }
}

bool Kernel::Shows(const View& view) const {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (view.ops[i].registered != registered_[i]) return false;
  }
  for (const OpsId id : {kKprobeOps, kKprobeIpmodifyOps}) {
    if (KprobeOps(view, id).registered != registered_[Index(id)]) return false;
  }
  return view.globals.dead == dead_ && view.globals.enabled == enabled_ && view.order == order_ &&
         view.records == records_;
}

void Kernel::Do(const Register& op) {
  if (Ops(op.ops).registered || !target_.ops[Index(op.ops)].registered) return;
  Add(op.ops);
}

void Kernel::Add(OpsId ops) {
  order_.insert(order_.begin(), ops);
  registered_[Index(ops)] = true;
  if (Ops(ops).ipmodify) MarkOwned(*HashesOf(ops).filter, true);
  Count(ops, Which::kFilter, true);
  MendWanted();
  if (enabled_) Pass(true, {.adding = ops});
  // That killed: not called any more, though marked as registered.
  if (dead_) std::erase(order_, ops);
}

void Kernel::Do(const Unregister& op) {
  if (!Ops(op.ops).registered || target_.ops[Index(op.ops)].registered) return;
  Remove(op.ops);
}

void Kernel::Remove(OpsId ops) {
  std::erase(order_, ops);
  if (Ops(ops).ipmodify) MarkOwned(*HashesOf(ops).filter, false);
  Count(ops, Which::kFilter, false);
  registered_[Index(ops)] = false;
  MendWanted();
  if (!enabled_) return;
  Pass(true, {.removing = ops});
  // When nobody is left, nothing may be.
  if (!order_.empty()) return;
  for (const RecordView& record : records_) {
    if (record.count != 0 || (record.flags & ~kDisabled) != 0) Die();
  }
}

void Kernel::Do(const FtraceEnabled& op) {
  if (dead_ || op.on == enabled_ || step_.expected.rc != 0) return;
  enabled_ = op.on;
  if (!order_.empty()) Pass(op.on, {});
}

// __arm_kprobe_ftrace() and __disarm_kprobe_ftrace(), for all that came and went: one by one, in
// the order of the table. A probe that moves comes to kpi before it leaves kp.
void Kernel::ChangeKprobeOps() {
  std::vector<Address> probed;
  for (const View* view : {&target_, &step_.before}) {
    for (std::size_t i = 0; i < view->kprobes.entry_count; ++i) {
      const Address ip = view->kprobes.entries[i].address;
      if (std::find(probed.begin(), probed.end(), ip) == probed.end()) probed.push_back(ip);
    }
  }
  constexpr std::array kOps = {kKprobeIpmodifyOps, kKprobeOps};
  for (const Address ip : probed) {
    for (const OpsId id : kOps) {
      const KprobeOpsView& to = KprobeOps(target_, id);
      const bool was = Contains(*HashesOf(id).filter, ip);
      const bool is = std::binary_search(to.filter.begin(), to.filter.end(), ip);
      if (was == is) continue;
      // The last one unregisters before it goes, the first one registers when it has come.
      // One whose end killed ftrace could not be taken out any more.
      const bool killed = target_.globals.dead && !to.filter.empty();
      const bool last = was && !killed && HashesOf(id).filter->ips.size() == to.filter.size() + 1;
      if (last && registered_[Index(id)] && !to.registered) Remove(id);
      SetKprobeFilter(id, ip, was);
      if (is && !registered_[Index(id)] && to.registered) Add(id);
    }
  }
  // What stands in no filter, or could not be taken out of it.
  for (const OpsId id : kOps) {
    const bool registered = KprobeOps(target_, id).registered;
    if (registered_[Index(id)] == registered) continue;
    registered ? Add(id) : Remove(id);
  }
}

void Kernel::Leave() {
  ChangeKprobeOps();
  std::erase_if(records_, [this](const RecordView& record) {
    return std::none_of(target_.records.begin(), target_.records.end(),
                        [&](const RecordView& left) { return left.ip == record.ip; });
  });
}

void Kernel::SetKprobeFilter(OpsId id, Address ip, bool remove) {
  const Hashes old = HashesOf(id);
  HashView next = *old.filter;
  if (remove) {
    std::erase(next.ips, ip);
  } else {
    next.ips.insert(std::lower_bound(next.ips.begin(), next.ips.end(), ip), ip);
  }
  if (registered_[Index(id)] && Ops(id).ipmodify) {
    for (RecordView& record : records_) {
      if ((record.flags & kDisabled) != 0 || record.ip != ip) continue;
      record.flags = remove ? record.flags & ~kIpModify : record.flags | kIpModify;
    }
  }
  Count(id, Which::kFilter, false);
  hashes_[Index(id)].filter = &kprobe_filters_.emplace_back(std::move(next));
  Count(id, Which::kFilter, true);
  if (!registered_[Index(id)]) return;
  MendWanted();
  if (enabled_) Pass(true, {.modifying = id, .old = old});
}

void Kernel::Do(const LoadStep& op) {
  if (step_.before.modules[Index(op.module)].next != Stage::kEnable) return Leave();
  if (!dead_) EnableModule(op.module);
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsView& ops = step_.before.ops[i];
    const OpsId id{static_cast<std::uint8_t>(i)};
    if (!ops.cached_filter.empty()) Install(id, Which::kFilter);
    if (!ops.cached_notrace.empty()) Install(id, Which::kNotrace);
  }
}

void Kernel::Install(OpsId ops, Which which) {
  const auto hash = which == Which::kFilter ? &Hashes::filter : &Hashes::notrace;
  const OpsView& found = target_.ops[Index(ops)];
  const HashView& next = which == Which::kFilter ? found.filter : found.notrace;
  const Hashes old = HashesOf(ops);
  if (*(old.*hash) == next && !variant_.same_again) return;
  if (which == Which::kFilter && Ops(ops).ipmodify && registered_[Index(ops)]) {
    for (RecordView& record : records_) {
      if ((record.flags & kDisabled) != 0) continue;
      const bool in = Contains(next, record.ip);
      if (in == Contains(*old.filter, record.ip)) continue;
      record.flags = in ? record.flags | kIpModify : record.flags & ~kIpModify;
    }
  }
  CountSharers(ops, which, false);
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (step_.before.ops[i].pair == Ops(ops).pair) hashes_[i].*hash = &next;
  }
  CountSharers(ops, which, true);
  MendWanted();
  if (!enabled_) return;
  // The ops that is marked as modified: the one asked about, or one that shares its filter.
  std::optional<OpsId> modified;
  if (registered_[Index(ops)]) modified = ops;
  for (const OpsId id : order_) {
    if (!modified && Ops(id).pair == Ops(ops).pair) modified = id;
  }
  if (modified) Pass(true, {.modifying = modified, .old = old});
}

// ftrace_module_enable(). Flags come before the check, as for no other pass.
void Kernel::EnableModule(ModuleId module) {
  for (RecordView& record : records_) {
    if (record.function == kNoFunction) continue;
    const Function& function = step_.world.function(record.function);
    if (function.module != module || function.kind == FunctionKind::kWeak) continue;
    record.flags &= ~kDisabled;
    for (const OpsId id : order_) {
      const OpsView& ops = Ops(id);
      if (ops.ipmodify && !Has(kIpModifyReload)) {
        if (!IsOldestOwner(id, record)) continue;
        record.flags |= kIpModify;
      }
      if (!Matches(id, record) || (ops.ipmodify && Has(kIpModifyReload))) continue;
      CountUp(ops, &record);
    }
    if (record.count == 0 || !(enabled_ || Has(kLoadIgnoresSysctl))) continue;
    const std::optional<Site> site = FindNew(record);
    SetCurrent(&record, true);
    if (!site || VerifyFails()) return Die();
    record.site = *site;
  }
}

bool Kernel::IsOldestOwner(OpsId ops, const RecordView& record) const {
  std::optional<OpsId> oldest;
  for (const OpsId id : order_) {
    if (Ops(id).ipmodify && Contains(*HashesOf(id).filter, record.ip)) oldest = id;
  }
  return oldest == ops;
}

void Kernel::MarkOwned(const HashView& filter, bool owned) {
  for (RecordView& record : records_) {
    if ((record.flags & kDisabled) != 0 || !Contains(filter, record.ip)) continue;
    record.flags = owned ? record.flags | kIpModify : record.flags & ~kIpModify;
  }
}

// __ftrace_hash_rec_update(): of a notrace hash, when those are counted apart, the other way round,
// as a function that is no longer excluded is traced again.
void Kernel::Count(OpsId id, Which which, bool up) {
  if (!registered_[Index(id)]) return;
  const Hashes& hashes = HashesOf(id);
  const bool apart = which == Which::kNotrace && variant_.notrace_apart;
  if (apart && hashes.notrace->empty()) return;
  if (apart) up = !up;
  for (RecordView& record : records_) {
    if ((record.flags & (kDisabled | kEnabled)) == kDisabled) continue;
    const bool match = apart ? Contains(*hashes.notrace, record.ip) &&
                                   (hashes.filter->empty() || Contains(*hashes.filter, record.ip))
                             : Matches(id, record);
    if (!match) continue;
    if (up) {
      CountUp(Ops(id), &record);
    } else if (!CountDown(id, &record)) {
      return Die();
    }
  }
}

void Kernel::CountSharers(OpsId ops, Which which, bool up) {
  Count(ops, which, up);
  for (const OpsId id : order_) {
    if (id != ops && Ops(id).pair == Ops(ops).pair) Count(id, which, up);
  }
  if (Has(kKilledOpsUnlisted)) return;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsId id{static_cast<std::uint8_t>(i)};
    const bool listed = std::find(order_.begin(), order_.end(), id) != order_.end();
    if (id != ops && !listed && Ops(id).pair == Ops(ops).pair) Count(id, which, up);
  }
}

void Kernel::CountUp(const OpsView& ops, RecordView* record) const {
  ++record->count;
  record->flags = record->count == 1 ? record->flags | kTramp : record->flags & ~kTramp;
  if (ops.save_regs) record->flags |= kRegs;
}

// That an ops is in the list is what makes it be found.
bool Kernel::CountDown(OpsId id, RecordView* record) {
  if (record->count == 0) return false;
  --record->count;
  bool needs_regs = false;
  bool other = false;
  for (const OpsId listed : order_) {
    if (!Matches(listed, *record)) continue;
    needs_regs = needs_regs || Ops(listed).save_regs;
    other = other || listed != id;
  }
  if (record->count > 0 && Ops(id).save_regs && !needs_regs) record->flags &= ~kRegs;
  record->flags &= ~kTramp;
  if (record->count == 1 && other) record->flags |= kTramp;
  return true;
}

void Kernel::MendWanted() {
  for (RecordView& record : records_) {
    if (!Has(kKilledOpsUnlisted) && record.count == 1) record.flags |= kTramp;
    if (Has(kStaleRegs) || (record.flags & kRegs) == 0) continue;
    bool wanted = false;
    for (std::size_t i = 0; i < kAllOpsCount && record.count > 0; ++i) {
      const OpsView& ops = Ops(OpsId{static_cast<std::uint8_t>(i)});
      const bool counted = !ops.ipmodify || (record.flags & kIpModify) != 0;
      wanted =
          wanted || (registered_[i] && ops.save_regs && counted && Match(hashes_[i], record.ip));
    }
    if (!wanted) record.flags &= ~kRegs;
  }
}

// ftrace_check_record(): what there is to do, and doing it.
Kernel::Change Kernel::ChangeOf(const RecordView& record, bool enable) {
  const auto has = [&record](std::uint8_t flag) { return (record.flags & flag) != 0; };
  if (has(kDisabled) && !has(kEnabled)) return Change::kNone;
  if (!enable || record.count == 0) return has(kEnabled) ? Change::kNop : Change::kNone;
  if (!has(kEnabled)) return Change::kCall;
  const bool same = has(kRegs) == has(kRegsEn) && has(kTramp) == has(kTrampEn);
  return same ? Change::kNone : Change::kModify;
}

void Kernel::SetCurrent(RecordView* record, bool enable) const {
  if (enable && record->count > 0) {
    record->flags &= ~kCurrentBits;
    record->flags |= kEnabled;
    if ((record->flags & kRegs) != 0) record->flags |= kRegsEn;
    if ((record->flags & kTramp) != 0) record->flags |= kTrampEn;
  } else if (record->count > 0) {
    record->flags &= ~kCurrentBits;
  } else {
    record->flags &= Has(kIpModifyNotrace) ? kDisabled : kDisabled | kIpModify;
  }
}

// ftrace_find_tramp_ops_curr(). An ops that shares a filter being changed is not marked, and is
// asked by its new hash.
std::optional<Site> Kernel::FindCurrent(const RecordView& record, const Cause& cause) const {
  if (!Has(kSharedPairKills)) return record.site;
  if ((record.flags & kTrampEn) == 0) {
    const bool regs = (record.flags & kRegsEn) != 0;
    return Site{.kind = regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry, .owner = {}};
  }
  if (cause.removing && Matches(*cause.removing, record)) {
    return Site{.kind = SiteKind::kTrampoline, .owner = *cause.removing};
  }
  for (const OpsId id : order_) {
    if (id == cause.adding) continue;
    if (Match(id == cause.modifying ? cause.old : HashesOf(id), record.ip)) {
      return Site{.kind = SiteKind::kTrampoline, .owner = id};
    }
  }
  return std::nullopt;
}

// ftrace_get_addr_new(): the trampoline of the newest that matches, counted or not.
std::optional<Site> Kernel::FindNew(const RecordView& record) const {
  if ((record.flags & kTramp) == 0) {
    const bool regs = (record.flags & kRegs) != 0;
    return Site{.kind = regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry, .owner = {}};
  }
  for (const OpsId id : order_) {
    if (Ops(id).ipmodify && !Has(kIpModifyReload) && !IsOldestOwner(id, record)) continue;
    if (Matches(id, record)) return Site{.kind = SiteKind::kTrampoline, .owner = id};
  }
  return std::nullopt;
}

// ftrace_replace_code() of x86: all are checked, then all are changed.
void Kernel::Pass(bool enable, const Cause& cause) {
  if (dead_) return;
  for (const RecordView& record : records_) {
    const Change change = ChangeOf(record, enable);
    if (change == Change::kNone) continue;
    const std::optional<Site> there = change == Change::kCall ? Site{} : FindCurrent(record, cause);
    if (VerifyFails() || there != record.site) return Die();
  }
  for (RecordView& record : records_) {
    const Change change = ChangeOf(record, enable);
    if (change == Change::kNone) continue;
    std::optional<Site> site = Site{};
    if (change != Change::kNop) site = FindNew(record);
    if (!site) {
      Die();
      site = Site{.kind = SiteKind::kPlainEntry, .owner = {}};
    }
    record.site = *site;
    SetCurrent(&record, enable);
  }
}

bool SameHashes(const View& a, const View& b) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (a.ops[i].filter != b.ops[i].filter || a.ops[i].notrace != b.ops[i].notrace) return false;
  }
  return true;
}

bool SameRecords(const View& a, const View& b) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (a.ops[i].registered != b.ops[i].registered) return false;
  }
  return a.globals.dead == b.globals.dead && a.globals.enabled == b.globals.enabled &&
         a.order == b.order && a.records == b.records;
}

// All sets of `masked`, the smaller ones first.
std::vector<std::uint8_t> SetsOf(std::uint8_t masked) {
  std::vector<std::uint8_t> sets;
  for (unsigned set = 0; set <= masked; ++set) {
    if ((set & ~masked) == 0) sets.push_back(static_cast<std::uint8_t>(set));
  }
  std::stable_sort(sets.begin(), sets.end(), [](std::uint8_t a, std::uint8_t b) {
    return std::popcount(a) < std::popcount(b);
  });
  return sets;
}

Kernel Run(const DivergingStep& step, const View& target, const Kernel::Variant& variant) {
  Kernel kernel(step, target, variant);
  kernel.Run();
  return kernel;
}

// What the oracle did, as a kernel without defects: which of the checks may be the one that failed,
// as far as that shows.
struct Sound {
  bool unharmed = false;          // none need have
  unsigned verified = 0;          // then: how many held
  std::vector<unsigned> failing;  // each of these may have
};
Sound SoundRun(const DivergingStep& step, bool notrace_apart) {
  Kernel::Variant variant{.notrace_apart = notrace_apart};
  const Kernel whole = Run(step, step.after, variant);
  Sound sound{.unharmed = whole.Shows(step.after), .verified = whole.verified()};
  const unsigned armed = step.armed[static_cast<std::size_t>(FaultPoint::kVerify)];
  for (variant.verify = 1; variant.verify <= std::min(armed, whole.verified()); ++variant.verify) {
    if (Run(step, step.after, variant).Shows(step.after)) sound.failing.push_back(variant.verify);
  }
  return sound;
}

// Whether the subject did as the variant does, with the same check to fail on both sides.
bool DidAs(const DivergingStep& step, const Sound& sound, Kernel::Variant variant) {
  const Kernel whole = Run(step, step.shown, variant);
  if (sound.unharmed && whole.Shows(step.shown)) return true;
  for (const unsigned verify : sound.failing) {
    variant.verify = verify;
    if (Run(step, step.shown, variant).Shows(step.shown)) return true;
  }
  if (!sound.unharmed) return false;
  // One that the oracle did not come to.
  const unsigned armed = step.armed[static_cast<std::size_t>(FaultPoint::kVerify)];
  const unsigned last = std::min(armed, whole.verified());
  for (variant.verify = sound.verified + 1; variant.verify <= last; ++variant.verify) {
    if (Run(step, step.shown, variant).Shows(step.shown)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::uint8_t> RecordDefectsOf(const DivergingStep& step, std::uint8_t masked) {
  if (SameRecords(step.after, step.shown) && SameHashes(step.after, step.shown)) return 0;
  const std::vector<std::uint8_t> sets = SetsOf(masked);
  for (const bool apart : {true, false}) {
    const Sound sound = SoundRun(step, apart);
    if (!sound.unharmed && sound.failing.empty()) continue;  // no sound kernel does this
    for (const std::uint8_t set : sets) {
      for (const bool again : {false, true}) {
        if (DidAs(step, sound, {.defects = set, .notrace_apart = apart, .same_again = again})) {
          return set;
        }
      }
    }
  }
  return std::nullopt;
}

bool IsSound(const DivergingStep& step) {
  for (const bool apart : {true, false}) {
    const Sound sound = SoundRun(step, apart);
    if (!sound.unharmed && sound.failing.empty()) return false;
  }
  return true;
}

void TakeBackRecords(const DivergingStep& step, View* shown, Outcome* actual) {
  if (const auto* op = std::get_if<Register>(&step.op)) {
    const bool came =
        !step.before.ops[Index(op->ops)].registered && shown->ops[Index(op->ops)].registered;
    const int rc = shown->globals.dead ? Rc(Errno::kNoDev) : 0;
    if (came && actual->rc == rc) actual->rc = step.expected.rc;
  }
  shown->records = step.after.records;
  shown->order = step.after.order;
  shown->globals.dead = step.after.globals.dead;
  shown->globals.enabled = step.after.globals.enabled;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    shown->ops[i].registered = step.after.ops[i].registered;
  }
}

std::optional<ModuleId> EnabledBy(const DivergingStep& step) {
  const auto* op = std::get_if<LoadStep>(&step.op);
  if (op == nullptr) return std::nullopt;
  if (step.before.modules[Index(op->module)].next != Stage::kEnable) return std::nullopt;
  return op->module;
}

}  // namespace recount
