// Which defects it takes for the model (kernel.h) to show what was shown.
#include "harness/known/records.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "harness/known/death.h"
#include "harness/known/kernel.h"

namespace recount {
namespace {

using Kernel = internal::KernelBooks;

bool SameHashes(const View& a, const View& b) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (a.ops[i].filter != b.ops[i].filter || a.ops[i].notrace != b.ops[i].notrace) return false;
  }
  return true;
}

bool SameRecords(const View& a, const View& b) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (a.ops[i].registered != b.ops[i].registered) return false;
  }
  return a.globals.dead == b.globals.dead && a.globals.enabled == b.globals.enabled &&
         a.order == b.order && a.records == b.records;
}

// All sets of `masked`, the smaller ones first.
std::vector<std::uint8_t> SetsOf(std::uint8_t masked) {
  std::vector<std::uint8_t> sets;
  for (unsigned set = 0; set <= masked; ++set) {
    if ((set & ~masked) == 0) sets.push_back(static_cast<std::uint8_t>(set));
  }
  std::stable_sort(sets.begin(), sets.end(), [](std::uint8_t a, std::uint8_t b) {
    return std::popcount(a) < std::popcount(b);
  });
  return sets;
}

Kernel Run(const DivergingStep& step, const View& target, const Kernel::Variant& variant) {
  Kernel kernel(step, target, variant);
  kernel.Run();
  return kernel;
}

// The kernels there are, and the courses that a step may have taken without its being seen.
std::vector<Kernel::Variant> VariantsOf(const DivergingStep& step) {
  std::vector<Kernel::Variant> variants = {{.notrace_apart = true}, {.notrace_apart = false}};
  const auto& ops = step.after.kprobes.ops;
  const bool stuck = std::any_of(ops.begin(), ops.end(), [](const KprobeOpsView& kprobe_ops) {
    return !kprobe_ops.registered && !kprobe_ops.filter.empty();
  });
  // Notrace hashes have no part in kprobes.
  if (stuck) variants.push_back({.last_one_stuck = true});
  return variants;
}

// Nobody says when a count that is wrong ends: tried where kprobes are armed otherwise.
std::vector<std::array<std::size_t, 2>> StraysOf(const DivergingStep& step) {
  std::array<std::size_t, 2> ends{};
  for (std::size_t i = 0; i < ends.size(); ++i) {
    ends[i] = step.shown.kprobes.ops[i] != step.after.kprobes.ops[i] ? kKprobeCount : 1;
  }
  std::vector<std::array<std::size_t, 2>> all;
  for (std::size_t kp = 0; kp < ends[0]; ++kp) {
    for (std::size_t kpi = 0; kpi < ends[1]; ++kpi) all.push_back({kp, kpi});
  }
  return all;
}

// What the oracle did, as a kernel without defects: which of the checks may be the one that failed,
// as far as that shows.
struct Sound {
  bool unharmed = false;          // none need have
  unsigned verified = 0;          // then: how many held
  std::vector<unsigned> failing;  // each of these may have
};
Sound SoundRun(const DivergingStep& step, Kernel::Variant variant) {
  const Kernel whole = Run(step, step.after, variant);
  Sound sound{.unharmed = whole.Shows(step.after), .verified = whole.verified()};
  const unsigned armed = step.armed[static_cast<std::size_t>(FaultPoint::kVerify)];
  for (variant.verify = 1; variant.verify <= std::min(armed, whole.verified()); ++variant.verify) {
    if (Run(step, step.after, variant).Shows(step.after)) sound.failing.push_back(variant.verify);
  }
  return sound;
}

// Whether the subject did as the variant does, with the same check to fail on both sides.
bool DidAs(const DivergingStep& step, const Sound& sound, Kernel::Variant variant) {
  const Kernel whole = Run(step, step.shown, variant);
  if (sound.unharmed && whole.Shows(step.shown)) return true;
  for (const unsigned verify : sound.failing) {
    variant.verify = verify;
    if (Run(step, step.shown, variant).Shows(step.shown)) return true;
  }
  if (!sound.unharmed) return false;
  // One that the oracle did not come to.
  const unsigned armed = step.armed[static_cast<std::size_t>(FaultPoint::kVerify)];
  const unsigned last = std::min(armed, whole.verified());
  for (variant.verify = sound.verified + 1; variant.verify <= last; ++variant.verify) {
    if (Run(step, step.shown, variant).Shows(step.shown)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::uint8_t> RecordDefectsOf(const DivergingStep& step, std::uint8_t masked) {
  if (SameRecords(step.after, step.shown) && SameHashes(step.after, step.shown)) return 0;
  const std::vector<std::uint8_t> sets = SetsOf(masked);
  for (Kernel::Variant variant : VariantsOf(step)) {
    const Sound sound = SoundRun(step, variant);
    if (!sound.unharmed && sound.failing.empty()) continue;  // no sound kernel does this
    for (const std::uint8_t set : sets) {
      variant.defects = set;
      for (const auto& strays : StraysOf(step)) {
        variant.strays = strays;
        for (const bool again : {false, true}) {
          variant.same_again = again;
          if (DidAs(step, sound, variant)) return set;
        }
      }
    }
  }
  return std::nullopt;
}

bool IsSound(const DivergingStep& step) {
  const auto is_sound = [&step](const Kernel::Variant& variant) {
    const Sound sound = SoundRun(step, variant);
    return sound.unharmed || !sound.failing.empty();
  };
  const std::vector<Kernel::Variant> variants = VariantsOf(step);
  if (variants.size() > 2 && is_sound(variants[2])) return true;
  return is_sound(variants[0]) && is_sound(variants[1]);
}

void TakeBackRecords(const DivergingStep& step, std::uint8_t records, View* shown,
                     Outcome* actual) {
  if (const auto* op = std::get_if<Register>(&step.op)) {
    const bool came =
        !step.before.ops[Index(op->ops)].registered && shown->ops[Index(op->ops)].registered;
    const int rc = shown->globals.dead ? Rc(Errno::kNoDev) : 0;
    if (came && actual->rc == rc) actual->rc = step.expected.rc;
  }
  if ((records & kStaleRegs) != 0) TakeBackAfterDeath(step, shown, actual);
  shown->records = step.after.records;
  shown->order = step.after.order;
  shown->globals.dead = step.after.globals.dead;
  shown->globals.enabled = step.after.globals.enabled;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    shown->ops[i].registered = step.after.ops[i].registered;
  }
}

bool StaleRegsLeavesFault(const DivergingStep& step) {
  if (step.armed[static_cast<std::size_t>(FaultPoint::kVerify)] == 0) return false;
  if (!std::holds_alternative<Unload>(step.op) && !std::holds_alternative<LoadStep>(step.op) &&
      !std::holds_alternative<FreeInit>(step.op)) {
    return false;
  }
  if (EnabledBy(step)) return false;
  const Kernel sound = Run(step, step.after, {});
  const Kernel stale = Run(step, step.after, {.defects = kStaleRegs});
  return sound.verified() != stale.verified();
}

std::optional<ModuleId> EnabledBy(const DivergingStep& step) {
  const auto* op = std::get_if<LoadStep>(&step.op);
  if (op == nullptr) return std::nullopt;
  if (step.before.modules[Index(op->module)].next != Stage::kEnable) return std::nullopt;
  return op->module;
}

}  // namespace recount
