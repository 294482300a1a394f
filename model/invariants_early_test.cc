// What boot, repair and early kprobes add to I3, I6, I8, I10, I14 and I16: on a View that is right,
// and with one thing wrong.
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

// In phase `ftrace`: k0's jump is on core_read, k1's on an instruction of core_write. No module is
// there, nobody traces.
Step Early() {
  Step step;
  View& view = step.after;
  view = {};
  step.profile = FindProfile("early-kprobe")->profile;
  view.globals.phase = Phase::kFtrace;
  view.modules.resize(step.world->modules().size());
  for (std::size_t i = 0; i < kOpsCount; ++i) view.ops[i].pair = static_cast<OpsId>(i);
  step.AddImage(kCore, World::kCoreBase);
  KprobesView& kprobes = view.kprobes;
  const Address read = step.Ip("core_read");
  const Address inside = step.Ip("core_write") + 5;
  kprobes.probes[0] = {.registered = true, .address = read};
  kprobes.probes[1] = {.registered = true, .address = inside};
  kprobes.entry_count = 2;
  kprobes.entries[0] = {.address = inside, .early = true, .count = 1};
  kprobes.entries[0].probes = {KprobeId{1}};
  kprobes.entries[1] = {.address = read, .on_ftrace = true, .early = true, .count = 1};
  kprobes.entries[1].probes = {KprobeId{0}};
  kprobes.early_slots = 2;
  step.At("core_read").site.kind = SiteKind::kJump;
  step.Count();
  step.before = view;
  step.Do("hit core_read");
  step.outcome.AddFired(KprobeId{0});
  return step;
}

template <typename Change>
Step EarlyWith(Change change) {
  Step step = Early();
  step.Do("boot");
  change(step);
  return step;
}

TEST(EarlyInvariants, HoldOfAJumpThatFtraceDoesNotKnowOf) {
  EXPECT_EQ(Early().Broken(), "");
  Step step = Early();
  step.outcome = {};
  EXPECT_EQ(step.Reason("I16"), "hit answered nobody, expected k0");
}

TEST(EarlyInvariants, I14HoldsEarlyProbesAgainstTheirSlotsAndJumps) {
  const auto reason = [](auto change) { return EarlyWith(change).Reason("I14"); };
  EXPECT_EQ(reason([](Step& s) { s.after.globals.phase = Phase::kRunning; }),
            "k1: early, though boot is over");
  EXPECT_EQ(reason([](Step& s) { s.after.kprobes.early_slots = 1; }),
            "1 early slots are taken, for 2 kprobes");
  EXPECT_EQ(reason([](Step& s) { s.after.kprobes.entries[0].suspended = true; }),
            "k1: suspended, but not on ftrace");
  EXPECT_EQ(reason([](Step& s) {
              s.after.kprobes.entries[1].early = false;
              s.after.kprobes.entries[1].suspended = true;
            }),
            "k0: suspended, but not early");
  EXPECT_EQ(reason([](Step& s) {
              s.after.kprobes.entries[0].disabled = s.after.kprobes.probes[1].disabled = true;
            }),
            "k1: early, and with flags");
  EXPECT_EQ(reason([](Step& s) { s.At("core_read").site = {}; }),
            "the site of an early kprobe holds no jump");
  EXPECT_EQ(reason([](Step& s) { s.At("core_write").site.kind = SiteKind::kJump; }),
            "a jump without an early kprobe");
  EXPECT_EQ(reason([](Step& s) {
              s.after.globals.phase = Phase::kRunning;
              s.after.kprobes = {};
              s.after.kprobes.all_disarmed = true;
              s.after.globals.dead = true;
              s.after.globals.enabled = false;
            }),
            "the jump of an early kprobe was left behind");
}

TEST(EarlyInvariants, I3TakesAJumpForTheNopUnderItAndNothingElse) {
  EXPECT_EQ(EarlyWith([](Step& s) { s.At("core_read").flags = kEnabled; }).Reason("I3"),
            "core_read: ----E-- jump, desired ------- nop");
  EXPECT_EQ(EarlyWith([](Step& s) { s.At("probe").site.kind = SiteKind::kMcount; }).Reason("I3"),
            "probe: ------- mcount, desired ------- nop");
}

TEST(EarlyInvariants, I6KnowsNoRecordsBeforeFtraceInit) {
  EXPECT_EQ(EarlyWith([](Step& s) { s.after.globals.phase = Phase::kSorted; }).Reason("I6"),
            "there are records before ftrace_init()");
  const auto none = [](Step& s) {
    s.after.records.clear();
    s.after.groups.clear();
    s.Count();
  };
  EXPECT_EQ(EarlyWith(none).Reason("I6"), "the core has no records");
  EXPECT_EQ(EarlyWith([&](Step& s) {
              none(s);
              s.after.globals.phase = Phase::kStart;
            }).Reason("I6"),
            "");
}

TEST(EarlyInvariants, I8AsksWhoIsOnTryfixInTheirOrder) {
  const auto reason = [](auto change) {
    Step step = Early();
    step.Do("boot");
    step.before.notifiers.chains[3] = {2, {NotifierId{4}, NotifierId{2}}};
    step.after.notifiers = step.before.notifiers;
    change(step);
    return step.Reason("I8");
  };
  const auto call = [](Step& s, std::uint8_t n) {
    s.outcome.log.push_back({NotifierId{n}, Event::kFix, kCore});
  };
  EXPECT_EQ(reason([&](Step& s) {
              call(s, 4);
              call(s, 2);
              call(s, 4);
            }),
            "");
  EXPECT_EQ(reason([&](Step& s) { call(s, 2); }),
            "n2: asked for a repair, out of the order of tryfix");
  EXPECT_EQ(reason([&](Step& s) { call(s, 1); }), "n1: asked for a repair, but not on tryfix");
  EXPECT_EQ(reason([&](Step& s) {
              call(s, 4);
              s.profile = FindProfile("linux-6.1")->profile;
            }),
            "n4: asked for a repair, which this profile does not know");
}

TEST(EarlyInvariants, I10LetsOperationsWaitWhileBooting) {
  Step step = Early();
  step.Do("load alpha @0", Rc(Errno::kAgain));
  EXPECT_EQ(step.Broken(), "");
  step.Do("kprobe k2 core_read", Rc(Errno::kExist));
  EXPECT_EQ(step.Broken(), "");
  Step late;
  late.Do("kprobe k2 core_read", Rc(Errno::kExist));
  EXPECT_EQ(late.Reason("I10"), "kprobe cannot return -EEXIST");
  late.Do("ftrace_enabled 0", Rc(Errno::kAgain));
  EXPECT_EQ(late.Reason("I10"), "ftrace_enabled cannot return -EAGAIN");
}

TEST(EarlyInvariants, I11LooksIntoTheSortedTableBeforeThereAreRecords) {
  Step step = Early();
  step.after = step.before = {};
  step.after.globals.phase = step.before.globals.phase = Phase::kSorted;
  step.after.modules.resize(step.world->modules().size());
  step.before.modules = step.after.modules;
  step.Do("locate core_read+4");
  EXPECT_EQ(step.Reason("I11"), "locate found nothing, a linear scan core_read");
  step.outcome.located = *step.world->FindFunction("core_read");
  EXPECT_EQ(step.Reason("I11"), "");
  step.Do("locate core_gap");
  EXPECT_EQ(step.Reason("I11"), "");
}

}  // namespace
}  // namespace recount
