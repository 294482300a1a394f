#include "harness/known/declared.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <variant>

#include "harness/known/declared_step.h"
#include "harness/known/declared_view.h"

namespace recount {
namespace {

// The module that the loader is asked about.
std::optional<ModuleId> LoadedBy(const Op& op) {
  if (const auto* load = std::get_if<Load>(&op)) return load->module;
  if (const auto* step = std::get_if<LoadStep>(&op)) return step->module;
  if (const auto* unload = std::get_if<Unload>(&op)) return unload->module;
  return std::nullopt;
}

bool HasCachedFilters(const View& view) {
  return std::any_of(view.ops.begin(), view.ops.end(), [](const OpsView& ops) {
    return !ops.cached_filter.empty() || !ops.cached_notrace.empty();
  });
}

// Some enabled livepatch has a function of `module`.
bool IsPatched(const World& world, ModuleId module, const View& view) {
  for (const PatchView& patch : view.livepatch.patches) {
    if (!patch.enabled) continue;
    for (std::size_t i = 0; i < patch.count; ++i) {
      if (world.function(patch.functions[i]).module == module) return true;
    }
  }
  return false;
}

SlotId SlotOf(const Op& op, ModuleId module, const View& before) {
  const auto* load = std::get_if<Load>(&op);
  return load != nullptr ? load->slot : before.modules[Index(module)].slot;
}

// Where `module` lies, or its init text; empty when it is not there.
TextRange Text(const World& world, const Declared::Step& step, ModuleId module, bool init) {
  const bool there = std::holds_alternative<Load>(step.op) ||
                     step.before.modules[Index(module)].state != ModuleState::kAbsent;
  if (!there) return {};
  const SlotId slot = SlotOf(step.op, module, step.before);
  return init ? InitTextOf(world, module, slot) : TextOf(world, module, slot);
}

// Some kprobe that is not gone lies in `text`. `on_ftrace`: on a record.
bool IsProbed(const TextRange& text, bool on_ftrace, const KprobesView& kprobes) {
  return std::any_of(kprobes.entries.begin(), kprobes.entries.begin() + kprobes.entry_count,
                     [&](const KprobeEntryView& entry) {
                       return text.Has(entry.address) && !entry.gone &&
                              (entry.on_ftrace || !on_ftrace);
                     });
}

// Whether `outcome` says that the module of `op` went, or may have.
bool Goes(const Op& op, const Outcome& outcome) {
  if (std::holds_alternative<Unload>(op)) return outcome.rc == 0;
  return outcome.rc != 0 || !ToldIn(outcome.log, Event::kGoing).empty();
}

}  // namespace

Declared::Declared(std::vector<const KnownDefect*> masked, const Profile& left,
                   const Profile& right)
    : masked_(std::move(masked)), left_(left), right_(right) {}

void Declared::Begin(const World& world) {
  world_ = &world;
  teller_.Begin();
  armed_ = {};
  waiting_for_.reset();
}

const KnownDefect* Declared::EndsBefore(const Op& op) const {
  if (!waiting_for_) return nullptr;
  const auto* step = std::get_if<LoadStep>(&op);
  return step != nullptr && step->module == *waiting_for_
             ? nullptr
             : &DeclaredDifferences()[kInitFreedAtLive];
}

void Declared::ExplainRobust(const Step& step, const NotifyRobust& op,
                             DeclaredFindings* found) const {
  if (left_.rollback == right_.rollback || step.left.log == step.right.log) return;
  const Notifiers chain = NotifiersOn(step.before.notifiers, op.chain);
  const Teller::Call up = teller_.Up(chain, op.up);
  if (!up.stopped()) return;
  found->Engage(kGoingInReverse);
  // Who takes whom off on the way is left alone; the logs are only what the sides say.
  if (op.chain == Chain::kRaw && teller_.TakesOff(chain, {op.up, op.down})) {
    found->part = true;
    return;
  }
  const auto log_by = [&](const Profile& rules) {
    std::vector<NotifierCall> said;
    AddCalls(up.told, op.up, kCore, &said);
    AddCalls(teller_.Down(up.before(), op.down, rules.rollback, false), op.down, kCore, &said);
    return said;
  };
  found->explained = log_by(left_) == step.left.log && log_by(right_) == step.right.log;
}

bool Declared::Armed(std::initializer_list<FaultPoint> points) const {
  return std::any_of(points.begin(), points.end(),
                     [this](FaultPoint point) { return armed_[static_cast<std::size_t>(point)]; });
}

// Whether a fault may have struck one side, or may still, for what livepatch or kprobes did on one
// side only: those of the masked differences, as bits.
std::uint32_t Declared::Hidden(const Step& step, ModuleId module) const {
  const bool patched = IsPatched(*world_, module, step.before);
  const bool probed = IsProbed(Text(*world_, step, module, false), true, step.before.kprobes);
  if (!patched && !probed) return 0;
  const auto masks = [this](DeclaredId id) {
    return std::find(masked_.begin(), masked_.end(), &DeclaredDifferences()[id]) != masked_.end();
  };
  // Livepatch had something to let go of: the module was bound, or came to be in this step.
  const ModuleView& was = step.before.modules[Index(module)];
  const bool bound = patched && (std::holds_alternative<Load>(step.op)
                                     ? was.state == ModuleState::kAbsent
                                     : was.klp_alive || was.next == Stage::kComing);
  std::uint32_t hidden = 0;
  // Kprobes pass `hash_copy` in any case.
  if (masks(kRecordsGoFirst) && (Goes(step.op, step.left) || Goes(step.op, step.right)) &&
      ((bound && Armed({FaultPoint::kHashCopy})) ||
       ((bound || probed) && Armed({FaultPoint::kVerify, FaultPoint::kHashMove})))) {
    hidden |= 1u << kRecordsGoFirst;
  }
  if (masks(kInitFreedAtLive) && MayRun(step.op, Stage::kLive, step.before) &&
      IsProbed(Text(*world_, step, module, true), true, step.before.kprobes) &&
      Armed({FaultPoint::kVerify, FaultPoint::kHashMove})) {
    hidden |= 1u << kInitFreedAtLive;
  }
  const NotifiersView& shown = step.before.notifiers;
  const Teller::Call coming = teller_.Up(NotifiersOn(shown, Chain::kModule), Event::kComing);
  if (patched && masks(kAheadOfLivepatch) && MayRun(step.op, Stage::kComing, step.before) &&
      coming.stopped() && shown.priority[Index(coming.told.back())] > kLivepatchPriority &&
      Armed({FaultPoint::kVerify, FaultPoint::kHashCopy, FaultPoint::kHashMove,
             FaultPoint::kKlpAlloc, FaultPoint::kKlpSymbol, FaultPoint::kKlpCallback})) {
    hidden |= 1u << kAheadOfLivepatch;
  }
  return hidden;
}

// Whether kprobes in the text of `module` part the sides. What they part them in is taken out of
// both Views.
bool Declared::ExplainKprobes(const Step& step, ModuleId module, View* left, View* right,
                              DeclaredFindings* found) const {
  if (left->kprobes == right->kprobes && left->order == right->order) return false;
  const TextRange text = Text(*world_, step, module, false);
  const TextRange init = Text(*world_, step, module, true);
  const KprobesView& kprobes = step.before.kprobes;
  // They disarm behind ftrace, which has forgotten the records and lets no address go.
  const bool init_first = left_.load_path != right_.load_path && step.left.rc == 0 &&
                          MayRun(step.op, Stage::kLive, step.before) &&
                          IsProbed(init, true, kprobes);
  const bool records_first = RecordsGoFirst(left_) != RecordsGoFirst(right_) &&
                             (Goes(step.op, step.left) || Goes(step.op, step.right)) &&
                             IsProbed(text, true, kprobes);
  if (!found->kprobes && !init_first && !records_first) return false;
  if (init_first) found->Engage(kInitFreedAtLive);
  if (records_first) found->Engage(kRecordsGoFirst);
  const TextRange& parts = found->kprobes || records_first ? text : init;
  ForgetKprobes(parts, left);
  ForgetKprobes(parts, right);
  return true;
}

Declared::Met Declared::Explain(const Step& step) {
  waiting_for_.reset();
  if (const auto* script = std::get_if<SetScript>(&step.op)) teller_.Note(*script);
  if (const auto* fault = std::get_if<Fault>(&step.op)) {
    armed_[static_cast<std::size_t>(fault->point)] = true;
  }
  // What is held follows from what was heard, on either side.
  Teller::Storage left_storage = teller_.Behind(step.left.log);
  const Teller::Storage right_storage = teller_.Behind(step.right.log);
  const bool same_storage = left_storage == right_storage;
  const bool stored = Teller::Agrees(left_storage, step.left_view.notifiers) &&
                      Teller::Agrees(right_storage, step.right_view.notifiers);
  teller_.Keep(std::move(left_storage));

  const std::optional<ModuleId> module = LoadedBy(step.op);
  const auto* robust = std::get_if<NotifyRobust>(&step.op);
  if (!module && robust == nullptr) return {};
  const bool differ = !(step.left == step.right) || !(step.left_view == step.right_view);
  const std::uint32_t hidden = module ? Hidden(step, *module) : 0;
  if (!differ && hidden == 0) return {};

  DeclaredFindings found;
  if (differ) {
    if (module) {
      ExplainLoader({step, *module, teller_, left_, right_,
                     armed_[static_cast<std::size_t>(FaultPoint::kStage)],
                     IsPatched(*world_, *module, step.before),
                     IsProbed(Text(*world_, step, *module, false), false, step.before.kprobes)},
                    &found);
    } else {
      ExplainRobust(step, *robust, &found);
    }
    // Where a notifier decides whether livepatch is asked, what it answers is not said beforehand.
    if ((hidden >> kAheadOfLivepatch & 1u) != 0) found.explained = true;
    if (hidden != 0) found.part = true;
    if (!found.explained || !stored) return {};
    if ((!found.part || !module) && !SameButLogs(step.left, step.right)) return {};
  }

  bool waits = false;
  bool parted = false;
  if (differ) {
    View left = step.left_view;
    View right = step.right_view;
    left.notifiers.held = right.notifiers.held;
    left.notifiers.bad_frees = right.notifiers.bad_frees;
    if (module && !found.part && !(left == right) && left_.load_path != right_.load_path &&
        MayRun(step.op, Stage::kLive, step.before) && std::holds_alternative<LoadStep>(step.op)) {
      View* const late = ByChain(left_) ? &right : &left;
      FreeInitTextOf(*world_, *module, (ByChain(left_) ? right_ : left_).reload, late);
      found.Engage(kInitFreedAtLive);
      waits = true;
    }
    if (module && !found.part) {
      parted = ExplainKprobes(step, *module, &left, &right, &found);
      // A side that dies of it keeps the records.
      if (parted && Armed({FaultPoint::kVerify})) found.part = true;
    }
    if (found.part && module) {
      const bool cached = HasCachedFilters(step.before);
      const SlotId slot = SlotOf(step.op, *module, step.before);
      ForgetModule(*world_, *module, slot, cached, &left);
      ForgetModule(*world_, *module, slot, cached, &right);
      // A side on which it strikes dies.
      if (Armed({FaultPoint::kVerify})) {
        left.globals.dead = right.globals.dead;
        left.globals.enabled = right.globals.enabled;
      }
    }
    if (found.part && robust != nullptr) left.notifiers = right.notifiers;
    if (!(left == right)) return {};
  }

  found.engaged |= hidden;
  const KnownDefect* which = nullptr;
  for (std::uint32_t id = 0; id < DeclaredDifferences().size(); ++id) {
    if ((found.engaged >> id & 1u) == 0) continue;
    which = &DeclaredDifferences()[id];
    if (std::find(masked_.begin(), masked_.end(), which) == masked_.end()) return {};
  }
  if (which == nullptr) return {};
  const bool goes_on = hidden == 0 && !found.part && !parted && same_storage;
  if (waits && goes_on) waiting_for_ = module;
  return {which, goes_on};
}

}  // namespace recount
