// What a declared difference explains of a step, and that it explains nothing beside it.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "harness/known/declared.h"
#include "harness/known/declared_fixture.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

using Path = Profile::LoadPath;
using Rollback = Profile::Rollback;

// Does what `subject` does, but for the last of `ops` operations.
class Tampered final : public Subject {
 public:
  Tampered(std::unique_ptr<Subject> subject, std::size_t ops, std::function<void(Outcome*)> outcome,
           std::function<void(View*)> view)
      : subject_(std::move(subject)),
        ops_(ops),
        outcome_(std::move(outcome)),
        view_(std::move(view)) {}

  std::string_view name() const override { return "tampered"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    left_ = ops_;
    subject_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    Outcome outcome = subject_->Apply(op);
    if (--left_ == 0 && outcome_) outcome_(&outcome);
    return outcome;
  }
  void Observe(View* view) override {
    subject_->Observe(view);
    if (left_ == 0 && view_) view_(view);
  }

 private:
  std::unique_ptr<Subject> subject_;
  std::size_t ops_;
  std::size_t left_ = 0;
  std::function<void(Outcome*)> outcome_;
  std::function<void(View*)> view_;
};

// The same behind a livepatch and a kprobe of the core, which no module has a part in.
Program WithPatchedCore(Program program) {
  const Program patch = *ParseProgram(
      "world small\nprofile linux-6.1\npatch p3 core_read\nenable p3\nkprobe k3 core_write\n");
  program.ops.insert(program.ops.begin(), patch.ops.begin(), patch.ops.end());
  program.margin.clear();
  program.margin_lines.clear();
  return program;
}

TEST(Declared, OneMoreChangeInTheStepIsNotExplained) {
  const auto verdict = [](const KnownDefect& declared, std::function<void(Outcome*)> outcome,
                          std::function<void(View*)> view) {
    const Pair pair = PairFor(declared.name);
    const Program program = WithPatchedCore(ShortestOf(declared));
    UnderRules left(*MakeSubject("reference"), pair.left);
    UnderRules right(std::make_unique<Tampered>(*MakeSubject("reference"), program.ops.size(),
                                                std::move(outcome), std::move(view)),
                     pair.right);
    Declared all(AllBut(pair, kAllMasked), pair.left, pair.right);
    Lockstep lockstep(&left, &right, Lockstep::Between::kPeers);
    lockstep.Declare(&all);
    return lockstep.Run(program).verdict;
  };
  for (const KnownDefect& declared : DeclaredDifferences()) {
    SCOPED_TRACE(declared.name);
    EXPECT_EQ(verdict(declared, {}, {}), Verdict::kKnown);
    const std::function<void(View*)> views[] = {
        [](View* view) { view->globals.core_init_freed = true; },
        [](View* view) { view->ops[7].save_regs = true; },
        [](View* view) { view->records[0].count = 1; },
        [](View* view) { view->modules[3].klp_alive = true; },
        [](View* view) { ++view->notifiers.held[0]; },
        [](View* view) { ++view->notifiers.bad_frees; },
        [](View* view) { view->notifiers.chains[1].count = 1; },
        // What is not of the module that is loaded.
        [](View* view) { ++view->livepatch.ops[0].depth; },
        [](View* view) { view->livepatch.patches[3].patched = 0; },
        [](View* view) { view->livepatch.patches[3].bound = 0; },
        [](View* view) { view->kprobes.probes[3].gone = true; },
        [](View* view) { view->kprobes.probes[0].disabled = true; },
        [](View* view) { view->kprobes.entries[view->kprobes.entry_count - 1].gone = true; },
        [](View* view) { view->kprobes.entries[0].disabled = true; },
        [](View* view) { view->kprobes.ops[0].filter.clear(); },
        [](View* view) { view->kprobes.ops[0].registered = false; },
        [](View* view) { view->kprobes.ops[1].registered = true; },
        [](View* view) { view->kprobes.all_disarmed = true; },
        [](View* view) { view->order.pop_back(); },
        [](View* view) { view->ops[7].filter.ips.push_back(World::kModuleBase + 0x100000); },
        [](View* view) { view->ops[7].filter.mod = true; },
        [](View* view) { ++view->ops[7].notrace.cleared; },
        [](View* view) { ++view->ledger.records; }, [](View* view) { ++view->ledger.pages; },
        [](View* view) { ++view->ledger.cached; }, [](View* view) { ++view->ledger.hash_entries; }};
    for (const auto& view : views) {
      EXPECT_EQ(verdict(declared, {}, view), Verdict::kDiverge) << &view - views;
    }
    const std::function<void(Outcome*)> outcomes[] = {
        [](Outcome* outcome) { outcome->rc = Rc(Errno::kNoDev); },
        [](Outcome* outcome) {
          outcome->log.push_back({NotifierId{0}, Event::kLive, ModuleId{0}});
        },
        [](Outcome* outcome) {
          outcome->log.insert(outcome->log.begin(), {NotifierId{1}, Event::kComing, ModuleId{0}});
        }};
    for (const auto& outcome : outcomes) {
      EXPECT_EQ(verdict(declared, outcome, {}), Verdict::kDiverge) << &outcome - outcomes;
    }
  }
}

TEST(Declared, GoesOnBehindADifferenceOfTheLogsAlone) {
  const Pair pair = PairFor("");
  const Program program = *ParseProgram(
      "world small\nprofile linux-6.1\nnotifier n0 module 0\nload alpha @0\nregister o0\n"
      "fault verify 1\nunload alpha\nload alpha @0 fail=formation\nfree_init\n");
  const RunResult result = TwoRules(pair, AllBut(pair, kAllMasked)).Run(program);
  EXPECT_EQ(result.verdict, Verdict::kKnown);
  EXPECT_EQ(result.operations, program.ops.size());
  EXPECT_EQ(result.known->name, "going-without-coming");
  // With nothing declared it is the first.
  EXPECT_EQ(TwoRules(pair, {}).Run(program).operations, 2u);
}

TEST(Declared, WaitsForInitTextThatIsGoneOnOneSideOnly) {
  const Pair pair = PairFor("");
  std::string lines = "world small\nprofile linux-6.1\nregister o0\nload_begin beta @2\n";
  for (int i = 0; i < 13; ++i) lines += "load_step beta\n";
  const auto run = [&](const std::string& rest) {
    return TwoRules(pair, AllBut(pair, kAllMasked)).Run(*ParseProgram(lines + rest));
  };
  // It ends at whoever might look at it in between; else the sides are compared again.
  const RunResult looked = run("hit beta_init\nload_step beta\nunload beta\n");
  EXPECT_EQ(looked.known->name, "init-freed-at-live");
  EXPECT_EQ(looked.operations, 16u);
  EXPECT_EQ(run("load_step beta\nhit beta_init\nunload beta\n").operations, 18u);
}

// Where livepatch has no function in the module, what is told around it is said beforehand.
TEST(Declared, OneAheadOfLivepatchExcusesNoOther) {
  const Pair pair = PairFor("");
  const auto run = [&](const std::string& ops, std::string_view right) {
    const std::string head = "world small\nprofile linux-6.1\nnotifier n0 module 2147483647\n";
    return TwoRules(pair, AllBut(pair, kAllMasked), right).Run(*ParseProgram(head + ops));
  };
  const std::string others = "notifier n1 module 0\nnotifier n2 module 0\n";
  const std::string stops = others + "script n0 coming bad\nload alpha @0\n";
  EXPECT_EQ(run(stops, "fast").known->name, "unformed-announced");
  for (const std::string bug : {"rfc-going-without-coming-kfree",
                                "notifier-rollback-includes-failer", "notifier-robust-rollback"}) {
    EXPECT_EQ(run(stops, "fast+bug:" + bug).verdict, Verdict::kDiverge) << bug;
  }
  const std::string refused = others + "load alpha @0 fail=coming\n";
  EXPECT_EQ(run(refused, "fast+bug:rfc-going-without-coming-kfree").verdict, Verdict::kDiverge);
  // Kprobes have the last word, so an errno that stops nobody is none.
  for (const std::string ops :
       {"script n0 coming 0x5\nload alpha @0\n", "script n0 coming 0xc\nload alpha @0\n",
        "script n0 coming 0xc\nload alpha @0 fail=init\n"}) {
    const RunResult result = run(ops, "fast");
    ASSERT_EQ(result.verdict, Verdict::kKnown) << ops;
    EXPECT_EQ(result.known->name, "unformed-announced") << ops;
  }
  // Livepatch is made to refuse, and may be asked or not.
  for (const std::string ops :
       {"load alpha @0 fail=coming\n", "fault stage 6\nload alpha @0\n",
        "notifier n1 module 2147483647\nload alpha @0 fail=coming\n",
        "script n0 coming bad\nload alpha @0 fail=coming\n",
        "script n0 coming stop\nload alpha @0 fail=coming\n",
        "notifier n1 module 0\nscript n0 coming stop\nload alpha @0 fail=coming\n",
        "patch p0 alpha_open\nenable p0\nfault klp_symbol 1\nload alpha @0\n"}) {
    const RunResult result = run(ops, "fast");
    ASSERT_EQ(result.verdict, Verdict::kKnown) << ops;
    EXPECT_EQ(result.known->name, "ahead-of-livepatch") << ops;
  }
}

// Whoever is told otherwise, kprobes are too; and where the records go first, they let go of none.
TEST(Declared, WhatKprobesHearIsExplainedAsWhatNotifiersHear) {
  const std::string probed =
      "world small\nprofile linux-6.1\nload alpha @0\nkprobe k0 alpha_open\n";
  const std::string begun = "world small\nprofile linux-6.1\nload_begin beta @0\n";
  const auto steps = [](int count) {
    std::string lines;
    while (count-- > 0) lines += "load_step beta\n";
    return lines;
  };
  const Pair path = PairFor(""), order = PairFor("going-in-reverse"),
             first = PairFor("records-go-first");
  const struct {
    Pair pair;
    std::string program;
    std::string_view name;  // empty: they agree
  } kCases[] = {
      {path, probed + "unload alpha\n", ""},
      {order, probed + "unload alpha\n", ""},
      {first, probed + "unload alpha\n", "records-go-first"},
      {first, probed + "kprobe k1 core_read\nfault verify 1\nunload alpha\n", "records-go-first"},
      // A breakpoint is no record's, nor has one that is disabled an address in a filter.
      {first,
       "world small\nprofile linux-6.1\nload alpha @0\nkprobe k0 alpha_open+5\nunload alpha\n", ""},
      {first, probed + "disable_kprobe k0\nunload alpha\n", ""},
      {path, probed + "notifier n0 module 1\nscript n0 going bad\nunload alpha\n", ""},
      {path, probed + "notifier n0 module 0\nscript n0 going bad\nunload alpha\n",
       "going-not-stopped"},
      {order, probed + "notifier n0 module 0\nscript n0 going bad\nunload alpha\n",
       "going-in-reverse"},
      {path,
       begun + steps(6) + "kprobe k0 beta_init\nnotifier n0 module 0\nscript n0 coming 0x2\n" +
           "load_step beta\n",
       "errno-tells-going"},
      {path, begun + steps(11) + "kprobe k0 beta_read\n" + steps(2), "init-freed-at-live"},
      {path, begun + steps(11) + "kprobe k0 beta_init\n" + steps(1), ""},
      {path, begun + steps(11) + "kprobe k0 beta_init\n" + steps(3), "init-freed-at-live"},
      // Nobody is told where `coming` fails: k0 is left there, and hears it the next time.
      {path,
       begun + steps(6) + "kprobe k0 beta_read\nload_step beta fail\n" +
           "load beta @0 fail=formation\n",
       "going-without-coming"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.program);
    const RunResult result =
        TwoRules(one.pair, AllBut(one.pair, kAllMasked)).Run(*ParseProgram(one.program));
    ASSERT_EQ(result.verdict, one.name.empty() ? Verdict::kAgree : Verdict::kKnown);
    if (one.name.empty()) continue;
    EXPECT_EQ(result.known->name, one.name);
    // Where it is not masked it is a finding.
    if (one.name == "init-freed-at-live") continue;  // there the two meet again
    EXPECT_EQ(
        TwoRules(one.pair, AllBut(one.pair, one.name)).Run(*ParseProgram(one.program)).verdict,
        Verdict::kDiverge);
  }
}

}  // namespace
}  // namespace recount
