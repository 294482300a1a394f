// The reference as a whole: the worked examples, the regression scripts of the 2013 reload bug, and
// what a Subject promises.
#include "model/reference/reference.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Reference, FollowsTheWorkedCounts) {
  // S 11.2. f = core_read, g = core_write; A = o0: F={f}; B = o1: F empty; C = o2: F empty, N={f}.
  TestSession s;
  const auto expect_after = [&](std::string_view operations, int count) {
    s.Do(operations);
    EXPECT_EQ(s.Count("core_read"), count) << operations;
  };
  expect_after("filter o0 core_read\nregister o0\n", 1);
  expect_after("register o1\n", 2);
  expect_after("notrace o2 core_read\nregister o2\n", 2);
  expect_after("notrace o2 reset -\n", 3);
  expect_after("filter o0 reset core_write\n", 2);
  expect_after("filter o0 !core_write\n", 3);  // empty: all
  expect_after("unregister o1\n", 2);
  expect_after("ftrace_enabled 0\n", 2);
  EXPECT_EQ(s.Record("core_read"), "2 ------- nop");
  expect_after("filter o3 core_read\nregister o3\n", 3);
  EXPECT_EQ(s.Record("core_read"), "3 ------- nop");
  expect_after("ftrace_enabled 1\n", 3);
  EXPECT_EQ(s.Record("core_read"), "3 ----E-- call");
}

// --- S 11.1: load, trace, unload, load at the same place, unregister: alive and balanced
// ----------

struct ReloadCase {
  std::string_view name;
  std::string_view before;   // with alpha loaded at @0
  std::string_view between;  // with alpha unloaded
  // What traces alpha_read after the reload, for a kernel user; for a tracer under `cleared`.
  std::string_view survives;
  std::string_view cleared;
};

constexpr ReloadCase kReloads[] = {
    {"Filter", "filter o0 alpha_read\nregister o0\n", "", "o0", "nobody"},
    {"Notrace", "notrace o0 alpha_read\nregister o0\n", "", "nobody", "o0"},
    {"EmptyFilter", "register o0\n", "", "o0", "o0"},
    {"FilterAndNotrace", "filter o0 alpha_read\nnotrace o0 alpha_read\nregister o0\n", "", "nobody",
     "nobody"},
    {"RegisteredWhileAbsent", "filter o0 alpha_read\n", "register o0\n", "o0", "nobody"},
    {"AfterAnotherModule", "filter o0 alpha_read\nregister o0\n",
     "load gamma @0 -> 0\nunload gamma -> 0\n", "o0", "nobody"},
    {"AfterAnotherPlace", "filter o0 alpha_read\nregister o0\n",
     "load alpha @3 -> 0\nhit alpha_read -> nobody\nunload alpha -> 0\n", "o0", "nobody"},
    {"AfterAFailingLoad", "filter o0 alpha_read\nregister o0\n",
     "load alpha @0 fail=coming -> -ENOMEM\nload alpha @0 fail=init -> -EIO\n", "o0", "nobody"},
};

TEST(Reload, IsBalancedWhateverTheHashesHold) {
  for (const std::string_view profile : {"linux-3.2", "linux-6.1"}) {
    for (const std::string_view user : {"kernel", "tracer"}) {
      for (const ReloadCase& c : kReloads) {
        SCOPED_TRACE(std::string(c.name) + " " + std::string(user) + " " + std::string(profile));
        const bool cleared = profile == "linux-6.1" && user == "tracer";
        TestSession s("small", profile);
        s.Do("ops o0 " + std::string(user) + "\nload alpha @0 -> 0\n")
            .Do(c.before)
            .Do("unload alpha -> 0\n")
            .Do(c.between)
            .Do("load alpha @0 -> 0\n")
            .Do("hit alpha_read -> " + std::string(cleared ? c.cleared : c.survives) + "\n")
            .Do("unregister o0 -> 0\n");
        const View view = s.Look();
        EXPECT_FALSE(view.globals.dead);
        for (const RecordView& record : view.records) {
          EXPECT_EQ(record.count, 0u);
          EXPECT_EQ(record.site, Site{});
        }
      }
    }
  }
}

TEST(Reload, CountsTwoOpsOnceEach) {
  TestSession s;
  s.Do(
      "load alpha @0\nfilter o0 alpha_read\nfilter o1 alpha_*\nregister o0\nregister o1\n"
      "unload alpha\nload alpha @0\n");
  EXPECT_EQ(s.Count("alpha_read"), 2);
  EXPECT_EQ(s.Count("alpha_open"), 1);
  s.Do("unregister o0 -> 0\nunregister o1 -> 0\n");
  EXPECT_EQ(s.Record("alpha_read"), "0 ------- nop");
}

TEST(Reload, AStaleEntryTracesWhateverCameToItsAddress) {
  TestSession s;
  s.Do(
      "load alpha @0\nfilter o0 alpha_write\nregister o0\nunload alpha\n"
      "load beta @0\n"
      "hit beta_read -> o0\n");  // the third function of each
}

// --- the Subject ------------------------------------------------------------------------------

TEST(Reference, ResetGoesBackToJustAfterBoot) {
  const std::unique_ptr<Subject> subject = MakeReference();
  EXPECT_EQ(subject->name(), "reference");
  const WorldPtr world = BuiltinWorld("small").value();
  subject->Reset(world, FindProfile("linux-6.1")->profile);
  View first;
  subject->Observe(&first);
  const auto program = ParseProgram(
      "world small\nprofile linux-6.1\n"
      "load alpha @0\nops o1 tracer\nfilter o1 *:mod:beta\nfilter o0 alpha_read\nregister o0\n"
      "free_init\nftrace_enabled 0\nfault verify 1\nftrace_enabled 1\n");
  ASSERT_TRUE(program.ok());
  for (const Op& op : program->ops) subject->Apply(op);
  View view;
  subject->Observe(&view);
  EXPECT_TRUE(view.globals.dead);
  EXPECT_NE(view, first);
  subject->Reset(world, FindProfile("linux-6.1")->profile);
  subject->Observe(&view);  // into used buffers
  EXPECT_EQ(view, first);
}

TEST(Reference, ACopyOfTheStateIsASnapshot) {
  TestSession s;
  s.Do("load alpha @0\nfilter o0 alpha_*\nregister o0\n");
  State copy = s.state();
  View before;
  Observe(copy, &before);
  s.Do("unload alpha\nfilter o0 reset -\nunregister o0\n");
  View after;
  Observe(copy, &after);
  EXPECT_EQ(after, before);
}

TEST(Reference, LookingChangesNothing) {
  TestSession s;
  s.Do("register o0\nload beta @0\nfault verify 1\nunregister o0\n");
  EXPECT_EQ(s.Look(), s.Look());
}

TEST(Reference, BearsTheLargestWorld) {
  TestSession s("kernel");
  const std::size_t at_boot = s.Look().records.size();
  EXPECT_GT(at_boot, 50000u);
  s.Do(
      "ops o0 tracer\nfilter o0 *a*\nregister o0\nregister o1\nnotrace o1 *b*\n"
      "unregister o1\nfilter o0 reset - -> 0\n");
  const View view = s.Look();
  for (const RecordView& record : view.records) {
    if (record.flags & kDisabled) continue;
    ASSERT_EQ(record.count, 1u);
  }
}

}  // namespace
}  // namespace recount::reference
