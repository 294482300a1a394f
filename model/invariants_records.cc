// I1 to I5: every record against a recount from the ops' own hashes.
#include <algorithm>
#include <bit>
#include <string>

#include "model/check.h"
#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

// At this count the kernel gives up (it is the mask of the count bits).
constexpr std::uint32_t kMaxCount = (1u << 23) - 1;
constexpr std::uint8_t kCurrent = kEnabled | kRegsEn | kTrampEn;

// Says `why` of the first record that is not `good`. Both get the record and who traces it.
template <typename Good, typename Why>
Broken ForEachRecord(const Observation& step, Good good, Why why) {
  const std::vector<RecordView>& records = step.after.records;
  RECOUNT_CHECK(step.traced.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (good(records[i], step.traced[i])) continue;
    return Cat(
        {FunctionName(step.world, records[i].function), ": ", why(records[i], step.traced[i])});
  }
  return std::nullopt;
}

bool Has(const RecordView& record, RecordFlag flag) { return (record.flags & flag) != 0; }

// What SEMANTICS 2 desires of a record while ftrace is alive.
struct Desired {
  std::uint8_t flags = 0;  // current bits
  Site site;
};
Desired DesiredOf(const TracedBy& traced, bool enabled) {
  if (!enabled || traced.ops == 0) return {};
  Desired desired;
  desired.flags = kEnabled;
  if (traced.regs) desired.flags |= kRegsEn;
  if (traced.count == 1) {
    desired.flags |= kTrampEn;
    desired.site = {SiteKind::kTrampoline, static_cast<OpsId>(std::countr_zero(traced.ops))};
  } else {
    desired.site.kind = traced.regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry;
  }
  return desired;
}

}  // namespace

Tracers::Tracers(const View& view) {
  // The IPMODIFY ops registered first owns a record, so members stand oldest first; `order` has the
  // newest first. An ops whose registration killed ftrace is registered but in no order: it is the
  // newest (SEMANTICS 6).
  std::uint32_t left = RegisteredOps(view);
  for (std::size_t i = view.order.size(); i-- > 0;) {
    const std::size_t index = Index(view.order[i]);
    if (index >= kAllOpsCount || (left >> index & 1) == 0) continue;
    left &= ~(1u << index);
    Add(view, index);
  }
  for (; left != 0; left &= left - 1) Add(view, static_cast<std::size_t>(std::countr_zero(left)));
}

void Tracers::Add(const View& view, std::size_t index) {
  if (index < kOpsCount) {
    AddOps(view.ops[index], 1u << index);
    return;
  }
  if (index >= Index(kKprobeOps)) {
    AddKprobeOps(view.kprobes.ops[index - Index(kKprobeOps)], 1u << index);
    return;
  }
  // Livepatch's are IPMODIFY, and trace their one address (SEMANTICS 12).
  const Address* const ip = &view.livepatch.ops[index - kOpsCount].ip;
  members_[member_count_++] = {{ip, ip, ip + 1}, {ip, ip, ip}, 1u << index, false, true};
}

// As any ops, with save_regs; kpi is IPMODIFY too (SEMANTICS 2).
void Tracers::AddKprobeOps(const KprobeOpsView& ops, std::uint32_t bit) {
  save_regs_ |= bit;
  const bool ipmodify = bit == 1u << Index(kKprobeIpmodifyOps);
  const Address* const begin = ops.filter.data();
  const Address* const end = begin + ops.filter.size();
  if (begin != end) {
    members_[member_count_++] = {{begin, begin, end}, {end, end, end}, bit, false, ipmodify};
  } else if (!ipmodify) {
    all_ |= bit;
  }
}

void Tracers::AddOps(const OpsView& ops, std::uint32_t bit) {
  if (ops.save_regs) save_regs_ |= bit;
  const bool all = ops.filter.empty();
  // An IPMODIFY ops owns only what its filter names.
  if (all && ops.ipmodify) return;
  if (!all && ops.filter.ips.empty()) return;
  if (all && ops.notrace.ips.empty()) {
    all_ |= bit;
    return;
  }
  const auto cursor = [](const std::vector<Address>& ips) {
    return Cursor{ips.data(), ips.data(), ips.data() + ips.size()};
  };
  members_[member_count_++] = {cursor(ops.filter.ips), cursor(ops.notrace.ips), bit, all,
                               ops.ipmodify};
}

void Tracers::Rewind(Address ip) {
  for (std::size_t i = 0; i < member_count_; ++i) {
    for (Cursor* cursor : {&members_[i].filter, &members_[i].notrace}) {
      cursor->at = std::lower_bound(cursor->begin, cursor->end, ip);
    }
  }
}

Broken CountsAreRecounted(const Observation& step) {
  return ForEachRecord(
      step,
      [](const RecordView& record, const TracedBy& traced) { return record.count == traced.count; },
      [](const RecordView& record, const TracedBy& traced) {
        return Cat(
            {"count ", std::to_string(record.count), ", recounted ", std::to_string(traced.count)});
      });
}

Broken CountsAreInRange(const Observation& step) {
  const auto registered = static_cast<std::uint32_t>(std::popcount(RegisteredOps(step.after)));
  for (const RecordView& record : step.after.records) {
    if (record.count <= registered && record.count < kMaxCount) continue;
    return Cat({FunctionName(step.world, record.function), ": count ", std::to_string(record.count),
                " with ", std::to_string(registered), " registered ops"});
  }
  return std::nullopt;
}

Broken SitesAreAsDesired(const Observation& step) {
  const Globals& globals = step.after.globals;
  if (globals.dead) {
    if (globals.enabled) return "ftrace is dead and enabled";
    return std::nullopt;  // sites stay as the failing patch pass left them
  }
  const bool enabled = globals.enabled;
  const bool booting = globals.phase != Phase::kRunning;
  return ForEachRecord(
      step,
      [enabled, booting](const RecordView& record, const TracedBy& traced) {
        const Desired desired = DesiredOf(traced, enabled);
        const Site site = booting ? Believed(record.site) : record.site;
        return (record.flags & kCurrent) == desired.flags && site == desired.site;
      },
      [enabled](const RecordView& record, const TracedBy& traced) {
        const Desired desired = DesiredOf(traced, enabled);
        const auto current = static_cast<std::uint8_t>(record.flags & kCurrent);
        return Cat({FlagsText(current), " ", SiteText(record.site), ", desired ",
                    FlagsText(desired.flags), " ", SiteText(desired.site)});
      });
}

Broken RegsFollowTheTracers(const Observation& step) {
  return ForEachRecord(
      step,
      [](const RecordView& record, const TracedBy& traced) {
        return Has(record, kRegs) == traced.regs && Has(record, kIpModify) == traced.owned &&
               (!Has(record, kRegsEn) || Has(record, kEnabled));
      },
      [](const RecordView& record, const TracedBy& traced) -> std::string {
        if (Has(record, kRegs) != traced.regs) {
          return traced.regs ? "REGS is clear, though an ops that traces it saves registers"
                             : "REGS is set, though no ops that traces it saves registers";
        }
        if (Has(record, kIpModify) != traced.owned) {
          return traced.owned ? "IPMODIFY is clear, though an ops owns it"
                              : "IPMODIFY is set, though no ops owns it";
        }
        return "REGS_EN without ENABLED";
      });
}

Broken TrampolinesHaveOneTracer(const Observation& step) {
  // After death the site may be behind its flags.
  const bool alive = !step.after.globals.dead;
  const auto site_agrees = [](const RecordView& record) {
    return (record.site.kind == SiteKind::kTrampoline) == Has(record, kTrampEn);
  };
  const auto calls_the_tracer = [](const RecordView& record, const TracedBy& traced) {
    return Index(record.site.owner) < kAllOpsCount && traced.ops == 1u << Index(record.site.owner);
  };
  return ForEachRecord(
      step,
      [=](const RecordView& record, const TracedBy& traced) {
        if (Has(record, kTramp) != (traced.count == 1)) return false;
        if (Has(record, kTrampEn) && !Has(record, kEnabled)) return false;
        return !alive || (site_agrees(record) &&
                          (!Has(record, kTrampEn) || calls_the_tracer(record, traced)));
      },
      [=](const RecordView& record, const TracedBy& traced) -> std::string {
        if (Has(record, kTramp) != (traced.count == 1)) {
          return traced.count == 1 ? "TRAMP is clear, though one ops traces it"
                                   : "TRAMP is set, though not one ops traces it";
        }
        if (Has(record, kTrampEn) && !Has(record, kEnabled)) return "TRAMP_EN without ENABLED";
        if (!site_agrees(record)) {
          return Has(record, kTrampEn) ? "TRAMP_EN, but the site calls no trampoline"
                                       : "the site calls a trampoline without TRAMP_EN";
        }
        return Cat({"the site calls the trampoline of ", OpsName(Index(record.site.owner)),
                    ", which is not its only tracer"});
      });
}

}  // namespace recount::internal

namespace recount {

void Recount(const View& view, std::vector<TracedBy>* traced) {
  internal::Tracers tracers(view);
  traced->clear();
  for (const RecordView& record : view.records) traced->push_back(tracers.Of(record));
}

}  // namespace recount
