#include "impl/fast/repair.h"

#include "impl/fast/early_kprobes.h"

namespace recount::fast {
namespace {

// What is at the site is looked at, then it is written.
bool Try(Machine& m, RecordId record, Changer changer) {
  if (m.faults.Pass(FaultPoint::kVerify)) return false;
  const std::uint8_t found = m.records.site()[record];
  if (found == kSiteJump) return false;
  // It was to be a call of mcount, and somebody has made it a NOP already.
  if (changer == Changer::kBoot && found == kSiteNop && m.bugs.has(Bug::kEarlyMissingMakeNop)) {
    return false;
  }
  return !m.repairable() || !m.faults.Pass(FaultPoint::kWrite);
}

// Whether somebody on the chain says that a second try is worth it.
bool IsRepaired(Machine& m, RecordId record) {
  const ModuleId module = m.world->function(m.records.FunctionOf(record)).module;
  const NotifierChain& chain = m.notifiers.chain(Chain::kTryFix);
  const auto hear = [&](NotifierChain::Entry entry) -> Answer {
    if (entry == kKprobeFixEntry) return LiftJump(m, record) ? kNotifyStop : kNotifyDone;
    return m.notifiers.Hear(static_cast<NotifierId>(entry), Chain::kTryFix, Event::kFix, module);
  };
  return IsFixed(chain.Call(chain.first(), Direction::kForward, NotifierChain::kAll, hear).answer);
}

}  // namespace

void SetUpTryFixChain(Machine& m) {
  m.notifiers.chain(Chain::kTryFix).Register(kKprobeFixEntry, kKprobePriority, /*unique=*/false);
}

bool ChangeSite(Machine& m, RecordId record, std::uint8_t site, Changer changer) {
  const bool pass = changer == Changer::kPass;
  if (!Try(m, record, changer)) {
    if (!m.repairable() || (pass && m.bugs.has(Bug::kEarlyMissingTryfix))) return false;
    if (!IsRepaired(m, record)) return false;
    // The flags say already that the site is what it is to be: nothing left to do.
    if (pass && m.bugs.has(Bug::kEarlyFlagsChangedOnFailedPatch)) return true;
    if (!Try(m, record, changer)) return false;
  }
  m.records.site()[record] = site;
  return true;
}

}  // namespace recount::fast
