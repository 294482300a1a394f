// What kprobes hear of, and who runs when a function does (SEMANTICS 14).
#include <algorithm>
#include <cstddef>

#include "model/reference/early_kprobes.h"
#include "model/reference/kprobe_table.h"
#include "model/reference/kprobes.h"
#include "model/reference/optprobes.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

void KillRange(State& state, Address begin, Address end) {
  for (ProbedAddress& entry : state.kprobe_table) {
    if (begin <= entry.address && entry.address < end) Kill(state, &entry);
  }
  DropUnused(state);
}

struct TextRange {
  Address begin = 0, end = 0;
};

TextRange InitTextOf(const Module& image, Address base) {
  return {base + Address{image.init_begin} * World::kFunctionStride,
          base + Address{image.init_end} * World::kFunctionStride};
}

TextRange TextOf(const State& state, ModuleId module) {
  const Address base = *BaseOf(state, module);
  return {base, base + Address{state.world->module(module).count} * World::kFunctionStride};
}

void RunProbes(const State& state, const ProbedAddress& entry, Outcome* outcome) {
  if (IsOff(state, entry)) return;
  for (const KprobeId probe : entry.probes) {
    if (!IsOff(state.kprobes[Index(probe)])) outcome->AddFired(probe);
  }
}

}  // namespace

void BootKprobes(State& state) {
  for (const OpsId ops : {kKprobeOps, kKprobeIpmodifyOps}) state[ops].save_regs = true;
  state[kKprobeIpmodifyOps].ipmodify = true;
}

void KprobesHear(State& state, Event event, ModuleId module) {
  if (event != Event::kLive && event != Event::kGoing) return;
  const Module& image = state.world->module(module);
  const TextRange range =
      event == Event::kGoing ? TextOf(state, module) : InitTextOf(image, *BaseOf(state, module));
  KillRange(state, range.begin, range.end);
}

void KillInCoreInitText(State& state) {
  const TextRange range = InitTextOf(state.world->core(), World::kCoreBase);
  KillRange(state, range.begin, range.end);
}

void ForgetBreakpoints(State& state, ModuleId module) {
  const TextRange range = TextOf(state, module);
  for (ProbedAddress& entry : state.kprobe_table) {
    const bool within = range.begin <= entry.address && entry.address < range.end;
    if (!within || entry.on_ftrace) continue;
    entry.armed = false;
    entry.jump = JumpState::kNone;
  }
  DropUnused(state);
}

void RunKprobesAt(const State& state, Address address, Outcome* outcome) {
  if (const ProbedAddress* const entry = FindProbed(state, address)) {
    RunProbes(state, *entry, outcome);
  }
}

void RunBreakpointsIn(const State& state, Address begin, Outcome* outcome) {
  for (Address at = begin; at < begin + World::kFunctionStride; ++at) {
    const ProbedAddress* const entry = FindProbed(state, at);
    if (entry == nullptr) continue;
    const bool armed = entry->armed && !entry->on_ftrace;
    if (armed || HasJump(state, at)) RunProbes(state, *entry, outcome);
  }
}

void ObserveKprobes(const State& state, KprobesView* view) {
  view->entry_count = 0;
  view->early_slots = 0;
  view->entries = {};
  view->unused_count = 0;
  view->unused = {};
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    const Kprobe& probe = state.kprobes[i];
    view->probes[i] = {.registered = probe.registered,
                       .post = probe.post,
                       .gone = probe.gone,
                       .disabled = probe.disabled,
                       .address = probe.address};
  }
  for (const ProbedAddress& entry : state.kprobe_table) {
    if (entry.probes.empty()) {
      view->unused[view->unused_count++] = entry.address;
      continue;
    }
    KprobeEntryView& out = view->entries[view->entry_count++];
    out.address = entry.address;
    out.aggregate = entry.aggregate;
    out.on_ftrace = entry.on_ftrace;
    out.post = HasPost(state, entry);
    out.gone = IsGone(state, entry);
    out.disabled = IsDisabled(state, entry);
    out.early = entry.early;
    out.suspended = entry.suspended;
    out.jump = entry.jump;
    if (entry.early) ++view->early_slots;
    for (const KprobeId probe : entry.probes) out.probes[out.count++] = probe;
  }
  std::sort(view->unused.begin(), view->unused.begin() + view->unused_count);
  for (const OpsId ops : {kKprobeOps, kKprobeIpmodifyOps}) {
    KprobeOpsView& out = view->ops[ops == kKprobeOps ? 0 : 1];
    out.registered = state[ops].registered;
    const std::vector<Address>& filter = state.PairOf(ops).filter.ips;
    if (!filter.empty() || !out.filter.empty()) out.filter = filter;
  }
  view->all_disarmed = state.kprobes_disarmed;
}

}  // namespace recount::reference
