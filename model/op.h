// The operations of a Program: small values without behaviour.
//
// Every operation is total: it has an Outcome in every state. What each does, what it returns and
// which fault points it passes stands in SEMANTICS.md; how it is written stands in text.h.
#ifndef RECOUNT_MODEL_OP_H_
#define RECOUNT_MODEL_OP_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "model/errno.h"
#include "model/ids.h"
#include "model/op_chain.h"
#include "model/op_kprobe.h"
#include "model/op_livepatch.h"
#include "model/pattern.h"

namespace recount {

// The steps of loading a module, in order (SPEC 5.2, 5.3). Those that can fail say where to.
enum class Stage : std::uint8_t {
  kLayout,     // read and place the image; fails with ENOEXEC -> free_copy
  kUnformed,   // the name is taken: state UNFORMED; -EEXIST, -EBUSY by its own rule only
  kPercpu,     // ENOMEM -> unlink_mod
  kSymbols,    // ENOENT -> free_modinfo
  kArgs,       // EFAULT -> free_arch_cleanup
  kRecords,    // ftrace_module_init: records appear, DISABLED; never fails the load
  kFormation,  // ENOEXEC -> ddebug_cleanup; on success state COMING
  kEnable,     // ftrace_module_enable, then cached module filters; never fails
  kComing,     // livepatch and the notifier chain; ENOMEM -> bug_cleanup
  kParams,     // EINVAL -> coming_cleanup
  kSysfs,      // ENOMEM -> coming_cleanup
  kElf,        // livepatch ELF information; ENOMEM -> sysfs_cleanup
  kInitAlloc,  // do_init_module's bookkeeping; ENOMEM -> its fail path
  kInit,       // the module's init(); EIO -> its fail path
  kLive,       // state LIVE, chain LIVE
  kFreeInit,   // init text goes away; the load is complete
};
inline constexpr std::size_t kStageCount = 16;

// "layout", "unformed", ... as `fail=` writes them.
std::string_view StageName(Stage stage);
std::optional<Stage> StageFromName(std::string_view name);
// What a failing `stage` returns when nothing else is asked for; kOk when it cannot fail.
Errno StageErrno(Stage stage);
constexpr bool CanFail(Stage stage) {
  return stage != Stage::kUnformed && stage != Stage::kRecords && stage != Stage::kEnable &&
         stage != Stage::kLive && stage != Stage::kFreeInit;
}

// Named places in the code under test where a failure can be injected. They belong to the language,
// so the reference and every implementation pass them at the same moments (SEMANTICS 8).
enum class FaultPoint : std::uint8_t {
  kRecordAlloc,  // one attempt to allocate a block of records (SPEC 1.3)
  kHashCopy,     // the private copy an update edits (SPEC 3.2)
  kHashMove,     // the hash that is moved in (SPEC 3.4)
  kVerify,       // the check of one call site before it is changed (SPEC 4.4)
  kStage,        // a load stage that can fail
  kKlpAlloc,     // livepatch's ops for a function that no patch had before (SPEC 7.2)
  kKlpSymbol,    // livepatch's look-up of a function's address (SPEC 7.3, 7.4)
  kKlpCallback,  // pre_patch of one object of a patch (SPEC 7.3, 7.4)
  kKprobeAlloc,  // the aggregator of several probes at an address, the optimised probe (SPEC 8.4)
  kKprobeSlot,   // the copy of the probed instruction (SPEC 8.2)
  kWrite,        // the change of one call site that was verified; only repairable patching asks
};
inline constexpr std::size_t kFaultPointCount = 11;
std::string_view FaultPointName(FaultPoint point);
std::optional<FaultPoint> FaultPointFromName(std::string_view name);
// The places where the failing code is somebody's own and may return what it likes.
constexpr bool TakesErrno(FaultPoint point) {
  return point == FaultPoint::kStage || point == FaultPoint::kKlpCallback;
}

// Whom an ops belongs to: a tracer has a trace array, and so the tracefs files and cached module
// filters; a kernel user has the functions of include/linux/ftrace.h.
enum class User : std::uint8_t { kKernel, kTracer };

// A failure asked for by the operation itself; kOk stands for the stage's own errno.
struct StageFailure {
  Stage stage = Stage::kLayout;
  Errno error = Errno::kOk;
  friend auto operator<=>(const StageFailure&, const StageFailure&) = default;
};

// --- modules -----------------------------------------------------------------------------------

struct Load {
  ModuleId module{};
  SlotId slot{};
  std::optional<StageFailure> failure;  // only stages that CanFail()
  friend auto operator<=>(const Load&, const Load&) = default;
};
struct LoadBegin {
  ModuleId module{};
  SlotId slot{};
  std::optional<Errno> failure;  // of stage kLayout; kOk: that stage's own errno
  friend auto operator<=>(const LoadBegin&, const LoadBegin&) = default;
};
struct LoadStep {
  ModuleId module{};
  std::optional<Errno> failure;  // of the stage that runs; ignored when it cannot fail
  friend auto operator<=>(const LoadStep&, const LoadStep&) = default;
};
struct Unload {
  ModuleId module{};
  friend auto operator<=>(const Unload&, const Unload&) = default;
};
struct FreeInit {
  friend auto operator<=>(const FreeInit&, const FreeInit&) = default;
};

// --- filters -----------------------------------------------------------------------------------

enum class Which : std::uint8_t { kFilter, kNotrace };

struct SetFilter {  // `filter` and `notrace`
  Which which = Which::kFilter;
  OpsId ops{};
  bool reset = false;
  Pattern pattern;
  friend auto operator<=>(const SetFilter&, const SetFilter&) = default;
};
struct SetFilterIp {  // `filter_ip` and `notrace_ip`
  static constexpr std::size_t kMaxPlaces = 4;
  Which which = Which::kFilter;
  OpsId ops{};
  bool remove = false;
  bool reset = false;
  std::uint8_t count = 1;  // 1..kMaxPlaces; places past it are value-initialised
  std::array<Place, kMaxPlaces> places{};
  friend auto operator<=>(const SetFilterIp&, const SetFilterIp&) = default;
};
struct Share {
  OpsId ops{};
  OpsId with{};
  friend auto operator<=>(const Share&, const Share&) = default;
};

// --- tracing -----------------------------------------------------------------------------------

struct SetOps {  // `ops`
  OpsId ops{};
  User user = User::kKernel;
  bool save_regs = false;
  bool ipmodify = false;
  bool permanent = false;
  friend auto operator<=>(const SetOps&, const SetOps&) = default;
};
struct Register {
  OpsId ops{};
  friend auto operator<=>(const Register&, const Register&) = default;
};
struct Unregister {
  OpsId ops{};
  friend auto operator<=>(const Unregister&, const Unregister&) = default;
};
struct FtraceEnabled {
  bool on = true;
  friend auto operator<=>(const FtraceEnabled&, const FtraceEnabled&) = default;
};
struct Hit {
  FunctionId function{};
  friend auto operator<=>(const Hit&, const Hit&) = default;
};
struct Locate {
  Place place;
  friend auto operator<=>(const Locate&, const Locate&) = default;
};

// --- boot ----------------------------------------------------------------------------------------

// How far boot has come (SPEC 8.9, 8.10). `boot` ends a phase and begins the next.
enum class Phase : std::uint8_t {
  kStart,    // nobody knows where the call sites are; ends with their table sorted
  kSorted,   // a look-up finds them in that table; ends with ftrace_init()
  kFtrace,   // there are records; ends with init_kprobes()
  kRunning,  // where a Program starts that does not say `from boot`
};
// "start", "sorted", "ftrace", "running".
std::string_view PhaseName(Phase phase);

struct Boot {
  friend auto operator<=>(const Boot&, const Boot&) = default;
};

// --- faults ------------------------------------------------------------------------------------

struct Fault {
  FaultPoint point = FaultPoint::kRecordAlloc;
  std::uint16_t nth = 1;     // from 1; counted from here on
  Errno error = Errno::kOk;  // kOk: the point's own; only those that TakesErrno() look at it
  friend auto operator<=>(const Fault&, const Fault&) = default;
};

// New groups append their kinds at the end: the place in the variant is the kind's number in the
// binary form and its rank in the shrinker's order.
using Op = std::variant<Load, LoadBegin, LoadStep, Unload, FreeInit, SetFilter, SetFilterIp, Share,
                        SetOps, Register, Unregister, FtraceEnabled, Hit, Locate, Fault,
                        AddNotifier, RemoveNotifier, SetScript, Notify, NotifyRobust, SetPatch,
                        EnablePatch, DisablePatch, AddKprobe, RemoveKprobe, EnableKprobe,
                        DisableKprobe, KprobesArmed, Boot, Optimize>;
inline constexpr std::size_t kOpKindCount = std::variant_size_v<Op>;

// The first word of the operation's text form.
std::string_view OpName(const Op& op);

}  // namespace recount

#endif  // RECOUNT_MODEL_OP_H_
