// Livepatch's part in the invariants (I1 to I5, I7, I13, I16): on a View that is right, and with
// one thing wrong.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

// p1 and then p0 patch alpha_open, which nobody else traces; p0 patches beta_read as well, whose
// module is absent.
void Patch(Step& s) {
  LivepatchView& livepatch = s.after.livepatch;
  const FunctionId open = *s.world->FindFunction("alpha_open");
  const FunctionId far = *s.world->FindFunction("beta_read");
  livepatch.patches[0] = {.count = 2, .enabled = true, .functions = {far, open}};
  livepatch.patches[0].bound = livepatch.patches[0].patched = 0b10;
  livepatch.patches[1] = {.count = 1, .enabled = true, .functions = {open}};
  livepatch.patches[1].bound = livepatch.patches[1].patched = 0b1;
  livepatch.enabled_count = 2;
  livepatch.order = {PatchId{1}, PatchId{0}};
  livepatch.ops[0] = {.ip = s.Ip("alpha_open"), .registered = true, .depth = 2};
  livepatch.ops[0].stack = {PatchId{0}, PatchId{1}};
  s.after.order.insert(s.after.order.begin(), OpsId{kOpsCount});
  RecordView& record = s.At("alpha_open");
  record.count = 1;
  record.flags = kTramp | kIpModify | kEnabled | kTrampEn;
  record.site = {SiteKind::kTrampoline, OpsId{kOpsCount}};
  s.Count();
}

template <typename Change>
Step Patched(Change change) {
  return Changed([&](Step& s) {
    Patch(s);
    change(s);
  });
}

TEST(Invariants, CountLivepatchsOps) {
  EXPECT_EQ(Patched([](Step&) {}).Broken(), "");
  EXPECT_EQ(Patched([](Step& s) { s.At("alpha_open").count = 2; }).Broken(), "I1");
  EXPECT_EQ(Patched([](Step& s) { s.At("alpha_open").count = 0; }).Reason("I1"),
            "alpha_open: count 0, recounted 1");
  EXPECT_EQ(Patched([](Step& s) { s.At("alpha_open").count = 4; }).Reason("I2"),
            "alpha_open: count 4 with 3 registered ops");
  EXPECT_EQ(Patched([](Step& s) { s.At("alpha_open").site.owner = OpsId{2}; }).Reason("I3"),
            "alpha_open: ----E-t call o2, desired ----E-t call l0");
  EXPECT_EQ(Patched([](Step& s) { s.At("alpha_open").site.owner = OpsId{kAllOpsCount}; }).Broken(),
            "I3 I5");
  // The record is owned: I4 misses the flag, and I13 says whose it should be.
  const auto lost =
      Patched([](Step& s) { s.At("alpha_open").flags &= static_cast<std::uint8_t>(~kIpModify); });
  EXPECT_EQ(lost.Broken(), "I4 I13");
  EXPECT_EQ(lost.Reason("I13"), "l0: registered, but alpha_open has no IPMODIFY");
  EXPECT_EQ(Patched([](Step& s) { --s.after.ledger.hash_entries; }).Reason("I7"),
            "the ledger has 3 hash entries, the View 4");
}

TEST(Invariants, ALivepatchOwnsBeforeAnOpsThatCameLater) {
  // o4 is IPMODIFY, names the same function and was registered behind it: it waits.
  const auto rival = [](Step& s, bool first) {
    s.after.ops[4].ipmodify = s.after.ops[4].registered = true;
    s.after.ops[4].filter.ips = {s.Ip("alpha_open")};
    s.after.order.insert(first ? s.after.order.end() : s.after.order.begin(), OpsId{4});
    s.Count();
  };
  EXPECT_EQ(Patched([&](Step& s) { rival(s, false); }).Broken(), "");
  EXPECT_EQ(Patched([&](Step& s) { rival(s, true); }).Broken(), "I3 I5");
}

TEST(Invariants, I13HoldsFunctionsAgainstStacks) {
  const auto reason = [](auto change) {
    const Step step = Patched([&](Step& s) { change(s, s.after.livepatch); });
    EXPECT_NE(step.Broken().find("I13"), std::string::npos) << step.Broken();
    return step.Reason("I13");
  };
  using Klp = LivepatchView;
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.patches[1].patched = 0; }),
            "p1: alpha_open is not patched");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.patches[1].patched = klp.patches[1].bound = 0; }),
            "p1: alpha_open is not bound, though its image is there and the patch enabled");
  EXPECT_EQ(
      reason([](Step&, Klp& klp) { klp.patches[0].bound = 0b11; }),
      "p0: beta_read is bound, but its image is not to be bound to, or the patch not enabled");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.patches[0].patched = 0b11; }),
            "p0: beta_read is patched, but not bound");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.ops[0].depth = 1; }),
            "p1: alpha_open is patched, but on 0 stacks");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.ops[1] = klp.ops[0]; }),
            "p0: alpha_open is patched, but on 2 stacks");
  EXPECT_EQ(reason([](Step& s, Klp& klp) { klp.ops[0].ip = s.Ip("alpha_read"); }),
            "p0: alpha_open is patched, but on 0 stacks");
  EXPECT_EQ(reason([](Step&, Klp& klp) { std::swap(klp.ops[0].stack[0], klp.ops[0].stack[1]); }),
            "l0: its stack is not in the order the patches were enabled");
  EXPECT_EQ(reason([](Step&, Klp& klp) { std::swap(klp.order[0], klp.order[1]); }),
            "l0: its stack is not in the order the patches were enabled");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.ops[0].registered = false; }),
            "l0: in use, but not registered");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.ops[3].registered = true; }),
            "l3: registered without an address");
  EXPECT_EQ(reason([](Step& s, Klp& klp) {
              klp.ops[3].registered = true;
              klp.ops[3].ip = s.Ip("alpha_read");
            }),
            "l3: registered for an empty stack");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.ops[0].depth = 9; }), "l0: its stack is too deep");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.patches[1].enabled = false; }),
            "p1: in the list, but not enabled");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.enabled_count = 1; }),
            "p0: enabled, but not in the list");
  EXPECT_EQ(reason([](Step&, Klp& klp) {
              klp.enabled_count = 3;
              klp.order[2] = PatchId{1};
            }),
            "a patch is in the list twice");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.enabled_count = 5; }),
            "the list of patches is too long");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.patches[1].bound = 0b11; }),
            "p1: has bits of functions it does not have");
  EXPECT_EQ(reason([](Step&, Klp& klp) { klp.patches[1].functions[0] = FunctionId{9999}; }),
            "p1: has an unknown function");
  EXPECT_EQ(
      reason([](Step& s, Klp&) { s.after.modules[0].klp_alive = false; }),
      "p0: alpha_open is bound, but its image is not to be bound to, or the patch not enabled");
}

TEST(Invariants, I13LetsDeathLeaveAnOpsBehind) {
  // Unpatched while ftrace was dead: its ops stays registered, and owns the record.
  const Step step = Patched([](Step& s) {
    s.before.globals = s.after.globals = {.dead = true, .enabled = false};
    LivepatchView& livepatch = s.after.livepatch;
    livepatch.ops[0].depth = 0;
    livepatch.ops[0].stack = {};
    livepatch.enabled_count = 0;
    livepatch.order = {};
    for (PatchView& patch : livepatch.patches) {
      patch.enabled = false;
      patch.bound = patch.patched = 0;
    }
    s.Do("disable p0");
  });
  EXPECT_EQ(step.Reason("I13"), "");
}

TEST(Invariants, I16EndsInTheReplacementOnTop) {
  const auto with = [](std::optional<PatchId> redirected, bool also_o4) {
    Step s = Patched([&](Step& step) {
      if (!also_o4) return;
      // A second tracer: the site goes through the list.
      step.after.ops[4].registered = true;
      step.after.ops[4].filter.ips = {step.Ip("alpha_open")};
      step.after.order.insert(step.after.order.begin(), OpsId{4});
      RecordView& record = step.At("alpha_open");
      record.count = 2;
      record.flags = kIpModify | kEnabled;
      record.site = {SiteKind::kPlainEntry, {}};
      step.Count();
    });
    s.Do("hit alpha_open");
    s.before = s.after;
    if (redirected) s.outcome.redirected = *redirected;
    if (also_o4) s.outcome.AddCall(OpsId{4});
    EXPECT_TRUE(s.Broken().empty() || s.Broken() == "I16") << s.Broken();
    return s.Reason("I16");
  };
  EXPECT_EQ(with(PatchId{0}, false), "");
  EXPECT_EQ(with(PatchId{0}, true), "");
  EXPECT_EQ(with(PatchId{1}, false), "hit answered p1, expected p0");
  EXPECT_EQ(with(std::nullopt, true), "hit answered o4, expected o4 p0");
  EXPECT_EQ(Patched([](Step& s) { s.outcome.redirected = PatchId{0}; }).Reason("I10"),
            "callbacks without a hit");
  EXPECT_EQ(Patched([](Step& s) { s.after.order.erase(s.after.order.begin()); }).Reason("I16"),
            "l0: registered, but not in the call order");
}

TEST(Invariants, I9KeepsStacksWhenAPatchOrALoadIsRefused) {
  const auto with = [](std::string_view line, Errno error, auto change) {
    Step step;
    Patch(step);
    step.before = step.after;
    step.Do(line, Rc(error));
    change(step, step.after.livepatch);
    return step.Reason("I9");
  };
  using Klp = LivepatchView;
  const auto unstack = [](Step&, Klp& klp) { klp.ops[0].depth = 1; };
  EXPECT_EQ(with("enable p2", Errno::kNoEnt, [](Step&, Klp&) {}), "");
  EXPECT_EQ(with("enable p2", Errno::kNoEnt, unstack), "enable failed, but the View changed");
  EXPECT_EQ(with("patch p0 probe", Errno::kBusy, unstack), "patch failed, but the View changed");
  // A load that was refused at beta, by livepatch or by a notifier.
  EXPECT_EQ(with("load beta @2", Errno::kNoEnt, unstack),
            "load failed, but a stack of patches changed");
  EXPECT_EQ(with("load beta @2", Errno::kNoEnt, [](Step&, Klp& klp) { klp.enabled_count = 1; }),
            "load failed, but the list of patches changed");
  EXPECT_EQ(with("load beta @2", Errno::kNoEnt,
                 [](Step& s, Klp&) { s.after.order.erase(s.after.order.begin()); }),
            "load failed, but the call order changed");
  EXPECT_EQ(with("load beta @2", Errno::kNoEnt,
                 [](Step& s, Klp&) { s.after.notifiers.chains[0].count = 1; }),
            "load failed, but a notifier chain changed");
  EXPECT_EQ(
      with("load beta @2", Errno::kNoEnt, [](Step& s, Klp&) { s.after.notifiers.held[0] = 1; }),
      "");
  // What a new definition of a patch may touch.
  EXPECT_EQ(with("patch p2 probe", Errno::kOk,
                 [](Step& s, Klp& klp) {
                   klp.patches[2] = {.count = 1, .functions = {*s.world->FindFunction("probe")}};
                 }),
            "");
  EXPECT_EQ(with("patch p2 probe", Errno::kOk, unstack), "patch: livepatch changed");
}

TEST(Invariants, I9LetsAFailedLoadTakeItsOwnStacksAlong) {
  // alpha is COMING when it fails: its function is unpatched with it, and only that.
  const auto with = [](std::string_view other) {
    Step step;
    Patch(step);
    step.after.modules[0] = {ModuleState::kComing, SlotId{0}, Stage::kInit, true};
    LivepatchOpsView& more = step.after.livepatch.ops[1];
    more = {.ip = step.Ip(other), .registered = true, .depth = 1, .stack = {PatchId{0}}};
    step.after.order.push_back(OpsId{kOpsCount + 1});
    step.before = step.after;
    step.Do("load_step alpha fail", Rc(Errno::kIo));
    step.after.modules[0] = {};
    step.after.livepatch.ops[0] = step.after.livepatch.ops[1] = {};
    std::erase_if(step.after.order, [](OpsId ops) { return Index(ops) >= kOpsCount; });
    return step.Reason("I9");
  };
  EXPECT_EQ(with("alpha_read"), "");
  EXPECT_EQ(with("probe"),
            "load_step failed, but a stack of patches changed that is not the module's");
}

}  // namespace
}  // namespace recount
