#include "harness/known/undo.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace recount {

// One group without records, at the end of the list, when the module has entries and all are null.
bool UndoAllNullGroup(const DivergingStep& step, View* shown, Outcome*) {
  const auto* load = std::get_if<Load>(&step.op);
  const auto* stage = std::get_if<LoadStep>(&step.op);
  if (load == nullptr && stage == nullptr) return false;
  const Module& image = step.world.module(load != nullptr ? load->module : stage->module);
  bool entries = false;
  for (std::uint32_t i = image.first; i < image.first + image.count; ++i) {
    const FunctionKind kind = step.world.functions()[i].kind;
    if (World::HasRecord(kind)) return false;
    entries = entries || World::HasEntry(kind);
  }
  if (!entries || shown->groups.empty() || shown->groups.back().used != 0) return false;
  shown->ledger.groups -= 1;
  shown->ledger.pages -= std::uint32_t{1} << shown->groups.back().order;
  shown->groups.pop_back();
  return true;
}

// The only one that does not come back: an ops without a filter, where the refusal comes too late.
bool UndoUninitialisedIpModify(const DivergingStep& step, View*, Outcome* actual) {
  if (actual->fate != Fate::kCrashed || step.expected.rc == 0) return false;
  const auto* on = std::get_if<Register>(&step.op);
  const auto* off = std::get_if<Unregister>(&step.op);
  if (on == nullptr && off == nullptr) return false;
  const OpsView& ops = step.before.ops[Index(on != nullptr ? on->ops : off->ops)];
  if (!ops.ipmodify || ops.registered || !ops.filter.empty()) return false;
  *actual = step.expected;
  return true;
}

namespace internal {

const HashView& HashOf(const OpsView& ops, Which which) {
  return which == Which::kFilter ? ops.filter : ops.notrace;
}

const std::vector<CachedFilter>& CachedOf(const OpsView& ops, Which which) {
  return which == Which::kFilter ? ops.cached_filter : ops.cached_notrace;
}
std::vector<CachedFilter>& CachedOf(OpsView& ops, Which which) {
  return which == Which::kFilter ? ops.cached_filter : ops.cached_notrace;
}

void SetHash(View* shown, OpsId ops, Which which, const HashView& hash) {
  const auto size = [](const HashView& of) {
    return static_cast<std::uint32_t>(of.ips.size()) + of.cleared;
  };
  const OpsId pair = shown->ops[Index(ops)].pair;
  shown->ledger.hash_entries += size(hash) - size(HashOf(shown->ops[Index(ops)], which));
  for (OpsView& sharer : shown->ops) {
    if (sharer.pair == pair) (which == Which::kFilter ? sharer.filter : sharer.notrace) = hash;
  }
}

}  // namespace internal
}  // namespace recount
