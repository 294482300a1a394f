#include "fuzz/state_hash.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

// The hash of what the reference shows after `lines`.
std::uint64_t After(std::string_view lines) {
  const absl::StatusOr<Program> program =
      ParseProgram("world small\nprofile linux-3.2\n" + std::string(lines));
  EXPECT_TRUE(program.ok()) << program.status();
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  reference->Reset(program->world, program->Rules());
  for (const Op& op : program->ops) reference->Apply(op);
  View view;
  reference->Observe(&view);
  return StateHash(view);
}

TEST(StateHash, TellsARegisteredOpsFromAnIdleOne) { EXPECT_NE(After(""), After("register o0\n")); }

TEST(StateHash, TellsEachStageOfALoad) {
  EXPECT_NE(After("load_begin alpha @0\n"), After("load_begin alpha @0\nload_step alpha\n"));
}

TEST(StateHash, TellsAStaleFilterFromALiveOne) {
  EXPECT_NE(After("load alpha @0\nload beta @2\nfilter o0 alpha_read\nunload beta\n"),
            After("load alpha @0\nload beta @2\nfilter o0 alpha_read\nunload alpha\n"));
}

TEST(StateHash, DoesNotCareWhichOpsPlaysThePart) {
  EXPECT_EQ(After("filter o0 core_*\nregister o0\nregister o1\n"),
            After("filter o5 core_*\nregister o5\nregister o2\n"));
}

TEST(StateHash, DoesNotCareWhereAModuleIs) {
  EXPECT_EQ(After("load alpha @0\n"), After("load alpha @3\n"));
}

TEST(StateHash, TellsAChainWithSomebodyOnItFromAnEmptyOne) {
  EXPECT_NE(After(""), After("notifier n0 raw 0\n"));
  EXPECT_NE(After("notifier n0 raw 0\n"), After("notifier n0 blocking 0\n"));
  EXPECT_EQ(After("notifier n0 raw 0\n"), After("notifier n5 raw 7\n"));
  const std::string_view keeper = "notifier n0 module 0\nscript n0 coming ok alloc\n";
  EXPECT_NE(After("notifier n0 module 0\nload alpha @0\n"),
            After(std::string(keeper) + "load alpha @0\n"));
}

// The kinds of site that there are until ftrace_init() has been to them, too: the table of kinds
// has room for the last of them.
TEST(StateHash, TellsACallOfMcountAndAnEarlyJumpFromANop) {
  View view;
  view.records.resize(1);
  std::set<std::uint64_t> hashes;
  for (const SiteKind kind : {SiteKind::kNop, SiteKind::kMcount, SiteKind::kJump}) {
    view.records[0].site.kind = kind;
    view.records[0].flags = 0x7f;
    view.records[0].count = 30;
    hashes.insert(StateHash(view));
  }
  EXPECT_EQ(hashes.size(), 3u);
}

TEST(StateHash, TellsAPatchThatIsBoundFromOneThatWaits) {
  const std::string patch = "patch p0 alpha_open\n";
  EXPECT_NE(After(patch), After(patch + "enable p0\n"));
  EXPECT_NE(After("load alpha @0\n" + patch), After("load alpha @0\n" + patch + "enable p0\n"));
  EXPECT_NE(After(patch + "enable p0\n"), After(patch + "enable p0\nload alpha @0\n"));
  // Two on one stack are not two on two.
  const std::string two = "patch p1 core_read\nenable p1\nenable p0\n";
  EXPECT_NE(After("patch p0 core_read\n" + two), After("patch p0 core_write\n" + two));
}

TEST(StateHash, TellsHowAFunctionIsProbed) {
  const std::string probe = "kprobe k0 core_read\n";
  EXPECT_NE(After(""), After(probe));
  EXPECT_EQ(After(probe), After("kprobe k3 core_read\n"));
  EXPECT_NE(After(probe), After("kprobe k0 core_read post\n"));
  EXPECT_NE(After(probe), After("kprobe k0 core_read disabled\n"));
  EXPECT_NE(After(probe), After("kprobe k0 core_read+5\n"));
  EXPECT_NE(After(probe), After(probe + "kprobes_armed 0\n"));
  EXPECT_NE(After(""), After("kprobes_armed 0\n"));
  // Two at one address are not two at two.
  EXPECT_NE(After(probe + "kprobe k1 core_read\n"), After(probe + "kprobe k1 core_write\n"));
  const std::string gone = "load alpha @0\nkprobe k0 alpha_open\nunload alpha\n";
  EXPECT_NE(After(gone), After(gone + "unkprobe k0\n"));
}

// A View with one record of the given count.
std::uint64_t WithCount(std::uint32_t count) {
  View view;
  view.records = {RecordView{.ip = World::kCoreBase, .count = count}};
  view.groups = {GroupView{.used = 1}};
  return StateHash(view);
}

TEST(StateHash, TellsNoneOneAndTwoApartAndStopsCountingAtThree) {
  EXPECT_NE(WithCount(0), WithCount(1));
  EXPECT_NE(WithCount(1), WithCount(2));
  EXPECT_EQ(WithCount(3), WithCount(7));
}

TEST(TransitionHash, TellsSuccessFromRefusal) {
  const Op op = Register{OpsId{0}};
  EXPECT_NE(TransitionHash(op, Outcome::Ok(), 1, 2),
            TransitionHash(op, Outcome::Error(Errno::kBusy), 1, 2));
}

TEST(TransitionHash, TellsWhoStoppedAChainFromWhoDidNot) {
  Outcome heard;
  heard.log = {{NotifierId{0}, Event::kComing, kCore}};
  Outcome stopped = heard;
  stopped.answer = kNotifyStop;
  const Op op = Notify{};
  EXPECT_NE(TransitionHash(op, heard, 1, 2), TransitionHash(op, stopped, 1, 2));
  EXPECT_NE(TransitionHash(op, heard, 1, 2), TransitionHash(op, Outcome::Ok(), 1, 2));
}

TEST(TransitionHash, TellsAHitThatRunsAProbeFromOneThatDoesNot) {
  Outcome probed;
  probed.AddFired(KprobeId{0});
  Outcome twice = probed;
  twice.AddFired(KprobeId{1});
  const Op op = Hit{};
  EXPECT_NE(TransitionHash(op, probed, 1, 2), TransitionHash(op, Outcome::Ok(), 1, 2));
  EXPECT_NE(TransitionHash(op, probed, 1, 2), TransitionHash(op, twice, 1, 2));
}

TEST(MixHash, DependsOnOrder) { EXPECT_NE(MixHash(MixHash(0, 1), 2), MixHash(MixHash(0, 2), 1)); }

}  // namespace
}  // namespace recount
