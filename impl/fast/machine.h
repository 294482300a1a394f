// Everything the fast implementation knows, in one place; the operations are functions over it:
// accounting.h (counts), patcher.h (text), filters.h (hashes), registration.h (ops), loader.h
// (modules), load_path.h (who hears of them), notifiers.h, livepatch.h, kprobes.h, optprobes.h,
// fast.cc (the rest); boot.h, repair.h and early_kprobes.h for a Program that starts from boot.
//
// Counts, users and wanted bits of every record are exact after each of those functions. The text
// lags: what they touched is remembered in `touched`, and one patch pass at the end of an operation
// brings those records, and no others, up to date.
#ifndef RECOUNT_IMPL_FAST_MACHINE_H_
#define RECOUNT_IMPL_FAST_MACHINE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "impl/bugs/bugs.h"
#include "impl/fast/address_index.h"
#include "impl/fast/call_sites.h"
#include "impl/fast/faults.h"
#include "impl/fast/kprobe_table.h"
#include "impl/fast/layout.h"
#include "impl/fast/livepatch_stacks.h"
#include "impl/fast/name_index.h"
#include "impl/fast/notifiers.h"
#include "impl/fast/ops_table.h"
#include "impl/fast/record_table.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount::fast {

struct LoadedModule {
  ModuleState state = ModuleState::kAbsent;
  SlotId slot = kNoSlot;
  Stage next = Stage::kLayout;
  Cell base = 0;  // of position 0, while present
  bool klp_alive = false;
};

struct Machine {
  explicit Machine(BugSet bugs) : bugs(bugs) {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Just after boot, or before it, as the profile says.
  void Reset(WorldPtr new_world, const Profile& new_profile);

  bool dead() const { return globals.dead; }
  bool repairable() const { return profile.patch_failure == Profile::PatchFailure::kRepairable; }
  bool optprobes() const { return profile.optprobes == Profile::Optprobes::kOn; }
  bool patching() const { return globals.enabled; }
  // The way in which what went up comes down.
  Direction backwards() const {
    return profile.rollback == Profile::Rollback::kForward ? Direction::kForward
                                                           : Direction::kReverse;
  }
  void Die() {
    globals.dead = true;
    globals.enabled = false;
  }
  void Touch(RecordId record) { touched.push_back(record); }

  PlacedImage CoreImage() const;
  // Cell of `function` where its image is now; false when its module is absent.
  bool CellOf(FunctionId function, Cell* cell) const;
  // The record whose call site, five bytes, covers `address`; kNoRecord when there is none. Like
  // every lookup by address it may find the record of a module long gone, once ftrace is dead.
  RecordId RecordCovering(Address address) const {
    Cell cell;
    if (!layout.CellAt(address, &cell)) return kNoRecord;
    // Functions begin on cell borders.
    return address % World::kFunctionStride < World::kCallSize ? index.Find(cell) : kNoRecord;
  }
  // Init text that has been freed: the function is gone though its module is there.
  bool Gone(FunctionId function) const;

  const BugSet bugs;
  WorldPtr world;
  Profile profile;
  Layout layout;
  NameIndex names;
  Faults faults;
  Globals globals;
  AddressIndex index;
  RecordTable records{&index};
  OpsTable ops{&index};
  std::vector<LoadedModule> modules;
  Notifiers notifiers;
  Livepatch livepatch;
  Kprobes kprobes;
  CallSites call_sites;  // until there are records

  // Records whose desired state may have changed since the last patch pass; in no order, some of
  // them twice. `touched_all`: any record may.
  std::vector<RecordId> touched;
  bool touched_all = false;
  // For the bug register-while-sysctl-off: who was registered when the sysctl went to 0.
  OpsSet listed_at_sysctl_off = 0;
  // For the bug module-early-fail-leak: memory of modules that is never given back, [begin, end).
  std::vector<std::pair<Cell, Cell>> leaked;

  // Buffers that keep their memory from one operation to the next.
  std::vector<Cell> matched;
  std::vector<Cell> removed;
  std::vector<Cell> added;
  std::vector<Cell> gone;
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_MACHINE_H_
