// One World in the kernel: operations go to the kernel's functions, what the language decides by
// itself ("choice" in SEMANTICS.md) is decided here, and the View is read from the kernel's
// records.
#include "impl/linux/linux_subject.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "impl/linux/address_space.h"
#include "impl/linux/crash.h"
#include "impl/linux/kernel.h"
#include "impl/linux/kernel_kprobe.h"
#include "impl/linux/kernel_livepatch.h"
#include "impl/linux/livepatches.h"
#include "impl/linux/loader.h"
#include "impl/linux/notifiers.h"
#include "impl/linux/observe.h"
#include "impl/linux/probes.h"
#include "impl/linux/snapshot.h"
#include "model/check.h"
#include "model/strings.h"

namespace recount {
namespace {

int Number(OpsId id) { return static_cast<int>(Index(id)); }
int Number(Which which) { return which == Which::kFilter ? RK_FILTER : RK_NOTRACE; }

Outcome Answered(int rc) {
  Outcome outcome;
  outcome.rc = rc;
  return outcome;
}

Outcome AnsweredBy(Answer answer) {
  Outcome outcome;
  outcome.rc = RcOf(answer);
  outcome.answer = answer;
  return outcome;
}

Outcome Unsupported() {
  Outcome outcome;
  outcome.fate = Fate::kUnsupported;
  return outcome;
}

Outcome Crashed() {
  Outcome outcome;
  outcome.fate = Fate::kCrashed;
  return outcome;
}

unsigned WarningCount() {
  const rk_warning* newest = nullptr;
  return rk_warnings(&newest);
}

// What the kernel warned of since it had warned `before` times: as much as it remembers.
void AddWarnings(unsigned before, Outcome* outcome) {
  const rk_warning* newest = nullptr;
  const unsigned count = rk_warnings(&newest);
  for (unsigned i = std::max(before, count - std::min<unsigned>(count, RK_KEPT_WARNINGS));
       i < count; ++i) {
    const rk_warning& warning = newest[i % RK_KEPT_WARNINGS];
    outcome->warnings.push_back(internal::Cat({warning.file, ":", std::to_string(warning.line)}));
  }
}

// One kernel, which puts in jumps or not.
bool IsOf(std::string_view kernels, Profile profile) {
  profile.optprobes = Profile::Optprobes::kOff;
  return profile == FindProfile(kernels)->profile;
}
constexpr std::string_view kBefore = "linux-6.1";
// Those that tell kprobes of ftrace's death. Nothing else is new in them.
constexpr std::string_view kTelling = "linux-6.12";

class LinuxSubject;
// Whose World the kernel holds.
LinuxSubject* holder = nullptr;

class LinuxSubject final : public Subject {
 public:
  explicit LinuxSubject(std::string name) : name_(std::move(name)) {}
  ~LinuxSubject() override {
    if (holder == this) holder = nullptr;
  }

  std::string_view name() const override { return name_; }
  // The pair that the kernel's global tracer shares with others.
  Limits limits() const override { return kLimitsOfKernels; }
  bool Follows(const Profile& rules) const override {
    return IsOf(kBefore, rules) || IsHeldTo(rules);
  }
  bool IsHeldTo(const Profile& rules) const override {
    return IsOf(rk_tells_kprobes_of_death() != 0 ? kTelling : kBefore, rules);
  }
  void Reset(WorldPtr world, const Profile& profile) override;
  Outcome Apply(const Op& op) override;
  void Observe(View* view) override;

 private:
  void Boot(WorldPtr world);
  bool IsRegistered(OpsId ops) const { return rk_is_registered(Number(ops)) != 0; }
  bool PairIsShared(OpsId ops) const;

  Outcome Do(const Load& op) { return Answered(loader_.Load(op)); }
  Outcome Do(const LoadBegin& op) { return Answered(loader_.Begin(op)); }
  Outcome Do(const LoadStep& op) { return Answered(loader_.Step(op)); }
  Outcome Do(const Unload& op) { return Answered(loader_.Unload(op.module)); }
  Outcome Do(const FreeInit&) { return Answered(loader_.FreeCoreInit()); }
  Outcome Do(const SetFilter& op);
  Outcome Do(const SetFilterIp& op);
  Outcome Do(const Share& op);
  Outcome Do(const SetOps& op);
  Outcome Do(const Register& op) { return Answered(rk_register(Number(op.ops))); }
  Outcome Do(const Unregister& op) { return Answered(rk_unregister(Number(op.ops))); }
  Outcome Do(const FtraceEnabled& op) { return Answered(rk_set_enabled(op.on ? 1 : 0)); }
  Outcome Do(const Hit& op);
  Outcome Do(const Locate& op);
  Outcome Do(const Fault& op);
  Outcome Do(const AddNotifier& op) {
    // No kernel has a chain of that name.
    return op.chain == Chain::kTryFix ? Unsupported() : Answered(notifiers_.Add(op));
  }
  Outcome Do(const RemoveNotifier& op) { return Answered(notifiers_.Remove(op.notifier)); }
  Outcome Do(const SetScript& op);
  Outcome Do(const Notify& op);
  Outcome Do(const NotifyRobust& op) { return AnsweredBy(notifiers_.Call(op)); }
  Outcome Do(const SetPatch& op) { return Answered(livepatches_.Set(op)); }
  Outcome Do(const EnablePatch& op) { return Answered(livepatches_.Enable(op.patch)); }
  Outcome Do(const DisablePatch& op) { return Answered(livepatches_.Disable(op.patch)); }
  Outcome Do(const AddKprobe& op) { return Answered(probes_.Add(op)); }
  Outcome Do(const RemoveKprobe& op) { return Answered(probes_.Remove(op.kprobe)); }
  Outcome Do(const EnableKprobe& op) { return Answered(probes_.Enable(op.kprobe)); }
  Outcome Do(const DisableKprobe& op) { return Answered(probes_.Disable(op.kprobe)); }
  Outcome Do(const KprobesArmed& op) { return Answered(probes_.Arm(op.on)); }
  // Booted it is from the start.
  Outcome Do(const recount::Boot&) { return Outcome::Error(Errno::kBusy); }
  Outcome Do(const Optimize&) { return Answered(probes_.Optimize()); }

  const std::string name_;
  AddressSpace space_;
  Loader loader_{&space_};
  Notifiers notifiers_;
  Livepatches livepatches_{&space_};
  Probes probes_{&space_};
  Observer observer_{&space_, &loader_, &notifiers_, &livepatches_, &probes_};
  // The kernel as it was when it had booted a World, the newest kWorlds of them: a fuzzer goes back
  // and forth. The World is kept alive, so that its address means no other.
  struct Booted {
    WorldPtr world;
    std::unique_ptr<Snapshot> snapshot;
  };
  std::vector<Booted> booted_;
  const Snapshot* now_ = nullptr;  // of the World that is there
  bool speaks_ = false;            // the profile is one that this kernel follows, the World fits
  std::array<OpsFlags, kOpsCount> ops_{};
};

// The kernel as linked, before any World was in it.
const Snapshot& Pristine() {
  static const Snapshot* const pristine = [] {
    rk_map();
    auto* const snapshot = new Snapshot();
    snapshot->Save(0);
    return snapshot;
  }();
  return *pristine;
}

void LinuxSubject::Boot(WorldPtr world) {
  constexpr std::size_t kWorlds = 4;
  // Also where a booted state is put back then: what was allocated in the other World is forgotten.
  Pristine().Restore();
  speaks_ = space_.Reset(world);
  if (!speaks_) return;
  for (const Booted& booted : booted_) {
    if (booted.world != world) continue;
    now_ = booted.snapshot.get();
    now_->Restore();
    return;
  }
  const std::vector<unsigned long>& sites = space_.CallSites(world->core(), World::kCoreBase);
  const Module& core = world->core();
  const auto core_text = [&](std::uint32_t functions) {
    return space_.Real(World::kCoreBase) + functions * World::kFunctionStride;
  };
  rk_core_text(core_text(core.count), core_text(core.init_begin), core_text(core.init_end));
  rk_boot(sites.data(), static_cast<unsigned>(sites.size()));
  for (std::uint32_t i = 0; i < core.count; ++i) {
    if (world->functions()[core.first + i].kind != FunctionKind::kNoKprobe) continue;
    RECOUNT_CHECK(rk_kprobes_forbid(core_text(i), core_text(i + 1)) == 0);
  }
  for (int ops = 0; ops < RK_OPS; ++ops) rk_ops_renew(ops, 0);
  if (booted_.size() == kWorlds) booted_.erase(booted_.begin());
  booted_.push_back({std::move(world), std::make_unique<Snapshot>()});
  booted_.back().snapshot->Save(space_.text_size());
  now_ = booted_.back().snapshot.get();
}

void LinuxSubject::Reset(WorldPtr world, const Profile& profile) {
  KernelHost& host = TheKernelHost();
  host = {.space = &space_, .modules = &loader_.modules(), .notifiers = &notifiers_};
  const bool same = holder == this && speaks_ && &space_.world() == world.get();
  holder = this;
  if (same) {
    now_->Restore();
    space_.ForgetModules();
  } else {
    Boot(std::move(world));
  }
  loader_.Reset();
  notifiers_.Reset();
  livepatches_.Reset();
  probes_.Reset(profile.optprobes == Profile::Optprobes::kOn);
  ops_.fill({});
  // A kernel starts where it has booted.
  speaks_ = speaks_ && Follows(profile);
}

Outcome LinuxSubject::Apply(const Op& op) {
  RECOUNT_CHECK(holder == this);
  if (!speaks_) return Unsupported();
  const unsigned warned = WarningCount();
  Outcome outcome;
  {
    CrashGuard guard;
    // What the frames in between held is lost; the kernel's own state is put back by Reset().
    if (sigsetjmp(guard.here(), 0) != 0) return Crashed();
    outcome = std::visit([this](const auto& one) { return Do(one); }, op);
  }
  outcome.log = notifiers_.TakeLog();
  AddWarnings(warned, &outcome);
  return outcome;
}

void LinuxSubject::Observe(View* view) {
  RECOUNT_CHECK(holder == this);
  observer_.Observe(ops_, view);
}

bool LinuxSubject::PairIsShared(OpsId ops) const {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (i != Index(ops) && rk_pair(static_cast<int>(i)) == rk_pair(Number(ops))) return true;
  }
  return false;
}

Outcome LinuxSubject::Do(const SetFilter& op) {
  const std::string_view text = op.pattern.text();
  const char* const pattern = op.pattern.null() ? nullptr : text.data();
  const int length = static_cast<int>(text.size());
  const auto set = ops_[Index(op.ops)].user == User::kTracer ? rk_write_filter_file : rk_set_filter;
  return Answered(set(Number(op.ops), Number(op.which), pattern, length, op.reset ? 1 : 0));
}

Outcome LinuxSubject::Do(const SetFilterIp& op) {
  unsigned long ips[SetFilterIp::kMaxPlaces];
  for (std::size_t i = 0; i < op.count; ++i) {
    const std::optional<Address> at = loader_.AddressOf(op.places[i].function);
    if (!at) return Outcome::Error(Errno::kSrch);
    ips[i] = space_.Real(*at) + op.places[i].offset;
  }
  return Answered(rk_set_filter_ips(Number(op.ops), Number(op.which), ips, op.count,
                                    op.remove ? 1 : 0, op.reset ? 1 : 0));
}

Outcome LinuxSubject::Do(const Share& op) {
  const OpsFlags& sharer = ops_[Index(op.ops)];
  if (op.ops == op.with || sharer.user == User::kTracer || sharer.ipmodify ||
      ops_[Index(op.with)].ipmodify) {
    return Outcome::Error(Errno::kInval);
  }
  if (IsRegistered(op.ops)) return Outcome::Error(Errno::kBusy);
  return rk_share(Number(op.ops), Number(op.with)) != 0 ? Outcome::Ok() : Unsupported();
}

Outcome LinuxSubject::Do(const SetOps& op) {
  if (IsRegistered(op.ops)) return Outcome::Error(Errno::kBusy);
  if (op.ipmodify && PairIsShared(op.ops)) return Outcome::Error(Errno::kInval);
  OpsFlags& ops = ops_[Index(op.ops)];
  if (ops.user != op.user) rk_ops_renew(Number(op.ops), op.user == User::kTracer ? 1 : 0);
  ops = {op.user, op.save_regs, op.ipmodify, op.permanent};
  rk_ops_set_flags(Number(op.ops), (op.save_regs ? RK_SAVE_REGS : 0) |
                                       (op.ipmodify ? RK_IPMODIFY : 0) |
                                       (op.permanent ? RK_PERMANENT : 0));
  return Outcome::Ok();
}

Outcome LinuxSubject::Do(const Hit& op) {
  const std::optional<Address> at = loader_.AddressOf(op.function);
  if (!at || loader_.IsOverInitText(op.function)) return Outcome::Error(Errno::kNoEnt);
  if (observer_.IsDead()) return Outcome::Error(Errno::kNoDev);
  unsigned char called[16];
  int redirected = -1;
  const unsigned count = rk_hit(space_.Real(*at), called, &redirected);
  RECOUNT_CHECK(count <= kOpsCount);
  Outcome outcome;
  for (unsigned i = 0; i < count; ++i) outcome.AddCall(OpsId{called[i]});
  probes_.AddFired(&outcome);
  if (redirected >= 0) outcome.redirected = PatchId{static_cast<std::uint8_t>(redirected)};
  return outcome;
}

Outcome LinuxSubject::Do(const Locate& op) {
  const std::optional<Address> at = loader_.AddressOf(op.place.function);
  if (!at) return Outcome::Error(Errno::kNoEnt);
  Outcome outcome;
  const unsigned long found = rk_location(space_.Real(*at) + op.place.offset);
  if (found != 0) outcome.located = space_.RecordAt(found);
  return outcome;
}

Outcome LinuxSubject::Do(const Fault& op) {
  switch (op.point) {
    case FaultPoint::kRecordAlloc:
      rk_fault(RK_RECORD_ALLOC, op.nth, 0);
      break;
    case FaultPoint::kHashCopy:
      rk_fault(RK_HASH_COPY, op.nth, 0);
      break;
    case FaultPoint::kHashMove:
      rk_fault(RK_HASH_MOVE, op.nth, 0);
      break;
    case FaultPoint::kVerify:
      rk_fault(RK_VERIFY, op.nth, 0);
      break;
    case FaultPoint::kStage:
      loader_.Arm(op);
      break;
    case FaultPoint::kKlpAlloc:
      rk_fault(RK_KLP_ALLOC, op.nth, 0);
      break;
    case FaultPoint::kKlpSymbol:
      rk_fault(RK_KLP_SYMBOL, op.nth, 0);
      break;
    case FaultPoint::kKlpCallback:
      rk_fault(RK_KLP_CALLBACK, op.nth, Rc(op.error));
      break;
    case FaultPoint::kKprobeAlloc:
      rk_fault(RK_KPROBE_ALLOC, op.nth, 0);
      break;
    case FaultPoint::kKprobeSlot:
      rk_fault(RK_KPROBE_SLOT, op.nth, 0);
      break;
    case FaultPoint::kWrite:
      break;  // passed nowhere in this profile
  }
  return Outcome::Ok();
}

Outcome LinuxSubject::Do(const SetScript& op) {
  notifiers_.Set(op);
  return Outcome::Ok();
}

Outcome LinuxSubject::Do(const Notify& op) {
  // No kernel has a chain that goes backward.
  return op.reverse ? Unsupported() : AnsweredBy(notifiers_.Call(op));
}

}  // namespace

std::string LinuxSubjectName() {
  const std::string release = rk_release();
  return "linux:" + release.substr(0, release.find('.', release.find('.') + 1));
}

std::string InstalledSubjectName() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::ifstream file(self.parent_path() / "subject");
  std::string name;
  std::getline(file, name);
  return name.empty() ? LinuxSubjectName() : name;
}

void KeepWhatIsFreedTooEarly() { rk_klp_keep_listed(); }

std::unique_ptr<Subject> MakeLinux(std::string name) {
  return std::make_unique<LinuxSubject>(std::move(name));
}

}  // namespace recount
