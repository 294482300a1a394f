// What the tests of declared.h share: two peers under rules that differ in one thing, and what is
// found between them.
#ifndef RECOUNT_HARNESS_KNOWN_DECLARED_FIXTURE_H_
#define RECOUNT_HARNESS_KNOWN_DECLARED_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/known/declared.h"
#include "harness/lockstep.h"
#include "harness/program_file.h"
#include "harness/shrink/shrink.h"
#include "harness/under_rules.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {

inline Profile Rules(Profile::LoadPath path, Profile::Rollback rollback) {
  Profile rules = FindProfile("linux-6.1")->profile;
  rules.load_path = path;
  rules.rollback = rollback;
  return rules;
}

// Which profiles show a difference best: those that differ in nothing else.
struct Pair {
  Profile left, right;
};
inline Pair PairFor(std::string_view name) {
  if (name == "going-in-reverse") {
    return {Rules(Profile::LoadPath::kDirect, Profile::Rollback::kForward),
            Rules(Profile::LoadPath::kDirect, Profile::Rollback::kReverse)};
  }
  const Profile::Rollback rollback =
      name == "records-go-first" ? Profile::Rollback::kForward : Profile::Rollback::kReverse;
  return {Rules(Profile::LoadPath::kDirect, rollback), Rules(Profile::LoadPath::kChain, rollback)};
}

// Two peers that play Programs under rules of their own.
class TwoRules {
 public:
  TwoRules(const Pair& pair, std::vector<const KnownDefect*> masked,
           std::string_view right = "reference")
      : left_(*MakeSubject("reference"), pair.left),
        right_(*MakeSubject(right), pair.right),
        declared_(std::move(masked), pair.left, pair.right),
        lockstep_(&left_, &right_, Lockstep::Between::kPeers) {
    lockstep_.Declare(&declared_);
  }

  RunResult Run(const Program& program) { return lockstep_.Run(program); }
  std::string Failure(const Program& program) { return lockstep_.Failure(program); }

  // The first of `count` random Programs from `seed` on that differs, shrunk; empty when none does.
  std::string Shortest(std::uint64_t seed, std::uint64_t count) {
    const std::unique_ptr<Subject> guide = *MakeSubject("reference");
    for (const std::uint64_t end = seed + count; seed < end; ++seed) {
      RandomChooser chooser(seed);
      const Program program = GenerateProgram(*BuiltinWorld("small"), *FindProfile("linux-6.1"), {},
                                              &chooser, guide.get());
      const auto fails = [this](const Program& candidate) { return Failure(candidate); };
      if (fails(program).empty()) continue;
      // The limits are for hunts; here a slow machine must not change the result.
      const ShrinkResult result = Shrink(program, fails, {.max_seconds = 200});
      EXPECT_TRUE(result.finished);
      return PrintProgram(result.program);
    }
    return "";
  }

 private:
  UnderRules left_, right_;
  Declared declared_;
  Lockstep lockstep_;
};

inline std::vector<const KnownDefect*> AllBut(const Pair& pair, std::string_view name) {
  std::vector<const KnownDefect*> masked = DeclaredBetween(pair.left, pair.right);
  std::erase_if(masked, [&](const KnownDefect* declared) { return declared->name == name; });
  return masked;
}

inline Program ShortestOf(const KnownDefect& declared) {
  std::string file(declared.name);
  std::replace(file.begin(), file.end(), '-', '_');
  return *ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/seeds/differs_" + file + ".prog");
}

inline std::string Bare(Program program) {
  program.notes.clear();
  program.margin.clear();
  program.margin_lines.clear();
  return PrintProgram(program);
}

inline constexpr std::string_view kAllMasked;

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DECLARED_FIXTURE_H_
