// Every entry of the table explains its own difference, made by hand, and refuses the same with one
// more change.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/known/known.h"
#include "harness/known/known_fixture.h"

namespace recount {
namespace {

constexpr std::uint8_t kCurrent = kEnabled | kRegsEn | kTrampEn;

struct Case {
  std::string_view defect;
  std::function<void(KnownStep*)> make;
};
const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      {"all-null-module-leaves-group",
       [](KnownStep* step) {
         step->shown.groups.push_back({.owner = kCore, .order = 1, .used = 0});
         step->shown.ledger.groups += 1;
         step->shown.ledger.pages += 2;
       }},
      {"cached-module-glob-cut",
       [](KnownStep* step) { step->shown.ops[0].cached_filter[0].module = Pattern::Must("d"); }},
      {"failed-open-drops-cached-filters",
       [](KnownStep* step) {
         step->shown.ops[0].cached_filter.clear();
         step->shown.ledger.cached = 0;
       }},
      {"glob-class-at-end", [](KnownStep* step) { Found(step, step->Record("probe").ip); }},
      {"index-trailing", [](KnownStep* step) { Found(step, step->before.records[1].ip); }},
      {"ipmodify-notrace", [](KnownStep* step) { step->Record("core_setup").flags = 0; }},
      {"ipmodify-reload",
       [](KnownStep* step) {
         RecordView& record = step->Record("alpha_open");
         record = {.ip = record.ip, .function = record.function};
       }},
      {"killed-ops-unlisted", [](KnownStep* step) { step->Record("core_setup").flags &= ~kTramp; }},
      {"kprobe-armed-not-kept",
       [](KnownStep* step) {
         step->shown.kprobes.ops[0].filter.clear();
         step->shown.ledger.hash_entries -= 1;
       }},
      {"kprobe-disarmed-when-dead",
       [](KnownStep* step) {
         step->actual.rc = 0;
         step->shown.kprobes.probes[0] = {};
         step->shown.kprobes.entries[0] = {};
         step->shown.kprobes.entry_count = 0;
       }},
      {"kprobe-failed-add-keeps-post",
       [](KnownStep* step) { step->shown.kprobes.entries[0].post = true; }},
      {"kprobe-forced-jump-lingers",
       [](KnownStep* step) {
         step->shown.kprobes.unused_count = 1;
         step->shown.kprobes.unused = step->before.kprobes.unused;
       }},
      {"kprobe-gone-hides-code",
       [](KnownStep* step) {
         step->actual.rc = Rc(Errno::kIlSeq);
         step->shown.kprobes = step->before.kprobes;
       }},
      {"kprobe-killed-unused-stays",
       [](KnownStep* step) {
         step->shown.kprobes.unused_count = 1;
         step->shown.kprobes.unused = step->before.kprobes.unused;
       }},
      {"kprobe-left-keeps-jump",
       [](KnownStep* step) { step->shown.kprobes.entries[0].jump = JumpState::kQueued; }},
      {"kprobe-left-writes-text",
       [](KnownStep* step) {
         step->Record("alpha_read").site = {SiteKind::kTrampoline, OpsId{0xff}};
       }},
      {"kprobe-neighbour-forgotten",
       [](KnownStep* step) { step->shown.kprobes.entries[0].jump = JumpState::kNone; }},
      {"kprobe-post-on-plain",
       [](KnownStep* step) {
         step->shown.records = step->before.records;
         step->shown.order = step->before.order;
         step->shown.kprobes.ops = step->before.kprobes.ops;
       }},
      {"kprobe-revived-keeps-ftrace",
       [](KnownStep* step) {
         step->actual.rc = Rc(Errno::kInval);
         step->shown.kprobes.probes[1] = {};
         KprobeEntryView& entry = step->shown.kprobes.entries[0];
         entry.on_ftrace = entry.disabled = true;
         entry.count = 1;
         entry.probes = {KprobeId{0}};
       }},
      {"kprobe-revived-stale-byte",
       [](KnownStep* step) { step->shown.kprobes.entries[0].jump = JumpState::kQueued; }},
      {"kprobe-unused-enabled",
       [](KnownStep* step) {
         step->shown.kprobes.entries[0].disabled = false;
         step->shown.kprobes.entries[0].jump = JumpState::kInstalled;
       }},
      {"livepatch-frees-listed-ops",
       [](KnownStep* step) {
         step->actual = Outcome();
         step->actual.fate = Fate::kCrashed;
       }},
      {"livepatch-init-text",
       [](KnownStep* step) {
         LivepatchView& livepatch = step->shown.livepatch;
         livepatch.ops[0] = {.ip = step->before.livepatch.ops[0].ip, .registered = true};
         step->shown.order = {OpsId{kOpsCount}};
         step->shown.ledger.hash_entries += 1;
       }},
      {"livepatch-leaks-filter", [](KnownStep* step) { step->shown.ledger.hash_entries += 1; }},
      {"load-ignores-sysctl",
       [](KnownStep* step) {
         for (RecordView& record : step->shown.records) {
           if (step->program.world->function(record.function).module == kCore) continue;
           if (record.count == 0) continue;
           record.flags |= kEnabled | kTrampEn;
           record.site = {.kind = SiteKind::kTrampoline, .owner = OpsId{0}};
         }
       }},
      {"mod-without-module", [](KnownStep* step) { step->actual.fate = Fate::kCrashed; }},
      {"shared-pair-kills",
       [](KnownStep* step) {
         for (std::size_t i = 0; i < step->shown.records.size(); ++i) {
           RecordView& record = step->shown.records[i];
           const RecordView& old = step->before.records[i];
           record.flags = (record.flags & ~kCurrent) | (old.flags & kCurrent);
           record.site = old.site;
         }
         Kill(step);
       }},
      {"stale-regs",
       [](KnownStep* step) {
         for (RecordView& record : step->shown.records) {
           if (record.count == 1) record.flags |= kRegs | kRegsEn;
         }
       }},
      {"uninitialised-ipmodify",
       [](KnownStep* step) {
         step->actual = Outcome();
         step->actual.fate = Fate::kCrashed;
       }},
      {"unmatched-cached-filter-traces-all",
       [](KnownStep* step) {
         step->shown.ops[0].filter.cleared = 0;
         step->shown.ledger.hash_entries = 0;
       }},
  };
  return *cases;
}

// Of a kernel that crashed nothing is seen but that.
bool Crashes(const Case& one) {
  KnownStep step = LastStepOf(one.defect);
  one.make(&step);
  return step.actual.fate == Fate::kCrashed;
}

TEST(Known, HasACaseForEachEntry) {
  std::vector<std::string_view> cases;
  std::vector<std::string_view> entries;
  for (const Case& one : Cases()) cases.push_back(one.defect);
  for (const KnownDefect& defect : KnownDefects()) {
    const bool explains = defect.undo != nullptr || defect.records != 0;
    if (explains || defect.hides == nullptr) entries.push_back(defect.name);
  }
  EXPECT_EQ(cases, entries);
}

TEST(Known, ExplainsItsOwnDifferenceAndThatOfNoOther) {
  for (const Case& one : Cases()) {
    KnownStep step = LastStepOf(one.defect);
    one.make(&step);
    for (const KnownDefect& defect : KnownDefects()) {
      EXPECT_EQ(step.IsExplainedBy(defect), defect.name == one.defect)
          << one.defect << " by " << defect.name;
    }
  }
}

TEST(Known, DoesNotExplainWhereNothingDiffers) {
  for (const Case& one : Cases()) {
    EXPECT_FALSE(LastStepOf(one.defect).IsExplainedBy(Defect(one.defect))) << one.defect;
  }
}

TEST(Known, RefusesOneMoreChange) {
  using Change = std::function<void(KnownStep*)>;
  const std::vector<std::pair<std::string_view, Change>> changes = {
      {"rc", [](KnownStep* step) { step->actual.rc = Rc(Errno::kFault); }},
      {"called", [](KnownStep* step) { step->actual.AddCall(OpsId{0}); }},
      {"dead", [](KnownStep* step) { step->shown.globals.dead = !step->shown.globals.dead; }},
      {"enabled",
       [](KnownStep* step) { step->shown.globals.enabled = !step->shown.globals.enabled; }},
      {"freed", [](KnownStep* step) { step->shown.globals.core_init_freed = true; }},
      {"a record more", [](KnownStep* step) { step->shown.records.push_back({.ip = 1}); }},
      {"a record less", [](KnownStep* step) { step->shown.records.pop_back(); }},
      {"group", [](KnownStep* step) { ++step->shown.groups.front().used; }},
      {"a group more", [](KnownStep* step) { step->shown.groups.push_back({}); }},
      {"permanent", [](KnownStep* step) { step->shown.ops[7].permanent = true; }},
      {"filter", [](KnownStep* step) { step->shown.ops[0].filter.ips.push_back(~Address{0}); }},
      {"cleared", [](KnownStep* step) { step->shown.ops[0].filter.cleared += 2; }},
      {"notrace", [](KnownStep* step) { step->shown.ops[0].notrace.mod = true; }},
      {"another filter", [](KnownStep* step) { step->shown.ops[7].filter.cleared += 1; }},
      {"cached", [](KnownStep* step) { step->shown.ops[7].cached_notrace.push_back({}); }},
      {"order", [](KnownStep* step) { step->shown.order.push_back(OpsId{7}); }},
      {"module", [](KnownStep* step) { step->shown.modules.back().slot = SlotId{1}; }},
      {"klp_alive", [](KnownStep* step) { step->shown.modules[0].klp_alive ^= true; }},
      {"chain", [](KnownStep* step) { step->shown.notifiers.chains[1].count = 1; }},
      {"bad free", [](KnownStep* step) { step->shown.notifiers.bad_frees = 1; }},
      {"patch", [](KnownStep* step) { step->shown.livepatch.patches[3].enabled = true; }},
      {"patched", [](KnownStep* step) { step->shown.livepatch.patches[0].patched ^= 8; }},
      {"klp ops", [](KnownStep* step) { step->shown.livepatch.ops[0].depth ^= 1; }},
      {"another klp ops", [](KnownStep* step) { step->shown.livepatch.ops[7].registered = true; }},
      {"kprobe", [](KnownStep* step) { step->shown.kprobes.probes[3].registered = true; }},
      {"kprobe's flag", [](KnownStep* step) { step->shown.kprobes.probes[0].gone ^= true; }},
      {"kprobe entry", [](KnownStep* step) { step->shown.kprobes.entries[0].aggregate ^= true; }},
      {"kprobe's place", [](KnownStep* step) { step->shown.kprobes.entries[0].address += 1; }},
      {"a probe more", [](KnownStep* step) { ++step->shown.kprobes.entries[0].count; }},
      {"kp", [](KnownStep* step) { step->shown.kprobes.ops[0].filter.push_back(~Address{0}); }},
      {"kpi", [](KnownStep* step) { step->shown.kprobes.ops[1].registered ^= true; }},
      {"a jump", [](KnownStep* step) { step->shown.kprobes.entries[3].jump = JumpState::kQueued; }},
      {"an unused one", [](KnownStep* step) { step->shown.kprobes.unused[3] = ~Address{0}; }},
      {"unused ones", [](KnownStep* step) { step->shown.kprobes.unused_count += 2; }},
      {"all disarmed", [](KnownStep* step) { step->shown.kprobes.all_disarmed ^= true; }},
      {"fired", [](KnownStep* step) { step->actual.AddFired(KprobeId{0}); }},
      {"log", [](KnownStep* step) { step->actual.log.push_back({}); }},
      {"answer", [](KnownStep* step) { step->actual.answer = kNotifyStop; }},
      {"redirected", [](KnownStep* step) { step->actual.redirected = PatchId{0}; }},
      {"ledger.records", [](KnownStep* step) { ++step->shown.ledger.records; }},
      {"ledger.groups", [](KnownStep* step) { ++step->shown.ledger.groups; }},
      {"ledger.pages", [](KnownStep* step) { ++step->shown.ledger.pages; }},
      {"ledger.hash_entries", [](KnownStep* step) { ++step->shown.ledger.hash_entries; }},
      {"ledger.cached", [](KnownStep* step) { ++step->shown.ledger.cached; }},
  };
  for (const Case& one : Cases()) {
    if (Crashes(one)) continue;
    for (const auto& [what, change] : changes) {
      KnownStep step = LastStepOf(one.defect);
      one.make(&step);
      change(&step);
      EXPECT_FALSE(step.IsExplainedBy(Defect(one.defect))) << one.defect << " and " << what;
    }
  }
}

TEST(Known, RefusesOneMoreChangeOfAnyRecord) {
  const std::vector<std::function<void(RecordView*)>> changes = {
      [](RecordView* record) { ++record->count; },
      [](RecordView* record) { record->flags ^= kDisabled; },
      [](RecordView* record) { record->flags ^= kTramp; },
      [](RecordView* record) { record->flags ^= kEnabled; },
      [](RecordView* record) { record->flags ^= kRegsEn; },
      [](RecordView* record) { record->site = {.kind = SiteKind::kRegsEntry, .owner = {}}; },
      [](RecordView* record) { record->site = {.kind = SiteKind::kTrampoline, .owner = OpsId{7}}; },
  };
  for (const Case& one : Cases()) {
    if (Crashes(one)) continue;
    const std::size_t size = LastStepOf(one.defect).shown.records.size();
    for (std::size_t i = 0; i < std::min<std::size_t>(size, 12); ++i) {
      for (std::size_t change = 0; change < changes.size(); ++change) {
        KnownStep step = LastStepOf(one.defect);
        one.make(&step);
        const RecordView unchanged = step.shown.records[i];
        changes[change](&step.shown.records[i]);
        if (step.shown.records[i] == unchanged) continue;
        EXPECT_FALSE(step.IsExplainedBy(Defect(one.defect)))
            << one.defect << ", record " << i << ", change " << change;
      }
    }
  }
}

}  // namespace
}  // namespace recount
