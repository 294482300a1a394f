#include "harness/conform/guest_op.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recount {
namespace {

TEST(GuestOp, TakesWhatTheGuestUnderstands) {
  for (const char* op : {"insmod tgA",
                         "insmod tgA init_ret=-5 init_calls=1",
                         "rmmod tgA",
                         "call tgA -1",
                         "call tgA 5",
                         "read set_ftrace_filter",
                         "mkdir instances/a",
                         "rmdir instances/a",
                         "klpwait tklp",
                         "echo a b > set_ftrace_filter",
                         "echo '' >> set_ftrace_notrace",
                         "ops 0 filter tgA_f* 1",
                         "ops 12 notrace - 0",
                         "ops 0 ip tgA:tgA_f1+8 0 1",
                         "ops 0 ip 0x1234 1 0",
                         "ops 0 flags",
                         "ops 0 flags IPMODIFY SAVE_REGS",
                         "ops 0 reg",
                         "ops 0 unreg",
                         "nb 0 reg -10",
                         "nb 0 unreg",
                         "nb 0 clr",
                         "nb 0 ret COMING bad",
                         "nb 0 ret GOING -12",
                         "nb 0 ret LIVE 32785",
                         "ch raw regu 0 5",
                         "ch blk reg 3 -5",
                         "ch atomic unreg 1",
                         "ch raw clr 1",
                         "ch raw ret 2 1 -22",
                         "ch raw call 1",
                         "ch raw robust 1 2",
                         "kp 0 reg tgA_f0+4 post dis",
                         "kp 0 rereg"}) {
    EXPECT_EQ(GuestOpFault(op), "") << op;
  }
}

TEST(GuestOp, SaysWhatIsAskedForInstead) {
  const struct {
    const char* op;
    const char* fault;
  } cases[] = {
      {"", "no operation"},
      {"  ", "no operation"},
      {"insmod", "insmod MODULE [PARAM=VALUE...] is asked for"},
      {"rmmod tgA tgB", "rmmod MODULE is asked for"},
      {"read", "read FILE is asked for"},
      {"call tgA", "call MODULE N, N from -1 to 5, is asked for"},
      {"call tgA 6", "call MODULE N, N from -1 to 5, is asked for"},
      {"echo > set_ftrace_filter", "echo TEXT > FILE (or >>) is asked for"},
      {"echo a set_ftrace_filter b", "echo TEXT > FILE (or >>) is asked for"},
      {"ops", "ops I and what is done with it is asked for"},
      {"ops x reg", "'x' is not the number of an ops"},
      {"ops 99999999999999999999 filter x 1", "'99999999999999999999' is not the number of an ops"},
      {"ops 0 filter", "ops I filter PATTERN RESET is asked for"},
      {"ops 0 notrace x 2", "ops I notrace PATTERN RESET is asked for"},
      {"ops 0 reg now", "ops I reg is asked for"},
      {"ops 0 frobnicate", "'frobnicate' is nothing that is done with an ops"},
      {"ops 0 ip tgA_f1 0 0",
       "ops I ip MODULE:FUNCTION[+N] (or an address) REMOVE RESET is asked for"},
      {"ops 0 ip tgA:+1 0 0",
       "ops I ip MODULE:FUNCTION[+N] (or an address) REMOVE RESET is asked for"},
      {"ops 0 ip tgA:tgA_f1+x 0 0",
       "ops I ip MODULE:FUNCTION[+N] (or an address) REMOVE RESET is asked for"},
      {"ops 0 ip 0xyz 0 0",
       "ops I ip MODULE:FUNCTION[+N] (or an address) REMOVE RESET is asked for"},
      {"nb x clr", "'x' is not the number of a notifier"},
      {"nb 0 reg high", "nb I reg PRIORITY is asked for"},
      {"nb 0 ret GONE bad", "nb I ret STATE VALUE is asked for"},
      {"nb 0 ret COMING maybe", "nb I ret STATE VALUE is asked for"},
      {"ch rcu reg", "ch raw|blk|atomic and what is done with it is asked for"},
      {"ch raw", "ch raw|blk|atomic and what is done with it is asked for"},
      {"ch raw reg 0", "ch raw reg I PRIORITY is asked for"},
      {"ch blk regu 0 high", "ch blk regu I PRIORITY is asked for"},
      {"ch raw unreg", "ch raw unreg I is asked for"},
      {"ch raw clr x", "ch raw clr I is asked for"},
      {"ch raw ret 2 1", "ch raw ret I NUMBER VALUE is asked for"},
      {"ch raw ret 2 1 maybe", "ch raw ret I NUMBER VALUE is asked for"},
      {"ch atomic call", "ch atomic call NUMBER is asked for"},
      {"ch raw robust 1", "ch raw robust UP DOWN is asked for"},
      {"ch raw ring", "'ring' is nothing that is done with a chain"},
      {"kp 0 reg", "kp I reg SYMBOL [post] [dis] is asked for"},
      {"kp 0 reg f twice", "kp I reg SYMBOL [post] [dis] is asked for"},
      {"kp 0 jump", "'jump' is nothing that is done with a kprobe"},
  };
  for (const auto& c : cases) EXPECT_EQ(GuestOpFault(c.op), c.fault) << c.op;
}

TEST(GuestOp, OfALaterGuestIsNotJudged) { EXPECT_EQ(GuestOpFault("fprobe 0 reg tgA_f0"), ""); }

TEST(GuestOp, KnowsTheOpsItIsAbout) {
  EXPECT_EQ(GuestOpsIndex("ops 3 reg"), 3u);
  EXPECT_EQ(GuestOpsIndex("rmmod tgA"), std::nullopt);
}

TEST(GuestOp, KnowsWhatIsAboutNotifiersAndWhatCallsAChain) {
  for (const char* op : {"nb 0 clr", "ch raw reg 0 1", "ch raw call 1", "ch blk robust 1 2"}) {
    EXPECT_TRUE(IsGuestNotifierOp(op)) << op;
  }
  EXPECT_FALSE(IsGuestNotifierOp("rmmod nb"));
  EXPECT_TRUE(IsGuestChainCall("ch raw call 1"));
  EXPECT_TRUE(IsGuestChainCall("ch blk robust 1 2"));
  EXPECT_FALSE(IsGuestChainCall("ch raw reg 0 1"));
  EXPECT_FALSE(IsGuestChainCall("call tgA 1"));
}

}  // namespace
}  // namespace recount
