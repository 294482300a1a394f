#include "harness/compare.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "harness/view_cases.h"
#include "model/op.h"
#include "model/text.h"
#include "model/world.h"

namespace recount {
namespace {

std::string Text(const Difference& difference) {
  return difference.field + ": " + difference.expected + " / " + difference.actual;
}

TEST(CompareViews, FindsADifferenceInEachField) {
  for (const ViewCase& test : ViewCases()) {
    View changed = Sample();
    test.change(&changed);
    const std::optional<Difference> found = CompareViews(*Small(), Sample(), changed);
    ASSERT_TRUE(found.has_value()) << test.difference.field;
    EXPECT_EQ(Text(*found), Text(test.difference));
    EXPECT_TRUE(CompareViews(*Small(), changed, Sample()).has_value()) << test.difference.field;
  }
}

TEST(CompareViews, FindsNothingInEqualViews) {
  EXPECT_EQ(CompareViews(*Small(), Sample(), Sample()), std::nullopt);
  EXPECT_EQ(CompareViews(*Small(), View(), View()), std::nullopt);
}

TEST(CompareViews, NamesTheFieldNearestTheCauseFirst) {
  // A lost count, the death that came of it and a leak: death is the news, then the record.
  View changed = Sample();
  changed.ledger.records = 4;
  changed.records[2].count = 0;
  EXPECT_EQ(CompareViews(*Small(), Sample(), changed)->field, "records[alpha_read].count");
  changed.globals.dead = true;
  EXPECT_EQ(CompareViews(*Small(), Sample(), changed)->field, "globals.dead");
}

TEST(CompareViews, SaysWhereLongFiltersPart) {
  View expected = Sample();
  View actual = Sample();
  for (Address ip = 0x80000100; ip < 0x80000200; ip += 0x10) {
    expected.ops[0].filter.ips.push_back(ip);
    if (ip != 0x80000150) actual.ops[0].filter.ips.push_back(ip);
  }
  const std::optional<Difference> found = CompareViews(*Small(), expected, actual);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(Text(*found),
            "ops[o0].filter: 16 addresses, from number 5: 0x80000150 / 15 addresses, from number "
            "5: 0x80000160");
}

TEST(CompareViews, SaysWhichAddressALongFilterHasTooMany) {
  View expected = Sample();
  View actual = Sample();
  for (Address ip = 0x80000100; ip < 0x80000200; ip += 0x10) {
    expected.ops[0].notrace.ips.push_back(ip);
    actual.ops[0].notrace.ips.push_back(ip);
  }
  actual.ops[0].notrace.ips.push_back(0x80000200);
  EXPECT_EQ(CompareViews(*Small(), expected, actual)->expected,
            "16 addresses, from number 16: nothing");
}

TEST(CompareOutcomes, FindsADifferenceInEachField) {
  Outcome sample;
  sample.AddCall(OpsId{2});
  sample.AddCall(OpsId{0});
  sample.located = Fn("alpha_read");
  sample.redirected = PatchId{1};
  sample.AddFired(KprobeId{1});
  sample.AddFired(KprobeId{3});
  sample.answer = kNotifyOk;
  sample.log = {{NotifierId{0}, Event::kComing, ModuleId{0}}, {NotifierId{1}, Event::kLive}};
  const struct {
    std::function<void(Outcome*)> change;
    Difference difference;
  } kCases[] = {
      {[](Outcome* o) { o->fate = Fate::kCrashed; }, {"outcome.fate", "returned", "crashed"}},
      {[](Outcome* o) { o->fate = Fate::kHung; }, {"outcome.fate", "returned", "hung"}},
      {[](Outcome* o) { o->fate = Fate::kUnsupported; },
       {"outcome.fate", "returned", "unsupported"}},
      {[](Outcome* o) { o->rc = -16; }, {"outcome.rc", "0", "-EBUSY"}},
      {[](Outcome* o) { o->AddCall(OpsId{1}); }, {"outcome.called", "o2 o0", "o2 o0 o1"}},
      {[](Outcome* o) { std::swap(o->called[0], o->called[1]); },
       {"outcome.called", "o2 o0", "o0 o2"}},
      {[](Outcome* o) { o->located = kNoFunction; }, {"outcome.located", "alpha_read", "nothing"}},
      {[](Outcome* o) { o->AddFired(KprobeId{0}); }, {"outcome.fired", "k1 k3", "k1 k3 k0"}},
      {[](Outcome* o) { std::swap(o->fired[0], o->fired[1]); },
       {"outcome.fired", "k1 k3", "k3 k1"}},
      {[](Outcome* o) { o->fired_count = 0; }, {"outcome.fired", "k1 k3", "none"}},
      {[](Outcome* o) { o->redirected = kNoPatch; }, {"outcome.redirected", "p1", "none"}},
      {[](Outcome* o) { o->redirected = PatchId{0}; }, {"outcome.redirected", "p1", "p0"}},
      {[](Outcome* o) { o->answer = kNotifyBad; }, {"outcome.answer", "ok", "bad"}},
      {[](Outcome* o) { o->log.clear(); }, {"outcome.log", "n0:coming(alpha) n1:live", "nobody"}},
      {[](Outcome* o) { o->log[0].module = ModuleId{2}; },
       {"outcome.log", "n0:coming(alpha) n1:live", "n0:coming(gamma) n1:live"}},
      {[](Outcome* o) { o->log[1].module = ModuleId{70}; },
       {"outcome.log", "n0:coming(alpha) n1:live", "n0:coming(alpha) n1:live(#70)"}},
  };
  const Op op = Hit{Fn("alpha_read")};
  EXPECT_EQ(CompareOutcomes(*Small(), op, sample, sample), std::nullopt);
  for (const auto& test : kCases) {
    Outcome changed = sample;
    test.change(&changed);
    const std::optional<Difference> found = CompareOutcomes(*Small(), op, sample, changed);
    ASSERT_TRUE(found.has_value()) << test.difference.field;
    EXPECT_EQ(Text(*found), Text(test.difference));
  }
}

}  // namespace
}  // namespace recount
