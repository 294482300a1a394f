#include "model/reference/boot.h"

#include <type_traits>
#include <variant>

#include "model/check.h"
#include "model/reference/early_kprobes.h"
#include "model/reference/patching.h"
#include "model/reference/records.h"
#include "model/reference/repair.h"

namespace recount::reference {
namespace {

template <typename T, typename... Any>
constexpr bool kIsOneOf = (std::is_same_v<T, Any> || ...);

// The phase from which an operation is there.
struct FirstPhase {
  Phase kprobes;  // of registering them

  template <typename T>
  Phase operator()(const T&) const {
    if constexpr (kIsOneOf<T, AddKprobe, RemoveKprobe>) return kprobes;
    if constexpr (kIsOneOf<T, SetFilter, SetFilterIp, Register, Unregister>) return Phase::kFtrace;
    if constexpr (kIsOneOf<T, Load, LoadBegin, LoadStep, Unload, FreeInit, FtraceEnabled,
                           EnablePatch, DisablePatch, EnableKprobe, DisableKprobe, KprobesArmed,
                           Optimize>) {
      return Phase::kRunning;
    }
    return Phase::kStart;
  }
};

// ftrace_init()
void ConvertSites(State& state) {
  if (!CreateUnconvertedRecords(state) || state.records.empty()) return Die(state);
  for (Record& record : state.records) {
    const bool changed = ChangeSite(state, &record, Site{});
    ReturnJump(state, record.ip);
    if (!changed) return;
  }
}

}  // namespace

bool IsTooEarly(const State& state, const Op& op) {
  const bool early = state.profile.early_kprobes == Profile::EarlyKprobes::kOn;
  return state.globals.phase < std::visit(FirstPhase{early ? Phase::kStart : Phase::kRunning}, op);
}

Outcome Apply(State& state, const Boot&) {
  switch (state.globals.phase) {
    case Phase::kStart:
      state.globals.phase = Phase::kSorted;
      return Outcome::Ok();
    case Phase::kSorted:
      ConvertSites(state);
      state.globals.phase = Phase::kFtrace;
      return Outcome::Ok();
    case Phase::kFtrace: {
      const Errno error = ConvertEarlyKprobes(state);
      state.globals.phase = Phase::kRunning;
      return Outcome::Error(error);
    }
    case Phase::kRunning:
      return Outcome::Error(Errno::kBusy);
  }
  RECOUNT_CHECK(false);
  return Outcome::Ok();
}

}  // namespace recount::reference
