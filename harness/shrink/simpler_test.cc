#include "harness/shrink/simpler.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"
#include "model/text.h"

namespace recount {
namespace {

Program ParseText(std::string_view lines) {
  return ParseProgram("world small\nprofile linux-6.1\n" + std::string(lines)).value();
}

TEST(Simpler, IsShortFirst) {
  EXPECT_TRUE(Simpler(ParseText("fault stage 9 EIO\n"), ParseText("register o0\nregister o0\n")));
  EXPECT_TRUE(Simpler(ParseText(""), ParseText("register o0\n")));
}

TEST(Simpler, OrdersWhatAReaderSees) {
  // Each pair: the left one is simpler.
  const struct {
    std::string_view plain;
    std::string_view odd;
  } kCases[] = {
      {"load alpha @0", "load beta @0"},
      {"load alpha @0", "load alpha @1"},
      {"load delta @5", "load alpha @0 fail=init"},
      {"load alpha @0 fail=init", "load alpha @0 fail=layout"},
      {"load alpha @0 fail=init", "load alpha @0 fail=init:EIO"},
      {"load alpha @0", "load_begin alpha @0"},
      {"filter o7 delta_read", "notrace o0 core_setup"},
      {"filter o0 -", "filter o0 core_setup"},
      {"filter o0 core_setup", "filter o0 alpha_read"},
      {"filter o0 delta_write", "filter o0 *"},
      {"filter o0 *", "filter o0 alpha_*"},
      {"filter o0 a*", "filter o0 alpha_*"},
      {"filter o0 alpha_*", "filter o0 *lpha_*"},
      {"filter o0 *", "filter o0 1"},
      {"filter o0 alpha_read", "filter o0 !alpha_read"},
      {"filter o0 alpha_read", "filter o0 reset alpha_read"},
      {"filter o0 alpha_read", "filter_ip o0 core_setup"},
      {"filter_ip o0 delta_read", "filter_ip o0 core_read core_read"},
      {"filter_ip o0 delta_read", "filter_ip o0 core_read+1"},
      {"locate delta_read", "locate core_read+1"},
      {"ops o7 kernel", "ops o0 tracer"},
      {"fault stage 1", "fault stage 2"},
      {"fault record_alloc 5", "fault stage 1"},
      {"fault stage 9", "fault klp_alloc 1"},
      {"fault klp_callback 9", "fault kprobe_alloc 1"},
      {"fault kprobe_alloc 9", "fault kprobe_slot 1"},
      // What is new stands behind all there was.
      {"fault stage 9 EIO", "patch p0 core_setup"},
      {"patch p3 core_read", "enable p0"},
      {"enable p3", "disable p0"},
      {"disable p3", "notifier n0 module 0"},
      {"notifier n7 module 0", "unnotifier n0"},
      {"unnotifier n7", "script n0 coming done"},
      {"script n7 coming done", "notify raw coming"},
      {"notify blocking coming", "notify_robust raw coming going"},
      {"notifier n0 module 0", "notifier n1 module 0"},
      {"notifier n0 module 0", "notifier n0 raw 0"},
      {"notifier n7 module 0", "notifier n0 module 1"},
      {"notifier n0 module 1", "notifier n0 module -1"},
      {"notifier n0 module -1", "notifier n0 module 2"},
      {"notifier n0 module 2147483646", "notifier n0 module 2147483647"},
      {"notifier n0 module 2147483647", "notifier n0 module -2147483648"},
      {"notifier n0 blocking 0", "notifier n0 blocking 0 unique"},
      {"script n0 coming done", "script n0 going done"},
      {"script n0 coming done", "script n0 coming ok"},
      {"script n0 coming ok", "script n0 coming bad"},
      {"script n0 coming bad", "script n0 coming stop"},
      {"script n0 coming stop", "script n0 coming -ENOENT"},
      {"script n0 coming -ENOENT", "script n0 coming -ENOMEM"},
      {"script n0 coming -ERESTARTSYS", "script n0 coming 0x2"},
      {"script n0 coming done", "script n0 coming done alloc"},
      {"script n0 coming done alloc", "script n0 coming done free"},
      {"script n0 coming done free", "script n0 coming done unregister n0"},
      {"script n0 coming done unregister n0", "script n0 coming done unregister n1"},
      {"notify raw coming", "notify raw going"},
      {"notify raw unformed", "notify_reverse raw coming"},
      {"notify raw coming", "notify raw coming 0"},
      {"notify raw coming 0", "notify raw coming 1"},
      {"notify_robust raw coming going", "notify_robust raw coming coming"},
      {"notify_robust raw coming going", "notify_robust raw live going"},
      {"patch p0 core_setup", "patch p0 core_read"},
      {"patch p3 delta_write", "patch p0 core_setup core_read"},
      {"patch p3 delta_write", "patch p0 replace core_setup"},
      {"notify_robust blocking live live", "kprobe k0 core_setup"},
      {"kprobe k3 delta_read+15 post disabled", "unkprobe k0"},
      {"unkprobe k3", "disable_kprobe k0"},
      {"disable_kprobe k3", "enable_kprobe k0"},
      {"enable_kprobe k3", "kprobes_armed 0"},
      {"kprobes_armed 0", "kprobes_armed 1"},
      {"kprobes_armed 1", "boot"},
      {"boot", "optimize"},
      {"kprobe k0 core_setup", "kprobe k1 core_setup"},
      {"kprobe k0 core_setup", "kprobe k0 core_read"},
      {"kprobe k3 delta_read", "kprobe k0 core_setup+5"},
      {"kprobe k0 core_setup+5", "kprobe k0 core_setup+8"},
      {"kprobe k3 delta_read", "kprobe k0 core_setup post"},
      {"kprobe k3 delta_read", "kprobe k0 core_setup disabled"},
      {"kprobe k3 delta_read post", "kprobe k0 core_setup post disabled"},
  };
  for (const auto& test : kCases) {
    const Program plain = ParseText(test.plain);
    const Program odd = ParseText(test.odd);
    EXPECT_TRUE(Simpler(plain, odd)) << test.plain << " / " << test.odd;
    EXPECT_FALSE(Simpler(odd, plain)) << test.plain << " / " << test.odd;
  }
}

TEST(Simpler, IsATotalOrder) {
  std::vector<Program> programs;
  RandomChooser chooser(11);
  for (int i = 0; i < 60; ++i) {
    Program program = ParseText("");
    for (std::uint32_t n = chooser.Pick(3); n > 0; --n) {
      program.ops.push_back(RandomOp(*program.world, &chooser));
    }
    programs.push_back(program);
  }
  for (const Program& a : programs) {
    for (const Program& b : programs) {
      EXPECT_EQ(1, Simpler(a, b) + Simpler(b, a) + (a == b));
      for (const Program& c : programs) {
        EXPECT_TRUE(!Simpler(a, b) || !Simpler(b, c) || Simpler(a, c));
      }
    }
  }
}

TEST(Fingerprint, TellsOperationsApart) {
  // Every operand of every kind changes it: RandomOp reaches them all.
  std::set<Op> ops;
  std::set<std::uint64_t> prints;
  const Program world = ParseText("");
  RandomChooser chooser(5);
  for (int i = 0; i < 20000; ++i) {
    const Op op = RandomOp(*world.world, &chooser);
    ops.insert(op);
    prints.insert(Fingerprint({&op, 1}));
  }
  EXPECT_GT(ops.size(), 3000u);
  EXPECT_EQ(prints.size(), ops.size());
}

TEST(Fingerprint, DependsOnTheOrderOfOperations) {
  const Program ab = ParseText("register o0\nregister o1\n");
  const Program ba = ParseText("register o1\nregister o0\n");
  EXPECT_NE(Fingerprint(ab.ops), Fingerprint(ba.ops));
  // The same with every compiler.
  EXPECT_EQ(Fingerprint(ab.ops), 17189471739966954181u);
}

}  // namespace
}  // namespace recount
