#include "impl/fast/patcher.h"

#include <cstdint>
#include <vector>

#include "impl/fast/repair.h"
#include "impl/fast/sweep.h"

namespace recount::fast {
namespace {

struct Desired {
  std::uint8_t flags;
  std::uint8_t site;
};

Desired DesiredOf(const Machine& m, RecordId record, bool on) {
  const std::uint8_t flags = m.records.flags()[record];
  const std::uint8_t tally = m.records.tally()[record];
  return {DesiredFlags(flags, tally, on), DesiredSite(flags, m.records.users()[record], tally, on)};
}

Desired DesiredOf(const Machine& m, RecordId record) {
  return DesiredOf(m, record, m.globals.enabled);
}

void Patch(Machine& m, RecordId record) {
  const Desired desired = DesiredOf(m, record);
  m.records.flags()[record] = desired.flags;
  m.records.site()[record] = desired.site;
}

bool Changing(const Machine& m, RecordId record) {
  const Desired desired = DesiredOf(m, record);
  std::uint8_t site = m.records.site()[record];
  if (site == kSiteJump) site = kSiteNop;  // what is under it
  return m.records.flags()[record] != desired.flags || site != desired.site;
}

// Profile `repairable`: the flags follow the site.
bool PatchRepairably(Machine& m, RecordId record, const Desired& desired) {
  // Flags that say "done" ahead of a change that can still fail.
  if (m.bugs.has(Bug::kEarlyFlagsChangedOnFailedPatch)) m.records.flags()[record] = desired.flags;
  if (!ChangeSite(m, record, desired.site, Changer::kPass)) {
    m.Die();
    return false;
  }
  m.records.flags()[record] = desired.flags;
  return true;
}

// Something can fail: changing records are passed one by one, in list order.
void PatchChecked(Machine& m) {
  if (m.touched_all) {
    m.touched.clear();
    for (const Group& group : m.records.groups()) {
      for (RecordId record = group.first; record != group.end(); ++record) m.Touch(record);
    }
  } else {
    m.records.SortByList(&m.touched);
  }
  std::erase_if(m.touched, [&](RecordId record) { return !Changing(m, record); });

  if (m.repairable()) {
    for (const RecordId record : m.touched) {
      if (!PatchRepairably(m, record, DesiredOf(m, record))) return;
    }
    return;
  }
  if (m.profile.patch_failure == Profile::PatchFailure::kFlagsFirst) {
    for (const RecordId record : m.touched) {
      const Desired desired = DesiredOf(m, record);
      m.records.flags()[record] = desired.flags;
      if (m.faults.Pass(FaultPoint::kVerify)) return m.Die();
      m.records.site()[record] = desired.site;
    }
    return;
  }
  for (const RecordId record : m.touched) {
    // Flags that say "done" ahead of a check that can still fail.
    if (m.bugs.has(Bug::kEarlyFlagsChangedOnFailedPatch)) {
      m.records.flags()[record] = DesiredOf(m, record).flags;
    }
    if (m.faults.Pass(FaultPoint::kVerify)) return m.Die();
  }
  for (const RecordId record : m.touched) Patch(m, record);
}

void SweepAll(Machine& m) {
  for (const Group& group : m.records.groups()) {
    if (group.used == 0) continue;
    SweepPatch({.users = m.records.users() + group.first,
                .tally = m.records.tally() + group.first,
                .flags = m.records.flags() + group.first,
                .site = m.records.site() + group.first,
                .size = group.used},
               m.globals.enabled);
  }
}

void Pass(Machine& m) {
  if (MayFail(m)) {
    PatchChecked(m);
  } else if (m.touched_all) {
    SweepAll(m);
  } else {
    for (const RecordId record : m.touched) Patch(m, record);
  }
}

void Forget(Machine& m) {
  m.touched.clear();
  m.touched_all = false;
}

}  // namespace

void PatchTouched(Machine& m) {
  if (m.globals.enabled) Pass(m);
  Forget(m);
}

void PatchAll(Machine& m) {
  if (m.bugs.has(Bug::kRegisterWhileSysctlOff) && m.globals.enabled) {
    // Only what was active at the time of the sysctl's 0 is replayed.
    m.touched.clear();
    for (const Group& group : m.records.groups()) {
      for (RecordId record = group.first; record != group.end(); ++record) {
        if ((m.records.users()[record] & m.listed_at_sysctl_off) != 0) m.Touch(record);
      }
    }
  } else {
    m.touched_all = true;
  }
  Pass(m);
  Forget(m);
}

bool PatchNew(Machine& m, RecordId record, bool on) {
  const Desired desired = DesiredOf(m, record, on);
  if (m.repairable()) return PatchRepairably(m, record, desired);
  m.records.flags()[record] = desired.flags;
  if (m.faults.Pass(FaultPoint::kVerify)) {
    m.Die();
    return false;
  }
  m.records.site()[record] = desired.site;
  return true;
}

}  // namespace recount::fast
