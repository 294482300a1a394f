// The shrinker on Programs with kprobes. The failures are what the reference shows.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "harness/shrink.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

// What `lines` shrink to while at some step `wanted` holds of the View or the Outcome.
std::string ShrunkWhile(std::string_view lines,
                        std::function<bool(const Op&, const Outcome&, const View&)> wanted) {
  const Program program =
      ParseProgram("world small\nprofile linux-6.1\n" + std::string(lines)).value();
  const std::unique_ptr<Subject> reference = MakeSubject("reference").value();
  const auto fails = [&](const Program& candidate) -> std::string {
    reference->Reset(candidate.world, candidate.profile->profile);
    View view;
    for (const Op& op : candidate.ops) {
      const Outcome outcome = reference->Apply(op);
      reference->Observe(&view);
      if (wanted(op, outcome, view)) return "difference:test";
    }
    return "";
  };
  std::string text;
  for (const Op& op : Shrink(program, fails, {.max_seconds = 200}).program.ops) {
    text += PrintOp(*program.world, op) + "\n";
  }
  return text;
}

TEST(ShrinkKprobe, NamesTheFirstAndDropsFlags) {
  EXPECT_EQ(ShrunkWhile("register o2\nkprobe k3 delta_read disabled\nkprobe k2 core_read+12 post\n",
                        [](const Op&, const Outcome&, const View& view) {
                          return view.kprobes.entry_count > 0;
                        }),
            "kprobe k0 core_setup\n");
}

TEST(ShrinkKprobe, MovesTheProbesOfOnePlaceTogether) {
  EXPECT_EQ(ShrunkWhile("kprobe k3 core_write+12 disabled\nkprobe k1 core_write+12 post\n",
                        [](const Op&, const Outcome&, const View& view) {
                          return view.kprobes.entries[0].count == 2;
                        }),
            "kprobe k0 core_setup\nkprobe k1 core_setup\n");
}

TEST(ShrinkKprobe, KeepsAnOffsetThatMatters) {
  EXPECT_EQ(ShrunkWhile("load alpha @2\nkprobe k2 alpha_write+12\n",
                        [](const Op&, const Outcome&, const View& view) {
                          return view.kprobes.entries[0].address % World::kFunctionStride != 0;
                        }),
            "kprobe k0 core_setup+5\n");
}

TEST(ShrinkKprobe, KeepsThePostHandlerThatMovesTheEntry) {
  EXPECT_EQ(ShrunkWhile("kprobe k2 probe\nkprobes_armed 1\nhit probe\nkprobe k1 probe post\n"
                        "unkprobe k1\n",
                        [](const Op& op, const Outcome& outcome, const View& view) {
                          // The entry keeps what only the probe that went away needed.
                          for (const KprobeView& probe : view.kprobes.probes) {
                            if (probe.post) return false;
                          }
                          return std::holds_alternative<RemoveKprobe>(op) && outcome.rc == 0 &&
                                 view.kprobes.ops[1].registered;
                        }),
            "kprobe k0 core_setup post\nkprobe k1 core_setup\nunkprobe k0\n");
}

TEST(ShrinkKprobe, MakesAnOpsOfAKprobeThatOnlyTraces) {
  EXPECT_EQ(ShrunkWhile("kprobe k1 probe\n",
                        [](const Op&, const Outcome&, const View& view) {
                          for (const RecordView& record : view.records) {
                            if (record.count == 1) return true;
                          }
                          return false;
                        }),
            "register o0\n");
}

TEST(ShrinkKprobe, KeepsModuleAndProbeTogether) {
  EXPECT_EQ(ShrunkWhile("load gamma @3\nkprobe k2 gamma_read post\nhit gamma_read\n"
                        "unload gamma\nload gamma @3\nhit gamma_read\n",
                        [](const Op&, const Outcome&, const View& view) {
                          return view.kprobes.probes[0].gone || view.kprobes.probes[1].gone ||
                                 view.kprobes.probes[2].gone;
                        }),
            "kprobe k0 core_setup\nfree_init\n");
}

}  // namespace
}  // namespace recount
