// The names of operations, stages and fault points.
#include "model/op.h"

#include <type_traits>

#include "model/check.h"

namespace recount {
namespace {

struct StageInfo {
  std::string_view name;
  Errno error;  // of a failure that asks for none; the labels are in the comments of op.h
};

constexpr std::array<StageInfo, kStageCount> kStages = {{
    {"layout", Errno::kNoExec},
    {"unformed", Errno::kOk},
    {"percpu", Errno::kNoMem},
    {"symbols", Errno::kNoEnt},
    {"args", Errno::kFault},
    {"records", Errno::kOk},
    {"formation", Errno::kNoExec},
    {"enable", Errno::kOk},
    {"coming", Errno::kNoMem},
    {"params", Errno::kInval},
    {"sysfs", Errno::kNoMem},
    {"elf", Errno::kNoMem},
    {"init_alloc", Errno::kNoMem},
    {"init", Errno::kIo},
    {"live", Errno::kOk},
    {"free_init", Errno::kOk},
}};

constexpr std::array<std::string_view, kFaultPointCount> kFaultPoints = {
    "record_alloc", "hash_copy",    "hash_move",    "verify",      "stage", "klp_alloc",
    "klp_symbol",   "klp_callback", "kprobe_alloc", "kprobe_slot", "write"};

}  // namespace

std::string_view StageName(Stage stage) {
  const auto index = static_cast<std::size_t>(stage);
  RECOUNT_CHECK(index < kStages.size());
  return kStages[index].name;
}

std::optional<Stage> StageFromName(std::string_view name) {
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    if (kStages[i].name == name) return static_cast<Stage>(i);
  }
  return std::nullopt;
}

Errno StageErrno(Stage stage) {
  const auto index = static_cast<std::size_t>(stage);
  RECOUNT_CHECK(index < kStages.size());
  return kStages[index].error;
}

std::string_view FaultPointName(FaultPoint point) {
  const auto index = static_cast<std::size_t>(point);
  RECOUNT_CHECK(index < kFaultPoints.size());
  return kFaultPoints[index];
}

std::optional<FaultPoint> FaultPointFromName(std::string_view name) {
  for (std::size_t i = 0; i < kFaultPoints.size(); ++i) {
    if (kFaultPoints[i] == name) return static_cast<FaultPoint>(i);
  }
  return std::nullopt;
}

std::string_view PhaseName(Phase phase) {
  constexpr std::array<std::string_view, 4> kNames = {"start", "sorted", "ftrace", "running"};
  const auto index = static_cast<std::size_t>(phase);
  return index < kNames.size() ? kNames[index] : "?";
}

std::string_view OpName(const Op& op) {
  return std::visit(
      [](const auto& o) -> std::string_view {
        using T = std::decay_t<decltype(o)>;
        if constexpr (std::is_same_v<T, Load>) return "load";
        if constexpr (std::is_same_v<T, LoadBegin>) return "load_begin";
        if constexpr (std::is_same_v<T, LoadStep>) return "load_step";
        if constexpr (std::is_same_v<T, Unload>) return "unload";
        if constexpr (std::is_same_v<T, FreeInit>) return "free_init";
        if constexpr (std::is_same_v<T, SetFilter>) {
          return o.which == Which::kFilter ? "filter" : "notrace";
        }
        if constexpr (std::is_same_v<T, SetFilterIp>) {
          return o.which == Which::kFilter ? "filter_ip" : "notrace_ip";
        }
        if constexpr (std::is_same_v<T, Share>) return "share";
        if constexpr (std::is_same_v<T, SetOps>) return "ops";
        if constexpr (std::is_same_v<T, Register>) return "register";
        if constexpr (std::is_same_v<T, Unregister>) return "unregister";
        if constexpr (std::is_same_v<T, FtraceEnabled>) return "ftrace_enabled";
        if constexpr (std::is_same_v<T, Hit>) return "hit";
        if constexpr (std::is_same_v<T, Locate>) return "locate";
        if constexpr (std::is_same_v<T, Fault>) return "fault";
        if constexpr (std::is_same_v<T, AddNotifier>) return "notifier";
        if constexpr (std::is_same_v<T, RemoveNotifier>) return "unnotifier";
        if constexpr (std::is_same_v<T, SetScript>) return "script";
        if constexpr (std::is_same_v<T, Notify>) return o.reverse ? "notify_reverse" : "notify";
        if constexpr (std::is_same_v<T, NotifyRobust>) return "notify_robust";
        if constexpr (std::is_same_v<T, SetPatch>) return "patch";
        if constexpr (std::is_same_v<T, EnablePatch>) return "enable";
        if constexpr (std::is_same_v<T, DisablePatch>) return "disable";
        if constexpr (std::is_same_v<T, AddKprobe>) return "kprobe";
        if constexpr (std::is_same_v<T, RemoveKprobe>) return "unkprobe";
        if constexpr (std::is_same_v<T, EnableKprobe>) return "enable_kprobe";
        if constexpr (std::is_same_v<T, DisableKprobe>) return "disable_kprobe";
        if constexpr (std::is_same_v<T, KprobesArmed>) return "kprobes_armed";
        if constexpr (std::is_same_v<T, Boot>) return "boot";
        if constexpr (std::is_same_v<T, Optimize>) return "optimize";
      },
      op);
}

}  // namespace recount
