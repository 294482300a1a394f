#include "impl/fast/filters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "impl/fast/accounting.h"
#include "impl/fast/patcher.h"
#include "impl/fast/selector.h"

namespace recount::fast {
namespace {

HashCopy CopyOf(const Machine& m, OpsId ops, Which which, bool reset) {
  return reset ? HashCopy() : m.ops.Hash(ops, which).Copy();
}

// The copy becomes the hash of `ops`, or nothing changes.
Errno Install(Machine& m, OpsId id, Which which, HashCopy copy) {
  const Ops& ops = m.ops.at(id);
  if (which == Which::kNotrace && ops.ipmodify) return Errno::kInval;
  if (!copy.empty() && m.faults.Pass(FaultPoint::kHashMove)) return Errno::kNoMem;
  if (which == Which::kFilter && ops.ipmodify && m.ops.registered(id)) {
    if (copy.empty()) return Errno::kInval;
    Difference(m.ops.Hash(id, which).cells(), copy.cells, &m.removed, &m.added);
    // What is new to the filter cannot be owned by this ops, so any owner is another.
    if (AnyOwned(m, m.added)) return Errno::kBusy;
  }
  ReplaceHash(m, ops.pair, which, std::move(copy));
  PatchTouched(m);
  return Errno::kOk;
}

// Adds to the copy what the token matches, or removes it. False: nothing matched.
bool Edit(Machine& m, std::string_view function, std::optional<std::string_view> module,
          HashCopy* copy) {
  const bool remove = function.starts_with('!');
  Select(m, function.substr(remove ? 1 : 0), module, &m.matched);
  if (m.matched.empty()) return false;
  if (remove) {
    copy->Erase(m.matched);
  } else {
    copy->Insert(m.matched);
  }
  return true;
}

bool ModulePresent(const Machine& m, std::string_view name) {
  const std::optional<ModuleId> module = m.world->FindModule(name);
  if (!module) return false;
  const ModuleState state = m.modules[Index(*module)].state;
  // Half built, it has no name to be found by yet.
  if (m.bugs.has(Bug::kModuleUnformedVisible)) return state != ModuleState::kAbsent;
  return state == ModuleState::kComing || state == ModuleState::kLive;
}

// Nothing matched `function:mod:module` now: it is kept for later, or an item kept is dropped.
Errno Cache(Machine& m, CachedFilters* cached, const Pattern& function, const Pattern& module) {
  if (function.text().starts_with('!')) {
    const Pattern name = function.Piece(1);
    const std::size_t dropped = cached->DropIf([&](const CachedFilter& item) {
      return item.module == module && (name.text() == "*" || item.function == name);
    });
    return dropped == 0 ? Errno::kInval : Errno::kOk;
  }
  if (ModulePresent(m, module.text())) return Errno::kInval;
  cached->Prepend({function, module});
  return Errno::kOk;
}

// One token written to set_ftrace_filter or set_ftrace_notrace.
Errno Write(Machine& m, CachedFilters* cached, const Pattern& token, HashCopy* copy) {
  const std::string_view text = token.text();
  const std::size_t colon = text.find(':');
  if (colon == text.npos) {
    return Edit(m, text, std::nullopt, copy) ? Errno::kOk : Errno::kInval;
  }
  const std::size_t second = text.find(':', colon + 1);
  if (second == text.npos || text.substr(colon + 1, second - colon - 1) != "mod") {
    return Errno::kInval;
  }
  const Pattern function = token.Piece(0, colon);
  const Pattern module = token.Piece(second + 1);
  if (Edit(m, function.text(), module.text(), copy)) return Errno::kOk;
  return Cache(m, cached, function, module);
}

Errno SetAsTracer(Machine& m, const SetFilter& op) {
  CachedFilters& cached = m.ops.at(op.ops).cached[At(op.which)];
  if (m.bugs.has(Bug::kModCacheDroppedOnFailedOpen) && op.reset) cached.Clear();
  if (m.faults.Pass(FaultPoint::kHashCopy)) return Errno::kNoMem;
  HashCopy copy = CopyOf(m, op.ops, op.which, op.reset);
  if (op.reset) cached.Clear();
  const Errno written = op.pattern.null() ? Errno::kOk : Write(m, &cached, op.pattern, &copy);
  // The close comes whatever the write said, and nobody looks at what it says itself.
  if (op.which == Which::kFilter) copy.mod = !cached.empty();
  Install(m, op.ops, op.which, std::move(copy));
  return written;
}

Errno SetAsKernel(Machine& m, const SetFilter& op) {
  if (m.faults.Pass(FaultPoint::kHashCopy)) return Errno::kNoMem;
  HashCopy copy = CopyOf(m, op.ops, op.which, op.reset);
  if (!op.pattern.null() && !Edit(m, op.pattern.text(), std::nullopt, &copy)) {
    return Errno::kInval;
  }
  return Install(m, op.ops, op.which, std::move(copy));
}

void ApplyCachedList(Machine& m, OpsId ops, Which which, std::string_view module) {
  CachedFilters& cached = m.ops.at(ops).cached[At(which)];
  if (cached.empty() || m.faults.Pass(FaultPoint::kHashCopy)) return;
  HashCopy copy = CopyOf(m, ops, which, /*reset=*/false);
  cached.DropIf([&](const CachedFilter& item) {
    if (item.module.text() != module) return false;
    Edit(m, item.function.text(), module, &copy);
    return true;
  });
  if (which == Which::kFilter && cached.empty()) {
    copy.mod = false;
    // A filter that was asked for and matched nothing traces nothing: an entry that matches nothing
    // keeps the hash from being empty, which would mean all functions.
    if (copy.empty() && !m.bugs.has(Bug::kCachedFilterWidensToAll)) copy.cleared = 1;
  }
  Install(m, ops, which, std::move(copy));
}

}  // namespace

Errno SetFilterPattern(Machine& m, const SetFilter& op) {
  if (m.dead()) return Errno::kNoDev;
  return m.ops.at(op.ops).user == User::kTracer ? SetAsTracer(m, op) : SetAsKernel(m, op);
}

Errno SetFilterPlaces(Machine& m, const SetFilterIp& op) {
  const std::span<const Place> places(op.places.data(), op.count);
  std::array<Cell, SetFilterIp::kMaxPlaces> cells;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!m.CellOf(places[i].function, &cells[i])) return Errno::kSrch;
  }
  if (m.dead()) return Errno::kNoDev;
  if (m.faults.Pass(FaultPoint::kHashCopy)) return Errno::kNoMem;
  HashCopy copy = CopyOf(m, op.ops, op.which, op.reset);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (m.RecordCovering(m.layout.AddressOf(cells[i]) + places[i].offset) == kNoRecord) {
      return Errno::kInval;
    }
    const std::span<const Cell> cell(&cells[i], 1);
    if (!op.remove) {
      copy.Insert(cell);
    } else if (copy.Contains(cells[i])) {
      copy.Erase(cell);
    } else {
      return Errno::kNoEnt;
    }
  }
  return Install(m, op.ops, op.which, std::move(copy));
}

Errno ShareHashes(Machine& m, const Share& op) {
  const Ops& ops = m.ops.at(op.ops);
  if (op.ops == op.with || ops.user == User::kTracer || ops.ipmodify ||
      m.ops.at(op.with).ipmodify) {
    return Errno::kInval;
  }
  if (m.ops.registered(op.ops)) return Errno::kBusy;
  m.ops.Share(op.ops, op.with);
  return Errno::kOk;
}

void ApplyCachedFilters(Machine& m, std::string_view name) {
  if (m.ops.live_cached() == 0) return;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const auto ops = static_cast<OpsId>(i);
    if (m.ops.at(ops).user != User::kTracer) continue;
    for (const Which which : {Which::kFilter, Which::kNotrace}) {
      ApplyCachedList(m, ops, which, name);
    }
  }
}

void ClearVanished(Machine& m, std::span<const Cell> cells, bool unload) {
  if (cells.empty() || m.profile.reload != Profile::Reload::kCleared) return;
  if (unload && m.bugs.has(Bug::kStaleHashTracesOtherModule)) return;
  const PairSet tracers = m.ops.TracerPairs();
  for (const Which which : {Which::kFilter, Which::kNotrace}) {
    if (which == Which::kNotrace && m.bugs.has(Bug::kZeroHashOnUnload)) continue;
    PairSet naming = 0;
    for (const Cell cell : cells) naming |= m.index.Pairs(which, cell);
    ForEachBit(naming & tracers, [&](unsigned pair) {
      m.removed.clear();
      for (const Cell cell : cells) {
        if ((m.index.Pairs(which, cell) >> pair & 1) != 0) m.removed.push_back(cell);
      }
      std::sort(m.removed.begin(), m.removed.end());
      m.removed.erase(std::unique(m.removed.begin(), m.removed.end()), m.removed.end());
      HashCopy copy = m.ops.pair(pair).hash[At(which)].Copy();
      copy.Erase(m.removed);
      copy.cleared += static_cast<std::uint32_t>(m.removed.size());
      // No record is there any more, so no count changes: the hash alone is replaced.
      m.ops.Replace(pair, which, std::move(copy), m.removed, {});
    });
  }
}

}  // namespace recount::fast
