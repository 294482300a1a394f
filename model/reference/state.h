// What the reference remembers: SEMANTICS 1, and nothing that can be derived.
//
// A State is a plain value: copying it takes a snapshot. Counts, wanted bits, owners, trampolines
// and the ledger are not in it; patching.h and step.h compute them from their definitions at every
// look. Where the language already has the shape of a thing (a hash, a module, a group), that is
// used.
#ifndef RECOUNT_MODEL_REFERENCE_STATE_H_
#define RECOUNT_MODEL_REFERENCE_STATE_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "model/errno.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/reference/chains.h"
#include "model/view.h"
#include "model/world.h"

namespace recount::reference {

struct Record {
  Address ip = 0;
  FunctionId function{};
  bool disabled = false;
  std::uint8_t current = 0;  // of RecordFlag: kEnabled, kRegsEn, kTrampEn
  Site site;
};

// A hash pair, F and N of the rules. Several ops may use one.
struct HashPair {
  HashView filter;
  HashView notrace;
  HashView& of(Which which) { return which == Which::kFilter ? filter : notrace; }
  const HashView& of(Which which) const { return which == Which::kFilter ? filter : notrace; }
};

inline bool Contains(const HashView& hash, Address ip) {
  return std::binary_search(hash.ips.begin(), hash.ips.end(), ip);
}

struct Ops {
  User user = User::kKernel;
  bool save_regs = false;
  bool ipmodify = false;
  bool permanent = false;
  bool registered = false;
  // Still registered, but out of the call order: its registration killed ftrace (SEMANTICS 6).
  bool unlisted = false;
  std::uint8_t pair = 0;  // index into State::pairs
  std::vector<CachedFilter> cached_filter;
  std::vector<CachedFilter> cached_notrace;
  std::vector<CachedFilter>& cached(Which which) {
    return which == Which::kFilter ? cached_filter : cached_notrace;
  }
};

struct Script {
  Answer answer = kNotifyDone;
  Act act = Act::kNone;
  NotifierId other{};
};

struct Patch {
  std::vector<FunctionId> functions;
  bool replace = false;
};

// klp_ops: behind it stands the Ops of the same number (SEMANTICS 12).
struct LivepatchOps {
  FunctionId function = kNoFunction;
  Address ip = 0;
  std::vector<PatchId> stack;  // newest first
};

struct Kprobe {
  bool registered = false;
  bool post = false;
  bool gone = false;
  bool disabled = false;
  Address address = 0;
};

// One address of the kprobe table (SEMANTICS 14). The flags of a probe alone are in the probe.
struct ProbedAddress {
  Address address = 0;
  bool on_ftrace = false;
  bool calls = false;  // a call of mcount is there, and no record of it
  bool aggregate = false;
  bool post = false;  // this and the next two: of an aggregator
  bool gone = false;
  bool disabled = false;
  bool armed = false;
  OpsId armed_on{};    // on ftrace, while armed: kp or kpi
  bool early = false;  // a jump is on it (SEMANTICS 15), unless it is suspended
  bool suspended = false;
  JumpState jump = JumpState::kNone;  // off ftrace (SEMANTICS 16)
  std::vector<KprobeId> probes;       // newest first; none: unused, its jump is leaving
};

struct ArmedFault {
  std::uint16_t left = 0;  // passings up to the one that fails; 0: not armed
  Errno error = Errno::kOk;
};

struct State {
  WorldPtr world;
  Profile profile;

  // All records in list order. The first groups[0].used belong to the first group, and so on.
  std::vector<Record> records;
  std::vector<GroupView> groups;

  // Livepatch's stand behind the Program's.
  std::array<Ops, kAllOpsCount> ops;
  // As many as there are ops, so a fresh one can always be had. A pair no ops uses is empty.
  std::array<HashPair, kAllOpsCount> pairs;
  // Oldest first, the unlisted ones too.
  std::vector<OpsId> registered;

  // Before there are records: call sites that are NOPs already.
  std::vector<FunctionId> early_nops;

  std::vector<ModuleView> modules;  // one for each module of the World
  Globals globals;

  Chains chains;
  std::array<std::array<Script, kEventCount>, kNotifierCount> scripts;
  // How much of its memory each notifier holds, for which module.
  std::array<std::map<ModuleId, std::uint16_t>, kNotifierCount> held;
  std::uint32_t bad_frees = 0;
  // Of the operation that runs: who was called so far, and whether the chain that is called is
  // `raw`.
  std::vector<NotifierCall> log;
  bool calling_raw = false;

  std::array<Patch, kPatchCount> patches;
  std::vector<PatchId> enabled_patches;  // as they were enabled
  std::array<LivepatchOps, kLivepatchOpsCount> livepatch_ops;

  std::array<Kprobe, kKprobeCount> kprobes;
  std::vector<ProbedAddress> kprobe_table;  // newest first
  bool kprobes_disarmed = false;

  std::array<ArmedFault, kFaultPointCount> faults;

  Ops& operator[](OpsId id) { return ops[Index(id)]; }
  const Ops& operator[](OpsId id) const { return ops[Index(id)]; }
  HashPair& PairOf(OpsId id) { return pairs[ops[Index(id)].pair]; }
  const HashPair& PairOf(OpsId id) const { return pairs[ops[Index(id)].pair]; }
};

// In which order what went up comes down (profile rollback).
inline Direction RollBackDirection(const State& state) {
  return state.profile.rollback == Profile::Rollback::kForward ? Direction::kForward
                                                               : Direction::kReverse;
}

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_STATE_H_
