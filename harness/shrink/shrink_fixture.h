// What the tests of the shrinker share: Programs from lines and back, and failures to shrink.
#ifndef RECOUNT_HARNESS_SHRINK_SHRINK_FIXTURE_H_
#define RECOUNT_HARNESS_SHRINK_SHRINK_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"
#include "model/subject.h"
#include "model/text.h"

namespace recount {

// In world `small`.
inline Program ParseLines(std::string_view lines, std::string_view profile = "linux-6.1") {
  absl::StatusOr<Program> program =
      ParseProgram("world small\nprofile " + std::string(profile) + "\n" + std::string(lines));
  EXPECT_TRUE(program.ok()) << program.status();
  return *std::move(program);
}

inline std::string Lines(const Program& program) {
  std::string lines;
  for (const Op& op : program.ops) lines += PrintOp(*program.world, op) + "\n";
  return lines;
}

inline std::string Fails(bool fails) { return fails ? "difference:test" : ""; }

using WhatIsSeen = std::function<bool(const Op&, const Outcome&, const View&)>;
// Fails when `wanted` of the View or Outcome of `subject` was seen at some step.
inline FailureSignature Sees(std::shared_ptr<Subject> subject, WhatIsSeen wanted) {
  return [subject, wanted](const Program& program) -> std::string {
    subject->Reset(program.world, program.profile->profile);
    View view;
    for (const Op& op : program.ops) {
      const Outcome outcome = subject->Apply(op);
      subject->Observe(&view);
      if (wanted(op, outcome, view)) return Fails(true);
    }
    return Fails(false);
  };
}

// The limits are for hunts; in a test a slow machine must not change the result.
inline std::string ShrunkBy(std::string_view lines, const FailureSignature& fails) {
  return Lines(Shrink(ParseLines(lines), fails, {.max_seconds = 200}).program);
}

// A few hundred operations that say nothing in particular.
inline Program Noise(std::uint64_t seed, std::size_t size = 150) {
  Program program = ParseLines("", "linux-3.2");
  RandomChooser chooser(seed);
  for (std::size_t i = 0; i < size; ++i) program.ops.push_back(RandomOp(*program.world, &chooser));
  return program;
}

template <typename T>
std::size_t CountKind(const Program& program) {
  return static_cast<std::size_t>(
      std::count_if(program.ops.begin(), program.ops.end(),
                    [](const Op& op) { return std::holds_alternative<T>(op); }));
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_SHRINK_FIXTURE_H_
