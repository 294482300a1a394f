// The part of kprobes in the invariants (I1 to I5, I7, I9, I10, I14, I16, I17): on a View that is
// right, and with one thing wrong.
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

// k0 and then k1, with a post_handler, probe alpha_open, on ftrace; k2 alone an instruction of
// alpha_write that is not on ftrace. k3 is not registered.
void Probe(Step& s) {
  KprobesView& kprobes = s.after.kprobes;
  const Address open = s.Ip("alpha_open");
  const Address inside = s.Ip("alpha_write") + 5;
  kprobes.probes[0] = {.registered = true, .address = open};
  kprobes.probes[1] = {.registered = true, .post = true, .address = open};
  kprobes.probes[2] = {.registered = true, .address = inside};
  kprobes.entry_count = 2;
  kprobes.entries[0] = {.address = inside, .count = 1};
  kprobes.entries[0].probes = {KprobeId{2}};
  kprobes.entries[1] = {
      .address = open, .aggregate = true, .on_ftrace = true, .post = true, .count = 2};
  kprobes.entries[1].probes = {KprobeId{1}, KprobeId{0}};
  kprobes.ops[1] = {.registered = true, .filter = {open}};
  s.after.order.insert(s.after.order.begin(), kKprobeIpmodifyOps);
  RecordView& record = s.At("alpha_open");
  record.count = 1;
  record.flags = kRegs | kTramp | kIpModify | kEnabled | kRegsEn | kTrampEn;
  record.site = {SiteKind::kTrampoline, kKprobeIpmodifyOps};
  s.Count();
}

template <typename Change>
Step Probed(Change change) {
  return Changed([&](Step& s) {
    Probe(s);
    change(s);
  });
}

TEST(Invariants, CountTheOpsOfKprobes) {
  EXPECT_EQ(Probed([](Step&) {}).Broken(), "");
  EXPECT_EQ(Probed([](Step& s) { s.At("alpha_open").count = 0; }).Reason("I1"),
            "alpha_open: count 0, recounted 1");
  EXPECT_EQ(Probed([](Step& s) { s.At("alpha_open").site.owner = kKprobeOps; }).Reason("I3"),
            "alpha_open: ----Ert call kp, desired ----Ert call kpi");
  const auto without = [](std::uint8_t flag) {
    return Probed(
        [flag](Step& s) { s.At("alpha_open").flags &= static_cast<std::uint8_t>(~flag); });
  };
  EXPECT_EQ(without(kRegs).Reason("I4"),
            "alpha_open: REGS is clear, though an ops that traces it saves registers");
  EXPECT_EQ(without(kIpModify).Reason("I4"),
            "alpha_open: IPMODIFY is clear, though an ops owns it");
  EXPECT_EQ(Probed([](Step& s) { --s.after.ledger.hash_entries; }).Reason("I7"),
            "the ledger has 3 hash entries, the View 4");
  EXPECT_EQ(Probed([](Step& s) { s.after.order.erase(s.after.order.begin()); }).Reason("I16"),
            "kpi: registered, but not in the call order");
  EXPECT_EQ(Probed([](Step& s) {
              auto& filter = s.after.kprobes.ops[1].filter;
              filter.push_back(filter[0]);
            }).Reason("I17"),
            "kpi: filter is not strictly ascending");
}

TEST(Invariants, I14HoldsProbesAgainstTheTable) {
  const auto reason = [](auto change) {
    const Step step = Probed([&](Step& s) { change(s.after.kprobes); });
    EXPECT_NE(step.Broken().find("I14"), std::string::npos) << step.Broken();
    return step.Reason("I14");
  };
  using K = KprobesView;
  EXPECT_EQ(reason([](K& k) { k.entry_count = 9; }), "more kprobes are probed than there are");
  EXPECT_EQ(reason([](K& k) { k.entries[1].address = k.entries[0].address; }),
            "the entry of k1: its address has another entry");
  EXPECT_EQ(reason([](K& k) { k.entries[0].count = 0; }),
            "an entry without probes: holds 0 probes");
  EXPECT_EQ(reason([](K& k) { k.entries[1].aggregate = false; }),
            "the entry of k1: holds 2 probes");
  EXPECT_EQ(reason([](K& k) { k.entries[1].probes[1] = KprobeId{2}; }),
            "k2: in the table twice, or there is none");
  EXPECT_EQ(reason([](K& k) { k.probes[2] = {}; }), "k2: in the table, but not registered");
  EXPECT_EQ(reason([](K& k) { ++k.probes[0].address; }), "k0: in the entry of another address");
  EXPECT_EQ(reason([](K& k) { k.probes[3].registered = true; }),
            "k3: registered, but not in the table");
  EXPECT_EQ(reason([](K& k) { k.probes[3].post = true; }),
            "k3: not registered, but with something left");
}

TEST(Invariants, I14HoldsFlagsOfEntriesAgainstThoseOfProbes) {
  const auto reason = [](auto change) {
    return Probed([&](Step& s) { change(s.after.kprobes); }).Reason("I14");
  };
  using K = KprobesView;
  EXPECT_EQ(reason([](K& k) { k.probes[2].disabled = true; }),
            "the entry of k2: a probe alone has other flags than its entry");
  EXPECT_EQ(reason([](K& k) { k.entries[1].gone = k.probes[1].gone = true; }),
            "the entry of k1: gone, but not all its probes are");
  EXPECT_EQ(reason([](K& k) { k.entries[1].post = false; }),
            "the entry of k1: has no post_handler, but a probe of it has");
  EXPECT_EQ(reason([](K& k) { k.entries[1].gone = k.probes[1].gone = k.probes[0].gone = true; }),
            "the entry of k1: gone, but with a post_handler");
  EXPECT_EQ(reason([](K& k) { k.probes[1].disabled = k.probes[0].disabled = true; }),
            "the entry of k1: on, but all its probes are off");
}

TEST(Invariants, I14HoldsEntriesAgainstTheTwoOps) {
  const auto step = [](auto change) {
    return Probed([&](Step& s) { change(s, s.after.kprobes); });
  };
  const auto reason = [&](auto change) { return step(change).Reason("I14"); };
  using K = KprobesView;
  EXPECT_EQ(reason([](Step& s, K& k) { k.ops[1].filter.push_back(s.Ip("alpha_read")); }),
            "kpi: traces an address that is not probed");
  EXPECT_EQ(reason([](Step&, K& k) { k.entries[1].on_ftrace = false; }),
            "kpi: traces the entry of k1, which is not on ftrace");
  EXPECT_EQ(reason([](Step&, K& k) { k.entries[1].disabled = true; }),
            "kpi: traces the entry of k1, which is disabled");
  EXPECT_EQ(reason([](Step&, K& k) {
              k.entries[1].gone = k.probes[1].gone = k.probes[0].gone = true;
              k.entries[1].post = false;
            }),
            "kpi: traces the entry of k1, which is gone");
  EXPECT_EQ(reason([](Step&, K& k) { k.all_disarmed = true; }),
            "kpi: traces the entry of k1, which is disarmed, like all");
  EXPECT_EQ(reason([](Step&, K& k) { std::swap(k.ops[0], k.ops[1]); }),
            "kp: traces the entry of k1, which is on the other");
  EXPECT_EQ(reason([](Step&, K& k) { k.ops[1].registered = false; }), "kpi: not registered");
  EXPECT_EQ(reason([](Step&, K& k) { k.ops[0].registered = true; }), "kp: registered for no entry");
  EXPECT_EQ(reason([](Step&, K& k) { k.ops[1] = {}; }),
            "the entry of k1: on, but kpi does not trace it");
}

TEST(Invariants, I14LetsGoOfTheOpsWhenTheyMayHaveBeenLeftBehind) {
  const auto reason = [](std::string_view line, int rc, auto change) {
    Step s = Probed([](Step&) {});
    Step fault;
    fault.Do(line, rc);
    change(s);
    s.told.Note(s.profile, fault.op, fault.outcome, s.after);
    s.after.kprobes.ops[1] = {};
    return s.Reason("I14");
  };
  const auto nothing = [](Step&) {};
  const std::string lost = "the entry of k1: on, but kpi does not trace it";
  EXPECT_EQ(reason("register o3", 0, nothing), lost);
  EXPECT_EQ(reason("fault hash_copy 1", 0, nothing), "");
  EXPECT_EQ(reason("fault hash_move 1", 0, nothing), "");
  EXPECT_EQ(reason("fault kprobe_alloc 1", 0, nothing), lost);
  EXPECT_EQ(reason("script n0 going bad", 0, nothing), "");
  EXPECT_EQ(reason("script n0 going ok", 0, nothing), lost);
  EXPECT_EQ(reason("kprobes_armed 1", 0, nothing), lost);
  EXPECT_EQ(reason("kprobes_armed 1", Rc(Errno::kBusy), nothing), "");
  EXPECT_EQ(reason("load_step alpha fail", Rc(Errno::kNoMem), nothing), "");
  EXPECT_EQ(reason("load_step alpha", 0, nothing), lost);
  // By chain, where ftrace takes the record of init text away before kprobes hear of it.
  const auto by_chain = [](Step& s) { s.profile = FindProfile("rfc-notifier")->profile; };
  EXPECT_EQ(reason("load_step alpha", 0, by_chain), lost);
  EXPECT_EQ(reason("load_step alpha", 0,
                   [&](Step& s) {
                     by_chain(s);
                     s.after.kprobes.ops[0].filter = {0x123450};
                   }),
            "");
  EXPECT_EQ(
      reason("register o3", 0, [](Step& s) { s.after.globals = {.dead = true, .enabled = false}; }),
      "");
}

TEST(Invariants, I16RunsTheProbesThatAreOn) {
  const auto with = [](std::string_view line, std::vector<int> fired, auto change) {
    Step s = Probed([](Step&) {});
    change(s.after.kprobes);
    s.Do(line);
    if (line == "hit alpha_write") s.outcome.AddCall(OpsId{2});
    s.before = s.after;
    for (const int id : fired) s.outcome.AddFired(static_cast<KprobeId>(id));
    return s.Reason("I16");
  };
  using K = KprobesView;
  const auto nothing = [](K&) {};
  EXPECT_EQ(with("hit alpha_open", {1, 0}, nothing), "");
  EXPECT_EQ(with("hit alpha_write", {2}, nothing), "");
  EXPECT_EQ(with("hit alpha_open", {0, 1}, nothing), "hit answered k0 k1, expected k1 k0");
  EXPECT_EQ(with("hit alpha_write", {}, nothing), "hit answered o2, expected o2 k2");
  EXPECT_EQ(with("hit alpha_open", {0}, [](K& k) { k.probes[1].disabled = true; }), "");
  EXPECT_EQ(with("hit alpha_open", {0}, [](K& k) { k.probes[1].gone = true; }), "");
  EXPECT_EQ(with("hit alpha_open", {}, [](K& k) { k.entries[1].disabled = true; }), "");
  EXPECT_EQ(with("hit alpha_write", {}, [](K& k) { k.entries[0].gone = true; }), "");
  EXPECT_EQ(with("hit alpha_write", {}, [](K& k) { k.all_disarmed = true; }), "");
  EXPECT_EQ(Probed([](Step& s) { s.outcome.AddFired(KprobeId{0}); }).Reason("I10"),
            "callbacks without a hit");
}

TEST(Invariants, I10KnowsWhatKprobesReturn) {
  const auto reason = [](std::string_view line, Errno error) {
    Step step;
    step.Do(line, Rc(error));
    return step.Reason("I10");
  };
  for (const Errno error :
       {Errno::kInval, Errno::kNoEnt, Errno::kIlSeq, Errno::kNoMem, Errno::kNoDev, Errno::kBusy}) {
    EXPECT_EQ(reason("kprobe k0 alpha_read", error), "");
  }
  EXPECT_EQ(reason("kprobe k0 alpha_read", Errno::kExist), "kprobe cannot return -EEXIST");
  EXPECT_EQ(reason("unkprobe k0", Errno::kInval), "");
  EXPECT_EQ(reason("unkprobe k0", Errno::kBusy), "");
  EXPECT_EQ(reason("unkprobe k0", Errno::kNoMem), "unkprobe cannot return -ENOMEM");
  EXPECT_EQ(reason("enable_kprobe k0", Errno::kBusy), "");
  EXPECT_EQ(reason("enable_kprobe k0", Errno::kNoEnt), "enable_kprobe cannot return -ENOENT");
  EXPECT_EQ(reason("disable_kprobe k0", Errno::kNoDev), "");
  EXPECT_EQ(reason("disable_kprobe k0", Errno::kExist), "disable_kprobe cannot return -EEXIST");
  EXPECT_EQ(reason("kprobes_armed 1", Errno::kBusy), "");
  EXPECT_EQ(reason("kprobes_armed 1", Errno::kPerm), "kprobes_armed cannot return -EPERM");
}

TEST(Invariants, I9LetsKprobesChangeOnlyKprobes) {
  const auto with = [](std::string_view line, Errno error, auto change) {
    Step step;
    Probe(step);
    step.before = step.after;
    step.Do(line, Rc(error));
    change(step);
    return step.Reason("I9");
  };
  const auto aggregate = [](Step& s) { s.after.kprobes.entries[0].aggregate = true; };
  // Refused before anything is done.
  for (const Errno error : {Errno::kInval, Errno::kNoEnt, Errno::kIlSeq}) {
    EXPECT_EQ(with("kprobe k3 probe", error, [](Step&) {}), "");
    EXPECT_EQ(with("kprobe k3 probe", error, aggregate), "kprobe failed, but the View changed");
  }
  // An aggregator stays one.
  EXPECT_EQ(with("kprobe k3 probe", Errno::kNoMem, aggregate), "");
  const auto ops = [](Step& s) { s.after.ops[3].save_regs = true; };
  EXPECT_EQ(with("kprobe k3 probe", Errno::kNoMem, ops),
            "kprobe failed, but an ops changed that is not of kprobes");
  EXPECT_EQ(with("kprobe k3 probe", Errno::kOk, ops),
            "kprobe: an ops changed that is not of kprobes");
  EXPECT_EQ(with("kprobe k3 probe", Errno::kOk, aggregate), "");
  EXPECT_EQ(with("unkprobe k0", Errno::kOk, [](Step& s) { s.after.modules[0].slot = SlotId{3}; }),
            "unkprobe: modules changed");
  EXPECT_EQ(with("enable_kprobe k0", Errno::kOk, [](Step& s) { s.after.notifiers.bad_frees = 1; }),
            "enable_kprobe: a notifier changed");
  EXPECT_EQ(
      with("disable_kprobe k0", Errno::kOk, [](Step& s) { s.after.livepatch.enabled_count = 1; }),
      "disable_kprobe: livepatch changed");
  EXPECT_EQ(
      with("kprobes_armed 0", Errno::kOk, [](Step& s) { s.after.globals.core_init_freed = true; }),
      "kprobes_armed: global state changed");
  EXPECT_EQ(with("notifier n0 raw 0", Errno::kOk, aggregate), "notifier: kprobes changed");
  EXPECT_EQ(with("patch p0 probe", Errno::kOk, aggregate), "patch: kprobes changed");
}

TEST(Invariants, I9LetsAFailedLoadTakeItsOwnProbesAlong) {
  // alpha is COMING when it fails, and its probes are gone with it.
  const auto with = [](auto change) {
    Step step;
    Probe(step);
    step.after.modules[0] = {ModuleState::kComing, SlotId{0}, Stage::kInit, true};
    step.before = step.after;
    step.Do("load_step alpha fail", Rc(Errno::kIo));
    step.after.modules[0] = {};
    KprobesView& kprobes = step.after.kprobes;
    for (int i = 0; i < 3; ++i) kprobes.probes[i].gone = true;
    for (int i = 0; i < 2; ++i) kprobes.entries[i].gone = true;
    kprobes.entries[1].post = false;
    kprobes.ops[1] = {};
    std::erase(step.after.order, kKprobeIpmodifyOps);
    change(kprobes);
    return step.Reason("I9");
  };
  using K = KprobesView;
  EXPECT_EQ(with([](K&) {}), "");
  EXPECT_EQ(with([](K& k) { k.probes[0].disabled = true; }),
            "load_step failed, but kprobes changed, and are not gone");
  EXPECT_EQ(with([](K& k) { k.entries[1].gone = false; }),
            "load_step failed, but kprobes changed, and are not gone");
  EXPECT_EQ(with([](K& k) { k.ops[0].registered = true; }),
            "load_step failed, but kprobes were armed");
}

}  // namespace
}  // namespace recount
