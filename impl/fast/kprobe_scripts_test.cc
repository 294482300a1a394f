// What kprobes answer, written down: each script holds on both sides, in every profile both sides
// agree on it, and with any fault at any passing of it they agree too.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "impl/fast/fast.h"
#include "impl/fast/side_by_side.h"
#include "model/op.h"
#include "model/profile.h"
#include "model/reference/reference.h"

namespace recount::fast {
namespace {

struct KprobeScript {
  std::string_view name;
  std::string_view text;
};

// What each operation answers is in the margin: these say what the rules are, not only that two
// sides have them.
constexpr KprobeScript kKprobeScripts[] = {
    {"AnArmedKprobeIsATracerOfItsSite",
     "kprobe k0 core_read         -> 0\n"
     "hit core_read               -> k0\n"
     "kprobe k0 core_write        -> -EINVAL\n"
     "register o0                 -> 0\n"
     "hit core_read               -> o0 k0\n"
     "kprobe k1 core_read post    -> 0\n"
     "hit core_read               -> o0 k1 k0\n"
     "unkprobe k1                 -> 0\n"
     "hit core_read               -> o0 k0\n"
     "unkprobe k0                 -> 0\n"
     "unkprobe k0                 -> -EINVAL\n"
     "hit core_read               -> o0\n"},
    {"WhereThereIsNothingToProbe",
     "kprobe k0 core_old          -> -ENOENT\n"
     "kprobe k0 alpha_read        -> -ENOENT\n"
     "kprobe k0 core_read+3       -> -EILSEQ\n"
     "kprobe k0 core_read+5       -> 0\n"
     "kprobe k1 core_lock         -> 0\n"
     "kprobe k2 core_read+12      -> 0\n"
     "hit core_read               -> k0 k2\n"
     "hit core_lock               -> k1\n"
     "free_init                   -> 0\n"
     "kprobe k3 core_setup        -> -EINVAL\n"
     "load beta @0                -> 0\n"
     "kprobe k3 beta_init         -> -ENOENT\n"
     "kprobe k3 beta_read         -> 0\n"
     "unload beta                 -> 0\n"
     "enable_kprobe k3            -> -EINVAL\n"
     "disable_kprobe k3           -> 0\n"
     "unkprobe k3                 -> 0\n"},
    {"DisabledAndEnabledAlone",
     "kprobe k0 probe disabled    -> 0\n"
     "hit probe                   -> nobody\n"
     "enable_kprobe k0            -> 0\n"
     "hit probe                   -> k0\n"
     "disable_kprobe k0           -> 0\n"
     "hit probe                   -> nobody\n"
     "kprobes_armed 0             -> 0\n"
     "enable_kprobe k0            -> 0\n"
     "kprobes_armed 1             -> 0\n"
     "hit probe                   -> nobody\n"
     "enable_kprobe k0            -> 0\n"
     "hit probe                   -> k0\n"
     "disable_kprobe k1           -> -EINVAL\n"
     "enable_kprobe k1            -> -EINVAL\n"},
    {"DisabledAndEnabledAmongOthers",
     "kprobe k0 probe             -> 0\n"
     "kprobe k1 probe disabled    -> 0\n"
     "kprobe k2 probe             -> 0\n"
     "hit probe                   -> k2 k0\n"
     "disable_kprobe k2           -> 0\n"
     "disable_kprobe k0           -> 0\n"
     "hit probe                   -> nobody\n"
     "enable_kprobe k1            -> 0\n"
     "hit probe                   -> k1\n"
     "unkprobe k1                 -> 0\n"
     "kprobe k3 probe post        -> 0\n"
     "hit probe                   -> k3\n"
     "kprobes_armed 0             -> 0\n"
     "hit probe                   -> nobody\n"
     "kprobes_armed 0             -> 0\n"
     "kprobes_armed 1             -> 0\n"
     "hit probe                   -> k3\n"
     "unkprobe k0                 -> 0\n"
     "unkprobe k2                 -> 0\n"
     "unkprobe k3                 -> 0\n"},
    {"APostHandlerOwnsTheSite",
     "patch p0 core_read          -> 0\n"
     "enable p0                   -> 0\n"
     "kprobe k0 core_read post    -> -EBUSY\n"
     "kprobe k0 core_read         -> 0\n"
     "hit core_read               -> k0 p0\n"
     "kprobe k1 core_read post    -> -EBUSY\n"
     "kprobe k2 core_write post   -> 0\n"
     "kprobe k1 core_read post    -> -EBUSY\n"
     "kprobe k1 core_read+5       -> 0\n"
     "hit core_read               -> k0 p0\n"
     "patch p1 core_write         -> 0\n"
     "enable p1                   -> -EBUSY\n"
     "disable p0                  -> 0\n"
     "kprobe k3 core_read post disabled -> 0\n"
     "hit core_read               -> k0 k1\n"
     "enable p0                   -> -EBUSY\n"},
    {"CodeThatGoesTakesItsKprobesAlong",
     "load_begin beta @0          -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "kprobe k0 beta_read         -> -ENOENT\n"
     "load_step beta              -> 0\n"
     "kprobe k0 beta_init         -> 0\n"
     "kprobe k1 beta_init+5       -> 0\n"
     "load_step beta              -> 0\n"
     "kprobe k2 beta_read         -> 0\n"
     "kprobe k3 beta_read post    -> 0\n"
     "hit beta_init               -> k0 k1\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "hit beta_init               -> -ENOENT\n"
     "hit beta_read               -> k3 k2\n"
     "unkprobe k0                 -> 0\n"
     "unload beta                 -> 0\n"
     "load beta @0                -> 0\n"
     "hit beta_read               -> nobody\n"
     "kprobe k0 beta_read         -> 0\n"
     "hit beta_read               -> k0\n"
     "load delta @2               -> 0\n"},
    {"CoreInitTextAndOthersInRange",
     "kprobe k0 core_setup        -> 0\n"
     "kprobe k1 core_setup+8      -> 0\n"
     "kprobe k2 core_read         -> 0\n"
     "kprobe k3 core_setup post   -> 0\n"
     "hit core_setup              -> k3 k0 k1\n"
     "free_init                   -> 0\n"
     "hit core_read               -> k2\n"
     "disable_kprobe k2           -> 0\n"
     "unkprobe k0                 -> 0\n"
     "unkprobe k3                 -> 0\n"},
    {"ALoadThatFailsBehindComing",
     "script n1 coming bad        -> 0\n"
     "notifier n1 module -1       -> 0\n"
     "load_begin alpha @0         -> 0\n"
     "load_step alpha             -> 0\n"
     "load_step alpha             -> 0\n"
     "load_step alpha             -> 0\n"
     "load_step alpha             -> 0\n"
     "load_step alpha             -> 0\n"
     "kprobe k0 alpha_read        -> 0\n"
     "kprobe k1 alpha_write+5     -> 0\n"
     "load_step alpha             -> 0\n"
     "load_step alpha\n"
     "unnotifier n1               -> 0\n"
     "load alpha @0               -> 0\n"
     "hit alpha_read\n"
     "hit alpha_write\n"
     "kprobe k2 alpha_read post\n"
     "kprobe k3 alpha_write+5\n"
     "hit alpha_read\n"
     "hit alpha_write\n"
     "kprobes_armed 0\n"
     "kprobes_armed 1\n"
     "hit alpha_write\n"},
    {"FtraceDiesUnderThem",
     "kprobe k0 core_read         -> 0\n"
     "kprobe k1 core_write post   -> 0\n"
     "kprobe k2 core_setup        -> 0\n"
     "kprobe k3 probe+5           -> 0\n"
     "load beta @0                -> 0\n"
     "fault verify 1              -> 0\n"
     "register o0                 -> -ENODEV\n"
     "disable_kprobe k0           -> -ENODEV\n"
     "disable_kprobe k0           -> 0\n"
     "disable_kprobe k1           -> -ENODEV\n"
     "disable_kprobe k1           -> -ENODEV\n"
     "free_init                   -> 0\n"
     "unkprobe k2                 -> 0\n"
     "unkprobe k1                 -> -EBUSY\n"
     "unkprobe k3                 -> 0\n"
     "kprobe k3 core_read         -> -ENODEV\n"
     "kprobes_armed 0             -> -ENODEV\n"
     "kprobes_armed 1             -> -ENODEV\n"},
    {"KilledByADeadFtraceAndRevived",
     "load beta @0                -> 0\n"
     "kprobe k0 beta_read post    -> 0\n"
     "fault verify 1              -> 0\n"
     "register o0                 -> -ENODEV\n"
     "unload beta                 -> 0\n"
     "load beta @0                -> 0\n"
     "kprobe k1 beta_read post disabled -> 0\n"
     "enable_kprobe k1            -> -ENODEV\n"
     "kprobe k2 beta_read         -> -ENODEV\n"
     "unkprobe k0                 -> 0\n"
     "unkprobe k1                 -> 0\n"},
    {"OnFtraceWhenItDiedAndOffItWhenItCameAgain",
     "load_begin beta @0          -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "kprobe k0 beta_init         -> 0\n"
     "fault verify 1              -> 0\n"
     "register o0                 -> -ENODEV\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> -EEXIST\n"
     "unload beta                 -> 0\n"
     "load_begin beta @0          -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "load_step beta              -> 0\n"
     "kprobe k1 beta_init disabled -> 0\n"
     "kprobe k2 beta_init post    -> 0\n"
     "disable_kprobe k2           -> 0\n"
     "disable_kprobe k1           -> 0\n"
     "unkprobe k0                 -> 0\n"
     "unkprobe k1                 -> 0\n"
     "unkprobe k2                 -> 0\n"},
    {"SwitchedOffFtrace",
     "ftrace_enabled 0            -> 0\n"
     "kprobe k0 core_read         -> 0\n"
     "kprobe k1 core_read+5       -> 0\n"
     "hit core_read               -> k1\n"
     "ftrace_enabled 1            -> 0\n"
     "hit core_read               -> k0 k1\n"
     "load alpha @0               -> 0\n"
     "kprobe k2 alpha_read post   -> 0\n"
     "ftrace_enabled 0            -> 0\n"
     "unload alpha                -> 0\n"
     "load alpha @0               -> 0\n"
     "ftrace_enabled 1            -> 0\n"
     "hit alpha_read              -> nobody\n"},
};

TEST(KprobeScripts, AnswerWhatTheirMarginsSayOnBothSides) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const KprobeScript& script : kKprobeScripts) {
    EXPECT_EQ(sides.Disagreement(Parsed(script.text), /*margin=*/true), "") << script.name;
    for (const NamedProfile& profile : Profiles()) {
      EXPECT_EQ(sides.Disagreement(Parsed(script.text, profile.name)), "") << script.name;
    }
  }
}

TEST(KprobeScripts, AgreeUnderEveryFaultAtEveryPassing) {
  SideBySide sides(MakeReference(), MakeFast());
  for (const KprobeScript& script : kKprobeScripts) {
    const Program program = Parsed(script.text);
    for (std::size_t at = 0; at < program.ops.size(); ++at) {
      for (std::size_t point = 0; point < kFaultPointCount; ++point) {
        for (std::uint16_t nth = 1; nth <= 6; ++nth) {
          Program faulty = program;
          faulty.margin.clear();
          faulty.ops.insert(faulty.ops.begin() + static_cast<std::ptrdiff_t>(at),
                            Fault{.point = static_cast<FaultPoint>(point), .nth = nth});
          ASSERT_EQ(sides.Disagreement(faulty), "") << script.name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace recount::fast
