// The predicates behind the table in invariants.cc, and what they share.
//
// They run after every operation of a lockstep run: one pass over spans each, nothing allocated as
// long as they hold. A View comes from a subject that may be wrong, so no id in it is trusted.
#ifndef RECOUNT_MODEL_INVARIANTS_INTERNAL_H_
#define RECOUNT_MODEL_INVARIANTS_INTERNAL_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/invariants.h"

namespace recount::internal {

using Broken = std::optional<std::string>;

// invariants_records.cc
Broken CountsAreRecounted(const Observation& step);
Broken CountsAreInRange(const Observation& step);
Broken SitesAreAsDesired(const Observation& step);
Broken RegsFollowTheTracers(const Observation& step);
Broken TrampolinesHaveOneTracer(const Observation& step);
// invariants_storage.cc
Broken RecordsAreTheCallSites(const Observation& step);
Broken LedgerIsTheView(const Observation& step);
// invariants_shape.cc
Broken HashesAreWellFormed(const Observation& step);
Broken ModulesAreInAState(const Observation& step);
// invariants_livepatch.cc
Broken PatchesAreOnTheirStacks(const Observation& step);
// invariants_kprobes.cc
Broken ProbesAreArmedWhereTheyAre(const Observation& step);
// Adds the kprobes that run when kp or kpi is called at `ip`.
void FireOnFtrace(const View& view, Address ip, Outcome* outcome);
// Adds those that run at the breakpoints of the function that begins at `begin`.
void FireBreakpoints(const View& view, Address begin, Outcome* outcome);
// Whether the kprobes of a View may be armed elsewhere than it says (announcements.h).
bool KprobesMayStray(const Observation& step);
// invariants_optprobes.cc
Broken JumpsAreWhereTheyMayBe(const Observation& step);
// invariants_early.cc
Broken EarlyKprobesFault(const View& view);
// A call of the chain `tryfix`, which any operation may hold that changes call sites.
bool IsRepair(const NotifierCall& call, const Op& op);
Broken RepairsFault(const Observation& step);
// Whether ftrace_init() is still to come, or may have failed.
bool MayHaveNoCoreRecords(const View& view);
// invariants_notifiers.cc
Broken GoingFollowsComing(const Observation& step);
// The half of I18 that is about a log.
Broken AnnouncementFault(const Observation& step);
// invariants_failure.cc
Broken ErrorsChangeNothing(const Observation& step);
// invariants_step.cc
Broken ErrnosArePossible(const Observation& step);
Broken LocateIsALinearScan(const Observation& step);
Broken PatternsMatchAsFnmatch(const Observation& step);
Broken HitsCallTheTracers(const Observation& step);

// Who traces a record, by the definitions of SEMANTICS 2, read off a View.
class Tracers {
 public:
  explicit Tracers(const View& view);

  // Any record may be asked for; a run of ascending addresses costs one pass over the hashes.
  TracedBy Of(const RecordView& record) {
    if ((record.flags & kDisabled) != 0) return {};
    const Address ip = record.ip;
    TracedBy answer{.ops = all_};
    if (member_count_ == 0) return Counted(answer);
    if (ip < last_) Rewind(ip);
    last_ = ip;
    for (std::size_t i = 0; i < member_count_; ++i) {
      Member& member = members_[i];
      if (!member.all && !member.filter.Has(ip)) continue;
      if (member.ipmodify) {
        if (answer.owned) continue;
        answer.owned = true;
      }
      if (!member.notrace.Has(ip)) answer.ops |= member.bit;
    }
    return Counted(answer);
  }

 private:
  TracedBy Counted(TracedBy answer) const {
    for (std::uint32_t rest = answer.ops; rest != 0; rest &= rest - 1) ++answer.count;
    answer.regs = (answer.ops & save_regs_) != 0;
    return answer;
  }

  // A position in a sorted list of addresses.
  struct Cursor {
    const Address* at;
    const Address* begin;
    const Address* end;
    bool Has(Address ip) {
      while (at != end && *at < ip) ++at;
      return at != end && *at == ip;
    }
  };
  // A registered ops that does not simply trace all.
  struct Member {
    Cursor filter;
    Cursor notrace;
    std::uint32_t bit;
    bool all;  // the filter is empty
    bool ipmodify;
  };
  void Add(const View& view, std::size_t index);
  void AddOps(const OpsView& ops, std::uint32_t bit);
  void AddKprobeOps(const KprobeOpsView& ops, std::uint32_t bit);
  void Rewind(Address ip);

  std::array<Member, kAllOpsCount> members_;  // in the order they were registered
  std::size_t member_count_ = 0;
  std::uint32_t all_ = 0;        // ops that trace all
  std::uint32_t save_regs_ = 0;  // registered ops that have save_regs
  Address last_ = 0;
};

// True when records of `module` may exist while ftrace is alive: its load is past `records`.
inline bool PastRecords(const ModuleView& module) {
  return module.state != ModuleState::kAbsent &&
         (module.next > Stage::kRecords || module.next == Stage::kLayout);
}
// True when the load is complete, so that init text is gone.
inline bool Complete(const ModuleView& module) {
  return module.state == ModuleState::kLive && module.next == Stage::kLayout;
}
// True when the records of init text are gone: by chain one stage earlier (SEMANTICS 11).
inline bool InitRecordsGone(const Profile& profile, const ModuleView& module) {
  if (profile.load_path == Profile::LoadPath::kDirect) return Complete(module);
  return module.state == ModuleState::kLive;
}
// True when the stage `coming` is over.
inline bool PastComing(const ModuleView& module) {
  return module.state == ModuleState::kLive ||
         (module.state == ModuleState::kComing && module.next > Stage::kComing);
}
// Which ops are, of all: o0 to o7, livepatch's, and the two of kprobes. A bit each, in the order of
// OpsId.
inline std::uint32_t RegisteredOps(const View& view) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kOpsCount; ++i) bits |= std::uint32_t{view.ops[i].registered} << i;
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    bits |= std::uint32_t{view.livepatch.ops[i].registered} << (kOpsCount + i);
  }
  for (std::size_t i = 0; i < view.kprobes.ops.size(); ++i) {
    bits |= std::uint32_t{view.kprobes.ops[i].registered} << (Index(kKprobeOps) + i);
  }
  return bits;
}
// What ftrace believes of a site: that an early kprobe's jump is over its NOP it does not know.
inline Site Believed(const Site& site) { return site.kind == SiteKind::kJump ? Site{} : site; }
// The address of `function` now; nullopt when its image is absent.
std::optional<Address> AddressNow(const World& world, const View& view, FunctionId function);

// The texts of messages.
std::string FunctionName(const World& world, FunctionId function);
std::string ImageName(const World& world, ModuleId module);
std::string OpsName(std::size_t index);

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_INVARIANTS_INTERNAL_H_
