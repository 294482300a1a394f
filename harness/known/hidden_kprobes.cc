// What defects of kprobes leave behind in a step that shows no difference: KnownDefect::hides.
#include <cstddef>
#include <cstdint>
#include <variant>

#include "harness/known/kprobe_view.h"
#include "harness/known/undo.h"

namespace recount {
namespace {

using internal::Entries;
using internal::EntryAt;
using internal::Holds;
using internal::IsACallSite;
using internal::MayDisarm;

// `address` is where a module that has no records yet has a call site.
bool IsInNewText(const DivergingStep& step, Address address) {
  for (const Module& module : step.world.modules()) {
    const auto at = static_cast<std::size_t>(&module - step.world.modules().data());
    const ModuleView& loaded = step.before.modules[at];
    if (loaded.state != ModuleState::kUnformed || IsACallSite(step.before, address)) continue;
    for (std::uint32_t i = 0; i < module.count; ++i) {
      const Address begin = step.world.SlotAddress(loaded.slot) + i * World::kFunctionStride;
      const Function& function = step.world.functions()[module.first + i];
      if (begin == address && World::HasRecord(function.kind)) return true;
    }
  }
  return false;
}

}  // namespace

// Where text goes the error of a probe that was not armed is nobody's, and the count is wrong all
// the same. So where all are disarmed, and another one's error is answered.
bool KprobeArmedNotKeptMiscounts(const DivergingStep& step) {
  if (!MayDisarm(step.op) || step.before.kprobes.all_disarmed) return false;
  const bool all = step.after.kprobes.all_disarmed;
  for (const KprobeEntryView& before : Entries(step.before)) {
    const KprobeEntryView* const after = EntryAt(step.after, before.address);
    if (after == nullptr || before.gone || before.disabled || !before.on_ftrace) continue;
    if (!after->gone && !all) continue;
    const std::size_t kind = before.post ? 1 : 0;
    const KprobeOpsView& ops = step.before.kprobes.ops[kind];
    if (!ops.registered || !Holds(ops, before.address)) return true;
    // It was not armed, although the others have its address called; or it could not be taken out.
    // A dead ftrace takes nothing out.
    if (!step.before.globals.dead && Holds(step.after.kprobes.ops[kind], before.address))
      return true;
  }
  return false;
}

// A breakpoint is put in, or taken out, where no record begins yet: the module is laid out, and
// ftrace comes to it later.
bool KprobeLeftWritesNewText(const DivergingStep& step) {
  const bool one = std::holds_alternative<RemoveKprobe>(step.op) ||
                   std::holds_alternative<DisableKprobe>(step.op) ||
                   std::holds_alternative<EnableKprobe>(step.op);
  const bool all = std::holds_alternative<KprobesArmed>(step.op);
  if (!one && !all) return false;
  for (const KprobeEntryView& before : Entries(step.before)) {
    if (before.gone || before.on_ftrace || !IsInNewText(step, before.address)) continue;
    const KprobeEntryView* const after = EntryAt(step.after, before.address);
    if (all || after == nullptr || after->disabled != before.disabled) return true;
  }
  return false;
}

// COMING is rolled back, and the module goes on coming.
bool KprobeKilledKeepsBreakpoint(const DivergingStep& step) {
  const auto* const op = std::get_if<LoadStep>(&step.op);
  if (op == nullptr || step.before.modules[Index(op->module)].next != Stage::kComing) return false;
  if (step.after.modules[Index(op->module)].state == ModuleState::kAbsent) return false;
  for (const KprobeEntryView& before : Entries(step.before)) {
    const KprobeEntryView* const after = EntryAt(step.after, before.address);
    const bool armed = !before.disabled && !step.before.kprobes.all_disarmed;
    if (before.on_ftrace || before.gone || (!armed && before.jump == JumpState::kNone)) continue;
    if (after != nullptr && after->gone) return true;
  }
  return false;
}

}  // namespace recount
