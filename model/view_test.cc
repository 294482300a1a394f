#include "model/view.h"

#include "gtest/gtest.h"

namespace recount {
namespace {

TEST(View, FlagsPrintOneLetterEach) {
  EXPECT_EQ(FlagsText(0), "-------");
  EXPECT_EQ(FlagsText(0x7f), "DRTIErt");
  EXPECT_EQ(FlagsText(kTramp | kEnabled | kTrampEn), "--T-E-t");
  EXPECT_EQ(FlagsText(kDisabled | kRegs | kIpModify | kRegsEn), "DR-I-r-");
}

TEST(View, SitesPrintWhatTheyCall) {
  EXPECT_EQ(SiteText({}), "nop");
  EXPECT_EQ(SiteText({SiteKind::kPlainEntry, {}}), "call");
  EXPECT_EQ(SiteText({SiteKind::kRegsEntry, {}}), "call regs");
  EXPECT_EQ(SiteText({SiteKind::kTrampoline, OpsId{3}}), "call o3");
  EXPECT_EQ(SiteText({SiteKind::kTrampoline, OpsId{kOpsCount}}), "call l0");
  EXPECT_EQ(SiteText({SiteKind::kTrampoline, OpsId{Index(kKprobeOps) - 1}}), "call l15");
  EXPECT_EQ(SiteText({SiteKind::kTrampoline, kKprobeOps}), "call kp");
  EXPECT_EQ(SiteText({SiteKind::kTrampoline, kKprobeIpmodifyOps}), "call kpi");
}

TEST(View, PrintsOnlyWhatDiffersFromIdle) {
  const WorldPtr world = *BuiltinWorld("small");
  const FunctionId weak = *world->FindFunction("core_old");
  const FunctionId read = *world->FindFunction("alpha_read");
  View view;
  view.modules.resize(world->modules().size());
  for (std::size_t i = 0; i < kOpsCount; ++i) view.ops[i].pair = static_cast<OpsId>(i);
  view.records.push_back({.ip = 0x1000040, .function = weak, .flags = kDisabled});
  view.groups.push_back({kCore, 0, 1});
  view.ledger = {.records = 1, .groups = 1, .pages = 1};
  EXPECT_EQ(ViewText(*world, view),
            "ftrace on\n"
            "ledger records 1 groups 1 pages 1 entries 0 cached 0\n"
            "group vmlinux order 0 used 1\n");

  view.globals = {.dead = true, .enabled = false, .core_init_freed = true};
  view.modules[0] = {ModuleState::kComing, SlotId{0}, Stage::kInit, /*klp_alive=*/true};
  view.records.push_back({.ip = 0x80000010,
                          .function = read,
                          .count = 1,
                          .flags = kTramp | kEnabled | kTrampEn,
                          .site = {SiteKind::kTrampoline, OpsId{1}}});
  view.order = {OpsId{1}};
  view.ops[1].user = User::kTracer;
  view.ops[1].save_regs = true;
  view.ops[1].registered = true;
  view.ops[1].filter = {.ips = {0x80000010, 0x80000020}, .cleared = 2, .mod = true};
  view.ops[1].cached_filter = {{Pattern::Must("x*"), Pattern::Must("m")}};
  view.ops[2].pair = OpsId{0};
  EXPECT_EQ(ViewText(*world, view),
            "ftrace dead, core init text gone\n"
            "ledger records 1 groups 1 pages 1 entries 0 cached 0\n"
            "group vmlinux order 0 used 1\n"
            "module alpha coming @0 next init\n"
            "order o1\n"
            "o1 tracer save_regs registered filter {alpha_read 0x80000020} cleared 2 mod "
            "cached_filter x*:mod:m\n"
            "o2 kernel shares o0\n"
            "alpha_read 0x80000010 count 1 --T-E-t call o1\n");
}

TEST(View, SaysOfKlpAliveWhatTheStageDoesNot) {
  const WorldPtr world = *BuiltinWorld("tiny");
  const auto line = [&](const ModuleView& module) {
    View view;
    view.modules = {module};
    const std::string text = ViewText(*world, view);
    const std::size_t at = text.find("module ");
    return at == text.npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  const std::string name = world->modules()[0].name;
  EXPECT_EQ(line({}), "");
  EXPECT_EQ(line({ModuleState::kComing, SlotId{0}, Stage::kComing, false}),
            "module " + name + " coming @0 next coming");
  EXPECT_EQ(line({ModuleState::kComing, SlotId{0}, Stage::kComing, true}),
            "module " + name + " coming @0 next coming klp_alive");
  EXPECT_EQ(line({ModuleState::kComing, SlotId{0}, Stage::kParams, true}),
            "module " + name + " coming @0 next params");
  EXPECT_EQ(line({ModuleState::kLive, SlotId{0}, Stage::kLayout, true}),
            "module " + name + " live @0");
  EXPECT_EQ(line({ModuleState::kLive, SlotId{0}, Stage::kLayout, false}),
            "module " + name + " live @0 no klp_alive");
}

TEST(View, PrintsChainsAndPatchesThatAreNotIdle) {
  const WorldPtr world = *BuiltinWorld("small");
  const FunctionId open = *world->FindFunction("alpha_open");
  const FunctionId read = *world->FindFunction("alpha_read");
  View view;
  for (std::size_t i = 0; i < kOpsCount; ++i) view.ops[i].pair = static_cast<OpsId>(i);
  NotifiersView& notifiers = view.notifiers;
  notifiers.chains[0] = {2, {NotifierId{3}, NotifierId{0}}};
  notifiers.chains[2] = {1, {NotifierId{1}}};
  notifiers.priority[3] = 2147483647;
  notifiers.priority[1] = -1;
  notifiers.held[0] = 2;
  notifiers.bad_frees = 1;
  LivepatchView& livepatch = view.livepatch;
  livepatch.patches[0] = {.count = 1, .functions = {open}};
  livepatch.patches[1] = {.count = 2,
                          .replace = true,
                          .enabled = true,
                          .functions = {open, read},
                          .bound = 0b11,
                          .patched = 0b01};
  livepatch.patches[2] = {.count = 1, .enabled = true, .functions = {open}};
  livepatch.enabled_count = 2;
  livepatch.order = {PatchId{2}, PatchId{1}};
  livepatch.ops[0] = {
      .ip = 0x80000010, .registered = true, .depth = 2, .stack = {PatchId{1}, PatchId{2}}};
  livepatch.ops[15] = {.ip = 0x80000020};
  view.order = {OpsId{kOpsCount}, OpsId{1}};
  EXPECT_EQ(ViewText(*world, view),
            "ftrace on\n"
            "ledger records 0 groups 0 pages 0 entries 0 cached 0\n"
            "order l0 o1\n"
            "chain module n3(2147483647) n0(0)\n"
            "chain blocking n1(-1)\n"
            "n0 holds 2\n"
            "bad frees 1\n"
            "p0 alpha_open\n"
            "p1 replace enabled alpha_open(patched) alpha_read(bound)\n"
            "p2 enabled alpha_open\n"
            "patches p2 p1\n"
            "l0 0x80000010 p1 p2\n"
            "l15 0x80000020 not registered\n");
}

TEST(View, PrintsKprobesThatAreNotIdle) {
  const WorldPtr world = *BuiltinWorld("small");
  View view;
  for (std::size_t i = 0; i < kOpsCount; ++i) view.ops[i].pair = static_cast<OpsId>(i);
  KprobesView& kprobes = view.kprobes;
  kprobes.probes[0] = {.registered = true, .address = 0x80000010};
  kprobes.probes[1] = {.registered = true, .post = true, .address = 0x80000010};
  kprobes.probes[2] = {.registered = true, .gone = true, .disabled = true, .address = 0x1000018};
  kprobes.probes[3].post = true;
  kprobes.entry_count = 2;
  kprobes.entries[0] = {.address = 0x80000010, .aggregate = true, .on_ftrace = true, .count = 2};
  kprobes.entries[0].post = true;
  kprobes.entries[0].probes = {KprobeId{1}, KprobeId{0}};
  kprobes.entries[1] = {.address = 0x1000018, .gone = true, .disabled = true, .count = 1};
  kprobes.entries[1].probes = {KprobeId{2}};
  kprobes.entries[1].jump = JumpState::kLeaving;
  kprobes.unused_count = 1;
  kprobes.unused[0] = 0x1000028;
  kprobes.ops[1] = {.registered = true, .filter = {0x80000010}};
  kprobes.ops[0].filter = {0x1000010};
  kprobes.all_disarmed = true;
  view.order = {kKprobeIpmodifyOps, OpsId{1}};
  EXPECT_EQ(ViewText(*world, view),
            "ftrace on\n"
            "ledger records 0 groups 0 pages 0 entries 0 cached 0\n"
            "order kpi o1\n"
            "kprobes disarmed\n"
            "k0 0x80000010\n"
            "k1 0x80000010 post\n"
            "k2 0x1000018 gone disabled\n"
            "k3 0x0 not registered post\n"
            "probed 0x80000010 aggregate ftrace post: k1 k0\n"
            "probed 0x1000018 gone disabled jump leaving: k2\n"
            "unused 0x1000028\n"
            "kp 0x1000010\n"
            "kpi registered 0x80000010\n");
}

TEST(View, OfAWrongSubjectPrintsToo) {
  const WorldPtr world = *BuiltinWorld("tiny");
  View view;
  view.groups.push_back({ModuleId{77}, 0, 1});
  view.records.push_back({.ip = 1, .function = FunctionId{999}, .count = 5});
  const std::string text = ViewText(*world, view);
  EXPECT_NE(text.find("group module 77 order 0 used 1\n"), std::string::npos);
  EXPECT_NE(text.find("function 999 0x1 count 5 ------- nop\n"), std::string::npos);
}

}  // namespace
}  // namespace recount
