// Invariants of a View (I1 to I7, I17, I18): on one that is right, and with one thing wrong.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

TEST(Invariants, HaveDistinctIdsAndSentences) {
  std::set<std::string_view> ids;
  for (const Invariant& invariant : Invariants()) {
    EXPECT_TRUE(ids.insert(invariant.id).second);
    EXPECT_TRUE(invariant.sentence.ends_with('.'));
  }
}

TEST(Invariants, HoldOfAGoodStep) {
  EXPECT_EQ(Step().Broken(), "");
  EXPECT_EQ(Changed([](Step&) {}).Broken(), "");
}

TEST(Invariants, I1RecountsEveryRecord) {
  const Step lost = Changed([](Step& s) { s.At("alpha_read").count = 1; });
  EXPECT_EQ(lost.Broken(), "I1");
  EXPECT_EQ(lost.Reason("I1"), "alpha_read: count 1, recounted 2");
  // What an ops excludes it does not count; nor does a filter of the flag alone, or a DISABLED
  // record.
  EXPECT_EQ(Changed([](Step& s) {
              s.after.ops[3].registered = true;
              s.after.ops[3].filter.mod = true;
              s.after.order.insert(s.after.order.begin(), OpsId{3});
            }).Broken(),
            "");
  EXPECT_EQ(Changed([](Step& s) {
              s.after.ops[3].registered = true;
              s.after.order.insert(s.after.order.begin(), OpsId{3});
            }).Reason("I1"),
            "core_setup: count 0, recounted 1");
  EXPECT_EQ(Changed([](Step& s) {
              s.after.ops[2].notrace.ips = {s.Ip("alpha_read")};
              s.Count();
            }).Reason("I1"),
            "alpha_read: count 2, recounted 1");
  EXPECT_EQ(Changed([](Step& s) { s.At("alpha_read").flags |= kDisabled; }).Reason("I1"),
            "alpha_read: count 2, recounted 0");
}

TEST(Invariants, I2BoundsTheCounts) {
  const Step wrapped = Changed([](Step& s) { s.At("probe").count = 0xffffffff; });
  EXPECT_EQ(wrapped.Broken(), "I1 I2");
  EXPECT_EQ(wrapped.Reason("I2"), "probe: count 4294967295 with 2 registered ops");
}

TEST(Invariants, I3ComparesSitesWithTheRecount) {
  const Step nop = Changed([](Step& s) { s.At("alpha_read").site = {}; });
  EXPECT_EQ(nop.Broken(), "I3");
  EXPECT_EQ(nop.Reason("I3"), "alpha_read: ----Er- nop, desired ----Er- call regs");
  EXPECT_EQ(Changed([](Step& s) { s.At("probe").flags = kEnabled; }).Broken(), "I3");
  EXPECT_EQ(Changed([](Step& s) { s.after.globals.enabled = false; }).Broken(), "I3");
  EXPECT_EQ(Changed([](Step& s) {
              s.after.globals.enabled = false;
              for (RecordView& record : s.after.records) {
                record.flags &= static_cast<std::uint8_t>(~(kEnabled | kRegsEn | kTrampEn));
                record.site = {};
              }
            }).Broken(),
            "");
  // Dead: sites stay as they are, and the sysctl is off.
  const auto die = [](Step& s) {
    s.before.globals = s.after.globals = {.dead = true, .enabled = false};
    s.Do("unregister o3", Rc(Errno::kNoDev));
    s.before = s.after;
  };
  EXPECT_EQ(Changed([&](Step& s) {
              s.At("alpha_read").site = {};
              die(s);
            }).Broken(),
            "");
  EXPECT_EQ(Changed([&](Step& s) {
              die(s);
              s.after.globals.enabled = s.before.globals.enabled = true;
            }).Broken(),
            "I3");
}

TEST(Invariants, I4FollowsRegsAndOwners) {
  const Step sticky = Changed([](Step& s) { s.At("probe").flags = kRegs; });
  EXPECT_EQ(sticky.Broken(), "I4");
  EXPECT_EQ(sticky.Reason("I4"),
            "probe: REGS is set, though no ops that traces it saves registers");
  EXPECT_EQ(Changed([](Step& s) { s.At("probe").flags = kIpModify; }).Broken(), "I4");
  EXPECT_EQ(Changed([](Step& s) { s.At("probe").flags = kRegsEn; }).Broken(), "I3 I4");
}

TEST(Invariants, I4GivesARecordToTheIpModifyOpsRegisteredFirst) {
  // o3 owns core_read, o4 was registered later and waits.
  const auto owned = [](Step& s) {
    for (const std::size_t i : {3, 4}) {
      s.after.ops[i].ipmodify = true;
      s.after.ops[i].registered = true;
      s.after.ops[i].filter.ips = {s.Ip("core_read")};
      s.after.order.insert(s.after.order.begin(), static_cast<OpsId>(i));
    }
    s.At("core_read").count = 1;
    s.At("core_read").flags = kTramp | kIpModify | kEnabled | kTrampEn;
    s.At("core_read").site = {SiteKind::kTrampoline, OpsId{3}};
    s.Count();
  };
  EXPECT_EQ(Changed(owned).Broken(), "");
  EXPECT_EQ(Changed([&](Step& s) {
              owned(s);
              s.At("core_read").site.owner = OpsId{4};
            }).Broken(),
            "I3 I5");
  EXPECT_EQ(Changed([&](Step& s) {
              owned(s);
              s.At("core_read").flags &= static_cast<std::uint8_t>(~kIpModify);
            }).Reason("I4"),
            "core_read: IPMODIFY is clear, though an ops owns it");
}

TEST(Invariants, I5WantsATrampolineForOneTracer) {
  const Step many = Changed([](Step& s) { s.At("alpha_read").flags |= kTramp; });
  EXPECT_EQ(many.Broken(), "I5");
  EXPECT_EQ(many.Reason("I5"), "alpha_read: TRAMP is set, though not one ops traces it");
  EXPECT_EQ(Changed([](Step& s) { s.At("alpha_write").flags ^= kTramp; }).Broken(), "I5");
  EXPECT_EQ(Changed([](Step& s) { s.At("probe").flags = kTrampEn; }).Broken(), "I3 I5");
  EXPECT_EQ(Changed([](Step& s) { s.At("alpha_write").site.owner = OpsId{1}; }).Reason("I5"),
            "alpha_write: the site calls the trampoline of o1, which is not its only tracer");
  EXPECT_EQ(Changed([](Step& s) { s.At("alpha_write").site.owner = OpsId{200}; }).Broken(),
            "I3 I5");
}

TEST(Invariants, I6ComparesRecordsWithTheCallSites) {
  const auto reason = [](auto change) {
    const Step step = Changed([&](Step& s) {
      change(s);
      s.Count();
    });
    return step.Reason("I6");
  };
  EXPECT_EQ(reason([](Step& s) {
              s.after.records.pop_back();
              --s.after.groups.back().used;
            }),
            "alpha:probe_shared: has no record");
  EXPECT_EQ(reason([](Step& s) { s.after.records.pop_back(); }),
            "the groups hold more than there is");
  EXPECT_EQ(reason([](Step& s) { s.after.groups.pop_back(); }), "9 records, but the groups hold 5");
  EXPECT_EQ(reason([](Step& s) { s.after.records.push_back(s.after.records.back()); }),
            "10 records, but the groups hold 9");
  EXPECT_EQ(reason([](Step& s) { std::swap(s.At("alpha_open"), s.At("alpha_write")); }),
            "alpha_write: a record, but expected is alpha_open");
  EXPECT_EQ(reason([](Step& s) { s.At("alpha_read").ip += 1; }),
            "alpha_read: the record is not at its address");
  EXPECT_EQ(reason([](Step& s) { s.At("alpha_read").ip = s.At("alpha_open").ip; }),
            "alpha_read: not behind the record before it");
  EXPECT_EQ(reason([](Step& s) { s.after.groups.push_back({kCore, 0, 0}); }),
            "a group of the core is not among the first");
  EXPECT_EQ(reason([](Step& s) { s.after.groups.push_back({ModuleId{0}, 0, 0}); }),
            "a group of alpha is not full, and another one follows");
  EXPECT_EQ(reason([](Step& s) { s.after.groups[0].used = 0; }),
            "a group of vmlinux of order 0 has 0 records");
  EXPECT_EQ(reason([](Step& s) { s.after.groups[0].used = 257; }),
            "a group of vmlinux of order 0 has 257 records");
  EXPECT_EQ(reason([](Step& s) { s.after.groups[1].owner = ModuleId{1}; }),
            "records of beta, which has none yet");
  EXPECT_EQ(reason([](Step& s) { s.after.groups[1].owner = ModuleId{9}; }),
            "a group of an unknown module");
  EXPECT_EQ(reason([](Step& s) { s.after.modules[0] = {}; }),
            "records of alpha, which has none yet");
  EXPECT_EQ(reason([](Step& s) { s.after.globals.core_init_freed = true; }),
            "core_setup: a record, but expected is core_read");
  EXPECT_EQ(reason([](Step& s) { s.At("core_old").flags = 0; }), "core_old: not DISABLED");
  EXPECT_EQ(reason([](Step& s) { s.At("probe").flags = kDisabled; }), "probe: DISABLED");
  EXPECT_EQ(reason([](Step& s) {
              s.after.records.resize(s.after.groups[0].used);
              s.after.groups.pop_back();
            }),
            "the records of alpha vanished though it stayed loaded");
  // A load that got no memory has none at all.
  EXPECT_EQ(reason([](Step& s) {
              s.after.records.resize(s.after.groups[0].used);
              s.after.groups.pop_back();
              s.before.records = s.after.records;
              s.before.groups = s.after.groups;
            }),
            "");
}

TEST(Invariants, I6KnowsInitTextAndStages) {
  // beta at @2, just past `records`: DISABLED, init text included.
  const auto begun = [](Step& s) {
    s.after.modules[1] = {ModuleState::kUnformed, SlotId{2}, Stage::kFormation};
    s.AddImage(ModuleId{1}, s.world->SlotAddress(SlotId{2}));
    for (std::size_t i = s.after.records.size() - 5; i < s.after.records.size(); ++i) {
      s.after.records[i].flags = kDisabled;
    }
    s.Count();
  };
  EXPECT_EQ(Changed(begun).Broken(), "");
  EXPECT_EQ(Changed([&](Step& s) {
              begun(s);
              s.At("beta_read").flags = 0;
            }).Broken(),
            "I6");
  EXPECT_EQ(Changed([&](Step& s) {
              begun(s);
              s.after.modules[1] = {ModuleState::kLive, SlotId{2}, Stage::kLayout};
              for (RecordView& record : s.after.records) {
                if (s.world->function(record.function).module == ModuleId{1}) record.flags = 0;
              }
            }).Reason("I6"),
            "beta_init: a record, but expected is beta_read");
}

TEST(Invariants, I7AuditsTheLedger) {
  const Step leak = Changed([](Step& s) { ++s.after.ledger.pages; });
  EXPECT_EQ(leak.Broken(), "I7");
  EXPECT_EQ(leak.Reason("I7"), "the ledger has 3 pages, the View 2");
  EXPECT_EQ(Changed([](Step& s) { --s.after.ledger.records; }).Broken(), "I7");
  EXPECT_EQ(Changed([](Step& s) { ++s.after.ledger.groups; }).Broken(), "I7");
  EXPECT_EQ(Changed([](Step& s) { ++s.after.ledger.hash_entries; }).Broken(), "I7");
  EXPECT_EQ(Changed([](Step& s) { ++s.after.ledger.cached; }).Broken(), "I7");
  // A shared pair counts once.
  EXPECT_EQ(Changed([](Step& s) {
              s.after.ops[4].pair = OpsId{2};
              s.after.ops[4].filter = s.after.ops[2].filter;
            }).Broken(),
            "");
}

TEST(Invariants, I17ChecksTheFormOfHashes) {
  const auto reason = [](auto change) {
    const Step step = Changed([&](Step& s) {
      change(s);
      s.Count();
    });
    EXPECT_TRUE(step.Broken().ends_with("I17") || step.Broken().empty()) << step.Broken();
    return step.Reason("I17");
  };
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].filter.ips = {s.Ip("probe"), s.Ip("core_read")}; }),
            "o5: filter is not strictly ascending");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].notrace.ips = {s.Ip("probe"), s.Ip("probe")}; }),
            "o5: notrace is not strictly ascending");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].notrace.mod = true; }),
            "o5: the notrace hash has the flag mod");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].notrace.cleared = 1; }), "");
  EXPECT_EQ(reason([](Step& s) {
              s.profile = FindProfile("linux-3.2")->profile;
              s.after.ops[5].notrace.cleared = 1;
            }),
            "o5: the notrace hash has cleared entries in a profile without");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[1].cached_filter.emplace_back(); }), "");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].cached_notrace.emplace_back(); }),
            "o5: a kernel user with cached module filters");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].pair = OpsId{6}; }),
            "o5: its pair o6 is not the lowest of the pair");
  EXPECT_EQ(reason([](Step& s) {
              s.after.ops[4].pair = OpsId{3};
              s.after.ops[5].pair = OpsId{4};
            }),
            "o5: its pair o4 is not the lowest of the pair");
  EXPECT_EQ(reason([](Step& s) { s.after.ops[5].pair = OpsId{2}; }),
            "o5: shares with o2, but the hashes differ");
  EXPECT_EQ(reason([](Step& s) {
              s.after.ops[4].pair = OpsId{3};
              s.after.ops[3].ipmodify = true;
            }),
            "o4: shares with o3, and one is IPMODIFY");
  EXPECT_EQ(reason([](Step& s) {
              s.after.ops[3].ipmodify = s.after.ops[3].registered = true;
              s.after.order.insert(s.after.order.begin(), OpsId{3});
            }),
            "o3: IPMODIFY is registered with an empty filter");
}

TEST(Invariants, I18KnowsTheStatesOfAModule) {
  const auto with = [](ModuleView module) {
    return Changed([&](Step& s) { s.after.modules[1] = module; }).Reason("I18");
  };
  const std::string unfit = "beta: state, slot and next stage do not fit";
  EXPECT_EQ(with({ModuleState::kUnformed, SlotId{2}, Stage::kPercpu}), "");
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kLive, true}), "");
  EXPECT_EQ(with({ModuleState::kLive, SlotId{2}, Stage::kFreeInit, true}), "");
  EXPECT_EQ(with({ModuleState::kAbsent, SlotId{2}, Stage::kLayout}), unfit);
  EXPECT_EQ(with({ModuleState::kUnformed, SlotId{2}, Stage::kEnable}), unfit);
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kLayout}), unfit);
  EXPECT_EQ(with({ModuleState::kLive, SlotId{2}, Stage::kInit}), unfit);
  EXPECT_EQ(with({ModuleState::kUnformed, SlotId{99}, Stage::kPercpu}), unfit);
  EXPECT_EQ(with({ModuleState::kUnformed, SlotId{1}, Stage::kPercpu}), "beta overlaps alpha");
  EXPECT_EQ(Changed([](Step& s) { s.after.modules.pop_back(); }).Reason("I18"),
            "not one entry a module of the world");
}

TEST(Invariants, I18KnowsWhenLivepatchMayBind) {
  const auto with = [](ModuleView module, std::string_view profile = "linux-6.1") {
    return Changed([&](Step& s) {
             s.after.modules[1] = module;
             s.profile = FindProfile(profile)->profile;
           })
        .Reason("I18");
  };
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kComing, false}), "");
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kComing, true}),
            "beta: klp_alive before its stage");
  EXPECT_EQ(with({ModuleState::kUnformed, SlotId{2}, Stage::kArgs, true}),
            "beta: klp_alive before its stage");
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kParams, false}), "beta: not klp_alive");
  EXPECT_EQ(with({ModuleState::kAbsent, kNoSlot, Stage::kLayout, true}),
            "beta: klp_alive before its stage");
  // By chain a notifier may have stopped the call ahead of livepatch.
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kParams, false}, "rfc-notifier"), "");
  EXPECT_EQ(with({ModuleState::kComing, SlotId{2}, Stage::kComing, true}, "rfc-notifier"),
            "beta: klp_alive before its stage");
}

TEST(Invariants, SurviveAViewFullOfNonsense) {
  Step step;
  step.before = step.after = View();
  step.after.records.push_back({.ip = 5, .function = FunctionId{12345}});
  step.after.groups.push_back({ModuleId{500}, 40, 1});
  EXPECT_NE(step.Broken(), "");
}

}  // namespace
}  // namespace recount
