// The shrinker on Programs with kprobes. The failures are what the reference shows.
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gtest/gtest.h"
#include "harness/shrink/shrink_fixture.h"
#include "impl/roster.h"

namespace recount {
namespace {

// What `lines` shrink to while at some step `wanted` holds of what the reference shows.
std::string ShrunkWhile(std::string_view lines, WhatIsSeen wanted) {
  return ShrunkBy(lines, Sees(MakeSubject("reference").value(), std::move(wanted)));
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

// Between the stages of its load a kprobe can be put into init text; of a load in one step it must
// be text that goes.
TEST(ShrinkKprobe, MakesOneLoadOfAStagedOneWithInitText) {
  std::string lines = "load_begin beta @2\n";
  for (int i = 0; i < 6; ++i) lines += "load_step beta\n";
  lines += "kprobe k1 beta_init post\n";
  for (int i = 0; i < 8; ++i) lines += "load_step beta\n";
  EXPECT_EQ(ShrunkWhile(lines,
                        [](const Op&, const Outcome&, const View& view) {
                          for (const KprobeView& probe : view.kprobes.probes) {
                            if (probe.gone && probe.address >= World::kModuleBase) return true;
                          }
                          return false;
                        }),
            "load alpha @0\nkprobe k0 alpha_open\nunload alpha\n");
}

// A notifier hears what a kprobe does, and needs no stages to be there.
TEST(ShrinkKprobe, PutsANotifierInThePlaceOfOneInALoadThatFails) {
  std::string lines = "load_begin alpha @2\n";
  for (int i = 0; i < 7; ++i) lines += "load_step alpha\n";
  lines += "kprobe k1 alpha_read\nload_step alpha fail\n";
  EXPECT_EQ(ShrunkWhile(lines,
                        [](const Op& op, const Outcome& outcome, const View& view) {
                          const bool load = std::holds_alternative<Load>(op) ||
                                            std::holds_alternative<LoadStep>(op);
                          return load && outcome.rc != 0 &&
                                 (!outcome.log.empty() || view.kprobes.probes[0].gone ||
                                  view.kprobes.probes[1].gone);
                        }),
            "notifier n0 module 0\nload alpha @0 fail=init\n");
}

}  // namespace
}  // namespace recount
