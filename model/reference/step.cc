#include "model/reference/step.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "model/reference/boot.h"
#include "model/reference/early_kprobes.h"
#include "model/reference/faults.h"
#include "model/reference/filters.h"
#include "model/reference/kprobes.h"
#include "model/reference/livepatch.h"
#include "model/reference/module_events.h"
#include "model/reference/modules.h"
#include "model/reference/notifiers.h"
#include "model/reference/optprobes.h"
#include "model/reference/patching.h"
#include "model/reference/records.h"
#include "model/reference/tracing.h"

namespace recount::reference {
namespace {

std::uint8_t FlagsOf(const Record& record, const Wanted& wanted) {
  std::uint8_t flags = record.current;
  if (record.disabled) flags |= kDisabled;
  if (wanted.regs) flags |= kRegs;
  if (wanted.tramp()) flags |= kTramp;
  if (wanted.owner) flags |= kIpModify;
  return flags;
}

// Of each pair the lowest of a Program's ops that uses it.
std::array<OpsId, kAllOpsCount> LowestOfPairs(const State& state) {
  std::array<OpsId, kAllOpsCount> lowest{};
  for (std::uint8_t i = kOpsCount; i-- > 0;) lowest[state.ops[i].pair] = OpsId{i};
  return lowest;
}

// Most lists and hashes are empty, before and after.
template <typename Item>
void Copy(const std::vector<Item>& from, std::vector<Item>* to) {
  if (!from.empty() || !to->empty()) *to = from;
}

void CopyHash(const HashView& from, HashView* to) {
  Copy(from.ips, &to->ips);
  to->cleared = from.cleared;
  to->mod = from.mod;
}

void ObserveOps(const State& state, OpsId id, OpsView* view) {
  const Ops& ops = state[id];
  view->user = ops.user;
  view->save_regs = ops.save_regs;
  view->ipmodify = ops.ipmodify;
  view->permanent = ops.permanent;
  view->registered = ops.registered;
  CopyHash(state.PairOf(id).filter, &view->filter);
  CopyHash(state.PairOf(id).notrace, &view->notrace);
  Copy(ops.cached_filter, &view->cached_filter);
  Copy(ops.cached_notrace, &view->cached_notrace);
}

void ObserveNotifiers(const State& state, NotifiersView* view) {
  *view = {};
  for (std::size_t i = 0; i < kChainCount; ++i) {
    ChainView& chain = view->chains[i];
    for (Entry entry = state.chains.first[i]; entry != kNoEntry;
         entry = state.chains.links[entry].behind) {
      if (entry < kNotifierCount) chain.order[chain.count++] = NotifierId{entry};
    }
  }
  for (std::size_t i = 0; i < kNotifierCount; ++i) {
    view->priority[i] = state.chains.links[i].priority;
    for (const auto& [module, held] : state.held[i]) view->held[i] += held;
  }
  view->bad_frees = state.bad_frees;
}

Ledger LedgerOf(const State& state) {
  Ledger ledger;
  ledger.records = static_cast<std::uint32_t>(state.records.size());
  ledger.groups = static_cast<std::uint32_t>(state.groups.size());
  for (const GroupView& group : state.groups) ledger.pages += std::uint32_t{1} << group.order;
  // A pair that no ops uses is empty, so all pairs are those in use.
  for (const HashPair& pair : state.pairs) {
    for (const HashView* hash : {&pair.filter, &pair.notrace}) {
      ledger.hash_entries += static_cast<std::uint32_t>(hash->ips.size()) + hash->cleared;
    }
  }
  // Only tracers have any, and livepatch's ops and those of kprobes never are.
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const Ops& ops = state.ops[i];
    ledger.cached +=
        static_cast<std::uint32_t>(ops.cached_filter.size() + ops.cached_notrace.size());
  }
  return ledger;
}

}  // namespace

State InitialState(WorldPtr world, const Profile& profile) {
  State state;
  state.world = std::move(world);
  state.profile = profile;
  for (std::uint8_t i = 0; i < kAllOpsCount; ++i) state.ops[i].pair = i;
  state.modules.resize(state.world->modules().size());
  if (profile.start == Profile::Start::kBoot) {
    state.globals.phase = Phase::kStart;
  } else {
    CreateCoreRecords(state);
  }
  BootModuleChain(state);
  BootLivepatch(state);
  BootKprobes(state);
  BootEarlyKprobes(state);
  return state;
}

Outcome Step(State& state, const Op& op) {
  if (IsTooEarly(state, op)) return Outcome::Error(Errno::kAgain);
  Outcome outcome = std::visit([&state](const auto& one) { return Apply(state, one); }, op);
  // What changes call sites may have called the chain `tryfix`.
  if (!state.log.empty()) outcome.log = std::exchange(state.log, {});
  return outcome;
}

void Observe(const State& state, View* view) {
  view->records.resize(state.records.size());
  for (std::size_t i = 0; i < state.records.size(); ++i) {
    const Record& record = state.records[i];
    const Wanted wanted = WantedOf(state, record);
    // Field by field: as one value it is put together in memory and read back before it is stored.
    RecordView& out = view->records[i];
    out.ip = record.ip;
    out.function = record.function;
    out.count = wanted.count;
    out.flags = FlagsOf(record, wanted);
    out.site = HasJump(state, record.ip) ? Site{.kind = SiteKind::kJump} : record.site;
  }
  view->groups = state.groups;
  const std::array<OpsId, kAllOpsCount> lowest = LowestOfPairs(state);
  for (std::uint8_t i = 0; i < kOpsCount; ++i) {
    ObserveOps(state, OpsId{i}, &view->ops[i]);
    view->ops[i].pair = lowest[state.ops[i].pair];
  }
  view->order.clear();
  for (auto id = state.registered.rbegin(); id != state.registered.rend(); ++id) {
    if (!state[*id].unlisted) view->order.push_back(*id);
  }
  view->modules = state.modules;
  ObserveNotifiers(state, &view->notifiers);
  ObserveLivepatch(state, &view->livepatch);
  ObserveKprobes(state, &view->kprobes);
  view->globals = state.globals;
  view->ledger = LedgerOf(state);
}

}  // namespace recount::reference
