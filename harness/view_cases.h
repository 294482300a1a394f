// For tests: a View with something of everything in it, and one change of each of its fields. What
// compares, prints or sends Views is to be held against all of them.
#ifndef RECOUNT_HARNESS_VIEW_CASES_H_
#define RECOUNT_HARNESS_VIEW_CASES_H_

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/compare.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

inline WorldPtr Small() { return BuiltinWorld("small").value(); }

inline FunctionId Fn(std::string_view name) { return Small()->FindFunction(name).value(); }

// A View with something of everything in it. It need not be reachable.
inline View Sample() {
  View view;
  view.records = {{.ip = 0x1000010, .function = Fn("core_read"), .count = 2, .flags = kEnabled},
                  {.ip = 0x80000000, .function = Fn("alpha_open")},
                  {.ip = 0x80000010,
                   .function = Fn("alpha_read"),
                   .count = 1,
                   .flags = kTramp | kEnabled | kTrampEn,
                   .site = {SiteKind::kTrampoline, OpsId{2}}}};
  view.groups = {{.owner = kCore, .order = 0, .used = 1},
                 {.owner = ModuleId{0}, .order = 1, .used = 2}};
  for (std::size_t i = 0; i < kOpsCount; ++i) view.ops[i].pair = static_cast<OpsId>(i);
  OpsView& ops = view.ops[2];
  ops.registered = true;
  ops.filter = {.ips = {0x80000010, 0x80000040}, .cleared = 1, .mod = true};
  ops.notrace = {.ips = {0x1000010}};
  ops.cached_filter = {{Pattern::Must("*"), Pattern::Must("beta")}};
  view.order = {OpsId{2}, OpsId{5}};
  view.modules.resize(4);
  view.modules[0] = {ModuleState::kLive, SlotId{0}, Stage::kLayout, /*klp_alive=*/true};
  view.modules[1] = {ModuleState::kComing, SlotId{2}, Stage::kParams};
  view.notifiers.chains[0] = {2, {NotifierId{1}, NotifierId{0}}};
  view.notifiers.priority[1] = 10;
  view.notifiers.held[0] = 2;
  LivepatchView& livepatch = view.livepatch;
  livepatch.patches[0] = {.count = 2,
                          .enabled = true,
                          .functions = {Fn("alpha_read"), Fn("beta_open")},
                          .bound = 0b01,
                          .patched = 0b01};
  livepatch.patches[1] = {.count = 1, .enabled = true, .functions = {Fn("alpha_read")}};
  livepatch.enabled_count = 2;
  livepatch.order = {PatchId{0}, PatchId{1}};
  livepatch.ops[0] = {.ip = 0x80000010, .registered = true, .depth = 2};
  livepatch.ops[0].stack = {PatchId{1}, PatchId{0}};
  KprobesView& kprobes = view.kprobes;
  kprobes.probes[0] = {.registered = true, .address = 0x80000010};
  kprobes.probes[1] = {.registered = true, .post = true, .address = 0x80000010};
  kprobes.probes[2] = {.registered = true, .disabled = true, .address = 0x1000018};
  kprobes.entry_count = 2;
  kprobes.entries[0] = {.address = 0x1000018, .disabled = true, .count = 1};
  kprobes.entries[0].probes = {KprobeId{2}};
  kprobes.entries[1] = {
      .address = 0x80000010, .aggregate = true, .on_ftrace = true, .post = true, .count = 2};
  kprobes.entries[1].probes = {KprobeId{1}, KprobeId{0}};
  kprobes.ops[1] = {.registered = true, .filter = {0x80000010}};
  view.ledger = {.records = 3, .groups = 2, .pages = 3, .hash_entries = 4, .cached = 1};
  return view;
}

struct ViewCase {
  std::function<void(View*)> change;
  Difference difference;
};

// One line for each field of view.h, and for what can happen to a list as a whole.
inline const std::vector<ViewCase>& ViewCases() {
  static const auto* const cases = new std::vector<ViewCase>{
      {[](View* v) { v->globals.dead = true; }, {"globals.dead", "0", "1"}},
      {[](View* v) { v->globals.enabled = false; }, {"globals.enabled", "1", "0"}},
      {[](View* v) { v->globals.core_init_freed = true; }, {"globals.core_init_freed", "0", "1"}},
      {[](View* v) { v->globals.phase = Phase::kSorted; }, {"globals.phase", "running", "sorted"}},

      {[](View* v) { v->records[0].count = 3; }, {"records[core_read].count", "2", "3"}},
      {[](View* v) { v->records[2].flags |= kRegs; },
       {"records[alpha_read].flags", "--T-E-t", "-RT-E-t"}},
      {[](View* v) { v->records[2].site.owner = OpsId{3}; },
       {"records[alpha_read].site", "call o2", "call o3"}},
      {[](View* v) { v->records[1].site.kind = SiteKind::kPlainEntry; },
       {"records[alpha_open].site", "nop", "call"}},
      {[](View* v) { v->records[1].site.kind = SiteKind::kMcount; },
       {"records[alpha_open].site", "nop", "mcount"}},
      {[](View* v) { v->records[1].site.kind = SiteKind::kJump; },
       {"records[alpha_open].site", "nop", "jump"}},
      {[](View* v) { v->records[1].ip += 2; }, {"records[alpha_open]", "present", "missing"}},
      {[](View* v) { v->records[1].function = Fn("beta_open"); },
       {"records[alpha_open]", "present", "missing"}},
      {[](View* v) { v->records.pop_back(); }, {"records[alpha_read]", "present", "missing"}},
      {[](View* v) { v->records.insert(v->records.begin(), v->records[1]); },
       {"records[alpha_open]", "present", "2 times"}},
      {[](View* v) { std::swap(v->records[1], v->records[2]); },
       {"records[1].place", "records[alpha_open]", "records[alpha_read]"}},

      {[](View* v) { v->groups[1].owner = ModuleId{3}; }, {"groups[1].owner", "alpha", "delta"}},
      {[](View* v) { v->groups[0].order = 2; }, {"groups[0].order", "0", "2"}},
      {[](View* v) { v->groups[1].used = 1; }, {"groups[1].used", "2", "1"}},
      {[](View* v) { v->groups.pop_back(); }, {"groups.size", "2", "1"}},

      {[](View* v) { v->ops[1].user = User::kTracer; }, {"ops[o1].user", "kernel", "tracer"}},
      {[](View* v) { v->ops[1].save_regs = true; }, {"ops[o1].save_regs", "0", "1"}},
      {[](View* v) { v->ops[1].ipmodify = true; }, {"ops[o1].ipmodify", "0", "1"}},
      {[](View* v) { v->ops[1].permanent = true; }, {"ops[o1].permanent", "0", "1"}},
      {[](View* v) { v->ops[2].registered = false; }, {"ops[o2].registered", "1", "0"}},
      {[](View* v) { v->ops[7].pair = OpsId{4}; }, {"ops[o7].pair", "o7", "o4"}},
      {[](View* v) { v->ops[2].filter.ips.pop_back(); },
       {"ops[o2].filter", "alpha_read 0x80000040", "alpha_read"}},
      {[](View* v) { v->ops[2].filter.cleared = 0; }, {"ops[o2].filter.cleared", "1", "0"}},
      {[](View* v) { v->ops[2].filter.mod = false; }, {"ops[o2].filter.mod", "1", "0"}},
      {[](View* v) { v->ops[2].notrace.ips.clear(); },
       {"ops[o2].notrace", "core_read", "no address"}},
      {[](View* v) { v->ops[2].notrace.cleared = 7; }, {"ops[o2].notrace.cleared", "0", "7"}},
      {[](View* v) { v->ops[2].notrace.mod = true; }, {"ops[o2].notrace.mod", "0", "1"}},
      {[](View* v) { v->ops[2].cached_filter.clear(); },
       {"ops[o2].cached_filter", "*:mod:beta", "nothing"}},
      {[](View* v) { v->ops[0].cached_notrace = v->ops[2].cached_filter; },
       {"ops[o0].cached_notrace", "nothing", "*:mod:beta"}},

      {[](View* v) { std::swap(v->order[0], v->order[1]); }, {"order", "o2 o5", "o5 o2"}},
      {[](View* v) { v->order.clear(); }, {"order", "o2 o5", "nobody"}},

      {[](View* v) { v->modules[1].state = ModuleState::kUnformed; },
       {"modules[beta].state", "coming", "unformed"}},
      {[](View* v) { v->modules[0].slot = SlotId{4}; }, {"modules[alpha].slot", "@0", "@4"}},
      {[](View* v) { v->modules[1].slot = kNoSlot; }, {"modules[beta].slot", "@2", "none"}},
      {[](View* v) { v->modules[1].next = Stage::kSysfs; },
       {"modules[beta].next", "params", "sysfs"}},
      {[](View* v) { v->modules[0].klp_alive = false; }, {"modules[alpha].klp_alive", "1", "0"}},
      {[](View* v) { v->modules.pop_back(); }, {"modules.size", "4", "3"}},

      {[](View* v) { std::swap(v->notifiers.chains[0].order[0], v->notifiers.chains[0].order[1]); },
       {"chains[module]", "n1 n0", "n0 n1"}},
      {[](View* v) { v->notifiers.chains[0] = {}; }, {"chains[module]", "n1 n0", "nobody"}},
      {[](View* v) { v->notifiers.chains[2] = {1, {NotifierId{5}}}; },
       {"chains[blocking]", "nobody", "n5"}},
      {[](View* v) { v->notifiers.chains[3] = {1, {NotifierId{6}}}; },
       {"chains[tryfix]", "nobody", "n6"}},
      {[](View* v) { v->notifiers.chains[4] = {1, {NotifierId{7}}}; },
       {"chains[atomic]", "nobody", "n7"}},
      {[](View* v) { v->notifiers.chains[5] = {2, {NotifierId{3}, NotifierId{2}}}; },
       {"chains[srcu]", "nobody", "n3 n2"}},
      {[](View* v) { v->notifiers.priority[1] = -2147483648; },
       {"notifiers[n1].priority", "10", "-2147483648"}},
      {[](View* v) { v->notifiers.held[0] = 1; }, {"notifiers[n0].held", "2", "1"}},
      {[](View* v) { v->notifiers.bad_frees = 3; }, {"notifiers.bad_frees", "0", "3"}},

      {[](View* v) { v->livepatch.patches[1].enabled = false; }, {"patches[p1].enabled", "1", "0"}},
      {[](View* v) { v->livepatch.patches[1].replace = true; }, {"patches[p1].replace", "0", "1"}},
      {[](View* v) { v->livepatch.patches[0].count = 1; },
       {"patches[p0].functions", "alpha_read beta_open", "alpha_read"}},
      {[](View* v) { v->livepatch.patches[1].functions[0] = Fn("alpha_open"); },
       {"patches[p1].functions", "alpha_read", "alpha_open"}},
      {[](View* v) { v->livepatch.patches[0].bound = 0b11; },
       {"patches[p0].bound", "alpha_read", "alpha_read beta_open"}},
      {[](View* v) { v->livepatch.patches[0].patched = 0; },
       {"patches[p0].patched", "alpha_read", "none"}},
      {[](View* v) { std::swap(v->livepatch.order[0], v->livepatch.order[1]); },
       {"patches", "p0 p1", "p1 p0"}},
      {[](View* v) { v->livepatch.enabled_count = 0; }, {"patches", "p0 p1", "none"}},
      {[](View* v) { v->livepatch.ops[0].ip = 0x80000020; },
       {"klp_ops[l0].ip", "alpha_read", "0x80000020"}},
      {[](View* v) { v->livepatch.ops[0].registered = false; },
       {"klp_ops[l0].registered", "1", "0"}},
      {[](View* v) { v->livepatch.ops[0].depth = 1; }, {"klp_ops[l0].stack", "p1 p0", "p1"}},
      {[](View* v) { v->livepatch.ops[15].depth = 1; }, {"klp_ops[l15].stack", "none", "p0"}},

      {[](View* v) { v->kprobes.all_disarmed = true; }, {"kprobes.all_disarmed", "0", "1"}},
      {[](View* v) { v->kprobes.early_slots = 2; }, {"kprobes.early_slots", "0", "2"}},
      {[](View* v) {
         v->kprobes.unused_count = 1;
         v->kprobes.unused[0] = 0x1000015;
       },
       {"kprobes.unused", "none", "0x1000015"}},
      {[](View* v) { v->kprobes.entries[0].jump = JumpState::kQueued; },
       {"kprobe_entries[0].jump", "none", "queued"}},
      {[](View* v) { v->kprobes.entries[0].early = true; }, {"kprobe_entries[0].early", "0", "1"}},
      {[](View* v) { v->kprobes.entries[1].suspended = true; },
       {"kprobe_entries[1].suspended", "0", "1"}},
      {[](View* v) { v->kprobes.probes[3].registered = true; },
       {"kprobes[k3].registered", "0", "1"}},
      {[](View* v) { v->kprobes.probes[1].post = false; }, {"kprobes[k1].post", "1", "0"}},
      {[](View* v) { v->kprobes.probes[0].gone = true; }, {"kprobes[k0].gone", "0", "1"}},
      {[](View* v) { v->kprobes.probes[2].disabled = false; }, {"kprobes[k2].disabled", "1", "0"}},
      {[](View* v) { v->kprobes.probes[0].address = 0x80000020; },
       {"kprobes[k0].address", "alpha_read", "0x80000020"}},
      {[](View* v) { v->kprobes.probes[2].address = 0; },
       {"kprobes[k2].address", "0x1000018", "none"}},
      {[](View* v) { v->kprobes.entry_count = 1; }, {"kprobe_entries.count", "2", "1"}},
      {[](View* v) { v->kprobes.entries[0].address = 0x80000000; },
       {"kprobe_entries[0].address", "0x1000018", "alpha_open"}},
      {[](View* v) { v->kprobes.entries[1].aggregate = false; },
       {"kprobe_entries[1].aggregate", "1", "0"}},
      {[](View* v) { v->kprobes.entries[0].on_ftrace = true; },
       {"kprobe_entries[0].on_ftrace", "0", "1"}},
      {[](View* v) { v->kprobes.entries[1].post = false; }, {"kprobe_entries[1].post", "1", "0"}},
      {[](View* v) { v->kprobes.entries[1].gone = true; }, {"kprobe_entries[1].gone", "0", "1"}},
      {[](View* v) { v->kprobes.entries[0].disabled = false; },
       {"kprobe_entries[0].disabled", "1", "0"}},
      {[](View* v) { v->kprobes.entries[1].count = 1; },
       {"kprobe_entries[1].probes", "k1 k0", "k1"}},
      {[](View* v) { std::swap(v->kprobes.entries[1].probes[0], v->kprobes.entries[1].probes[1]); },
       {"kprobe_entries[1].probes", "k1 k0", "k0 k1"}},
      {[](View* v) { v->kprobes.entries[3].count = 1; },
       {"kprobe_entries[3].probes", "none", "k0"}},
      {[](View* v) { v->kprobes.ops[0].registered = true; },
       {"kprobe_ops[kp].registered", "0", "1"}},
      {[](View* v) { v->kprobes.ops[1].registered = false; },
       {"kprobe_ops[kpi].registered", "1", "0"}},
      {[](View* v) { v->kprobes.ops[0].filter = {0x1000010}; },
       {"kprobe_ops[kp].filter", "no address", "core_read"}},
      {[](View* v) { v->kprobes.ops[1].filter.push_back(0x80000040); },
       {"kprobe_ops[kpi].filter", "alpha_read", "alpha_read 0x80000040"}},

      {[](View* v) { v->ledger.records = 4; }, {"ledger.records", "3", "4"}},
      {[](View* v) { v->ledger.groups = 1; }, {"ledger.groups", "2", "1"}},
      {[](View* v) { v->ledger.pages = 5; }, {"ledger.pages", "3", "5"}},
      {[](View* v) { v->ledger.hash_entries = 5; }, {"ledger.hash_entries", "4", "5"}},
      {[](View* v) { v->ledger.cached = 0; }, {"ledger.cached", "1", "0"}},
  };
  return *cases;
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_VIEW_CASES_H_
