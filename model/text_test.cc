#include "model/text.h"

#include <string>

#include "gtest/gtest.h"

namespace recount {
namespace {

constexpr std::string_view kHeader = "world small\nprofile linux-6.1\n";

std::string Error(std::string_view text) {
  const absl::StatusOr<Program> program = ParseProgram(text);
  return program.ok() ? "" : std::string(program.status().message());
}
// The error of one operation, which stands on line 3.
std::string OpError(std::string_view line) {
  return Error(std::string(kHeader) + std::string(line) + "\n");
}
Op ParseOp(std::string_view line) {
  const absl::StatusOr<Program> program =
      ParseProgram(std::string(kHeader) + std::string(line) + "\n");
  EXPECT_TRUE(program.ok()) << line << ": " << program.status();
  EXPECT_EQ(program.ok() ? program->ops.size() : 1, 1u);
  return program.ok() ? program->ops[0] : Op();
}

TEST(Text, PrintsNotesHeaderOperationsAndAlignedMargins) {
  const std::string text =
      "# why: the count is lost\n"
      "#\n"
      "#  when the module comes back\n"
      "\n"
      "world small  # the default\n"
      "# not a note\n"
      "profile  linux-3.2\r\n"
      "load  alpha @0\n"
      "\n"
      "  filter o0 alpha_read # comment\n"
      "hit\talpha_read   ->   o2   o0 # who\n"
      "filter_ip o0 remove reset alpha_read+4 beta:probe_shared\n"
      "unregister o0  -> 0";
  const absl::StatusOr<Program> program = ParseProgram(text);
  ASSERT_TRUE(program.ok()) << program.status();
  const std::string canonical =
      "# why: the count is lost\n"
      "#\n"
      "#  when the module comes back\n"
      "world small\n"
      "profile linux-3.2\n"
      "load alpha @0\n"
      "filter o0 alpha_read\n"
      "hit alpha_read  -> o2 o0\n"
      "filter_ip o0 remove reset alpha_read+4 beta:probe_shared\n"
      "unregister o0   -> 0\n";
  EXPECT_EQ(PrintProgram(*program), canonical);
  EXPECT_EQ(PrintProgram(*ParseProgram(canonical)), canonical);
  EXPECT_EQ(*ParseProgram(canonical), *program);
  EXPECT_EQ(program->margin[2], "o2 o0");
}

TEST(Text, MarginsAreEmptyWhenThereAreNone) {
  const absl::StatusOr<Program> program =
      ParseProgram("world tiny\nprofile linux-6.1\nfree_init\n");
  ASSERT_TRUE(program.ok());
  EXPECT_TRUE(program->margin.empty());
}

TEST(Text, AHeaderAloneIsAProgram) {
  const absl::StatusOr<Program> program = ParseProgram("world tiny\nprofile linux-6.1");
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_TRUE(program->ops.empty());
  EXPECT_EQ(PrintProgram(*program), "world tiny\nprofile linux-6.1\n");
}

// Every form of every operation, in its canonical spelling.
TEST(Text, EveryOperationPrintsAsItIsWritten) {
  const WorldPtr world = *BuiltinWorld("small");
  for (const std::string line : {
           "load alpha @0",
           "load beta @5 fail=init",
           "load gamma @2 fail=layout:EPERM",
           "load_begin delta @1",
           "load_begin delta @1 fail",
           "load_begin delta @1 fail=ERESTARTSYS",
           "load_step alpha",
           "load_step alpha fail",
           "load_step alpha fail=EIO",
           "unload alpha",
           "free_init",
           "filter o0 -",
           "filter o7 reset -",
           "filter o1 !alpha_*",
           "filter o1 reset *:mod:!beta",
           "notrace o1 reset [a-z]?\\*^$",
           "filter_ip o2 alpha_read",
           "filter_ip o2 reset alpha_read+15 core_read core_write+1 gamma:probe_shared",
           "notrace_ip o2 remove probe",
           "notrace_ip o2 remove reset probe",
           "share o3 o4",
           "ops o0 kernel",
           "ops o0 tracer save_regs",
           "ops o0 kernel save_regs ipmodify permanent",
           "register o0",
           "unregister o0",
           "ftrace_enabled 0",
           "ftrace_enabled 1",
           "hit delta_old",
           "locate alpha_read",
           "locate alpha_read+7",
           "fault record_alloc 1",
           "fault hash_copy 9999",
           "fault stage 3 EUSERS",
           "fault klp_alloc 1",
           "fault klp_symbol 2",
           "fault klp_callback 3",
           "fault klp_callback 3 EBUSY",
           "notifier n0 module 0",
           "notifier n7 raw 2147483647",
           "notifier n3 blocking -2147483648 unique",
           "notifier n4 atomic 1 unique",
           "notifier n5 srcu 0",
           "unnotifier n5",
           "script n0 coming done",
           "script n1 going ok alloc",
           "script n2 live stop free",
           "script n3 unformed bad unregister n4",
           "script n0 coming -ENOMEM",
           "script n0 coming 0x5",
           "script n0 coming 0xffff unregister n0",
           "notify raw live",
           "notify blocking coming 0",
           "notify atomic live",
           "notify srcu unformed 3",
           "notify_reverse raw going 99",
           "notify_reverse blocking unformed",
           "notify_robust raw coming going",
           "notify_robust blocking live live",
           "notify_robust srcu coming going",
           "patch p0 alpha_read",
           "patch p3 replace core_read",
           "patch p1 alpha_read beta:probe_shared core_read delta_old",
           "patch p1 replace gamma_read alpha_read",
           "enable p0",
           "disable p3",
           "fault kprobe_alloc 1",
           "fault kprobe_slot 2",
           "kprobe k0 alpha_read",
           "kprobe k3 beta:probe_shared+15",
           "kprobe k1 core_read+5 post",
           "kprobe k2 alpha_read disabled",
           "kprobe k2 alpha_read+12 post disabled",
           "unkprobe k0",
           "enable_kprobe k1",
           "disable_kprobe k3",
           "kprobes_armed 0",
           "kprobes_armed 1",
           "optimize",
       }) {
    EXPECT_EQ(PrintOp(*world, ParseOp(line)), line);
  }
}

// What may be written in more than one way prints in one.
TEST(Text, AnAnswerHasOneName) {
  const WorldPtr world = *BuiltinWorld("small");
  const struct {
    const char* written;
    const char* printed;
  } kCases[] = {
      {"script n0 coming 0x0", "script n0 coming done"},
      {"script n0 coming 0x1", "script n0 coming ok"},
      {"script n0 coming 0x8001", "script n0 coming stop"},
      {"script n0 coming -EPERM", "script n0 coming bad"},
      {"script n0 coming 0x800d", "script n0 coming -ENOMEM"},
      {"script n0 coming 0x00a", "script n0 coming 0xa"},
      {"script n0 coming 0xAB", "script n0 coming 0xab"},
  };
  for (const auto& c : kCases) EXPECT_EQ(PrintOp(*world, ParseOp(c.written)), c.printed);
}

TEST(Text, NamesLineAndColumnOfAnUnknownFunction) {
  EXPECT_EQ(OpError("hit alpha_raed"),
            "3:5: unknown function 'alpha_raed' (did you mean alpha_read?)");
  EXPECT_EQ(OpError("hit beta:alpha_read"),
            "3:5: unknown function 'beta:alpha_read' (did you mean alpha_read?)");
  EXPECT_EQ(OpError("locate beta:beta_raed+2"),
            "3:8: unknown function 'beta:beta_raed' (did you mean beta_read?)");
  EXPECT_EQ(OpError("hit nothing_like_it"), "3:5: unknown function 'nothing_like_it'");
  EXPECT_EQ(OpError("hit probe_shared"),
            "3:5: 'probe_shared' is in alpha, beta and gamma: write alpha:probe_shared");
}

TEST(Text, RefusesABadHeader) {
  EXPECT_EQ(Error(""), "1:1: the header is missing: 'world NAME' comes first");
  EXPECT_EQ(Error("# only a note\n"), "1:1: the header is missing: 'world NAME' comes first");
  EXPECT_EQ(Error("world small\n"), "1:1: 'profile NAME' is missing behind 'world NAME'");
  EXPECT_EQ(Error("profile linux-6.1\nworld small\n"), "1:1: expected 'world NAME', not 'profile'");
  EXPECT_EQ(Error("world small\nload alpha @0\n"), "2:1: expected 'profile NAME', not 'load'");
  EXPECT_EQ(Error("world small\nworld small\n"), "2:1: expected 'profile NAME', not 'world'");
  EXPECT_EQ(Error("world\n"), "1:6: the name of the world is missing");
  EXPECT_EQ(Error("world small big\n"), "1:13: unexpected 'big' behind the header");
  EXPECT_EQ(Error("world small -> 0\n"), "1:13: unexpected '->' behind the header");
  EXPECT_EQ(Error("  world smal\n"),
            "1:9: unknown world 'smal' (built in: tiny, small, paged, kernel)");
  EXPECT_EQ(Error("world small\nprofile linux-2.4\n"),
            "2:9: unknown profile 'linux-2.4' (there are: linux-3.2, linux-6.1, rfc-notifier, "
            "early-kprobe)");
  EXPECT_EQ(OpError("world small"),
            "3:1: 'world' a second time: the header stands once, at the top");
}

TEST(Text, SaysWhereAProgramStarts) {
  constexpr std::string_view kText =
      "world small\nprofile early-kprobe\nfrom boot\nboot\nkprobe k0 core_read\n";
  const absl::StatusOr<Program> program = ParseProgram(kText);
  ASSERT_TRUE(program.ok()) << std::string(program.status().message());
  EXPECT_TRUE(program->from_boot);
  EXPECT_EQ(program->Rules().start, Profile::Start::kBoot);
  EXPECT_EQ(PrintProgram(*program), kText);
  Program after = *program;
  after.from_boot = false;
  EXPECT_NE(after, *program);
  EXPECT_EQ(after.Rules(), FindProfile("early-kprobe")->profile);
}

TEST(Text, TakesFromBootOnceAndInFrontOfTheOperations) {
  constexpr std::string_view kHeader = "world small\nprofile linux-6.1\n";
  const auto error = [&](std::string_view rest) {
    return Error(std::string(kHeader) + std::string(rest));
  };
  EXPECT_EQ(error("from boot\nfrom boot\n"), "4:1: 'from boot' twice");
  EXPECT_EQ(error("boot\nfrom boot\n"), "4:1: 'from boot' stands behind an operation");
  EXPECT_EQ(error("from start\n"), "3:1: expected 'from boot'");
  EXPECT_EQ(error("from boot now\n"), "3:1: expected 'from boot'");
}

TEST(Text, NamesTheOffendingWord) {
  EXPECT_EQ(OpError("regster o0"), "3:1: unknown operation 'regster' (did you mean register?)");
  EXPECT_EQ(OpError("load alpha"), "3:11: a slot (@0, @1, ...) is missing");
  EXPECT_EQ(OpError("load alpha   # no slot"), "3:11: a slot (@0, @1, ...) is missing");
  EXPECT_EQ(OpError("load alpah @0"), "3:6: unknown module 'alpah' (did you mean alpha?)");
  EXPECT_EQ(OpError("load alpha @6"), "3:12: bad slot '@6': the world has @0 to @5");
  EXPECT_EQ(OpError("load alpha 0"), "3:12: bad slot '0': the world has @0 to @5");
  EXPECT_EQ(OpError("load alpha @00"), "3:12: bad slot '@00': the world has @0 to @5");
  EXPECT_EQ(OpError("load alpha @4294967296"),
            "3:12: bad slot '@4294967296': the world has @0 to @5");
  EXPECT_EQ(OpError("load alpha @0 fail"),
            "3:15: unexpected 'fail' behind 'load' and its operands");
  EXPECT_EQ(OpError("load alpha @0 fail=innit"),
            "3:20: unknown stage 'innit' (did you mean init?)");
  EXPECT_EQ(OpError("load alpha @0 fail=records"), "3:20: stage 'records' cannot fail");
  EXPECT_EQ(OpError("load alpha @0 fail=init:EIOO"),
            "3:25: unknown errno 'EIOO' (did you mean EIO?)");
  EXPECT_EQ(OpError("load alpha @0 fail=init:"), "3:25: unknown errno ''");
  EXPECT_EQ(OpError("load_step alpha fail=0"), "3:22: unknown errno '0'");
  EXPECT_EQ(OpError("load_begin alpha @0 fail=init:EIO"), "3:26: unknown errno 'init:EIO'");
  EXPECT_EQ(OpError("register o8"), "3:10: bad ops 'o8': there are o0 to o7");
  EXPECT_EQ(OpError("register 0"), "3:10: bad ops '0': there are o0 to o7");
  EXPECT_EQ(OpError("register o0 o1"), "3:13: unexpected 'o1' behind 'register' and its operands");
  EXPECT_EQ(OpError("filter o0"), "3:10: a pattern (or '-' for none) is missing");
  EXPECT_EQ(OpError("filter o0 reset"), "3:16: a pattern (or '-' for none) is missing");
  EXPECT_EQ(OpError("filter o0 a+b"),
            "3:11: bad pattern 'a+b': character 2 of the pattern is none of A-Z a-z 0-9 "
            "_.*?!^$:[]\\-");
  EXPECT_EQ(OpError("filter o0 reset reset"),
            "3:17: bad pattern 'reset': 'reset' is a keyword, not a pattern");
  EXPECT_EQ(OpError("filter_ip o0 remove"), "3:20: a function is missing");
  EXPECT_EQ(OpError("filter_ip o0 reset remove probe"),
            "3:20: unexpected 'remove', a function is asked for");
  EXPECT_EQ(OpError("filter_ip o0 probe probe probe probe probe"),
            "3:38: unexpected 'probe' behind 'filter_ip' and its operands");
  EXPECT_EQ(OpError("locate probe+16"), "3:13: bad offset '+16': +1 to +15 is asked for");
  EXPECT_EQ(OpError("locate probe+0"), "3:13: bad offset '+0': +1 to +15 is asked for");
  EXPECT_EQ(OpError("locate probe+"), "3:13: bad offset '+': +1 to +15 is asked for");
  EXPECT_EQ(OpError("hit probe+1"), "3:10: bad offset '+1': only the function is asked for");
  EXPECT_EQ(OpError("share o0"), "3:9: an ops (o0 to o7) is missing");
  EXPECT_EQ(OpError("ops o0"), "3:7: 'kernel' or 'tracer' is missing");
  EXPECT_EQ(OpError("ops o0 user"), "3:8: bad user 'user': 'kernel' or 'tracer' is asked for");
  EXPECT_EQ(OpError("ops o0 kernel ipmodify save_regs"),
            "3:24: unexpected 'save_regs': flags are save_regs ipmodify permanent, in this order");
  EXPECT_EQ(OpError("ftrace_enabled 2"), "3:16: bad value '2': 0 or 1 is asked for");
  EXPECT_EQ(OpError("fault record 1"), "3:7: unknown fault point 'record'");
  EXPECT_EQ(OpError("fault hash_cpy 1"),
            "3:7: unknown fault point 'hash_cpy' (did you mean hash_copy?)");
  EXPECT_EQ(OpError("fault stage 0"), "3:13: bad count '0': 1 to 9999 is asked for");
  EXPECT_EQ(OpError("fault stage 10000"), "3:13: bad count '10000': 1 to 9999 is asked for");
  EXPECT_EQ(OpError("fault stage"), "3:12: a count (1 to 9999) is missing");
  EXPECT_EQ(OpError("fault verify 1 EIO"),
            "3:16: unexpected 'EIO' behind 'fault' and its operands");
  EXPECT_EQ(OpError("-> 0"), "3:1: no operation in front of '->'");
  EXPECT_EQ(OpError("free_init ->"), "3:11: nothing behind '->'");
  EXPECT_EQ(OpError("free_init-> 0"),
            "3:1: unknown operation 'free_init->' (did you mean free_init?)");
}

TEST(Text, NamesTheOffendingWordOfAChain) {
  EXPECT_EQ(OpError("notifier"), "3:9: a notifier (n0 to n7) is missing");
  EXPECT_EQ(OpError("notifier n8 raw 0"), "3:10: bad notifier 'n8': there are n0 to n7");
  EXPECT_EQ(OpError("notifier o0 raw 0"), "3:10: bad notifier 'o0': there are n0 to n7");
  EXPECT_EQ(OpError("notifier n0"),
            "3:12: a chain (module, raw, blocking, atomic, srcu or tryfix) is missing");
  EXPECT_EQ(OpError("notifier n0 die 0"),
            "3:13: bad chain 'die': module, raw, blocking, atomic, srcu or tryfix is asked for");
  EXPECT_EQ(OpError("notifier n0 raw"), "3:16: a priority is missing");
  for (const std::string_view priority :
       {"2147483648", "-2147483649", "+1", "01", "-0", "1.5", "unique", "0x10"}) {
    EXPECT_EQ(OpError("notifier n0 raw " + std::string(priority)),
              "3:17: bad priority '" + std::string(priority) +
                  "': a number from -2147483648 to 2147483647 is asked for");
  }
  EXPECT_EQ(OpError("notifier n0 raw 0 uniq"),
            "3:19: unexpected 'uniq' behind 'notifier' and its operands");
  EXPECT_EQ(OpError("unnotifier n0 raw"),
            "3:15: unexpected 'raw' behind 'unnotifier' and its operands");
  EXPECT_EQ(OpError("script n0 comin ok"), "3:11: unknown event 'comin' (did you mean coming?)");
  EXPECT_EQ(OpError("script n0"), "3:10: an event is missing");
  EXPECT_EQ(OpError("script n0 going"), "3:16: an answer is missing");
  for (const std::string_view answer : {"0x10000", "0x", "0xg", "5", "-", "-ENOSUCH", "alloc"}) {
    EXPECT_EQ(OpError("script n0 going " + std::string(answer)),
              "3:17: bad answer '" + std::string(answer) +
                  "': done, ok, stop, bad, -ERRNO or 0x0 to 0xffff is asked for");
  }
  EXPECT_EQ(OpError("script n0 going ok alloc free"),
            "3:26: unexpected 'free' behind 'script' and its operands");
  EXPECT_EQ(OpError("script n0 going ok unregister"), "3:30: a notifier (n0 to n7) is missing");
  EXPECT_EQ(OpError("script n0 going ok unregister p1"),
            "3:31: bad notifier 'p1': there are n0 to n7");
  EXPECT_EQ(OpError("notify"), "3:7: a chain (raw, blocking, atomic or srcu) is missing");
  EXPECT_EQ(OpError("notify module live"),
            "3:8: bad chain 'module': raw, blocking, atomic or srcu is asked for");
  EXPECT_EQ(OpError("notify raw live 100"), "3:17: bad limit '100': 0 to 99 is asked for");
  EXPECT_EQ(OpError("notify_reverse raw live -1"), "3:25: bad limit '-1': 0 to 99 is asked for");
  EXPECT_EQ(OpError("notify_robust raw live"), "3:23: an event is missing");
  EXPECT_EQ(OpError("notify_robust raw live going 3"),
            "3:30: unexpected '3' behind 'notify_robust' and its operands");
  EXPECT_EQ(OpError("notify_revers raw live"),
            "3:1: unknown operation 'notify_revers' (did you mean notify_reverse?)");
  EXPECT_EQ(OpError("fault klp_alloc 1 EIO"),
            "3:19: unexpected 'EIO' behind 'fault' and its operands");
}

TEST(Text, NamesTheOffendingWordOfAPatch) {
  EXPECT_EQ(OpError("patch"), "3:6: a patch (p0 to p3) is missing");
  EXPECT_EQ(OpError("patch p4 alpha_read"), "3:7: bad patch 'p4': there are p0 to p3");
  EXPECT_EQ(OpError("patch p0"), "3:9: a function is missing");
  EXPECT_EQ(OpError("patch p0 replace"), "3:17: a function is missing");
  EXPECT_EQ(OpError("patch p0 alpha_raed"),
            "3:10: unknown function 'alpha_raed' (did you mean alpha_read?)");
  EXPECT_EQ(OpError("patch p0 alpha_read+1"),
            "3:20: bad offset '+1': only the function is asked for");
  EXPECT_EQ(OpError("patch p0 alpha_read core_read alpha_read"),
            "3:31: function 'alpha_read' a second time");
  EXPECT_EQ(OpError("patch p0 alpha_read beta_read core_read probe gamma_read"),
            "3:47: unexpected 'gamma_read' behind 'patch' and its operands");
  EXPECT_EQ(OpError("patch p0 alpha_read replace"), "3:21: unknown function 'replace'");
  EXPECT_EQ(OpError("enable"), "3:7: a patch (p0 to p3) is missing");
  EXPECT_EQ(OpError("disable n0"), "3:9: bad patch 'n0': there are p0 to p3");
  EXPECT_EQ(OpError("enable p0 p1"), "3:11: unexpected 'p1' behind 'enable' and its operands");
}

TEST(Text, NamesTheOffendingWordOfAKprobe) {
  EXPECT_EQ(OpError("kprobe"), "3:7: a kprobe (k0 to k3) is missing");
  EXPECT_EQ(OpError("kprobe k4 alpha_read"), "3:8: bad kprobe 'k4': there are k0 to k3");
  EXPECT_EQ(OpError("kprobe p0 alpha_read"), "3:8: bad kprobe 'p0': there are k0 to k3");
  EXPECT_EQ(OpError("kprobe k0"), "3:10: a function is missing");
  EXPECT_EQ(OpError("kprobe k0 alpha_raed"),
            "3:11: unknown function 'alpha_raed' (did you mean alpha_read?)");
  EXPECT_EQ(OpError("kprobe k0 alpha_read+16"), "3:21: bad offset '+16': +1 to +15 is asked for");
  EXPECT_EQ(OpError("kprobe k0 alpha_read disabled post"),
            "3:31: unexpected 'post' behind 'kprobe' and its operands");
  EXPECT_EQ(OpError("unkprobe"), "3:9: a kprobe (k0 to k3) is missing");
  EXPECT_EQ(OpError("unkprobe k0 k1"), "3:13: unexpected 'k1' behind 'unkprobe' and its operands");
  EXPECT_EQ(OpError("enable_kprobe o0"), "3:15: bad kprobe 'o0': there are k0 to k3");
  EXPECT_EQ(OpError("disable_kprobe 0"), "3:16: bad kprobe '0': there are k0 to k3");
  EXPECT_EQ(OpError("optimize k0"), "3:10: unexpected 'k0' behind 'optimize' and its operands");
  EXPECT_EQ(OpError("kprobes_armed 2"), "3:15: bad value '2': 0 or 1 is asked for");
  EXPECT_EQ(OpError("kprob k0 alpha_read"),
            "3:1: unknown operation 'kprob' (did you mean kprobe?)");
  EXPECT_EQ(OpError("fault kprobe_slot 1 EIO"),
            "3:21: unexpected 'EIO' behind 'fault' and its operands");
}

TEST(Text, RefusesControlCharacters) {
  EXPECT_EQ(OpError(std::string("free_init\0", 10)), "3:10: control character 0x00");
  EXPECT_EQ(OpError("free_init # \x1b[31m"), "3:13: control character 0x1b");
  EXPECT_EQ(OpError("free_init\rfree_init"), "3:10: control character 0x0d");
  EXPECT_EQ(Error("world small\r"), "1:12: control character 0x0d");
}

TEST(Text, QuotesWordsThatDoNotPrint) {
  EXPECT_EQ(OpError("caf\xc3\xa9"), "3:1: unknown operation 'caf\\xc3\\xa9'");
  EXPECT_EQ(OpError(std::string(5000, 'x')),
            "3:1: unknown operation '" + std::string(60, 'x') + "...'");
}

TEST(Text, AMarginSaysWhatTheOperationMayAnswer) {
  for (const char* line :
       {"register o0 -> 0",
        "register o0 -> -EBUSY",
        "register o0 -> -77",
        "register o0 -> crashed",
        "hit alpha_read -> nobody",
        "hit alpha_read -> o2 o0",
        "hit alpha_read -> -ENOENT",
        "locate alpha_read+3 -> nothing",
        "locate alpha_read+3 -> alpha_read",
        "locate alpha_read -> beta:probe_shared",
        "hit alpha_read -> o2 p1",
        "hit alpha_read -> p3",
        "hit alpha_read -> k1",
        "hit alpha_read -> k0 k0",
        "hit alpha_read -> o2 o0 k1 k0 p1",
        "kprobe k0 alpha_read+1 -> -EILSEQ",
        "load alpha @0 -> 0 n0:coming n0:live",
        "load alpha @0 -> -ENOMEM n7:coming",
        "load_step alpha -> -77 n0:coming n0:going",
        "unload alpha -> 0 n1:going n0:going",
        "notify raw live -> nobody = done",
        "notify_reverse raw live -> n1:live n0:live = 0x5",
        "notify_robust blocking coming going -> n0:coming n1:coming n0:going = -ENOMEM",
        "enable p0 -> -ENOENT"}) {
    EXPECT_EQ(OpError(line), "") << line;
  }
  const struct {
    const char* line;
    const char* error;
  } cases[] = {
      {"register o0 -> banana",
       "3:16: 'banana' is no outcome of register: 0 or an error like -EINVAL is asked for"},
      {"register o0   ->   nobody",
       "3:20: 'nobody' is no outcome of register: 0 or an error like -EINVAL is asked for"},
      {"register o0 -> -EBUZY", "3:16: unknown errno 'EBUZY' (did you mean EBUSY?)"},
      {"register o0 -> -22", "3:16: '-22' is written -EINVAL"},
      {"hit alpha_read -> 0",
       "3:19: '0' is no outcome of hit: 'nobody', or who ran like 'o2 o0', 'o2 k1 p1' or an "
       "error like -EINVAL is asked for"},
      {"hit alpha_read -> o0 o0",
       "3:19: 'o0 o0' is no outcome of hit: 'nobody', or who ran like 'o2 "
       "o0', 'o2 k1 p1' or an error like -EINVAL is asked for"},
      {"hit alpha_read -> o8",
       "3:19: 'o8' is no outcome of hit: 'nobody', or who ran like 'o2 o0', 'o2 k1 p1' or "
       "an error like -EINVAL is asked for"},
      {"locate alpha_read -> alpha_raed",
       "3:22: 'alpha_raed' is no outcome of locate: 'nothing' or a function or an error like "
       "-EINVAL is asked for"},
      {"hit alpha_read -> o2 p4",
       "3:19: 'o2 p4' is no outcome of hit: 'nobody', or who ran like 'o2 o0', 'o2 k1 p1' or "
       "an error like -EINVAL is asked for"},
      {"hit alpha_read -> p1 o2",
       "3:19: 'p1 o2' is no outcome of hit: 'nobody', or who ran like 'o2 o0', 'o2 k1 p1' or "
       "an error like -EINVAL is asked for"},
      {"hit alpha_read -> k1 o2",
       "3:19: 'k1 o2' is no outcome of hit: 'nobody', or who ran like 'o2 o0', 'o2 k1 p1' or an "
       "error like -EINVAL is asked for"},
      {"hit alpha_read -> k4",
       "3:19: 'k4' is no outcome of hit: 'nobody', or who ran like 'o2 o0', 'o2 k1 p1' or an "
       "error like -EINVAL is asked for"},
      {"kprobe k0 alpha_read -> k0",
       "3:25: 'k0' is no outcome of kprobe: 0 or an error like -EINVAL is asked for"},
      {"load alpha @0 -> 0 n8:coming",
       "3:18: 'n8:coming' is no list of calls like 'n0:coming n0:live'"},
      {"unload alpha -> 0 n0:comin",
       "3:17: 'n0:comin' is no list of calls like 'n0:coming n0:live'"},
      {"load alpha @0 -> -ENOMEN n0:coming", "3:18: unknown errno 'ENOMEN' (did you mean ENOMEM?)"},
      {"patch p0 alpha_open -> 0 n0:coming",
       "3:24: '0 n0:coming' is no outcome of patch: 0 or an error like -EINVAL is asked for"},
      {"notify raw live -> n0:live",
       "3:20: 'n0:live' is no outcome of notify: calls and an answer like 'n0:coming n1:coming = "
       "ok' or an error like -EINVAL is asked for"},
      // An answer has one text here too.
      {"notify raw live -> nobody = 0x0",
       "3:20: 'nobody = 0x0' is no outcome of notify: calls and an answer like 'n0:coming "
       "n1:coming = ok' or an error like -EINVAL is asked for"},
      {"notify_robust raw live live -> -EINVAL",
       "3:32: '-EINVAL' is no outcome of notify_robust: calls and an answer like 'n0:coming "
       "n1:coming = ok' or an error like -EINVAL is asked for"},
      // The operation's own error comes first.
      {"register o9 -> banana", "3:10: bad ops 'o9': there are o0 to o7"},
  };
  for (const auto& c : cases) EXPECT_EQ(OpError(c.line), c.error) << c.line;
}

TEST(Text, KnowsTheLineOfEachMargin) {
  const absl::StatusOr<Program> program = ParseProgram(
      "# note\nworld small\n\nprofile linux-6.1\nregister o0\n# between\nregister o0 -> -EBUSY\n");
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(program->margin_lines, (std::vector<std::size_t>{5, 7}));
}

TEST(Text, NotesAndMarginsSetByAProgramStayOneLine) {
  Program program = *ParseProgram("world tiny\nprofile linux-6.1\nfree_init\n");
  program.notes = {"two\nlines"};
  program.margin = {"0\n"};
  const std::string text = PrintProgram(program);
  EXPECT_EQ(text, "# two lines\nworld tiny\nprofile linux-6.1\nfree_init  -> 0\n");
  EXPECT_EQ(PrintProgram(*ParseProgram(text)), text);
}

TEST(Text, TakesWorldsFromTheFinder) {
  const WorldFinder finder = [](std::string_view name) -> absl::StatusOr<WorldPtr> {
    if (name != "my/w.world") return absl::NotFoundError("no such file");
    return ParseWorld("core a\nslot 0\n", name);
  };
  const std::string text = "world my/w.world\nprofile linux-6.1\nhit a\n";
  const absl::StatusOr<Program> program = ParseProgram(text, finder);
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(PrintProgram(*program), text);
  EXPECT_EQ(ParseProgram("world x\n", finder).status().message(), "1:7: no such file");
  EXPECT_EQ(
      ParseProgram("world my/w.world\nprofile linux-6.1\nload a @0\n", finder).status().message(),
      "3:6: unknown module 'a'");
}

}  // namespace
}  // namespace recount
