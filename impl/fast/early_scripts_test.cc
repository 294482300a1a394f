// What boot, repair and early kprobes answer, written down: each script holds on both sides, in
// every profile both sides agree on it, and with any fault, or any two of those that are repaired,
// at any passing of it they agree too.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "impl/fast/fast.h"
#include "impl/fast/side_by_side.h"
#include "model/op.h"
#include "model/profile.h"
#include "model/reference/reference.h"

namespace recount::fast {
namespace {

struct Script {
  std::string_view name;
  std::string_view text;
};

constexpr Script kScripts[] = {
    {"PhasesAndWhatIsTooEarlyInThem",
     "from boot\n"
     "register o0                 -> -EAGAIN\n"
     "unregister o0               -> -EAGAIN\n"
     "filter o0 core_read         -> -EAGAIN\n"
     "filter_ip o0 core_read      -> -EAGAIN\n"
     "load alpha @0               -> -EAGAIN\n"
     "load_begin alpha @0         -> -EAGAIN\n"
     "load_step alpha             -> -EAGAIN\n"
     "unload alpha                -> -EAGAIN\n"
     "free_init                   -> -EAGAIN\n"
     "ftrace_enabled 0            -> -EAGAIN\n"
     "patch p0 core_read          -> 0\n"
     "enable p0                   -> -EAGAIN\n"
     "disable p0                  -> -EAGAIN\n"
     "enable_kprobe k0            -> -EAGAIN\n"
     "disable_kprobe k0           -> -EAGAIN\n"
     "kprobes_armed 0             -> -EAGAIN\n"
     "ops o1 kernel save_regs     -> 0\n"
     "share o2 o1                 -> 0\n"
     "hit core_read               -> nobody\n"
     "hit alpha_read              -> -ENOENT\n"
     "boot                        -> 0\n"
     "register o0                 -> -EAGAIN\n"
     "boot                        -> 0\n"
     "register o0                 -> 0\n"
     "filter o1 core_write        -> 0\n"
     "register o1                 -> 0\n"
     "load alpha @0               -> -EAGAIN\n"
     "enable p0                   -> -EAGAIN\n"
     "hit core_write              -> o1 o0\n"
     "boot                        -> 0\n"
     "load alpha @0               -> 0\n"
     "enable p0                   -> 0\n"
     "boot                        -> -EBUSY\n"
     "ftrace_enabled 1            -> 0\n"},
    {"LookUpInEachPhase",
     "from boot\n"
     "locate core_read+1          -> nothing\n"
     "boot                        -> 0\n"
     "locate core_setup           -> core_setup\n"
     "locate core_read+4          -> core_read\n"
     "locate core_read+5          -> nothing\n"
     "locate core_write           -> core_write\n"
     "locate probe                -> probe\n"
     "locate core_old             -> core_old\n"
     "locate core_lock            -> nothing\n"
     "locate core_gap             -> nothing\n"
     "locate alpha_read           -> -ENOENT\n"
     "boot                        -> 0\n"
     "locate core_read+4          -> core_read\n"
     "locate core_read+5          -> nothing\n"
     "locate core_gap             -> nothing\n"},
    {"AnEarlyKprobeOnACallSite",
     "from boot\n"
     "kprobe k0 core_read         -> -EINVAL\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "kprobe k0 core_write        -> -EINVAL\n"
     "hit core_read               -> k0\n"
     "boot                        -> 0\n"
     "hit core_read               -> k0\n"
     "filter o0 core_read         -> 0\n"
     "register o0                 -> 0\n"
     "hit core_read               -> o0\n"
     "unregister o0               -> 0\n"
     "hit core_read               -> nobody\n"
     "register o0                 -> 0\n"
     "boot                        -> 0\n"
     "hit core_read               -> o0 k0\n"
     "kprobe k1 core_read post    -> 0\n"
     "unkprobe k0                 -> 0\n"
     "hit core_read               -> o0 k1\n"},
    {"WhereAnEarlyKprobeMayNotBe",
     "from boot\n"
     "kprobe k0 core_old          -> -ENOENT\n"
     "kprobe k0 alpha_read        -> -ENOENT\n"
     "kprobe k0 core_trap         -> -EINVAL\n"
     "kprobe k0 core_slots+5      -> -EINVAL\n"
     "kprobe k0 core_lock post    -> -EINVAL\n"
     "kprobe k0 core_lock disabled -> -EINVAL\n"
     "kprobe k0 core_lock+3       -> -EILSEQ\n"
     "kprobe k0 core_lock+12      -> -EINVAL\n"
     "kprobe k0 core_lock+5       -> 0\n"
     "kprobe k1 core_lock+8       -> -EEXIST\n"
     "kprobe k1 core_lock+5       -> -EEXIST\n"
     "kprobe k1 core_lock         -> 0\n"
     "kprobe k2 core_gap          -> -ENOMEM\n"
     "hit core_lock               -> k1 k0\n"
     "unkprobe k0                 -> 0\n"
     "unkprobe k0                 -> -EINVAL\n"
     "kprobe k2 core_gap          -> 0\n"
     "hit core_lock               -> k1\n"
     "hit core_gap                -> k2\n"
     "boot                        -> 0\n"
     "boot                        -> 0\n"
     "unkprobe k1                 -> 0\n"
     "register o0                 -> 0\n"
     "kprobe k1 core_read         -> -EBUSY\n"
     "kprobe k1 core_read+8       -> 0\n"
     "hit core_read               -> o0 k1\n"
     "boot                        -> 0\n"
     "hit core_read               -> o0 k1\n"
     "kprobe k3 core_trap         -> -EINVAL\n"
     "kprobe k3 core_read+8 disabled -> 0\n"},
    {"WhatIsNotConverted",
     "from boot\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "kprobe k1 core_write+5      -> 0\n"
     "boot                        -> 0\n"
     "fault kprobe_slot 1         -> 0\n"
     "fault hash_copy 1           -> 0\n"
     "boot                        -> -ENOMEM\n"
     "hit core_read               -> nobody\n"
     "hit core_write              -> nobody\n"
     "unkprobe k0                 -> -EINVAL\n"
     "kprobe k0 core_read         -> 0\n"
     "kprobe k1 core_write+5      -> 0\n"},
    {"ANopThatIsLeftBehind",
     "from boot\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "unkprobe k0                 -> 0\n"
     "kprobe k1 core_write        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "unkprobe k1                 -> 0\n"
     "boot                        -> 0\n"
     "hit core_read               -> k0\n"
     "hit core_write              -> nobody\n"
     "boot                        -> 0\n"},
    {"FtraceInitThatFails",
     "from boot\n"
     "boot                        -> 0\n"
     "kprobe k0 core_write        -> 0\n"
     "fault verify 3              -> 0\n"
     "fault write 3               -> 0\n"
     "boot                        -> 0\n"
     "register o0                 -> -ENODEV\n"
     "hit core_read               -> -ENODEV\n"
     "kprobe k1 probe             -> 0\n"
     "unkprobe k0                 -> 0\n"
     "kprobe k0 core_write        -> 0\n"
     "kprobe k2 core_read         -> -ENOMEM\n"
     "unkprobe k0                 -> 0\n"
     "kprobe k2 core_write+5      -> 0\n"
     "boot                        -> -ENODEV\n"
     "locate core_read            -> core_read\n"
     "unkprobe k1                 -> -EINVAL\n"
     "unkprobe k2                 -> 0\n"},
    {"FtraceInitWithoutMemory",
     "from boot\n"
     "boot                        -> 0\n"
     "kprobe k0 core_write        -> 0\n"
     "fault record_alloc 1        -> 0\n"
     "boot                        -> 0\n"
     "kprobe k1 core_read         -> -EINVAL\n"
     "kprobe k1 core_read+5       -> 0\n"
     "hit core_read               -> -ENODEV\n"
     "locate core_read            -> nothing\n"
     "boot                        -> -ENODEV\n"
     "load alpha @0               -> 0\n"},
    {"WhoRepairs",
     "from boot\n"
     "notifier n0 tryfix 1        -> 0\n"
     "notifier n1 tryfix 0        -> 0\n"
     "script n1 fix stop          -> 0\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "boot                        -> 0 n0:fix\n"
     "fault write 3               -> 0\n"
     "register o0                 -> 0 n0:fix n0:fix n1:fix\n"
     "hit core_read               -> o0\n"
     "script n0 fix ok            -> 0\n"
     "script n1 fix 0x8000        -> 0\n"
     "fault verify 1              -> 0\n"
     "unregister o0               -> 0 n0:fix n1:fix\n"
     "script n0 fix -EPERM alloc  -> 0\n"
     "fault verify 1              -> 0\n"
     "register o0                 -> -ENODEV n0:fix\n"
     "hit core_read               -> -ENODEV\n"
     "boot                        -> -ENODEV\n"},
    {"WhoStopsBeforeTheJumpMakesWay",
     "from boot\n"
     "notifier n0 tryfix 1        -> 0\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "boot                        -> 0 n0:fix\n"
     "script n0 fix stop          -> 0\n"
     "register o0                 -> -ENODEV n0:fix\n"
     "unkprobe k0                 -> 0\n"
     "boot                        -> 0\n"},
    {"TheJumpIsUnderAFailureOfItsOwn",
     "from boot\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "boot                        -> 0\n"
     "fault verify 2              -> 0\n"
     "fault write 2               -> 0\n"
     "register o0                 -> -ENODEV\n"
     "hit core_read               -> -ENODEV\n"
     "unkprobe k0                 -> 0\n"},
    {"ModulesThatAreRepaired",
     "notifier n0 tryfix 0        -> 0\n"
     "register o0                 -> 0\n"
     "fault write 2               -> 0\n"
     "script n0 fix stop alloc    -> 0\n"
     "load alpha @0               -> 0 n0:fix\n"
     "hit alpha_read              -> o0\n"
     "fault verify 3              -> 0\n"
     "script n0 fix done          -> 0\n"
     "load beta @4                -> 0 n0:fix\n"
     "hit beta_read               -> -ENODEV\n"},
    {"TheMailsCommandLine",
     "from boot\n"
     "boot                        -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "hit core_read               -> k0\n"
     "boot                        -> 0\n"
     "hit core_read               -> k0\n"
     "ops o0 tracer               -> 0\n"
     "filter o0 core_read         -> 0\n"
     "register o0                 -> 0\n"
     "hit core_read               -> o0\n"
     "boot                        -> 0\n"
     "hit core_read               -> o0 k0\n"},
};

constexpr std::string_view kProfile = "early-kprobe";

std::vector<Program> WithFault(const Program& program) {
  std::vector<Program> all;
  for (std::size_t at = 0; at < program.ops.size(); ++at) {
    for (std::size_t point = 0; point < kFaultPointCount; ++point) {
      for (std::uint16_t nth = 1; nth <= 8; ++nth) {
        Program faulty = program;
        faulty.margin.clear();
        faulty.ops.insert(faulty.ops.begin() + static_cast<std::ptrdiff_t>(at),
                          Fault{.point = static_cast<FaultPoint>(point), .nth = nth});
        all.push_back(std::move(faulty));
      }
    }
  }
  return all;
}

TEST(EarlyScripts, AnswerWhatTheirMarginsSayOnBothSides) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const Script& script : kScripts) {
    EXPECT_EQ(sides.Disagreement(Parsed(script.text, kProfile), /*margin=*/true), "")
        << script.name;
    for (const NamedProfile& profile : Profiles()) {
      EXPECT_EQ(sides.Disagreement(Parsed(script.text, profile.name)), "") << script.name;
    }
  }
}

TEST(EarlyScripts, AgreeUnderEveryFaultAtEveryPassing) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const Script& script : kScripts) {
    for (const std::string_view profile : {kProfile, std::string_view("linux-6.1")}) {
      for (const Program& faulty : WithFault(Parsed(script.text, profile))) {
        ASSERT_EQ(sides.Disagreement(faulty), "") << script.name;
      }
    }
  }
}

TEST(EarlyScripts, AgreeWhenTheSecondTryFailsToo) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const Script& script : kScripts) {
    const Program program = Parsed(script.text, kProfile);
    for (std::size_t at = 0; at < program.ops.size(); ++at) {
      for (std::uint16_t first = 1; first <= 7; ++first) {
        for (std::uint16_t second = 1; second <= 7; ++second) {
          Program faulty = program;
          faulty.margin.clear();
          const auto here = faulty.ops.begin() + static_cast<std::ptrdiff_t>(at);
          faulty.ops.insert(here, {Fault{.point = FaultPoint::kVerify, .nth = first},
                                   Fault{.point = FaultPoint::kWrite, .nth = second}});
          ASSERT_EQ(sides.Disagreement(faulty), "") << script.name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace recount::fast
