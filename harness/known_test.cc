// Every entry of the table explains its own difference, made by hand, and refuses the same with one
// more change.
#include "harness/known.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "harness/program_file.h"
#include "impl/roster.h"
#include "model/program.h"
#include "model/text.h"

namespace recount {
namespace {

// The last step of a program: as the reference has it, and what a subject makes of it. Of a `load`
// that is stage `enable`.
struct Step {
  Program program;
  Op op = FreeInit{};
  View before;
  View after;
  View shown;
  Outcome expected;
  Outcome actual;
  std::array<std::uint16_t, kFaultPointCount> armed{};

  RecordView& Record(std::string_view function) {
    const FunctionId id = *program.world->FindFunction(function);
    for (RecordView& record : shown.records) {
      if (record.function == id) return record;
    }
    ADD_FAILURE() << function << " has no record";
    return shown.records.front();
  }
  DivergingStep Diverging() const {
    return {*program.world, program.profile->profile, op, expected, actual, before, after, shown,
            armed};
  }
  bool IsExplainedBy(const KnownDefect& defect) const {
    const KnownDefect* const defects[] = {&defect};
    return Explanation(defects, Diverging()) != nullptr;
  }
};

Step LastStepOf(Program program) {
  Step step;
  step.program = std::move(program);
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  reference->Reset(step.program.world, step.program.profile->profile);
  const auto apply = [&](const Op& op) {
    step.op = op;
    reference->Observe(&step.before);
    step.expected = reference->Apply(op);
    if (const auto* fault = std::get_if<Fault>(&op)) {
      step.armed[static_cast<std::size_t>(fault->point)] = fault->nth;
    }
  };
  for (const Op& op : step.program.ops) {
    const auto* load = std::get_if<Load>(&op);
    const bool last = &op == &step.program.ops.back();
    if (load == nullptr || !last ||
        step.program.world->module(load->module).name == std::string_view("blank")) {
      apply(op);
      continue;
    }
    apply(LoadBegin{load->module, load->slot, std::nullopt});
    for (int stage = 0; stage < 6; ++stage) apply(LoadStep{load->module, std::nullopt});
    EXPECT_EQ(step.before.modules[Index(load->module)].next, Stage::kEnable);
  }
  reference->Observe(&step.after);
  step.shown = step.after;
  step.actual = step.expected;
  return step;
}

Step LastStepOf(std::string_view defect) {
  return LastStepOf(*ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect) +
                                     "/program.prog"));
}

Step LastStepOfText(const std::string& operations) {
  return LastStepOf(ParseProgram("world small\nprofile linux-6.1\n" + operations).value());
}

void Found(Step* step, Address ip) {
  step->actual.rc = 0;
  step->shown.ops[0].filter.ips = {ip};
  step->shown.ledger.hash_entries = 1;
}

constexpr std::uint8_t kCurrent = kEnabled | kRegsEn | kTrampEn;

void Kill(Step* step) {
  step->shown.globals.dead = true;
  step->shown.globals.enabled = false;
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
      {"killed-ops-unlisted", [](Step* step) { step->Record("core_setup").flags &= ~kTramp; }},
      {"kprobe-armed-not-kept",
       [](Step* step) {
         step->shown.kprobes.ops[0].filter.clear();
         step->shown.ledger.hash_entries -= 1;
       }},
      {"kprobe-disarmed-when-dead",
       [](Step* step) {
         step->actual.rc = 0;
         step->shown.kprobes.probes[0] = {};
         step->shown.kprobes.entries[0] = {};
         step->shown.kprobes.entry_count = 0;
       }},
      {"kprobe-failed-add-keeps-post",
       [](Step* step) { step->shown.kprobes.entries[0].post = true; }},
      {"kprobe-post-on-plain",
       [](Step* step) {
         step->shown.records = step->before.records;
         step->shown.order = step->before.order;
         step->shown.kprobes.ops = step->before.kprobes.ops;
       }},
      {"kprobe-revived-keeps-ftrace",
       [](Step* step) {
         step->actual.rc = Rc(Errno::kInval);
         step->shown.kprobes.probes[1] = {};
         KprobeEntryView& entry = step->shown.kprobes.entries[0];
         entry.on_ftrace = entry.disabled = true;
         entry.count = 1;
         entry.probes = {KprobeId{0}};
       }},
      {"livepatch-frees-listed-ops",
       [](Step* step) {
         step->actual = Outcome();
         step->actual.fate = Fate::kCrashed;
       }},
      {"livepatch-init-text",
       [](Step* step) {
         LivepatchView& livepatch = step->shown.livepatch;
         livepatch.ops[0] = {.ip = step->before.livepatch.ops[0].ip, .registered = true};
         step->shown.order = {OpsId{kOpsCount}};
         step->shown.ledger.hash_entries += 1;
       }},
      {"livepatch-leaks-filter", [](Step* step) { step->shown.ledger.hash_entries += 1; }},
      {"load-ignores-sysctl",
       [](Step* step) {
         for (RecordView& record : step->shown.records) {
           if (step->program.world->function(record.function).module == kCore) continue;
           if (record.count == 0) continue;
           record.flags |= kEnabled | kTrampEn;
           record.site = {.kind = SiteKind::kTrampoline, .owner = OpsId{0}};
         }
       }},
      {"mod-without-module", [](Step* step) { step->actual.fate = Fate::kCrashed; }},
      {"shared-pair-kills",
       [](Step* step) {
         for (std::size_t i = 0; i < step->shown.records.size(); ++i) {
           RecordView& record = step->shown.records[i];
           const RecordView& old = step->before.records[i];
           record.flags = (record.flags & ~kCurrent) | (old.flags & kCurrent);
           record.site = old.site;
         }
         Kill(step);
       }},
      {"stale-regs",
       [](Step* step) {
         for (RecordView& record : step->shown.records) {
           if (record.count == 1) record.flags |= kRegs | kRegsEn;
         }
       }},
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

// Of a kernel that crashed nothing is seen but that.
bool Crashes(const Case& one) {
  Step step = LastStepOf(one.defect);
  one.make(&step);
  return step.actual.fate == Fate::kCrashed;
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
      {"klp_alive", [](Step* step) { step->shown.modules[0].klp_alive ^= true; }},
      {"chain", [](Step* step) { step->shown.notifiers.chains[1].count = 1; }},
      {"bad free", [](Step* step) { step->shown.notifiers.bad_frees = 1; }},
      {"patch", [](Step* step) { step->shown.livepatch.patches[3].enabled = true; }},
      {"patched", [](Step* step) { step->shown.livepatch.patches[0].patched ^= 8; }},
      {"klp ops", [](Step* step) { step->shown.livepatch.ops[0].depth ^= 1; }},
      {"another klp ops", [](Step* step) { step->shown.livepatch.ops[7].registered = true; }},
      {"kprobe", [](Step* step) { step->shown.kprobes.probes[3].registered = true; }},
      {"kprobe's flag", [](Step* step) { step->shown.kprobes.probes[0].gone ^= true; }},
      {"kprobe entry", [](Step* step) { step->shown.kprobes.entries[0].aggregate ^= true; }},
      {"kprobe's place", [](Step* step) { step->shown.kprobes.entries[0].address += 1; }},
      {"a probe more", [](Step* step) { ++step->shown.kprobes.entries[0].count; }},
      {"kp", [](Step* step) { step->shown.kprobes.ops[0].filter.push_back(~Address{0}); }},
      {"kpi", [](Step* step) { step->shown.kprobes.ops[1].registered ^= true; }},
      {"all disarmed", [](Step* step) { step->shown.kprobes.all_disarmed ^= true; }},
      {"fired", [](Step* step) { step->actual.AddFired(KprobeId{0}); }},
      {"log", [](Step* step) { step->actual.log.push_back({}); }},
      {"answer", [](Step* step) { step->actual.answer = kNotifyStop; }},
      {"redirected", [](Step* step) { step->actual.redirected = PatchId{0}; }},
      {"ledger.records", [](Step* step) { ++step->shown.ledger.records; }},
      {"ledger.groups", [](Step* step) { ++step->shown.ledger.groups; }},
      {"ledger.pages", [](Step* step) { ++step->shown.ledger.pages; }},
      {"ledger.hash_entries", [](Step* step) { ++step->shown.ledger.hash_entries; }},
      {"ledger.cached", [](Step* step) { ++step->shown.ledger.cached; }},
  };
  for (const Case& one : Cases()) {
    if (Crashes(one)) continue;
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
    if (Crashes(one)) continue;
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

// It takes two of them, or one that was freed before and somebody who reads the list.
TEST(Known, LivepatchFreesListedOpsCrashesOnlyWhereTheListIsRead) {
  const auto is_explained = [](const std::string& ops) {
    Step step = LastStepOfText(ops);
    step.actual = Outcome();
    step.actual.fate = Fate::kCrashed;
    return step.IsExplainedBy(Defect("livepatch-frees-listed-ops"));
  };
  const std::string one =
      "patch p0 probe\nenable p0\nfilter o1 core_read\nops o1 kernel ipmodify\n"
      "fault verify 1\nregister o0\ndisable p0\n";
  EXPECT_FALSE(is_explained(one));
  EXPECT_TRUE(is_explained(one + "register o1\n"));
  EXPECT_TRUE(is_explained(one + "unregister o1\n"));
  EXPECT_FALSE(is_explained(one + "register o2\n"));
  EXPECT_FALSE(is_explained(one + "enable p0\n"));
  EXPECT_FALSE(is_explained("patch p0 probe core_read\nenable p0\ndisable p0\n"));
}

// A livepatched function that a module takes along stays patched, and its replacement on the stack.
TEST(Known, LivepatchedInitTextOfAModuleThatGoesStaysPatched) {
  const KnownDefect& defect = Defect("livepatch-init-text");
  Step step = LastStepOfText("patch p0 probe gamma_init\nenable p0\nload gamma @0\nunload gamma\n");
  LivepatchView& livepatch = step.shown.livepatch;
  ASSERT_EQ(step.before.livepatch.ops[1].depth, 1);
  livepatch.ops[1] = step.before.livepatch.ops[1];
  livepatch.patches[0].patched |= 1 << 1;
  step.shown.order.insert(step.shown.order.begin(), OpsId{kOpsCount + 1});
  step.shown.ledger.hash_entries += 1;
  EXPECT_TRUE(step.IsExplainedBy(defect));
  Step other = step;
  other.shown.livepatch.ops[1].depth = 2;
  EXPECT_FALSE(other.IsExplainedBy(defect));
  other = step;
  // `probe` has its record, and so has its ops.
  other.shown.livepatch.patches[0].patched = 0;
  EXPECT_FALSE(other.IsExplainedBy(defect));
  other = step;
  other.shown.ledger.hash_entries += 1;
  EXPECT_FALSE(other.IsExplainedBy(defect));
}

TEST(Known, LivepatchLosesMoreThanOneFilterOnlyWhenFtraceDies) {
  const KnownDefect& defect = Defect("livepatch-leaks-filter");
  Step alive = LastStepOfText("patch p0 probe core_read\nenable p0\ndisable p0\n");
  alive.shown.ledger.hash_entries += 2;
  EXPECT_FALSE(alive.IsExplainedBy(defect));
  Step dies = LastStepOfText("patch p0 probe core_read\nenable p0\nfault verify 1\ndisable p0\n");
  ASSERT_TRUE(dies.after.globals.dead);
  dies.shown.ledger.hash_entries += 2;
  EXPECT_TRUE(dies.IsExplainedBy(defect));
  // Dead before: what is kept is registered still, and so no leak.
  Step dead =
      LastStepOfText("patch p0 probe\nenable p0\nfault verify 1\nregister o0\ndisable p0\n");
  ASSERT_TRUE(dead.before.globals.dead);
  dead.shown.ledger.hash_entries += 1;
  EXPECT_FALSE(dead.IsExplainedBy(defect));
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

TEST(Known, ACommandWithoutModuleIsExplainedInEachShapeItTakes) {
  const KnownDefect& defect = Defect("mod-without-module");
  const std::string tracer = "ops o0 tracer\n";
  Step wants_memory = LastStepOfText(tracer + "filter o0 x:mod\n");
  wants_memory.actual.rc = Rc(Errno::kNoMem);
  EXPECT_TRUE(wants_memory.IsExplainedBy(defect));
  wants_memory.shown.globals.core_init_freed = true;
  EXPECT_FALSE(wants_memory.IsExplainedBy(defect));

  Step filters = LastStepOfText(tracer + "filter o0 core_read:mod\n");
  Found(&filters, filters.Record("core_read").ip);
  EXPECT_TRUE(filters.IsExplainedBy(defect));
  filters.shown.ops[1].filter.ips = {1};
  EXPECT_FALSE(filters.IsExplainedBy(defect));

  // Nothing is cached, so there is no name to compare.
  Step crashes = LastStepOfText(tracer + "filter o0 !x:mod\n");
  crashes.actual.fate = Fate::kCrashed;
  EXPECT_FALSE(crashes.IsExplainedBy(defect));
  // Another command.
  Step other = LastStepOfText(tracer + "filter o0 x:mo\n");
  other.actual.rc = Rc(Errno::kNoMem);
  EXPECT_FALSE(other.IsExplainedBy(defect));
}

TEST(Known, TwoAtOnceAreExplainedWhenBothAreMasked) {
  Step step = LastStepOf("stale-regs");
  for (RecordView& record : step.shown.records) {
    if (record.count == 1) record.flags |= kRegs | kRegsEn;
  }
  ++step.shown.ledger.pages;
  static constexpr KnownDefect kPage = {"page", "", "",
                                        [](const DivergingStep&, View* shown, Outcome*) {
                                          --shown->ledger.pages;
                                          return true;
                                        }};
  const KnownDefect& stale = Defect("stale-regs");
  const KnownDefect* const both[] = {&kPage, &stale};
  EXPECT_EQ(Explanation(both, step.Diverging()), &kPage);
  const KnownDefect* const one[] = {&stale};
  EXPECT_EQ(Explanation(one, step.Diverging()), nullptr);
}

// --- where a defect meets an armed fault ---------------------------------------------------------

constexpr char kLoadUnderSysctl[] =
    "register o0\nftrace_enabled 0\nfault verify 1\nload alpha @0\n";

// The pass that should not be: its first check fails.
void DieAtTheFirstCheck(Step* step) {
  bool first = true;
  for (RecordView& record : step->shown.records) {
    if (step->program.world->function(record.function).module == kCore) continue;
    if (!std::exchange(first, false)) {
      record = {.ip = record.ip, .function = record.function, .flags = kDisabled};
    } else {
      record.flags |= kEnabled | kTrampEn;
    }
  }
  Kill(step);
}

TEST(Known, ALoadThatIgnoresTheSysctlMeetsTheFault) {
  Step step = LastStepOfText(kLoadUnderSysctl);
  DieAtTheFirstCheck(&step);
  EXPECT_TRUE(step.IsExplainedBy(Defect("load-ignores-sysctl")));
  EXPECT_FALSE(step.IsExplainedBy(Defect("stale-regs")));
  // Without a fault nothing dies there; nor does it elsewhere.
  Step unarmed = step;
  unarmed.armed = {};
  EXPECT_FALSE(unarmed.IsExplainedBy(Defect("load-ignores-sysctl")));
  Step elsewhere = step;
  elsewhere.Record("alpha_read").flags = 0;
  EXPECT_FALSE(elsewhere.IsExplainedBy(Defect("load-ignores-sysctl")));
  Step alive = step;
  alive.shown.globals.dead = false;
  EXPECT_FALSE(alive.IsExplainedBy(Defect("load-ignores-sysctl")));
}

TEST(Known, AStaleBitSparesTheCheckThatWasToFail) {
  // The one site to change is core_setup's, from the regs entry to the plain one.
  Step step = LastStepOfText(
      "load alpha @0\nops o0 kernel save_regs\nfilter_ip o0 core_setup alpha_open\n"
      "unload alpha\nregister o0\nregister o1\nregister o2\nfault verify 1\n"
      "filter_ip o0 remove core_setup\n");
  ASSERT_TRUE(step.after.globals.dead);
  step.shown.globals = step.before.globals;
  RecordView& setup = step.Record("core_setup");
  setup.flags |= kRegs;
  ASSERT_EQ(setup.flags, kRegs | kEnabled | kRegsEn);
  EXPECT_TRUE(step.IsExplainedBy(Defect("stale-regs")));
  EXPECT_FALSE(step.IsExplainedBy(Defect("load-ignores-sysctl")));
  Step dead = step;
  Kill(&dead);
  EXPECT_FALSE(dead.IsExplainedBy(Defect("stale-regs")));
  Step other = step;
  other.Record("core_read").flags |= kRegs;
  EXPECT_FALSE(other.IsExplainedBy(Defect("stale-regs")));
}

TEST(Known, AnIndexThatIsTakenIsRefusedForMemoryOnlyWhereThatWasToFail) {
  Step step = LastStepOfText("fault hash_move 1\nfilter o0 2*\n");
  step.actual.rc = Rc(Errno::kNoMem);
  EXPECT_TRUE(step.IsExplainedBy(Defect("index-trailing")));
  step.actual.rc = Rc(Errno::kBusy);
  EXPECT_FALSE(step.IsExplainedBy(Defect("index-trailing")));
  step.actual.rc = Rc(Errno::kNoMem);
  step.armed = {};
  EXPECT_FALSE(step.IsExplainedBy(Defect("index-trailing")));
  // There is no record of that number.
  Step none = LastStepOfText("fault hash_move 1\nfilter o0 200*\n");
  none.actual.rc = Rc(Errno::kNoMem);
  EXPECT_FALSE(none.IsExplainedBy(Defect("index-trailing")));
}

// A cached filter and an IPMODIFY ops whose module comes back, in one step.
TEST(Known, ACachedFilterAfterAReloadIsCountedDownFromNothing) {
  Step step = LastStepOfText(
      "load_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "load_step alpha\nload_step alpha\nops o0 tracer ipmodify\nfilter o0 :mod:\n"
      "filter_ip o0 alpha_open\nregister o0\nload_step alpha\n");
  ASSERT_EQ(step.before.modules[0].next, Stage::kEnable);
  // Not counted when it came, and taken away with the old filter: a warning, and death.
  RecordView& open = step.Record("alpha_open");
  open.flags = kTramp;
  open.site = {};
  Kill(&step);
  EXPECT_TRUE(step.IsExplainedBy(Defect("ipmodify-reload")));
  EXPECT_FALSE(step.IsExplainedBy(Defect("load-ignores-sysctl")));
  open.flags |= kIpModify;
  EXPECT_FALSE(step.IsExplainedBy(Defect("ipmodify-reload")));
}

TEST(Known, AnEmptyFilterLeavesTheFaultToTheNextList) {
  Step step = LastStepOfText(
      "ops o0 tracer\nfilter o0 core_setup:mod:alpha\nnotrace o0 :mod:alpha\n"
      "fault hash_move 1\nload alpha @0\n");
  OpsView& ops = step.shown.ops[0];
  ASSERT_TRUE(ops.filter.mod);
  ops.filter = {};
  step.shown.ledger.hash_entries -= static_cast<std::uint32_t>(ops.notrace.ips.size());
  ops.notrace = {};
  EXPECT_TRUE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
  ops.notrace.ips = {step.Record("core_setup").ip};
  ++step.shown.ledger.hash_entries;
  EXPECT_FALSE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
}

// The oracle is struck at the filter, which is empty on both sides; the subject one list later.
TEST(Known, AFaultThatAnEmptyFilterLeavesUnseenStrikesTheNextList) {
  const std::string filter = "ops o0 tracer\nnotrace o0 :mod:alpha\nfault hash_move 1\n";
  Step step = LastStepOfText(filter +
                             "filter o0 core_setup:mod:alpha\nfault hash_move 1\nload alpha @0\n");
  OpsView& ops = step.shown.ops[0];
  ASSERT_TRUE(ops.filter.empty());
  ASSERT_FALSE(ops.notrace.ips.empty());
  step.shown.ledger.hash_entries -= static_cast<std::uint32_t>(ops.notrace.ips.size());
  ops.notrace = {};
  EXPECT_TRUE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
  step.armed = {};
  EXPECT_FALSE(step.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
  // A list that is applied before the filter was not struck by what the filter left.
  Step before = LastStepOfText(
      "ops o0 tracer\nnotrace o0 :mod:alpha\nops o1 tracer\nfault hash_move 1\n"
      "filter o1 core_setup:mod:alpha\nfault hash_move 2\nload alpha @0\n");
  ASSERT_FALSE(before.shown.ops[0].notrace.ips.empty());
  before.shown.ledger.hash_entries -=
      static_cast<std::uint32_t>(before.shown.ops[0].notrace.ips.size());
  before.shown.ops[0].notrace = {};
  EXPECT_FALSE(before.IsExplainedBy(Defect("unmatched-cached-filter-traces-all")));
}

TEST(Known, AFilterThatStaysEmptyForWantOfMemoryHidesTheDefect) {
  const std::string operations =
      "ops o0 tracer\nfault hash_move 1\nfilter o0 core_setup:mod:alpha\n";
  const auto hidden = [](const Step& step) {
    const KnownDefect& defect = Defect("unmatched-cached-filter-traces-all");
    const KnownDefect* const defects[] = {&Defect("stale-regs"), &defect};
    return HiddenIn(defects, step.Diverging()) == &defect;
  };
  Step step = LastStepOfText(operations + "fault hash_move 1\nload alpha @0\n");
  ASSERT_TRUE(step.after.ops[0].filter.empty());
  EXPECT_TRUE(hidden(step));
  step.armed = {};
  EXPECT_FALSE(hidden(step));
  // Where there was memory the entry shows.
  EXPECT_FALSE(hidden(LastStepOfText(operations + "fault hash_move 2\nload alpha @0\n")));
  EXPECT_FALSE(hidden(LastStepOfText(operations + "fault hash_move 1\nload beta @0\n")));
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
