// I14: the kprobe table and the two ops behind it (SEMANTICS 14).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

std::string KprobeName(std::size_t index) { return Cat({"k", std::to_string(index)}); }

std::string EntryName(const KprobeEntryView& entry) {
  return entry.count == 0 ? "an entry without probes"
                          : Cat({"the entry of ", KprobeName(Index(entry.probes[0]))});
}

bool IsOff(const KprobeEntryView& entry) { return entry.gone || entry.disabled; }
bool IsOff(const KprobeView& probe) { return probe.gone || probe.disabled; }

const KprobeView& ProbeOf(const View& view, KprobeId id) {
  return view.kprobes.probes[Index(id) % kKprobeCount];
}

bool Has(const KprobeOpsView& ops, Address ip) {
  return std::find(ops.filter.begin(), ops.filter.end(), ip) != ops.filter.end();
}

const KprobeEntryView* EntryAt(const View& view, Address ip) {
  const auto begin = view.kprobes.entries.begin();
  const auto end = begin + std::min<std::size_t>(view.kprobes.entry_count, kKprobeCount);
  const auto found =
      std::find_if(begin, end, [ip](const KprobeEntryView& entry) { return entry.address == ip; });
  return found == end ? nullptr : &*found;
}

void Fire(const View& view, const KprobeEntryView& entry, Outcome* outcome) {
  if (IsOff(entry)) return;
  for (std::size_t i = 0; i < std::min<std::size_t>(entry.count, kKprobeCount); ++i) {
    if (IsOff(ProbeOf(view, entry.probes[i])) || outcome->fired_count >= outcome->fired.size()) {
      continue;
    }
    outcome->AddFired(entry.probes[i]);
  }
}

// One entry an address, a place in one of them for each registered probe, and no other.
Broken TableFault(const View& view) {
  const KprobesView& kprobes = view.kprobes;
  if (kprobes.entry_count > kKprobeCount) return "more kprobes are probed than there are";
  std::uint32_t placed = 0;
  for (std::size_t i = 0; i < kprobes.entry_count; ++i) {
    const KprobeEntryView& entry = kprobes.entries[i];
    if (EntryAt(view, entry.address) != &entry) {
      return Cat({EntryName(entry), ": its address has another entry"});
    }
    if (entry.count == 0 || entry.count > kKprobeCount || (!entry.aggregate && entry.count > 1)) {
      return Cat({EntryName(entry), ": holds ", std::to_string(entry.count), " probes"});
    }
    for (std::size_t j = 0; j < entry.count; ++j) {
      const std::size_t id = Index(entry.probes[j]);
      if (id >= kKprobeCount || (placed >> id & 1) != 0) {
        return Cat({KprobeName(id), ": in the table twice, or there is none"});
      }
      placed |= 1u << id;
      if (!kprobes.probes[id].registered) {
        return Cat({KprobeName(id), ": in the table, but not registered"});
      }
      if (kprobes.probes[id].address != entry.address) {
        return Cat({KprobeName(id), ": in the entry of another address"});
      }
    }
  }
  for (std::size_t id = 0; id < kKprobeCount; ++id) {
    const KprobeView& probe = kprobes.probes[id];
    if (probe.registered && (placed >> id & 1) == 0) {
      return Cat({KprobeName(id), ": registered, but not in the table"});
    }
    if (!probe.registered && probe != KprobeView{}) {
      return Cat({KprobeName(id), ": not registered, but with something left"});
    }
  }
  return std::nullopt;
}

// What the flags of an entry say of those of its probes.
Broken FlagsFault(const View& view, const KprobeEntryView& entry) {
  const auto fault = [&](std::string_view what) { return Cat({EntryName(entry), ": ", what}); };
  if (!entry.aggregate) {
    const KprobeView& probe = ProbeOf(view, entry.probes[0]);
    if (entry.post == probe.post && entry.gone == probe.gone && entry.disabled == probe.disabled) {
      return std::nullopt;
    }
    return fault("a probe alone has other flags than its entry");
  }
  bool on = false;
  for (std::size_t i = 0; i < entry.count; ++i) {
    const KprobeView& probe = ProbeOf(view, entry.probes[i]);
    if (entry.gone && !probe.gone) return fault("gone, but not all its probes are");
    if (!entry.post && probe.post && !probe.gone) {
      return fault("has no post_handler, but a probe of it has");
    }
    on = on || !IsOff(probe);
  }
  if (entry.gone && entry.post) return fault("gone, but with a post_handler");
  if (!IsOff(entry) && !on) return fault("on, but all its probes are off");
  return std::nullopt;
}

// kp and kpi against the entries. While ftrace is alive, and nothing went astray.
Broken OpsFault(const View& view) {
  const KprobesView& kprobes = view.kprobes;
  for (std::size_t x = 0; x < kprobes.ops.size(); ++x) {
    const KprobeOpsView& ops = kprobes.ops[x];
    const auto name = [x] { return OpsName(Index(kKprobeOps) + x); };
    for (const Address ip : ops.filter) {
      const KprobeEntryView* const entry = EntryAt(view, ip);
      if (entry == nullptr) return Cat({name(), ": traces an address that is not probed"});
      const auto fault = [&](std::string_view what) {
        return Cat({name(), ": traces ", EntryName(*entry), ", which is ", what});
      };
      if (!entry->on_ftrace) return fault("not on ftrace");
      if (entry->gone) return fault("gone");
      if (entry->disabled) return fault("disabled");
      if (kprobes.all_disarmed) return fault("disarmed, like all");
      if (entry->post != (x == 1)) return fault("on the other");
    }
    if (ops.registered != !ops.filter.empty()) {
      return Cat({name(), ops.registered ? ": registered for no entry" : ": not registered"});
    }
  }
  if (kprobes.all_disarmed) return std::nullopt;
  for (std::size_t i = 0; i < kprobes.entry_count; ++i) {
    const KprobeEntryView& entry = kprobes.entries[i];
    if (!entry.on_ftrace || IsOff(entry) || entry.early ||
        Has(kprobes.ops[entry.post ? 1 : 0], entry.address)) {
      continue;
    }
    return Cat({EntryName(entry), ": on, but ", entry.post ? "kpi" : "kp", " does not trace it"});
  }
  return std::nullopt;
}

}  // namespace

bool KprobesMayStray(const Observation& step) {
  return step.told.kprobes_may_stray() ||
         Announcements::LetsKprobesStray(step.profile, step.op, step.outcome, step.after);
}

void FireOnFtrace(const View& view, Address ip, Outcome* outcome) {
  if (const KprobeEntryView* const entry = EntryAt(view, ip)) Fire(view, *entry, outcome);
}

void FireBreakpoints(const View& view, Address begin, Outcome* outcome) {
  if (view.kprobes.entry_count == 0 || view.kprobes.all_disarmed) return;
  for (Address at = begin; at < begin + World::kFunctionStride; ++at) {
    const KprobeEntryView* const entry = EntryAt(view, at);
    if (entry == nullptr) continue;
    if (entry->early ? !entry->suspended : !entry->on_ftrace) Fire(view, *entry, outcome);
  }
}

Broken ProbesAreArmedWhereTheyAre(const Observation& step) {
  const View& view = step.after;
  if (Broken broken = TableFault(view)) return broken;
  for (std::size_t i = 0; i < view.kprobes.entry_count; ++i) {
    if (Broken broken = FlagsFault(view, view.kprobes.entries[i])) return broken;
  }
  if (Broken broken = EarlyKprobesFault(view)) return broken;
  if (view.globals.dead || KprobesMayStray(step)) return std::nullopt;
  return OpsFault(view);
}

}  // namespace recount::internal
