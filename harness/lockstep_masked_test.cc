// Lockstep with masks: what a known defect explains is agreement, and the end of it.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/lockstep.h"
#include "harness/lockstep_fixture.h"
#include "impl/roster.h"
#include "model/profile.h"

namespace recount {
namespace {

TEST_F(LockstepTest, EndsWithAMaskedDefectAsAgreedUpToThere) {
  liar_.from = 2;
  liar_.outcome = [](Outcome* outcome) { outcome->rc = -5; };
  Lockstep lockstep(oracle_.get(), &liar_);
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kDiverge);
  lockstep.Mask({&kLie});
  const RunResult result = lockstep.Run(program_);
  EXPECT_EQ(result.verdict, Verdict::kKnown);
  EXPECT_EQ(result.known, &kLie);
  EXPECT_FALSE(result.divergence.has_value());
  EXPECT_EQ(result.operations, 3u);
  EXPECT_EQ(lockstep.Failure(program_), "");
}

TEST_F(LockstepTest, AMaskedDefectDoesNotHideWhatElseDiffers) {
  liar_.from = 2;
  liar_.outcome = [](Outcome* outcome) { outcome->rc = -5; };
  liar_.view = [](View* view) { ++view->ledger.pages; };
  Lockstep lockstep(oracle_.get(), &liar_);
  lockstep.Mask({&kLie});
  EXPECT_EQ(lockstep.Run(program_).verdict, Verdict::kDiverge);
}

TEST_F(LockstepTest, TellsTheOperationUnderWay) {
  std::atomic<std::uint64_t> applied{99};
  std::vector<std::uint64_t> told;
  liar_.view = [&](View*) { told.push_back(applied.load()); };
  liar_.from_the_start = true;
  Lockstep lockstep(oracle_.get(), &liar_);
  lockstep.Tell(&applied);
  lockstep.Mask({&kLie});
  lockstep.Run(Parse("register o0\nftrace_enabled 0\nload alpha @0\nhit core_read\n"));
  // Looking into the load tells its number, too.
  EXPECT_EQ(told, (std::vector<std::uint64_t>{0, 1, 2, 3, 3, 3, 3, 3, 4}));
}

// Shows a page too many behind stage `enable` of a load, and nothing of it behind the next.
class Passing final : public Subject {
 public:
  std::string_view name() const override { return "passing"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    enabling_ = false;
    inner_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    inner_->Observe(&before_);
    const auto* step = std::get_if<LoadStep>(&op);
    enabling_ = step != nullptr && before_.modules[Index(step->module)].next == Stage::kEnable;
    return inner_->Apply(op);
  }
  void Observe(View* view) override {
    inner_->Observe(view);
    if (enabling_) ++view->ledger.pages;
  }

 private:
  std::unique_ptr<Subject> inner_ = MakeSubject("reference").value();
  View before_;
  bool enabling_ = false;
};

TEST(LockstepMasked, LooksIntoALoadWhereADefectMayShowOnTheWayOnly) {
  static constexpr KnownDefect kPage = {"page", "", "",
                                        [](const DivergingStep&, View* shown, Outcome*) {
                                          --shown->ledger.pages;
                                          return true;
                                        }};
  static constexpr KnownDefect kNothing = {
      "nothing", "", "", [](const DivergingStep&, View*, Outcome*) { return false; }};
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  Passing passing;
  for (const char* load : {"load alpha @0\n", "load alpha @0 fail=init\n"}) {
    for (const char* setting : {"ftrace_enabled 0\n", "ops o0 tracer\nfilter o0 :mod:alpha\n",
                                "filter o0 core_read\nops o0 kernel ipmodify\nregister o0\n"}) {
      const Program program = Parse(std::string(setting) + load);
      Lockstep lockstep(oracle.get(), &passing);
      EXPECT_EQ(lockstep.Run(program).verdict, Verdict::kAgree) << setting << load;
      lockstep.Mask({&kPage});
      const RunResult result = lockstep.Run(program);
      EXPECT_EQ(result.known, &kPage) << setting << load;
      EXPECT_EQ(result.operations, program.ops.size());
      // What nothing explains is held against the end, as without a mask.
      lockstep.Mask({&kNothing});
      EXPECT_EQ(lockstep.Run(program).verdict, Verdict::kAgree) << setting << load;
    }
  }
}

TEST(LockstepMasked, ALoadThatIsLookedIntoIsTheSameLoad) {
  static constexpr KnownDefect kNothing = {
      "nothing", "", "", [](const DivergingStep&, View*, Outcome*) { return false; }};
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  const std::unique_ptr<Subject> fast = MakeSubject("fast").value();
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomChooser chooser(seed);
    const Program program = GenerateProgram(BuiltinWorld("small").value(),
                                            *FindProfile("linux-6.1"), {}, &chooser, oracle.get());
    Lockstep plain(oracle.get(), fast.get());
    ASSERT_FALSE(plain.Begin(program.world, program.Rules()).has_value());
    std::vector<std::pair<Outcome, View>> seen;
    for (const Op& op : program.ops) {
      const Outcome outcome = plain.Step(op).expected;
      seen.emplace_back(outcome, plain.view());
    }
    Lockstep masked(oracle.get(), fast.get());
    masked.Mask({&kNothing});
    ASSERT_FALSE(masked.Begin(program.world, program.Rules()).has_value());
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Lockstep::StepResult step = masked.Step(program.ops[i]);
      ASSERT_EQ(step.verdict, Verdict::kAgree) << seed << ", operation " << i;
      EXPECT_EQ(step.expected, seen[i].first) << seed << ", operation " << i;
      EXPECT_EQ(masked.view(), seen[i].second) << seed << ", operation " << i;
    }
  }
}

}  // namespace
}  // namespace recount
