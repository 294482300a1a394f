// What is written, and read again.
#include "model/text.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "model/text_fixture.h"

namespace recount {
namespace {

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
