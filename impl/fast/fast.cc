// The Subject: dispatch of operations, the few that belong to no other part, and the View.
#include "impl/fast/fast.h"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "impl/fast/boot.h"
#include "impl/fast/filters.h"
#include "impl/fast/kprobes.h"
#include "impl/fast/livepatch.h"
#include "impl/fast/loader.h"
#include "impl/fast/machine.h"
#include "impl/fast/observe.h"
#include "impl/fast/optprobes.h"
#include "impl/fast/registration.h"
#include "model/errno.h"

namespace recount {
namespace fast {
namespace {

// A hidden ops was called at `cell`: livepatch's goes on to the replacement on top of its stack,
// the two of kprobes to the probes of the address.
void CallHidden(const Machine& m, Cell cell, std::uint8_t hidden, Outcome* outcome) {
  if ((hidden & kByLivepatch) != 0) {
    outcome->redirected = m.livepatch.at(m.ops.LivepatchLastAt(cell)).stack[0];
  }
  for (const std::uint8_t by : {kByKprobe, kByKprobeIpmodify}) {
    if ((hidden & by) != 0) RunKprobesAt(m, m.layout.AddressOf(cell), outcome);
  }
}

void CallThroughSite(const Machine& m, Cell cell, RecordId record, Outcome* outcome) {
  const std::uint8_t site = m.records.site()[record];
  if (site == kSiteNop || site == kSiteMcount || site == kSiteJump) return;
  OpsSet called = m.records.users()[record];
  auto hidden = static_cast<std::uint8_t>(m.records.tally()[record] & kHiddenMask);
  // A trampoline calls its owner and asks nobody (S 4.6b).
  if (std::has_single_bit(site)) {
    called = site;
    hidden = 0;
  } else if ((site & kHiddenMask) != 0) {
    called = 0;
    hidden = site & kHiddenMask;
  }
  for (const OpsId ops : m.ops.order()) {
    if (!IsHidden(ops) && (called & Bit(ops)) != 0) outcome->AddCall(ops);
  }
  if (hidden != 0) CallHidden(m, cell, hidden, outcome);
}

// The init of a module that is live has run, and kprobes may have left their bytes in its text.
bool InitIsOver(const Machine& m, FunctionId id) {
  const Function& function = m.world->function(id);
  if (function.kind != FunctionKind::kInit || function.module == kCore) return m.Gone(id);
  return m.modules[Index(function.module)].state == ModuleState::kLive;
}

Outcome HitFunction(const Machine& m, FunctionId function) {
  Cell cell;
  if (!m.CellOf(function, &cell) || InitIsOver(m, function)) return Outcome::Error(Errno::kNoEnt);
  if (m.dead()) return Outcome::Error(Errno::kNoDev);
  Outcome outcome;
  const RecordId record = m.index.Find(cell);
  if (record != kNoRecord) CallThroughSite(m, cell, record, &outcome);
  if (outcome.redirected == kNoPatch) RunBreakpointsIn(m, cell, &outcome);
  return outcome;
}

Outcome LocatePlace(const Machine& m, Place place) {
  Cell cell;
  if (!m.CellOf(place.function, &cell)) return Outcome::Error(Errno::kNoEnt);
  Outcome outcome;
  if (m.globals.phase == Phase::kSorted) [[unlikely]] {
    // The modules are all absent.
    if (place.offset < World::kCallSize && IsCallSite(m, cell)) outcome.located = place.function;
    return outcome;
  }
  const RecordId record = m.RecordCovering(m.layout.AddressOf(cell) + place.offset);
  if (record != kNoRecord) outcome.located = m.records.FunctionOf(record);
  return outcome;
}

Outcome Returned(Errno error) { return Outcome::Error(error); }

template <typename KprobeOp>
ProbeId IdOf(const KprobeOp& op) {
  return static_cast<ProbeId>(Index(op.kprobe));
}

class Fast final : public Subject {
 public:
  explicit Fast(BugSet bugs, std::string name) : name_(std::move(name)), machine_(bugs) {}

  std::string_view name() const override { return name_; }
  void Reset(WorldPtr world, const Profile& profile) override {
    machine_.Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    const bool booting = machine_.globals.phase != Phase::kRunning;
    if (booting && IsTooEarly(machine_, op)) [[unlikely]]
      return Outcome::Error(Errno::kAgain);
    Outcome outcome = std::visit([this](const auto& one) { return Do(one); }, op);
    if (!machine_.notifiers.log_empty()) outcome.log = machine_.notifiers.TakeLog();
    return outcome;
  }
  void Observe(View* view) override {
    if (machine_.kprobes.stale) ShowKprobes(machine_);
    fast::Observe(machine_, view);
  }

 private:
  Outcome Do(const Load& op) { return Returned(LoadModule(machine_, op)); }
  Outcome Do(const LoadBegin& op) { return Returned(BeginLoad(machine_, op)); }
  Outcome Do(const LoadStep& op) { return Returned(StepLoad(machine_, op)); }
  Outcome Do(const Unload& op) { return Returned(UnloadModule(machine_, op)); }
  Outcome Do(const FreeInit&) { return Returned(FreeCoreInit(machine_)); }
  Outcome Do(const SetFilter& op) { return Returned(SetFilterPattern(machine_, op)); }
  Outcome Do(const SetFilterIp& op) { return Returned(SetFilterPlaces(machine_, op)); }
  Outcome Do(const Share& op) { return Returned(ShareHashes(machine_, op)); }
  Outcome Do(const SetOps& op) { return Returned(SetOpsFlags(machine_, op)); }
  Outcome Do(const Register& op) { return Returned(RegisterOps(machine_, op.ops)); }
  Outcome Do(const Unregister& op) { return Returned(UnregisterOps(machine_, op.ops)); }
  Outcome Do(const FtraceEnabled& op) { return Returned(SetFtraceEnabled(machine_, op.on)); }
  Outcome Do(const Hit& op) { return HitFunction(machine_, op.function); }
  Outcome Do(const Locate& op) { return LocatePlace(machine_, op.place); }
  Outcome Do(const Fault& op) {
    machine_.faults.Arm(op);
    return Outcome::Ok();
  }
  Outcome Do(const AddNotifier& op) { return Returned(machine_.notifiers.Add(op)); }
  Outcome Do(const RemoveNotifier& op) { return Returned(machine_.notifiers.Remove(op.notifier)); }
  Outcome Do(const SetScript& op) {
    machine_.notifiers.Set(op);
    return Outcome::Ok();
  }
  Outcome Do(const Notify& op) { return CallChain(machine_.notifiers, op); }
  Outcome Do(const NotifyRobust& op) {
    return CallChainRobust(machine_.notifiers, op, machine_.backwards());
  }
  Outcome Do(const SetPatch& op) { return Returned(DefinePatch(machine_, op)); }
  Outcome Do(const EnablePatch& op) { return Returned(EnableLivepatch(machine_, op.patch)); }
  Outcome Do(const DisablePatch& op) { return Returned(DisableLivepatch(machine_, op.patch)); }
  Outcome Do(const AddKprobe& op) { return Returned(RegisterProbe(machine_, IdOf(op), op)); }
  Outcome Do(const RemoveKprobe& op) { return Returned(UnregisterProbe(machine_, IdOf(op))); }
  Outcome Do(const EnableKprobe& op) { return Returned(EnableProbe(machine_, IdOf(op))); }
  Outcome Do(const DisableKprobe& op) { return Returned(DisableProbe(machine_, IdOf(op))); }
  Outcome Do(const KprobesArmed& op) { return Returned(ArmAllProbes(machine_, op.on)); }
  Outcome Do(const Optimize&) { return Returned(OptimizeKprobes(machine_)); }
  Outcome Do(const Boot&) { return Returned(BootOn(machine_)); }

  const std::string name_;
  Machine machine_;
};

std::string NameOf(BugSet bugs) {
  for (const BugInfo& info : Bugs()) {
    if (bugs.has(info.bug)) return "fast+bug:" + std::string(info.id);
  }
  return "fast";
}

}  // namespace
}  // namespace fast

std::unique_ptr<Subject> MakeFast(BugSet bugs) {
  return std::make_unique<fast::Fast>(bugs, fast::NameOf(bugs));
}

}  // namespace recount
