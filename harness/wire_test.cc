#include "harness/wire.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "harness/view_cases.h"

namespace recount {
namespace {

std::string Bytes(const View& view) {
  std::string bytes;
  AppendView(view, &bytes);
  return bytes;
}
std::string Bytes(const Outcome& outcome) {
  std::string bytes;
  AppendOutcome(outcome, &bytes);
  return bytes;
}

Outcome SampleOutcome() {
  Outcome outcome;
  outcome.rc = -16;
  outcome.AddCall(OpsId{2});
  outcome.AddCall(OpsId{0});
  outcome.located = Fn("alpha_read");
  outcome.AddFired(KprobeId{2});
  outcome.AddFired(KprobeId{0});
  outcome.log = {{NotifierId{1}, Event::kComing, ModuleId{1}}, {NotifierId{0}, Event::kLive}};
  return outcome;
}

TEST(Wire, AViewComesThroughWholeWhateverWasThereBefore) {
  for (const ViewCase& test : ViewCases()) {
    View changed = Sample();
    test.change(&changed);
    const std::string bytes = Bytes(changed) + "rest";
    std::string_view rest = bytes;
    View read = Sample();
    read.records.resize(9);
    ASSERT_TRUE(TakeView(&rest, &read)) << test.difference.field;
    EXPECT_EQ(read, changed) << test.difference.field;
    EXPECT_EQ(rest, "rest");
  }
}

TEST(Wire, EveryFieldOfAViewIsInItsDigest) {
  std::set<std::uint64_t> seen = {Digest(Bytes(Sample()))};
  for (const ViewCase& test : ViewCases()) {
    View changed = Sample();
    test.change(&changed);
    EXPECT_TRUE(seen.insert(Digest(Bytes(changed))).second) << test.difference.field;
  }
  EXPECT_FALSE(seen.insert(Digest(Bytes(Sample()))).second) << "equal Views";
}

TEST(Wire, AnOutcomeComesThroughWholeAndEveryFieldIsInItsDigest) {
  const std::vector<std::function<void(Outcome*)>> kChanges = {
      [](Outcome*) {},
      [](Outcome* o) { o->fate = Fate::kCrashed; },
      [](Outcome* o) { o->fate = Fate::kHung; },
      [](Outcome* o) { o->fate = Fate::kUnsupported; },
      [](Outcome* o) { o->rc = 0; },
      [](Outcome* o) { o->AddCall(OpsId{1}); },
      [](Outcome* o) { std::swap(o->called[0], o->called[1]); },
      [](Outcome* o) { o->located = kNoFunction; },
      [](Outcome* o) { o->redirected = PatchId{1}; },
      [](Outcome* o) { o->AddFired(KprobeId{1}); },
      [](Outcome* o) { std::swap(o->fired[0], o->fired[1]); },
      [](Outcome* o) { o->fired_count = 1; },
      [](Outcome* o) { o->answer = kNotifyBad; },
      [](Outcome* o) { o->log.pop_back(); },
      [](Outcome* o) { o->log[0].notifier = NotifierId{3}; },
      [](Outcome* o) { o->log[0].event = Event::kGoing; },
      [](Outcome* o) { o->log[0].module = kCore; },
  };
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < kChanges.size(); ++i) {
    Outcome changed = SampleOutcome();
    kChanges[i](&changed);
    const std::string bytes = Bytes(changed);
    std::string_view rest = bytes;
    Outcome read;
    ASSERT_TRUE(TakeOutcome(&rest, &read)) << i;
    EXPECT_EQ(read, changed) << i;
    EXPECT_EQ(rest, "") << i;
    EXPECT_TRUE(seen.insert(Digest(bytes)).second) << i;
  }
}

TEST(Wire, BytesThatAreCutShortAreNoView) {
  const std::string bytes = Bytes(Sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view rest = std::string_view(bytes).substr(0, size);
    View read;
    EXPECT_FALSE(TakeView(&rest, &read)) << size;
  }
}

TEST(Wire, WhatCannotBeIsRefused) {
  View view = Sample();
  view.records[0].site.kind = SiteKind{9};
  std::string bytes = Bytes(view);
  std::string_view rest = bytes;
  EXPECT_FALSE(TakeView(&rest, &view));
  // A list of four milliards of records.
  bytes = std::string(4, '\xff') + bytes;
  rest = bytes;
  EXPECT_FALSE(TakeView(&rest, &view));
  Outcome outcome;
  outcome.fate = Fate{7};
  bytes = Bytes(outcome);
  rest = bytes;
  EXPECT_FALSE(TakeOutcome(&rest, &outcome));
  outcome = {};
  outcome.fired_count = 2 * kKprobeCount + 1;
  bytes = Bytes(outcome);
  rest = bytes;
  EXPECT_FALSE(TakeOutcome(&rest, &outcome));
  // More in the kprobe table, or in one of its entries, than there are kprobes.
  for (const bool in_table : {false, true}) {
    view = Sample();
    (in_table ? view.kprobes.entry_count : view.kprobes.entries[1].count) = kKprobeCount + 1;
    bytes = Bytes(view);
    rest = bytes;
    EXPECT_FALSE(TakeView(&rest, &view)) << in_table;
  }
}

TEST(Wire, ADigestSeesEveryBitAndTheLength) {
  std::set<std::uint64_t> seen;
  const std::string zeros(40, '\0');
  for (std::size_t size = 0; size <= zeros.size(); ++size) {
    EXPECT_TRUE(seen.insert(Digest(zeros.substr(0, size))).second) << size;
  }
  for (std::size_t bit = 0; bit < 8 * zeros.size(); ++bit) {
    std::string one = zeros;
    one[bit / 8] = static_cast<char>(1u << bit % 8);
    EXPECT_TRUE(seen.insert(Digest(one)).second) << bit;
  }
}

}  // namespace
}  // namespace recount
