// The model of records.h: one step of a kernel, played on its books from a View. Functions
// are named after what kernel/trace/ftrace.c does there; where a defect is mended, its bit is asked
// for. The rules it has to come out at are SEMANTICS 2 and 3.
#ifndef RECOUNT_HARNESS_KNOWN_KERNEL_H_
#define RECOUNT_HARNESS_KNOWN_KERNEL_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "harness/known/known.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/view.h"

namespace recount::internal {

// The filters of an ops, wherever they are at the moment.
struct Hashes {
  const HashView* filter = nullptr;
  const HashView* notrace = nullptr;
};

inline bool Contains(const HashView& hash, Address ip) {
  return std::binary_search(hash.ips.begin(), hash.ips.end(), ip);
}

// match(o, r) of SEMANTICS 2.
inline bool Match(const Hashes& hashes, Address ip) {
  return (hashes.filter->empty() || Contains(*hashes.filter, ip)) && !Contains(*hashes.notrace, ip);
}

inline const KprobeOpsView& KprobeOps(const View& view, OpsId id) {
  return view.kprobes.ops[id == kKprobeOps ? 0 : 1];
}

class KernelBooks {
 public:
  struct Variant {
    std::uint8_t defects = 0;
    // Up to 6.1 a change of a notrace hash counts its functions alone; later, all that the ops
    // traces goes and comes.
    bool notrace_apart = false;
    // A hash that is no other than before was moved in all the same. An error of that is not seen
    // with a tracer, so either may be.
    bool same_again = false;
    // The last kprobe to be disarmed could not be taken out of its filter: the ops ended behind
    // all that could.
    bool last_one_stuck = false;
    // The count of kp, or of kpi, ends before its filter does: so many addresses are taken out of
    // it when the ops is registered no more.
    std::array<std::size_t, 2> strays{};
    unsigned verify = 0;  // which check of a site is to fail, the first being 1
  };

  // `target`: the View in which the step's new hashes are found.
  KernelBooks(const DivergingStep& step, const View& target, const Variant& variant);
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
  // Of two IPMODIFY ops with one address the later waits (SEMANTICS 2); a kernel with the defect
  // that lets two have it counts both.
  bool Waits(OpsId ops, const RecordView& record) const;

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
  bool possible_ = true;  // the target's hashes are some that are not refused
};

}  // namespace recount::internal

#endif  // RECOUNT_HARNESS_KNOWN_KERNEL_H_
