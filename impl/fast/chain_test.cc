#include "impl/fast/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "harness/generate/chooser.h"

namespace recount::fast {
namespace {

using Entry = NotifierChain::Entry;

// A chain of entries that answer what `answers` says, and may take others off when called.
class NotifierChainTest : public testing::Test {
 protected:
  NotifierChainTest() { chain_.Reset(kEntries); }

  void Add(Entry entry, std::int32_t priority) {
    ASSERT_EQ(chain_.Register(entry, priority, /*unique=*/false), Errno::kOk);
  }
  // "0 3 1", and the same backwards: the links of both directions agree.
  std::string Order() const {
    std::vector<Entry> forward, backward;
    for (Entry e = chain_.first(); e != NotifierChain::kNone; e = chain_.next(e)) {
      forward.push_back(e);
    }
    for (Entry e = chain_.last(); e != NotifierChain::kNone; e = chain_.previous(e)) {
      backward.push_back(e);
    }
    std::reverse(backward.begin(), backward.end());
    EXPECT_EQ(forward, backward);
    EXPECT_EQ(chain_.size(), forward.size());
    std::string text;
    for (const Entry e : forward) text += (text.empty() ? "" : " ") + std::to_string(e);
    return text;
  }
  auto Callback() {
    return [this](Entry entry) {
      called_ += (called_.empty() ? "" : " ") + std::to_string(entry);
      for (const Entry gone : takes_off_[entry]) {
        if (chain_.Has(gone)) chain_.Unregister(gone);
      }
      return answers_[entry];
    };
  }
  std::string Call(Direction direction, std::uint32_t limit = NotifierChain::kAll) {
    called_.clear();
    chain_.Call(chain_.Begin(direction), direction, limit, Callback());
    return called_;
  }
  // "up | down".
  std::string CallRobust(Direction rollback) {
    called_.clear();
    const auto up =
        chain_.Call(chain_.first(), Direction::kForward, NotifierChain::kAll, Callback());
    called_ += " |";
    chain_.RollBack(up, rollback, Callback());
    return called_;
  }

  static constexpr Entry kEntries = 8;
  NotifierChain chain_;
  Answer answers_[kEntries] = {};
  std::vector<Entry> takes_off_[kEntries];
  std::string called_;
};

TEST_F(NotifierChainTest, HighestPriorityFirstAndEqualOnesAsTheyCame) {
  Add(0, 0);
  Add(1, 5);
  Add(2, 0);
  Add(3, -7);
  Add(4, 5);
  EXPECT_EQ(Order(), "1 4 0 2 3");
  Add(5, 1);
  Add(6, 2147483647);
  Add(7, -2147483647 - 1);
  EXPECT_EQ(Order(), "6 1 4 5 0 2 3 7");
}

TEST_F(NotifierChainTest, NobodyIsOnTheListTwice) {
  Add(0, 1);
  Add(1, 0);
  EXPECT_EQ(chain_.Register(1, 9, false), Errno::kExist);
  EXPECT_EQ(chain_.priority(1), 0);
  EXPECT_EQ(Order(), "0 1");
}

TEST_F(NotifierChainTest, AUniquePriorityIsRefusedWhenItIsInUse) {
  Add(0, 1);
  EXPECT_EQ(chain_.Register(1, 1, true), Errno::kBusy);
  EXPECT_EQ(chain_.Register(1, 2, true), Errno::kOk);
  // The list is walked from the front: itself is met first, or another of its priority is.
  EXPECT_EQ(chain_.Register(0, 1, true), Errno::kExist);
  Add(2, 1);
  EXPECT_EQ(chain_.Register(2, 1, true), Errno::kBusy);
}

TEST_F(NotifierChainTest, UnregisteringTakesOffAnyEntry) {
  for (Entry e = 0; e < 5; ++e) Add(e, 0);
  chain_.Unregister(2);
  EXPECT_FALSE(chain_.Has(2));
  EXPECT_EQ(Order(), "0 1 3 4");
  chain_.Unregister(4);
  chain_.Unregister(0);
  EXPECT_EQ(Order(), "1 3");
  Add(2, 0);
  EXPECT_EQ(Order(), "1 3 2");
  for (const Entry e : {1, 3, 2}) chain_.Unregister(e);
  EXPECT_TRUE(chain_.empty());
  EXPECT_EQ(Order(), "");
}

TEST_F(NotifierChainTest, ACallEndsAtTheLimitOrAtAStop) {
  for (Entry e = 0; e < 4; ++e) Add(e, 0);
  EXPECT_EQ(Call(Direction::kForward), "0 1 2 3");
  EXPECT_EQ(Call(Direction::kReverse), "3 2 1 0");
  EXPECT_EQ(Call(Direction::kForward, 2), "0 1");
  EXPECT_EQ(Call(Direction::kReverse, 0), "");
  answers_[1] = kNotifyBad;
  EXPECT_EQ(Call(Direction::kForward), "0 1");
  EXPECT_EQ(Call(Direction::kReverse), "3 2 1");
}

TEST_F(NotifierChainTest, RollingBackCallsWhoWasCalledBeforeTheStopper) {
  for (Entry e = 0; e < 4; ++e) Add(e, 0);
  EXPECT_EQ(CallRobust(Direction::kForward), "0 1 2 3 |");
  answers_[2] = kNotifyBad;
  EXPECT_EQ(CallRobust(Direction::kForward), "0 1 2 | 0 1");
  EXPECT_EQ(CallRobust(Direction::kReverse), "0 1 2 | 1 0");
  answers_[2] = kNotifyDone;
  answers_[0] = kNotifyStop;
  EXPECT_EQ(CallRobust(Direction::kForward), "0 |");
  EXPECT_EQ(CallRobust(Direction::kReverse), "0 |");
}

TEST_F(NotifierChainTest, AStopWhileRollingBackEndsIt) {
  for (Entry e = 0; e < 5; ++e) Add(e, 0);
  const auto up = [](Entry entry) { return entry == 3 ? kNotifyBad : kNotifyOk; };
  const auto down = [this](Entry entry) {
    called_ += std::to_string(entry);
    return entry == 1 ? kNotifyStop : kNotifyOk;
  };
  const auto stopped = chain_.Call(0, Direction::kForward, NotifierChain::kAll, up);
  chain_.RollBack(stopped, Direction::kForward, down);
  EXPECT_EQ(std::exchange(called_, ""), "01");
  chain_.RollBack(stopped, Direction::kReverse, down);
  EXPECT_EQ(called_, "21");
}

TEST_F(NotifierChainTest, ACallSurvivesEntriesThatGoMeanwhile) {
  struct Case {
    Entry caller;
    std::vector<Entry> takes_off;
    std::string forward, reverse, left;
  };
  const Case cases[] = {
      {2, {2}, "0 1 2 3 4", "4 3 2 1 0", "0 1 3 4"},
      {2, {3}, "0 1 2 3 4", "4 3 2 1 0", "0 1 2 4"},  // the next is called all the same
      {2, {1}, "0 1 2 3 4", "4 3 2 1 0", "0 2 3 4"},
      {2, {4}, "0 1 2 3", "4 3 2 1 0", "0 1 2 3"},
      {2, {3, 4}, "0 1 2 3 4", "4 3 2 1 0", "0 1 2"},  // when 3 went it still linked to 4
      {2, {4, 3}, "0 1 2 3", "4 3 2 1 0", "0 1 2"},
      {2, {0, 1}, "0 1 2 3 4", "4 3 2 1", "2 3 4"},
      {2, {1, 0}, "0 1 2 3 4", "4 3 2 1 0", "2 3 4"},
      {2, {0, 1, 2, 3, 4}, "0 1 2 3 4", "4 3 2 1", ""},
  };
  for (const Case& c : cases) {
    for (const Direction direction : {Direction::kForward, Direction::kReverse}) {
      chain_.Reset(kEntries);
      for (Entry e = 0; e < 5; ++e) Add(e, 0);
      for (auto& list : takes_off_) list.clear();
      takes_off_[c.caller] = c.takes_off;
      EXPECT_EQ(Call(direction), direction == Direction::kForward ? c.forward : c.reverse);
      EXPECT_EQ(Order(), c.left);
    }
  }
}

TEST_F(NotifierChainTest, KeepsTheOrderOfASortedListThroughRandomChanges) {
  constexpr Entry kMany = 200;
  chain_.Reset(kMany);
  std::vector<std::pair<std::int32_t, Entry>> list;  // of (-priority, entry), as they came
  RandomChooser chooser(1);
  for (int i = 0; i < 5000; ++i) {
    const Entry entry = chooser.Pick(kMany);
    const auto place = std::find_if(list.begin(), list.end(),
                                    [&](const auto& one) { return one.second == entry; });
    if (place != list.end()) {
      list.erase(place);
      chain_.Unregister(entry);
    } else {
      const auto priority = static_cast<std::int32_t>(chooser.Pick(20)) - 10;
      list.insert(std::find_if(list.begin(), list.end(),
                               [&](const auto& one) { return one.first > -priority; }),
                  {-priority, entry});
      ASSERT_EQ(chain_.Register(entry, priority, false), Errno::kOk);
    }
    if (i % 50 != 0) continue;
    std::string expected;
    for (const auto& [priority, e] : list) {
      expected += (expected.empty() ? "" : " ") + std::to_string(e);
    }
    ASSERT_EQ(Order(), expected) << "change " << i;
  }
}

}  // namespace
}  // namespace recount::fast
