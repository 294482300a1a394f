#include "model/reference/patching.h"

#include <cstddef>
#include <vector>

#include "model/check.h"
#include "model/reference/faults.h"
#include "model/reference/repair.h"

namespace recount::reference {
namespace {

struct Change {
  Record* record;
  Desired desired;
};

std::vector<Change> ChangingRecords(State& state) {
  std::vector<Change> changes;
  for (Record& record : state.records) {
    const Desired desired = DesiredOf(state, WantedOf(state, record));
    if (record.current == desired.current && record.site == desired.site) continue;
    changes.push_back({&record, desired});
  }
  return changes;
}

// Nothing of the record changes when its site could not be (SEMANTICS 3, profile `repairable`).
bool ChangeThenNote(State& state, Record& record, const Desired& desired) {
  if (!ChangeSite(state, &record, desired.site)) return false;
  record.current = desired.current;
  return true;
}

}  // namespace

void Die(State& state) {
  state.globals.dead = true;
  state.globals.enabled = false;
}

std::optional<OpsId> Owner(const State& state, const Record& record) {
  if (record.disabled) return std::nullopt;
  // Oldest first. Two IPMODIFY ops can have the same address only when a reload revived it; the
  // later one waits (SEMANTICS 2, choice).
  for (const OpsId id : state.registered) {
    if (state[id].ipmodify && Contains(state.PairOf(id).filter, record.ip)) return id;
  }
  return std::nullopt;
}

bool Traces(const State& state, OpsId ops, const Record& record, std::optional<OpsId> owner) {
  return state[ops].registered && Matches(state.PairOf(ops), record.ip) && !record.disabled &&
         (!state[ops].ipmodify || owner == ops);
}

Wanted WantedOf(const State& state, const Record& record) {
  Wanted wanted;
  if (record.disabled) return wanted;  // nobody traces it
  wanted.owner = Owner(state, record);
  for (const OpsId id : state.registered) {
    if (!Traces(state, id, record, wanted.owner)) continue;
    ++wanted.count;
    wanted.regs |= state[id].save_regs;
    wanted.last = id;
  }
  return wanted;
}

Desired DesiredOf(const State& state, const Wanted& wanted) {
  Desired desired;
  if (!state.globals.enabled || wanted.count == 0) return desired;
  desired.current = kEnabled;
  if (wanted.regs) desired.current |= kRegsEn;
  if (wanted.tramp()) desired.current |= kTrampEn;
  if (wanted.tramp()) {
    desired.site = {.kind = SiteKind::kTrampoline, .owner = wanted.last};
  } else {
    desired.site = {.kind = wanted.regs ? SiteKind::kRegsEntry : SiteKind::kPlainEntry};
  }
  return desired;
}

bool PatchOne(State& state, Record& record, const Desired& desired) {
  RECOUNT_CHECK(!state.globals.dead);
  if (state.profile.patch_failure == Profile::PatchFailure::kRepairable) {
    return ChangeThenNote(state, record, desired);
  }
  record.current = desired.current;
  if (Fails(state, FaultPoint::kVerify)) {
    Die(state);
    return false;
  }
  record.site = desired.site;
  return true;
}

void PatchPass(State& state) {
  RECOUNT_CHECK(!state.globals.dead);
  // What is desired does not depend on what is there, so all of it can be found out beforehand.
  const std::vector<Change> changes = ChangingRecords(state);
  switch (state.profile.patch_failure) {
    case Profile::PatchFailure::kVerifyFirst:
      for (std::size_t i = 0; i < changes.size(); ++i) {
        if (Fails(state, FaultPoint::kVerify)) return Die(state);
      }
      for (const Change& change : changes) {
        change.record->current = change.desired.current;
        change.record->site = change.desired.site;
      }
      return;
    case Profile::PatchFailure::kFlagsFirst:
    case Profile::PatchFailure::kRepairable:
      for (const Change& change : changes) {
        if (!PatchOne(state, *change.record, change.desired)) return;
      }
      return;
  }
}

}  // namespace recount::reference
