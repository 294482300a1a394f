// Invariants of a step (I9 to I12, I16): on one that is right, and with one thing wrong.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

TEST(Invariants, I9KeepsTheViewOfAFailedOperation) {
  const auto with = [](std::string_view line, Errno error, auto change) {
    Step step;
    step.Do(line, Rc(error));
    change(step);
    return step;
  };
  const auto nothing = [](Step&) {};
  const auto hash = [](Step& s) {
    s.after.ops[5].filter.ips = {s.Ip("probe")};
    s.Count();
  };
  EXPECT_EQ(with("filter o5 zzz", Errno::kInval, nothing).Broken(), "");
  const Step changed = with("filter o5 zzz", Errno::kInval, hash);
  EXPECT_EQ(changed.Broken(), "I9");
  EXPECT_EQ(changed.Reason("I9"), "filter failed, but the View changed");
  // The file of a tracer is closed after an error too.
  const auto tracer = [&](Step& s) {
    s.before.ops[5].user = s.after.ops[5].user = User::kTracer;
    hash(s);
  };
  EXPECT_EQ(with("filter o5 zzz", Errno::kInval, tracer).Broken(), "");
  EXPECT_EQ(with("filter o5 zzz", Errno::kNoMem, tracer).Broken(), "I9");
  EXPECT_EQ(with("filter_ip o5 probe", Errno::kInval, tracer).Broken(), "I9");
  // A load that had begun may leave hashes changed, not modules.
  EXPECT_EQ(with("load beta @2 fail=init", Errno::kIo, hash).Broken(), "");
  EXPECT_EQ(with("load alpha @2", Errno::kExist, hash).Broken(), "I9");
  EXPECT_EQ(with("load beta @2 fail=init", Errno::kIo,
                 [](Step& s) {
                   s.after.modules[1] = {ModuleState::kUnformed, SlotId{2}, Stage::kRecords};
                 })
                .Reason("I9"),
            "load failed, but the module is not gone");
  EXPECT_EQ(with("load_step beta", Errno::kIo,
                 [](Step& s) {
                   s.before.modules[1] = {ModuleState::kUnformed, SlotId{2}, Stage::kRecords};
                   s.after.modules[2] = {ModuleState::kUnformed, SlotId{3}, Stage::kRecords};
                 })
                .Reason("I9"),
            "load_step failed, but another module changed");
  // Asking changes nothing.
  EXPECT_EQ(with("locate probe", Errno::kOk,
                 [&](Step& s) {
                   s.outcome.located = *s.world->FindFunction("probe");
                   hash(s);
                 })
                .Broken(),
            "I9");
  EXPECT_EQ(with("fault verify 1", Errno::kOk, hash).Broken(), "I9");
}

TEST(Invariants, I10KnowsWhatAnOperationReturns) {
  const auto with = [](std::string_view line, int rc) {
    Step step;
    step.Do(line, rc);
    return step.Broken();
  };
  EXPECT_EQ(with("unload beta", Rc(Errno::kNoEnt)), "");
  EXPECT_EQ(with("unload beta", Rc(Errno::kInval)), "I10");
  EXPECT_EQ(with("unload beta", 2), "I10");
  EXPECT_EQ(with("free_init", Rc(Errno::kBusy)), "I10");
  EXPECT_EQ(with("load beta @0", Rc(Errno::kUsers)), "");
  EXPECT_EQ(with("load beta @0", -77), "I10");
  EXPECT_EQ(with("filter o1 a", Rc(Errno::kBusy)), "I10");  // a tracer
  EXPECT_EQ(with("filter o2 a", Rc(Errno::kBusy)), "");
  EXPECT_EQ(with("filter_ip o2 probe", Rc(Errno::kNoEnt)), "I10");
  EXPECT_EQ(with("filter_ip o2 remove probe", Rc(Errno::kNoEnt)), "");
  EXPECT_EQ(with("share o0 o1", Rc(Errno::kNoMem)), "I10");
  EXPECT_EQ(with("ops o0 kernel", Rc(Errno::kNoDev)), "I10");
  EXPECT_EQ(with("register o2", Rc(Errno::kBusy)), "");
  EXPECT_EQ(with("register o2", Rc(Errno::kNoDev)), "I10");  // alive
  EXPECT_EQ(with("unregister o3", Rc(Errno::kInval)), "I10");
  EXPECT_EQ(with("ftrace_enabled 0", Rc(Errno::kInval)), "I10");
  EXPECT_EQ(with("fault verify 1", Rc(Errno::kInval)), "I10");
  EXPECT_EQ(Changed([](Step& s) {
              s.before.globals = s.after.globals = {.dead = true, .enabled = false};
            }).Reason("I10"),
            "register returned 0 though ftrace is dead");
  EXPECT_EQ(Changed([](Step& s) { s.outcome.AddCall(OpsId{1}); }).Broken(), "I10");
  EXPECT_EQ(Changed([](Step& s) { s.outcome.located = FunctionId{0}; }).Broken(), "I10");
}

TEST(Invariants, I11ScansForAPlace) {
  const auto with = [](std::string_view line, int rc, std::string_view located) {
    Step step;
    step.Do(line, rc);
    if (!located.empty()) step.outcome.located = *step.world->FindFunction(located);
    return step.Reason("I11");
  };
  EXPECT_EQ(with("locate alpha_read", 0, "alpha_read"), "");
  EXPECT_EQ(with("locate alpha_read+4", 0, "alpha_read"), "");
  EXPECT_EQ(with("locate alpha_read+5", 0, ""), "");
  EXPECT_EQ(with("locate core_lock", 0, ""), "");
  EXPECT_EQ(with("locate beta_read", Rc(Errno::kNoEnt), ""), "");
  EXPECT_EQ(with("locate alpha_read+5", 0, "alpha_read"),
            "locate found alpha_read, a linear scan nothing");
  EXPECT_EQ(with("locate alpha_read", 0, ""), "locate found nothing, a linear scan alpha_read");
  EXPECT_EQ(with("locate beta_read", 0, ""), "locate found nothing, a linear scan -ENOENT");
}

TEST(Invariants, I12AsksFnmatch) {
  const auto with = [](std::string_view line, std::vector<std::string_view> names) {
    Step step;
    step.Do(line);
    auto& ips = step.after.ops[5].filter.ips;
    ips.clear();
    for (const std::string_view name : names) ips.push_back(step.Ip(name));
    return step.Reason("I12");
  };
  EXPECT_EQ(with("filter o5 reset alpha_read", {"alpha_read"}), "");
  EXPECT_EQ(with("filter o5 reset *_read", {"core_read", "alpha_read"}), "");
  EXPECT_EQ(with("filter o5 reset ?????_read", {"alpha_read"}), "");
  EXPECT_EQ(with("filter o5 reset [a-b]*_[r-w]*", {"alpha_read", "alpha_write"}), "");
  EXPECT_EQ(with("filter o5 reset *_read", {"core_read"}),
            "alpha_read: '*_read' matches it, but it is not in the hash");
  EXPECT_EQ(with("filter o5 reset probe", {"probe", "alpha:probe_shared"}),
            "alpha:probe_shared: 'probe' does not match it, but it is in the hash");
  EXPECT_EQ(with("filter o5 reset core_old", {}),
            "'core_old' matches nothing, but the result is 0");
  EXPECT_EQ(with("filter o5 reset -", {}), "");
  EXPECT_EQ(with("filter o5 reset -", {"probe"}), "o5: not empty after a reset without a pattern");
  // What fnmatch reads otherwise, what does not reset, and tracers, are left to the recount.
  for (const std::string_view line :
       {"filter o5 reset !a*", "filter o5 reset 3", "filter o5 reset [!a]*", "filter o5 reset a\\*",
        "filter o5 reset [[:alpha:]]*", "filter o5 reset [a*", "filter o5 reset [^a]*",
        "filter o5 reset [z-a]*", "filter o5 reset []a]*", "filter o5 probe",
        "filter o1 reset probe"}) {
    EXPECT_EQ(with(line, {"core_write"}), "") << line;
  }
}

TEST(Invariants, I16CallsTheTracersNewestFirst) {
  const auto with = [](std::string_view line, int rc, std::vector<int> called) {
    Step step;
    step.Do(line, rc);
    for (const int ops : called) step.outcome.AddCall(static_cast<OpsId>(ops));
    return step.Reason("I16");
  };
  EXPECT_EQ(with("hit alpha_read", 0, {2, 1}), "");
  EXPECT_EQ(with("hit alpha_write", 0, {2}), "");
  EXPECT_EQ(with("hit probe", 0, {}), "");
  EXPECT_EQ(with("hit core_lock", 0, {}), "");
  EXPECT_EQ(with("hit beta_read", Rc(Errno::kNoEnt), {}), "");
  EXPECT_EQ(with("hit alpha_read", 0, {1, 2}), "hit answered o1 o2, expected o2 o1");
  EXPECT_EQ(with("hit alpha_read", 0, {2}), "hit answered o2, expected o2 o1");
  EXPECT_EQ(with("hit beta_read", 0, {}), "hit answered nobody, expected -ENOENT");
  EXPECT_EQ(Changed([](Step& s) { s.after.order.pop_back(); }).Reason("I16"),
            "o1: registered, but not in the call order");
  EXPECT_EQ(Changed([](Step& s) { s.after.order.push_back(OpsId{2}); }).Broken(), "I16");
  EXPECT_EQ(Changed([](Step& s) { s.after.order.push_back(OpsId{77}); }).Broken(), "I16");
}

}  // namespace
}  // namespace recount
