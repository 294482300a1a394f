#include "harness/conform/sequence_program.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "harness/conform/test_recording.h"
#include "model/text.h"

namespace recount {
namespace {

TEST(MakeProgram, HoldsTheKernelsAnswersInTheMargin) {
  const Recording recording = Record({{"ops 0 filter tgA_f0 1", 0, "0x1000"},
                                      {"echo nosuch > set_ftrace_filter", -22, "0x1000"},
                                      {"echo tgA_f0 nosuch > set_ftrace_filter", -22, "0x1000"},
                                      {"kp 0 reg tgA_f0", 0, "0x1000"},
                                      {"frobnicate", 0, "0x1000"}});
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  ASSERT_TRUE(universe.ok()) << universe.status();
  EXPECT_EQ(PrintProgram(MakeProgram(*universe, *FindProfile("linux-6.1"), recording.sequences[0])),
            "# id: what\n"
            "# recorded on 6.1.0\n"
            "# ends before step 5, 'frobnicate', which is out of scope\n"
            "world f.world\n"
            "profile linux-6.1\n"
            "ops o7 tracer\n"
            "load tgA @0             -> 0\n"
            "filter o0 reset tgA_f0  -> 0\n"
            "filter o7 reset nosuch  -> -EINVAL\n"
            "filter o7 reset tgA_f0\n"
            "filter o7 nosuch\n"
            "kprobe k0 tgA_f0        -> 0\n");
}

TEST(MakeProgram, HoldsWhoWasCalledInTheMargin) {
  Recording recording = Record({{"nb 0 reg 5", 0, "0x1000"},
                                {"rmmod tgA", 0, ""},
                                {"insmod tgA init_ret=-5", -5, ""},
                                {"insmod tklp obj=tgA fn0=tgA_f0", 0, ""},
                                {"ch raw reg 0 5", 0, ""},
                                {"ch raw call 1", 0, ""},
                                {"ch raw call 2", 0, ""}});
  std::vector<RecordedStep>& steps = recording.sequences[0].steps;
  steps[2].log = {"m0 GOING tgA"};
  steps[3].log = {"m0 COMING tgA", "m0 GOING tgA"};
  steps[4].log = {"m0 COMING tklp", "m0 LIVE tklp"};
  steps[6].log = {"c0 1"};
  steps[6].out = "ret=0x8017 errno=-22";
  steps[7].log = std::vector<std::string>();
  steps[7].out = "ret=0x0 errno=0";
  const absl::StatusOr<Universe> universe = Universe::Derive(recording, "f.world");
  ASSERT_TRUE(universe.ok()) << universe.status();
  EXPECT_EQ(PrintProgram(MakeProgram(*universe, *FindProfile("linux-6.1"), recording.sequences[0])),
            "# id: what\n"
            "# recorded on 6.1.0\n"
            "world f.world\n"
            "profile linux-6.1\n"
            "load tgA @0                -> 0\n"
            "notifier n0 module 5       -> 0\n"
            "unload tgA                 -> 0 n0:going\n"
            "load tgA @1 fail=init:EIO  -> -EIO n0:coming n0:going\n"
            "load_begin tklp @1         -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0 n0:coming\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0\n"
            "patch p0 tgA_f0            -> 0\n"
            "enable p0                  -> 0\n"
            "load_step tklp             -> 0\n"
            "load_step tklp             -> 0 n0:live\n"
            "load_step tklp             -> 0\n"
            "notifier n1 raw 5          -> 0\n"
            "notify raw coming          -> n1:coming = -EINVAL\n"
            "notify raw going           -> nobody = done\n");
}

}  // namespace
}  // namespace recount
