// Whether ftrace and livepatch are told of modules by the loader or by the chain is the same, as
// long as nobody else is told (SEMANTICS 11): after every operation, but for the moment between the
// stages `live` and `free_init`, when init text is gone already where the chain tells of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "harness/compare.h"
#include "impl/roster.h"
#include "model/text.h"
#include "properties/for_all.h"
#include "properties/run.h"

namespace recount {
namespace {

bool InTheWindow(const View& view) {
  return std::any_of(view.modules.begin(), view.modules.end(), [](const ModuleView& module) {
    return module.state == ModuleState::kLive && module.next == Stage::kFreeInit;
  });
}

// Runs a Program by both load paths, under what else its profile says.
class BothPaths {
 public:
  BothPaths(std::string_view subject, Profile::Rollback rollback)
      : rollback_(rollback), direct_(*MakeSubject(subject)), chain_(*MakeSubject(subject)) {}

  std::optional<Broken> operator()(const Program& with_notifiers) {
    // Kprobes are told: by chain later than ftrace of LIVE, and of what fails at `coming`.
    const Program program = Without(Without(with_notifiers, IsAboutNotifiers), IsAboutKprobes);
    Profile profile = program.profile->profile;
    profile.rollback = rollback_;
    profile.load_path = Profile::LoadPath::kDirect;
    direct_->Reset(program.world, profile);
    profile.load_path = Profile::LoadPath::kChain;
    chain_->Reset(program.world, profile);
    bool window = false;
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Op& op = program.ops[i];
      // What is asked of init text in between may differ for good.
      if (window && !std::holds_alternative<LoadStep>(op)) return std::nullopt;
      const Outcome expected = direct_->Apply(op);
      const Outcome actual = chain_->Apply(op);
      direct_->Observe(&expected_view_);
      chain_->Observe(&actual_view_);
      window = InTheWindow(expected_view_);
      const std::string where =
          absl::StrCat("operation ", i + 1, ", ", PrintOp(*program.world, op), ": ");
      if (!(expected == actual)) {
        return Broken{"load-path:outcome",
                      absl::StrCat(where, "by chain ", OutcomeText(*program.world, op, actual),
                                   ", direct ", OutcomeText(*program.world, op, expected))};
      }
      if (window) continue;
      auto broken = ViewsDiffer("load-path", *program.world, expected_view_, actual_view_);
      if (broken) {
        broken->what = where + broken->what;
        return broken;
      }
    }
    return std::nullopt;
  }

 private:
  Profile::Rollback rollback_;
  std::unique_ptr<Subject> direct_;
  std::unique_ptr<Subject> chain_;
  View expected_view_;
  View actual_view_;
};

ProgramProperty ByBothPaths(std::string_view subject, Profile::Rollback rollback) {
  auto both = std::make_shared<BothPaths>(subject, rollback);
  return [both](const Program& program) { return (*both)(program); };
}

Programs AnyProgram(bool faults) {
  return {.worlds = {"small", "tiny"}, .cases = 1500, .max_ops = 300, .faults = faults};
}

TEST(LoadPath, IsNotSeenByWhoIsNotTold) {
  for (const std::string_view subject : {"reference", "fast"}) {
    ForAllPrograms(AnyProgram(true), ByBothPaths(subject, Profile::Rollback::kReverse));
  }
}

// GOING forward has ftrace forget the records before livepatch lets go of them.
TEST(LoadPath, IsSeenWhereGoingGoesForward) {
  BothPaths both("reference", Profile::Rollback::kForward);
  const absl::StatusOr<Program> program = ParseProgram(
      "world small\nprofile linux-6.1\npatch p0 alpha_open\nenable p0\nload alpha @0\n"
      "fault hash_copy 1\nunload alpha\nfilter o0 core_read\n");
  ASSERT_TRUE(program.ok()) << program.status();
  const std::optional<Broken> broken = both(*program);
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->what, "operation 6, filter o0 core_read: by chain -ENOMEM, direct 0");
}

}  // namespace
}  // namespace recount
