#include "harness/known/death.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

#include "harness/known/declared_view.h"

namespace recount {
namespace {

bool DisarmsKprobes(const Op& op) {
  return std::holds_alternative<RemoveKprobe>(op) || std::holds_alternative<DisableKprobe>(op) ||
         std::holds_alternative<KprobesArmed>(op);
}

// What of `shown` lies in the range becomes as the oracle has it. False: more than that differs.
bool TakeBackHash(TextRange range, const HashView& after, HashView* shown) {
  const auto differs_outside = [&range](const HashView& a, const HashView& b) {
    return std::any_of(a.ips.begin(), a.ips.end(), [&](Address ip) {
      return !range.Has(ip) && !std::binary_search(b.ips.begin(), b.ips.end(), ip);
    });
  };
  if (differs_outside(after, *shown) || differs_outside(*shown, after)) return false;
  *shown = after;
  return true;
}

bool TakeBackLivepatch(TextRange range, const View& after, View* shown) {
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const LivepatchOpsView& ought = after.livepatch.ops[i];
    LivepatchOpsView& is = shown->livepatch.ops[i];
    if (ought == is) continue;
    if (!range.Has(ought.ip) && !range.Has(is.ip)) return false;
    is = ought;
  }
  return true;
}

bool TakeBackKprobes(TextRange range, const View& after, View* shown) {
  if (after.kprobes.entry_count != shown->kprobes.entry_count) return false;
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    const KprobeEntryView& ought = after.kprobes.entries[i];
    if (ought != shown->kprobes.entries[i] && !range.Has(ought.address)) return false;
    const KprobeView& probe = after.kprobes.probes[i];
    if (probe != shown->kprobes.probes[i] && !range.Has(probe.address)) return false;
  }
  shown->kprobes = after.kprobes;
  return true;
}

// The text that the operation takes away; nullopt when it takes none.
std::optional<TextRange> LeavingText(const DivergingStep& step) {
  std::optional<ModuleId> module;
  if (const auto* unload = std::get_if<Unload>(&step.op)) module = unload->module;
  if (const auto* stage = std::get_if<LoadStep>(&step.op)) {
    if (step.before.modules[Index(stage->module)].next > Stage::kEnable) module = stage->module;
  }
  if (std::holds_alternative<FreeInit>(step.op)) module = kCore;
  if (!module) return std::nullopt;
  const Address begin = *module == kCore
                            ? World::kCoreBase
                            : step.world.SlotAddress(step.before.modules[Index(*module)].slot);
  return TextRange{begin, begin + step.world.image(*module).count * World::kFunctionStride};
}

}  // namespace

void TakeBackAfterDeath(const DivergingStep& step, View* shown, Outcome* actual) {
  if (step.before.globals.dead || step.after.globals.dead == shown->globals.dead) return;
  View view = *shown;
  if (const std::optional<TextRange> range = LeavingText(step)) {
    for (std::size_t i = 0; i < kOpsCount; ++i) {
      if (!TakeBackHash(*range, step.after.ops[i].filter, &view.ops[i].filter)) return;
      if (!TakeBackHash(*range, step.after.ops[i].notrace, &view.ops[i].notrace)) return;
    }
    if (!TakeBackLivepatch(*range, step.after, &view)) return;
    if (!TakeBackKprobes(*range, step.after, &view)) return;
    view.groups = step.after.groups;  // they follow the records, which are explained
  } else if (DisarmsKprobes(step.op)) {
    view.kprobes = step.after.kprobes;
    actual->rc = step.expected.rc;
  } else {
    return;
  }
  view.ledger = step.after.ledger;  // likewise
  *shown = std::move(view);
}

}  // namespace recount
