// Every entry of the table explains its own difference, made by hand, and refuses the same with one
// more change.
#include "harness/known.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/program_file.h"
#include "impl/roster.h"
#include "model/program.h"

namespace recount {
namespace {

// The last operation of a program: as the reference has it, and what a subject makes of it.
struct Step {
  Program program;
  View before;
  View after;
  View shown;
  Outcome expected;
  Outcome actual;

  RecordView& Record(std::string_view function) {
    const FunctionId id = *program.world->FindFunction(function);
    for (RecordView& record : shown.records) {
      if (record.function == id) return record;
    }
    ADD_FAILURE() << function << " has no record";
    return shown.records.front();
  }
  bool IsExplainedBy(const KnownDefect& defect) const {
    const KnownDefect* const defects[] = {&defect};
    return Explanation(defects, {*program.world, program.profile->profile, program.ops.back(),
                                 expected, actual, before, after, shown}) != nullptr;
  }
};

Step LastStepOf(std::string_view defect) {
  Step step;
  step.program = *ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect) +
                                  "/program.prog");
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  reference->Reset(step.program.world, step.program.profile->profile);
  for (const Op& op : step.program.ops) {
    reference->Observe(&step.before);
    step.expected = reference->Apply(op);
  }
  reference->Observe(&step.after);
  step.shown = step.after;
  step.actual = step.expected;
  return step;
}

void Found(Step* step, Address ip) {
  step->actual.rc = 0;
  step->shown.ops[0].filter.ips = {ip};
  step->shown.ledger.hash_entries = 1;
}

struct Case {
  std::string_view defect;
  std::function<void(Step*)> make;
};
const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      {"all-null-module-leaves-group",
       [](Step* step) {
         step->shown.groups.push_back({.owner = kCore, .order = 1, .used = 0});
         step->shown.ledger.groups += 1;
         step->shown.ledger.pages += 2;
       }},
      {"cached-module-glob-cut",
       [](Step* step) { step->shown.ops[0].cached_filter[0].module = Pattern::Must("d"); }},
      {"failed-open-drops-cached-filters",
       [](Step* step) {
         step->shown.ops[0].cached_filter.clear();
         step->shown.ledger.cached = 0;
       }},
      {"glob-class-at-end", [](Step* step) { Found(step, step->Record("probe").ip); }},
      {"index-trailing", [](Step* step) { Found(step, step->before.records[1].ip); }},
      {"ipmodify-notrace", [](Step* step) { step->Record("core_setup").flags = 0; }},
      {"ipmodify-reload",
       [](Step* step) {
         RecordView& record = step->Record("alpha_open");
         record = {.ip = record.ip, .function = record.function};
       }},
      {"load-ignores-sysctl",
       [](Step* step) {
         for (RecordView& record : step->shown.records) {
           if (step->program.world->function(record.function).module == kCore) continue;
           if (record.count == 0) continue;
           record.flags |= kEnabled | kTrampEn;
           record.site = {.kind = SiteKind::kTrampoline, .owner = OpsId{0}};
         }
       }},
      {"shared-pair-kills",
       [](Step* step) {
         for (std::size_t i = 0; i < step->shown.records.size(); ++i) {
           constexpr std::uint8_t kCurrent = kEnabled | kRegsEn | kTrampEn;
           RecordView& record = step->shown.records[i];
           const RecordView& old = step->before.records[i];
           record.flags = (record.flags & ~kCurrent) | (old.flags & kCurrent);
           record.site = old.site;
         }
         step->shown.globals.dead = true;
         step->shown.globals.enabled = false;
       }},
      {"stale-regs", [](Step* step) { step->Record("core_read").flags |= kRegs | kRegsEn; }},
      {"uninitialised-ipmodify",
       [](Step* step) {
         step->actual = Outcome();
         step->actual.fate = Fate::kCrashed;
       }},
      {"unmatched-cached-filter-traces-all",
       [](Step* step) {
         step->shown.ops[0].filter.cleared = 0;
         step->shown.ledger.hash_entries = 0;
       }},
  };
  return *cases;
}

const KnownDefect& Defect(std::string_view name) { return *FindKnownDefect(name); }

TEST(Known, HasACaseForEachEntry) {
  std::vector<std::string_view> cases;
  std::vector<std::string_view> entries;
  for (const Case& one : Cases()) cases.push_back(one.defect);
  for (const KnownDefect& defect : KnownDefects()) entries.push_back(defect.name);
  EXPECT_EQ(cases, entries);
}

TEST(Known, ExplainsItsOwnDifferenceAndThatOfNoOther) {
  for (const Case& one : Cases()) {
    Step step = LastStepOf(one.defect);
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
  using Change = std::function<void(Step*)>;
  const std::vector<std::pair<std::string_view, Change>> changes = {
      {"rc", [](Step* step) { step->actual.rc = Rc(Errno::kFault); }},
      {"called", [](Step* step) { step->actual.AddCall(OpsId{0}); }},
      {"dead", [](Step* step) { step->shown.globals.dead = !step->shown.globals.dead; }},
      {"enabled", [](Step* step) { step->shown.globals.enabled = !step->shown.globals.enabled; }},
      {"freed", [](Step* step) { step->shown.globals.core_init_freed = true; }},
      {"a record more", [](Step* step) { step->shown.records.push_back({.ip = 1}); }},
      {"a record less", [](Step* step) { step->shown.records.pop_back(); }},
      {"group", [](Step* step) { ++step->shown.groups.front().used; }},
      {"a group more", [](Step* step) { step->shown.groups.push_back({}); }},
      {"permanent", [](Step* step) { step->shown.ops[7].permanent = true; }},
      {"filter", [](Step* step) { step->shown.ops[0].filter.ips.push_back(~Address{0}); }},
      {"cleared", [](Step* step) { step->shown.ops[0].filter.cleared += 2; }},
      {"notrace", [](Step* step) { step->shown.ops[0].notrace.mod = true; }},
      {"another filter", [](Step* step) { step->shown.ops[7].filter.cleared += 1; }},
      {"cached", [](Step* step) { step->shown.ops[7].cached_notrace.push_back({}); }},
      {"order", [](Step* step) { step->shown.order.push_back(OpsId{7}); }},
      {"module", [](Step* step) { step->shown.modules.back().slot = SlotId{1}; }},
      {"ledger.records", [](Step* step) { ++step->shown.ledger.records; }},
      {"ledger.groups", [](Step* step) { ++step->shown.ledger.groups; }},
      {"ledger.pages", [](Step* step) { ++step->shown.ledger.pages; }},
      {"ledger.hash_entries", [](Step* step) { ++step->shown.ledger.hash_entries; }},
      {"ledger.cached", [](Step* step) { ++step->shown.ledger.cached; }},
  };
  for (const Case& one : Cases()) {
    // Of a kernel that crashed nothing is seen but that.
    if (one.defect == "uninitialised-ipmodify") continue;
    for (const auto& [what, change] : changes) {
      Step step = LastStepOf(one.defect);
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
    if (one.defect == "uninitialised-ipmodify") continue;
    const std::size_t size = LastStepOf(one.defect).shown.records.size();
    for (std::size_t i = 0; i < std::min<std::size_t>(size, 12); ++i) {
      for (std::size_t change = 0; change < changes.size(); ++change) {
        Step step = LastStepOf(one.defect);
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

TEST(Known, ACrashOfAnotherOpsIsNotExplained) {
  Step step = LastStepOf("uninitialised-ipmodify");
  step.actual = Outcome();
  step.actual.fate = Fate::kCrashed;
  step.before.ops[0].ipmodify = false;
  EXPECT_FALSE(step.IsExplainedBy(Defect("uninitialised-ipmodify")));
  step.before.ops[0].ipmodify = true;
  step.before.ops[0].filter.cleared = 1;
  EXPECT_FALSE(step.IsExplainedBy(Defect("uninitialised-ipmodify")));
  step.before.ops[0].filter = {};
  step.actual.fate = Fate::kHung;
  EXPECT_FALSE(step.IsExplainedBy(Defect("uninitialised-ipmodify")));
}

TEST(Known, TwoAtOnceAreExplainedWhenBothAreMasked) {
  Step step = LastStepOf("stale-regs");
  step.Record("core_read").flags |= kRegs | kRegsEn;
  ++step.shown.ledger.pages;
  static constexpr KnownDefect kPage = {"page", "", "",
                                        [](const DivergingStep&, View* shown, Outcome*) {
                                          --shown->ledger.pages;
                                          return true;
                                        }};
  const DivergingStep diverging{*step.program.world,
                                step.program.profile->profile,
                                step.program.ops.back(),
                                step.expected,
                                step.actual,
                                step.before,
                                step.after,
                                step.shown};
  const KnownDefect& stale = Defect("stale-regs");
  const KnownDefect* const both[] = {&kPage, &stale};
  EXPECT_EQ(Explanation(both, diverging), &kPage);
  const KnownDefect* const one[] = {&stale};
  EXPECT_EQ(Explanation(one, diverging), nullptr);
}

TEST(Known, IsMaskedByTheKernelThatShowsItAndByAnyTree) {
  const KnownDefect& old = Defect("index-trailing");
  EXPECT_TRUE(IsSeenOn(old, "6.1"));
  EXPECT_FALSE(IsSeenOn(old, "6.12"));
  EXPECT_FALSE(IsSeenOn(Defect("stale-regs"), "6"));
  EXPECT_TRUE(IsSeenOn(Defect("stale-regs"), "6.12"));
  EXPECT_LT(KnownDefectsOf("linux:6.12").size(), KnownDefectsOf("linux:6.1").size());
  EXPECT_EQ(KnownDefectsOf("linux:/src/linux").size(), KnownDefects().size());
  EXPECT_TRUE(KnownDefectsOf("fast").empty());
}

}  // namespace
}  // namespace recount
