#include "fuzz/feedback.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace recount {
namespace {

using Counters = std::array<std::uint8_t, Feedback::kCounters>;

std::size_t Seen(const Counters& counters) {
  return static_cast<std::size_t>(
      std::count_if(counters.begin(), counters.end(), [](std::uint8_t c) { return c != 0; }));
}

View Shape(bool dead) {
  View view;
  view.globals.dead = dead;
  return view;
}

TEST(Feedback, CountsTheFirstStateOnce) {
  Counters counters{};
  Feedback feedback{std::span(counters)};
  feedback.Begin(Shape(false));
  feedback.Begin(Shape(false));
  EXPECT_EQ(Seen(counters), 1u);
}

TEST(Feedback, CountsStateTransitionAndTripleOfANewStep) {
  Counters counters{};
  Feedback feedback{std::span(counters)};
  feedback.Begin(Shape(false));
  feedback.Step(Register{OpsId{0}}, Outcome::Ok(), Shape(true));
  EXPECT_EQ(Seen(counters), 4u);
}

TEST(Feedback, FindsNothingNewInARunSeenBefore) {
  Counters counters{};
  for (int run = 0; run < 2; ++run) {
    Feedback feedback{std::span(counters)};
    feedback.Begin(Shape(false));
    for (int i = 0; i < 5; ++i) {
      feedback.Step(Register{OpsId{0}}, i == 0 ? Outcome::Ok() : Outcome::Error(Errno::kBusy),
                    Shape(false));
    }
    // One state; two transitions (taken, refused); triples ..T .TR TRR RRR.
    EXPECT_EQ(Seen(counters), 1u + 2u + 4u);
  }
}

TEST(Feedback, KeepsEachFamilyInItsRegion) {
  Counters counters{};
  Feedback feedback{std::span(counters)};
  feedback.Begin(Shape(false));
  for (std::uint8_t i = 0; i < 200; ++i) {
    View view = Shape(i % 2 == 0);
    view.globals.enabled = i % 3 == 0;
    view.globals.core_init_freed = i % 5 == 0;
    feedback.Step(Fault{.nth = 1}, Outcome::Error(static_cast<Errno>(i % 40)), view);
  }
  constexpr std::size_t kFamily = Feedback::kCounters / Feedback::kFamilies;
  const auto transitions = counters.begin() + kFamily;
  EXPECT_EQ(std::count(counters.begin(), transitions, 1), 8);
  EXPECT_GT(std::count(transitions, transitions + kFamily, 1), 100);
  EXPECT_GT(std::count(transitions + kFamily, counters.end(), 1), 30);
}

TEST(Feedback, KeepsToTheCountersItIsGiven) {
  Counters counters{};
  constexpr std::size_t kFew = 6;
  Feedback feedback{std::span(counters).first(kFew)};
  feedback.Begin(Shape(false));
  for (std::uint8_t ops = 0; ops < 8; ++ops) {
    feedback.Step(Register{OpsId{ops}}, Outcome::Ok(), Shape(ops % 2 == 0));
    feedback.Step(Unregister{OpsId{ops}}, Outcome::Error(Errno::kBusy), Shape(ops % 2 == 1));
  }
  EXPECT_GE(Seen(counters), 3u);
  EXPECT_EQ(std::count(counters.begin() + kFew, counters.end(), 0),
            static_cast<std::ptrdiff_t>(counters.size() - kFew));
}

}  // namespace
}  // namespace recount
