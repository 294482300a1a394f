// How the generator boots: a few operations in every phase, of those that are there by then.
#include "harness/generate/generate.h"
#include "model/op.h"

namespace recount {

bool DrawFromBoot(const NamedProfile& profile, const Limits& limits, Chooser* chooser) {
  if (limits.after_boot) return false;
  const bool early = profile.profile.early_kprobes == Profile::EarlyKprobes::kOn;
  return chooser->Chance(early ? 24 : 1, 32);
}

bool Generator::MakeBoot(const View& view, Op* op) {
  const bool boots =
      view.globals.phase == Phase::kRunning ? chooser_->Chance(1, 64) : chooser_->Chance(1, 6);
  if (!boots) return false;
  *op = Boot{};
  return true;
}

bool Generator::HasToWait(OpKind kind, const View& view, bool early) {
  const Phase phase = view.globals.phase;
  if (phase == Phase::kRunning) return false;
  switch (kind) {
    case OpKind::kSetFilter:
    case OpKind::kSetFilterIp:
    case OpKind::kRegister:
    case OpKind::kUnregister:
      return phase < Phase::kFtrace;
    case OpKind::kAddKprobe:
    case OpKind::kRemoveKprobe:
      return !early;
    case OpKind::kLoad:
    case OpKind::kLoadBegin:
    case OpKind::kLoadStep:
    case OpKind::kUnload:
    case OpKind::kFreeInit:
    case OpKind::kFtraceEnabled:
    case OpKind::kEnablePatch:
    case OpKind::kDisablePatch:
    case OpKind::kEnableKprobe:
    case OpKind::kDisableKprobe:
    case OpKind::kKprobesArmed:
    case OpKind::kOptimize:
      return true;
    default:
      return false;
  }
}

}  // namespace recount
