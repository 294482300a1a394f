// What is not a Program, and what is said about it.
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "model/text.h"
#include "model/text_fixture.h"

namespace recount {
namespace {

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
            "early-kprobe, linux-6.1-optprobes, linux-6.12, linux-6.12-optprobes)");
  EXPECT_EQ(OpError("world small"),
            "3:1: 'world' a second time: the header stands once, at the top");
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

}  // namespace
}  // namespace recount
