// The Subject: dispatch of operations, the few that belong to no other part, and the View.
#include "impl/fast/fast.h"

#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "impl/fast/accounting.h"
#include "impl/fast/filters.h"
#include "impl/fast/loader.h"
#include "impl/fast/machine.h"
#include "impl/fast/observe.h"
#include "impl/fast/patcher.h"
#include "model/errno.h"

namespace recount {
namespace fast {
namespace {

Errno SetOpsFlags(Machine& m, const SetOps& op) {
  if (m.ops.registered(op.ops)) return Errno::kBusy;
  if (op.ipmodify && m.ops.PairOf(op.ops).users != Bit(op.ops)) return Errno::kInval;
  m.ops.SetFlags(op);
  return Errno::kOk;
}

Errno RegisterOps(Machine& m, OpsId id) {
  if (m.dead()) return Errno::kNoDev;
  if (m.ops.registered(id)) return Errno::kBusy;
  const Ops& ops = m.ops.at(id);
  if (ops.permanent && !m.globals.enabled) return Errno::kBusy;
  if (ops.ipmodify) {
    const FilterHash& filter = m.ops.Hash(id, Which::kFilter);
    if (filter.empty()) return Errno::kInval;
    if (AnyOwned(m, filter.cells())) return Errno::kBusy;
  }
  m.ops.Register(id);
  CountOps(m, id);
  PatchTouched(m);
  if (!m.dead()) return Errno::kOk;
  m.ops.Unlist(id);
  return Errno::kNoDev;
}

Errno UnregisterOps(Machine& m, OpsId id) {
  if (m.dead()) return Errno::kNoDev;
  // Counted down for whoever asks, registered or not.
  if (m.bugs.has(Bug::kUnregisterAccountingOrder) && !m.ops.registered(id)) UncountOps(m, id);
  if (!m.ops.registered(id)) {
    PatchTouched(m);
    return Errno::kBusy;
  }
  UncountOps(m, id);
  m.ops.Unregister(id);
  PatchTouched(m);
  return Errno::kOk;
}

Errno SetEnabled(Machine& m, bool on) {
  if (m.dead()) return Errno::kNoDev;
  if (on == m.globals.enabled) return m.bugs.has(Bug::kCanary) ? Errno::kInval : Errno::kOk;
  if (!on && (m.ops.registered() & m.ops.permanent()) != 0) {
    // Refused, but the variable keeps the value that was refused.
    if (m.bugs.has(Bug::kPermanentOpsDisabledBySysctl)) m.globals.enabled = false;
    return Errno::kBusy;
  }
  if (!on) m.listed_at_sysctl_off = m.ops.registered();
  m.globals.enabled = on;
  PatchAll(m);
  return Errno::kOk;
}

Outcome HitFunction(const Machine& m, FunctionId function) {
  Cell cell;
  if (!m.CellOf(function, &cell) || m.Gone(function)) return Outcome::Error(Errno::kNoEnt);
  if (m.dead()) return Outcome::Error(Errno::kNoDev);
  Outcome outcome;
  const RecordId record = m.index.Find(cell);
  if (record == kNoRecord) return outcome;
  const std::uint8_t site = m.records.site()[record];
  if (site == kSiteNop) return outcome;
  // A trampoline calls its owner and asks nobody (S 4.6b).
  const OpsSet called = std::has_single_bit(site) ? site : m.records.users()[record];
  for (const OpsId ops : m.ops.order()) {
    if ((called & Bit(ops)) != 0) outcome.AddCall(ops);
  }
  return outcome;
}

Outcome LocatePlace(const Machine& m, Place place) {
  Cell cell;
  if (!m.CellOf(place.function, &cell)) return Outcome::Error(Errno::kNoEnt);
  Outcome outcome;
  const RecordId record = m.RecordCovering(m.layout.AddressOf(cell) + place.offset);
  if (record != kNoRecord) outcome.located = m.records.FunctionOf(record);
  return outcome;
}

Outcome Answer(Errno error) { return Outcome::Error(error); }

class Fast final : public Subject {
 public:
  explicit Fast(BugSet bugs, std::string name) : name_(std::move(name)), machine_(bugs) {}

  std::string_view name() const override { return name_; }
  void Reset(WorldPtr world, const Profile& profile) override {
    machine_.Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    return std::visit([this](const auto& value) { return Do(value); }, op);
  }
  void Observe(View* view) override { fast::Observe(machine_, view); }

 private:
  Outcome Do(const Load& op) { return Answer(LoadModule(machine_, op)); }
  Outcome Do(const LoadBegin& op) { return Answer(BeginLoad(machine_, op)); }
  Outcome Do(const LoadStep& op) { return Answer(StepLoad(machine_, op)); }
  Outcome Do(const Unload& op) { return Answer(UnloadModule(machine_, op)); }
  Outcome Do(const FreeInit&) { return Answer(FreeCoreInit(machine_)); }
  Outcome Do(const SetFilter& op) { return Answer(SetFilterPattern(machine_, op)); }
  Outcome Do(const SetFilterIp& op) { return Answer(SetFilterPlaces(machine_, op)); }
  Outcome Do(const Share& op) { return Answer(ShareHashes(machine_, op)); }
  Outcome Do(const SetOps& op) { return Answer(SetOpsFlags(machine_, op)); }
  Outcome Do(const Register& op) { return Answer(RegisterOps(machine_, op.ops)); }
  Outcome Do(const Unregister& op) { return Answer(UnregisterOps(machine_, op.ops)); }
  Outcome Do(const FtraceEnabled& op) { return Answer(SetEnabled(machine_, op.on)); }
  Outcome Do(const Hit& op) { return HitFunction(machine_, op.function); }
  Outcome Do(const Locate& op) { return LocatePlace(machine_, op.place); }
  Outcome Do(const Fault& op) {
    machine_.faults.Arm(op);
    return Outcome::Ok();
  }

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
