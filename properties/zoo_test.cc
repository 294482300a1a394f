// Every known bug is found by random programs, and always shrinks to the same program: the one in
// corpus/bugs/. This is also the test that the checks can fail.
//
// RECOUNT_WRITE_CORPUS=1 writes those files instead (after the shrinker's order of programs, a bug,
// or SEMANTICS.md has changed); read the difference before committing it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/shrink/shrink.h"
#include "harness/shrink/simpler.h"
#include "impl/bugs/bugs.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

// Where to look, in this order, so that a bug that shows in more than one world has one home:
// `paged` only for those that take page arithmetic. Most bugs take fewer than ten programs; the
// last line is for a fault that must fall on one certain operation.
struct Ground {
  std::string_view world;
  std::uint64_t first_program;
  std::uint64_t end_program;
};
constexpr Ground kGrounds[] = {{"small", 0, 2000}, {"paged", 0, 200}, {"small", 2000, 8000}};

class Zoo : public testing::TestWithParam<std::string> {
 protected:
#ifdef RECOUNT_NO_BUGS
  void SetUp() override { GTEST_SKIP() << "the bugs are compiled out"; }
#endif

  Zoo()
      : oracle_(*MakeSubject("reference")),
        buggy_(*MakeSubject("fast+bug:" + GetParam())),
        lockstep_(oracle_.get(), buggy_.get()) {}

  const BugInfo& bug() const { return *FindBug(GetParam()); }

  // The first random program of `seed` that shows the bug, up to where it does, behind the first
  // `skipped` that do.
  std::optional<Program> Hunt(const Ground& ground, std::uint64_t seed, int skipped) {
    Program program{.world = *BuiltinWorld(ground.world), .profile = FindProfile(bug().profile)};
    for (std::uint64_t i = ground.first_program; i < ground.end_program; ++i) {
      RandomChooser chooser(seed << 32 | i);
      program.from_boot = DrawFromBoot(*program.profile, {}, &chooser);
      Generator generator(program.world, program.Rules(), &chooser);
      program.ops.clear();
      if (lockstep_.Begin(program.world, program.Rules()).has_value()) return program;
      while (!generator.Finished(lockstep_.view())) {
        program.ops.push_back(generator.Next(lockstep_.view()));
        if (lockstep_.Step(program.ops.back()).verdict == Verdict::kAgree) continue;
        if (skipped-- == 0) return program;
        break;
      }
    }
    return std::nullopt;
  }

  std::optional<Program> Minimal(std::uint64_t seed, int skipped = 0) {
    for (const Ground& ground : kGrounds) {
      const std::optional<Program> found = Hunt(ground, seed, skipped);
      if (!found.has_value()) continue;
      ShrinkLimits limits;
      limits.max_seconds = 600;  // never the limit here: a slow machine must not change the result
      const ShrinkResult shrunk = Shrink(
          *found,
          [this](const Program& program) {
            const RunResult result = lockstep_.Run(program);
            return result.verdict == Verdict::kDiverge ? result.divergence->Signature(program) : "";
          },
          limits);
      EXPECT_TRUE(shrunk.finished);
      return shrunk.program;
    }
    return std::nullopt;
  }

  // The program as the corpus keeps it: what it is for, and what should happen.
  Program Annotated(Program program) {
    program.notes = {absl::StrCat("why: ", std::string(bug().title)),
                     absl::StrCat("bug: ", GetParam()),
                     absl::StrCat("origin: ", std::string(bug().origin))};
    program.margin.clear();
    oracle_->Reset(program.world, program.Rules());
    for (const Op& op : program.ops) {
      program.margin.push_back(OutcomeText(*program.world, op, oracle_->Apply(op)));
    }
    return program;
  }

  std::string File() const {
    return absl::StrCat(RECOUNT_SOURCE_DIR, "/corpus/bugs/", GetParam(), ".prog");
  }

 private:
  std::unique_ptr<Subject> oracle_;
  std::unique_ptr<Subject> buggy_;
  Lockstep lockstep_;
};

TEST_P(Zoo, IsFoundAndShrinksToItsProgramInTheCorpus) {
  ASSERT_NE(FindProfile(bug().profile), nullptr) << "bugs.def: profile " << bug().profile;
  const std::optional<Program> minimal = Minimal(1);
  ASSERT_TRUE(minimal.has_value()) << "not found";
  const std::string text = PrintProgram(Annotated(*minimal));
  if (std::getenv("RECOUNT_WRITE_CORPUS") != nullptr) {
    const absl::Status written = WriteFile(File(), text);
    ASSERT_TRUE(written.ok()) << written.message();
  }
  const absl::StatusOr<std::string> committed = ReadFile(File());
  ASSERT_TRUE(committed.ok()) << committed.status().message();
  EXPECT_EQ(*committed, text);
}

// Another seed comes from another program, and must end at the same. A bug that shows in two ways,
// the shrinker keeps to one of them: then it is the next program, or the one behind it.
TEST_P(Zoo, IsTheSameProgramFromAnotherSeed) {
  const absl::StatusOr<Program> committed = ReadProgramFile(File());
  ASSERT_TRUE(committed.ok()) << committed.status().message();
  std::string ended;
  for (int skipped = 0; skipped < 3; ++skipped) {
    const std::optional<Program> minimal = Minimal(2, skipped);
    ASSERT_TRUE(minimal.has_value()) << "not found, behind" << ended;
    const std::string text = PrintProgram(Annotated(*minimal));
    if (text == PrintProgram(*committed)) return;
    EXPECT_FALSE(Simpler(*minimal, *committed)) << text;
    std::printf(
        "%s: seed 2 ends elsewhere with its failing program %d, so the next is tried:\n%s\n",
        GetParam().c_str(), skipped + 1, text.c_str());
    absl::StrAppend(&ended, "\n", text);
  }
  FAIL() << "another program each time:" << ended;
}

std::vector<std::string> BugIds() {
  std::vector<std::string> ids;
  for (const BugInfo& bug : Bugs()) ids.emplace_back(bug.id);
  return ids;
}

INSTANTIATE_TEST_SUITE_P(Bugs, Zoo, testing::ValuesIn(BugIds()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Zoo);

// What the invariants on notifiers, failures, livepatches and announcements are there for: a bug
// that each of them sees by itself.
TEST(ZooCorpus, InvariantsSeeTheBugsTheyAreFor) {
  const struct {
    const char* bug;
    const char* invariant;
  } kCases[] = {
      {"module-going-missing-on-coming-fail", "I8"},
      {"notifier-robust-rollback", "I8"},
      {"rfc-reverse-stable-order", "I8"},
      {"kpatch-phantom-module", "I9"},
      {"klp-coming-fail-obj-mod", "I13"},
      {"klp-deferred-order", "I13"},
      {"live-told-as-unformed", "I18"},
      {"optprobe-post-handler-kept", "I15"},
      {"optprobe-cancel-lost", "I15"},
      {"optprobe-forced-unused-kept", "I15"},
      {"optprobe-leaving-overlapped", "I15"},
  };
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  for (const auto& one : kCases) {
    const absl::StatusOr<Program> program =
        ReadProgramFile(absl::StrCat(RECOUNT_SOURCE_DIR, "/corpus/bugs/", one.bug, ".prog"));
    ASSERT_TRUE(program.ok()) << program.status().message();
    const std::unique_ptr<Subject> buggy = *MakeSubject(absl::StrCat("fast+bug:", one.bug));
    const RunResult result = Lockstep(oracle.get(), buggy.get()).Run(*program);
    ASSERT_EQ(result.verdict, Verdict::kDiverge) << one.bug;
    const std::vector<std::string>& broken = result.divergence->broken_invariants;
    EXPECT_NE(std::find(broken.begin(), broken.end(), one.invariant), broken.end())
        << one.bug << " and " << one.invariant;
  }
}

// The other direction: without its switch the same program is innocent, so it is the bug it shows.
TEST(ZooCorpus, ProgramsOfBugsAgreeWithoutTheBug) {
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  const std::unique_ptr<Subject> fast = *MakeSubject("fast");
  Lockstep lockstep(oracle.get(), fast.get());
  for (const BugInfo& bug : Bugs()) {
    const absl::StatusOr<Program> program = ReadProgramFile(
        absl::StrCat(RECOUNT_SOURCE_DIR, "/corpus/bugs/", std::string(bug.id), ".prog"));
    ASSERT_TRUE(program.ok()) << program.status().message();
    EXPECT_EQ(lockstep.Run(*program).verdict, Verdict::kAgree) << bug.id;
  }
}

}  // namespace
}  // namespace recount
