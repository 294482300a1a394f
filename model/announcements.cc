#include "model/announcements.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace recount {
namespace {

std::uint8_t BitOf(NotifierId notifier) {
  return static_cast<std::uint8_t>(1u << (Index(notifier) % kNotifierCount));
}

// True when the load is past the first call that tells of the module.
bool PastFirstUp(const Profile& profile, const ModuleView& module) {
  if (module.state == ModuleState::kAbsent) return false;
  const Stage first =
      profile.load_path == Profile::LoadPath::kChain ? Stage::kRecords : Stage::kComing;
  return module.next == Stage::kLayout || module.next > first;
}

// The module that an operation loads or unloads.
std::optional<ModuleId> ModuleOf(const Op& op) {
  if (const auto* load = std::get_if<Load>(&op)) return load->module;
  if (const auto* step = std::get_if<LoadStep>(&op)) return step->module;
  if (const auto* unload = std::get_if<Unload>(&op)) return unload->module;
  return std::nullopt;
}

}  // namespace

void Announcements::Reset(std::size_t modules) {
  answers_ = {};
  modules_.assign(modules, {});
  kprobes_may_stray_ = false;
}

bool Announcements::LetsKprobesStray(const Profile& profile, const Op& op, const Outcome& outcome,
                                     const View& after) {
  // Taking an address out of a filter fails, and it stays there.
  if (const auto* fault = std::get_if<Fault>(&op)) {
    return fault->point == FaultPoint::kHashCopy || fault->point == FaultPoint::kHashMove;
  }
  // A chain that ends early does not tell kprobes of GOING.
  if (const auto* script = std::get_if<SetScript>(&op)) {
    return Stops(script->answer) || RcOf(script->answer) != 0;
  }
  // Some are armed now, some are not.
  if (std::holds_alternative<KprobesArmed>(op)) return outcome.rc != 0;
  // Who fails at `coming` was COMING already, and nobody is told GOING (SEMANTICS 11).
  if (std::holds_alternative<LoadStep>(op) && outcome.rc != 0) return true;
  // By chain ftrace hears LIVE first, and init text has no record any more when kprobes hear it.
  if (profile.load_path != Profile::LoadPath::kChain) return false;
  if (!std::holds_alternative<Load>(op) && !std::holds_alternative<LoadStep>(op)) return false;
  for (const KprobeOpsView& ops : after.kprobes.ops) {
    for (const Address ip : ops.filter) {
      const auto found = std::find_if(after.records.begin(), after.records.end(),
                                      [ip](const RecordView& record) { return record.ip == ip; });
      if (found == after.records.end()) return true;
    }
  }
  return false;
}

void Announcements::Hear(const NotifierCall& call, Answer answer, OfModule* module) {
  const std::uint8_t bit = BitOf(call.notifier);
  const auto without = static_cast<std::uint8_t>(~bit);
  switch (call.event) {
    case Event::kUnformed:
    case Event::kComing:
      if (Stops(answer)) {
        if (RcOf(answer) == 0) module->stopped = true;
        break;
      }
      module->up |= bit;
      if (call.event == Event::kComing) module->coming |= bit;
      break;
    case Event::kGoing:
      module->up &= without;
      module->coming &= without;
      module->late &= without;
      break;
    case Event::kLive:
    case Event::kFix:
      break;
  }
}

void Announcements::Note(const Profile& profile, const Op& op, const Outcome& outcome,
                         const View& after) {
  if (!kprobes_may_stray_) {
    kprobes_may_stray_ = LetsKprobesStray(profile, op, outcome, after);
  }
  if (const auto* script = std::get_if<SetScript>(&op)) {
    answers_[Index(script->notifier)][static_cast<std::size_t>(script->event)] = script->answer;
    return;
  }
  if (const auto* add = std::get_if<AddNotifier>(&op)) {
    if (outcome.rc != 0 || add->chain != Chain::kModule) return;
    for (std::size_t i = 0; i < modules_.size() && i < after.modules.size(); ++i) {
      if (PastFirstUp(profile, after.modules[i])) modules_[i].late |= BitOf(add->notifier);
    }
    return;
  }
  if (const auto* remove = std::get_if<RemoveNotifier>(&op)) {
    if (outcome.rc != 0) return;
    const auto without = static_cast<std::uint8_t>(~BitOf(remove->notifier));
    for (OfModule& module : modules_) {
      module.up &= without;
      module.coming &= without;
      module.late &= without;
    }
    return;
  }
  const std::optional<ModuleId> module = ModuleOf(op);
  if (!module || Index(*module) >= modules_.size()) return;
  OfModule& told = modules_[Index(*module)];
  for (const NotifierCall& call : outcome.log) {
    if (call.module == *module) Hear(call, AnswerTo(call.notifier, call.event), &told);
  }
  if (after.modules[Index(*module)].state == ModuleState::kAbsent) told = {};
}

}  // namespace recount
