// The Subject: dispatch of operations, the few that belong to no other part, and the View.
#include "impl/fast/fast.h"

#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "impl/fast/filters.h"
#include "impl/fast/livepatch.h"
#include "impl/fast/loader.h"
#include "impl/fast/machine.h"
#include "impl/fast/observe.h"
#include "impl/fast/registration.h"
#include "model/errno.h"

namespace recount {
namespace fast {
namespace {

Outcome HitFunction(const Machine& m, FunctionId function) {
  Cell cell;
  if (!m.CellOf(function, &cell) || m.Gone(function)) return Outcome::Error(Errno::kNoEnt);
  if (m.dead()) return Outcome::Error(Errno::kNoDev);
  Outcome outcome;
  const RecordId record = m.index.Find(cell);
  if (record == kNoRecord) return outcome;
  const std::uint8_t site = m.records.site()[record];
  if (site == kSiteNop) return outcome;
  OpsSet called = m.records.users()[record];
  bool livepatch = (m.records.tally()[record] & kByLivepatch) != 0;
  if (std::has_single_bit(site) || site == kSiteLivepatch) {
    // A trampoline calls its owner and asks nobody (S 4.6b).
    livepatch = site == kSiteLivepatch;
    called = livepatch ? 0 : site;
  }
  for (const OpsId ops : m.ops.order()) {
    if (!IsLivepatch(ops) && (called & Bit(ops)) != 0) outcome.AddCall(ops);
  }
  if (livepatch) outcome.redirected = m.livepatch.at(m.ops.LivepatchLastAt(cell)).stack[0];
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

Outcome Returned(Errno error) { return Outcome::Error(error); }

class Fast final : public Subject {
 public:
  explicit Fast(BugSet bugs, std::string name) : name_(std::move(name)), machine_(bugs) {}

  std::string_view name() const override { return name_; }
  void Reset(WorldPtr world, const Profile& profile) override {
    machine_.Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    Outcome outcome = std::visit([this](const auto& one) { return Do(one); }, op);
    if (!machine_.notifiers.log_empty()) outcome.log = machine_.notifiers.TakeLog();
    return outcome;
  }
  void Observe(View* view) override { fast::Observe(machine_, view); }

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
