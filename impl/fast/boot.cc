#include "impl/fast/boot.h"

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

#include "impl/fast/early_kprobes.h"
#include "impl/fast/repair.h"

namespace recount::fast {
namespace {

// In which phase an operation begins to mean something.
template <typename T>
constexpr Phase kBegins = Phase::kStart;
template <>
constexpr Phase kBegins<SetFilter> = Phase::kFtrace;
template <>
constexpr Phase kBegins<SetFilterIp> = Phase::kFtrace;
template <>
constexpr Phase kBegins<Register> = Phase::kFtrace;
template <>
constexpr Phase kBegins<Unregister> = Phase::kFtrace;
template <>
constexpr Phase kBegins<Load> = Phase::kRunning;
template <>
constexpr Phase kBegins<LoadBegin> = Phase::kRunning;
template <>
constexpr Phase kBegins<LoadStep> = Phase::kRunning;
template <>
constexpr Phase kBegins<Unload> = Phase::kRunning;
template <>
constexpr Phase kBegins<FreeInit> = Phase::kRunning;
template <>
constexpr Phase kBegins<FtraceEnabled> = Phase::kRunning;
template <>
constexpr Phase kBegins<EnablePatch> = Phase::kRunning;
template <>
constexpr Phase kBegins<DisablePatch> = Phase::kRunning;
template <>
constexpr Phase kBegins<AddKprobe> = Phase::kRunning;  // without early kprobes
template <>
constexpr Phase kBegins<RemoveKprobe> = Phase::kRunning;
template <>
constexpr Phase kBegins<EnableKprobe> = Phase::kRunning;
template <>
constexpr Phase kBegins<DisableKprobe> = Phase::kRunning;
template <>
constexpr Phase kBegins<KprobesArmed> = Phase::kRunning;
template <>
constexpr Phase kBegins<Optimize> = Phase::kRunning;

template <std::size_t... kKinds>
constexpr std::array<Phase, kOpKindCount> BeginsByKind(std::index_sequence<kKinds...>) {
  return {kBegins<std::variant_alternative_t<kKinds, Op>>...};
}
constexpr auto kBeginsByKind = BeginsByKind(std::make_index_sequence<kOpKindCount>());

bool IsOfEarlyKprobes(const Op& op) {
  return std::holds_alternative<AddKprobe>(op) || std::holds_alternative<RemoveKprobe>(op);
}

// What the table of call sites and the jumps say is there; a new record says NOP.
void TakeSitesOver(Machine& m) {
  std::span<const CallSites::Entry> sites = m.call_sites.entries();
  for (const Group& group : m.records.groups()) {
    for (RecordId record = group.first; record != group.end(); ++record) {
      // Both are in the order of addresses, and of the same sites.
      const bool nop = sites.front().nop;
      sites = sites.subspan(1);
      m.records.site()[record] = nop ? kSiteNop : kSiteMcount;
    }
  }
  PutJumpsOnRecords(m);
  m.call_sites.Clear();
}

// ftrace_init().
void MakeRecords(Machine& m) {
  m.records.Create(m.CoreImage(), /*disabled=*/false, &m.faults);
  if (m.records.live_records() == 0) {
    m.call_sites.Clear();
    return m.Die();
  }
  m.call_sites.Sort();  // it is, unless by a bug
  TakeSitesOver(m);
  for (const Group& group : m.records.groups()) {
    for (RecordId record = group.first; record != group.end(); ++record) {
      const bool changed = ChangeSite(m, record, kSiteNop, Changer::kBoot);
      ReturnJump(m, record);
      if (!changed) return m.Die();
    }
  }
}

}  // namespace

bool IsTooEarly(const Machine& m, const Op& op) {
  if (m.globals.phase >= kBeginsByKind[op.index()]) return false;
  return m.profile.early_kprobes == Profile::EarlyKprobes::kOff || !IsOfEarlyKprobes(op);
}

bool IsCallSite(const Machine& m, Cell cell) {
  // No records, so nothing is found; nobody thinks of the table.
  if (m.bugs.has(Bug::kEarlyLookupBeforeInit)) return false;
  return m.call_sites.Has(cell);
}

Errno BootOn(Machine& m) {
  switch (m.globals.phase) {
    case Phase::kStart:
      if (!m.bugs.has(Bug::kEarlyUnsortedSearch)) m.call_sites.Sort();
      m.globals.phase = Phase::kSorted;
      return Errno::kOk;
    case Phase::kSorted:
      MakeRecords(m);
      m.globals.phase = Phase::kFtrace;
      return Errno::kOk;
    case Phase::kFtrace: {
      const Errno error = ConvertEarlyKprobes(m);
      m.globals.phase = Phase::kRunning;
      return error;
    }
    case Phase::kRunning:
      break;
  }
  return Errno::kBusy;
}

}  // namespace recount::fast
