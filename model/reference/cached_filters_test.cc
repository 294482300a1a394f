#include "model/reference/cached_filters.h"

#include <gtest/gtest.h>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(TracerFile, ChecksTheShapeOfAToken) {
  TestSession s;
  s.Do(
      "ops o0 tracer\n"
      "filter o0 -              -> 0\n"
      "filter o0 core_read      -> 0\n"
      "filter o0 absent         -> -EINVAL\n"
      "filter o0 core_read:     -> -EINVAL\n"
      "filter o0 core_read:mod  -> -EINVAL\n"
      "filter o0 core_read:mods:alpha -> -EINVAL\n"
      "filter o0 core_read::alpha     -> -EINVAL\n"
      "filter o0 :              -> -EINVAL\n"
      "filter o0 core_read:traceon:1  -> -EINVAL\n");
  EXPECT_EQ(s.Filter(0), "core_read");
  EXPECT_EQ(s.Look().ledger.cached, 0u);
}

TEST(TracerFile, ClosesAlsoAfterAnError) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfilter o0 core_read\nregister o0\n"
      "filter o0 reset absent   -> -EINVAL\n"  // the empty copy goes in
      "hit probe                -> o0\n");
  EXPECT_EQ(s.Filter(0), "empty");
}

TEST(TracerFile, LosesTheErrorOfItsClose) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfault hash_move 1\n"
      "filter o0 core_read      -> 0\n");
  EXPECT_EQ(s.Filter(0), "empty");
  s.Do(
      "ops o0 tracer ipmodify\n"
      "notrace o0 core_read     -> 0\n");
  EXPECT_EQ(s.Notrace(0), "empty");
}

TEST(TracerFile, AFailingOpenChangesNothing) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfilter o0 *:mod:alpha\nfault hash_copy 1\n"
      "filter o0 reset core_read -> -ENOMEM\n");
  EXPECT_EQ(s.Filter(0), "mod");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter), "*:mod:alpha");
}

TEST(CachedFilters, WaitForAModuleAndTraceNothingMeanwhile) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nregister o0\n"
      "filter o0 *_read:mod:alpha -> 0\n"
      "hit core_read              -> nobody\n");
  EXPECT_EQ(s.Filter(0), "mod");
  EXPECT_EQ(s.Look().ledger.cached, 1u);
  s.Do(
      "load beta @2\nhit beta_read -> nobody\n"
      "load alpha @0\n"
      "hit alpha_read             -> o0\n"
      "hit alpha_write            -> nobody\n");
  EXPECT_EQ(s.Filter(0), "alpha_read");
  EXPECT_EQ(s.Look().ledger.cached, 0u);
}

TEST(CachedFilters, OfNotraceSetNoModFlag) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nregister o0\n"
      "notrace o0 *_read:mod:alpha -> 0\n"
      "hit core_read               -> o0\n");
  EXPECT_EQ(s.Notrace(0), "empty");
  s.Do("load alpha @0\nhit alpha_read -> nobody\nhit alpha_open -> o0\n");
}

TEST(CachedFilters, ThatMatchNothingLeaveAFilterThatTracesNothing) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nregister o0\n"
      "filter o0 absent*:mod:alpha -> 0\n"
      "load alpha @0\n"
      "hit alpha_read              -> nobody\n"
      "hit core_read               -> nobody\n");
  EXPECT_EQ(s.Filter(0), "cleared=1");
}

TEST(CachedFilters, AreKeptOneByOneAndTakenBackByModule) {
  TestSession s;
  s.Do(
      "ops o0 tracer\n"
      "filter o0 a*:mod:alpha  -> 0\n"
      "filter o0 a*:mod:alpha  -> 0\n"
      "filter o0 b*:mod:alpha  -> 0\n"
      "filter o0 b*:mod:beta   -> 0\n"
      "filter o0 :mod:beta     -> 0\n"
      "filter o0 :mod:al*      -> 0\n"
      "filter o0 !c*:mod:alpha -> -EINVAL\n"
      "filter o0 !a*:mod:gamma -> -EINVAL\n"
      "filter o0 !a*:mod:alph* -> -EINVAL\n");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter),
            ":mod:al* :mod:beta b*:mod:beta b*:mod:alpha a*:mod:alpha a*:mod:alpha");
  s.Do("filter o0 !a*:mod:alpha -> 0\n");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter),
            ":mod:al* :mod:beta b*:mod:beta b*:mod:alpha");
  s.Do("filter o0 !:mod:beta    -> 0\n");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter),
            ":mod:al* b*:mod:beta b*:mod:alpha");
  s.Do("filter o0 !*:mod:alpha  -> 0\n");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter), ":mod:al* b*:mod:beta");
  EXPECT_EQ(s.Filter(0), "mod");
  s.Do("filter o0 !*:mod:beta   -> 0\nfilter o0 !*:mod:al* -> 0\n");
  EXPECT_EQ(s.Filter(0), "empty");
}

TEST(CachedFilters, WordsOfTheTextFormCanBeKeptToo) {
  TestSession s;
  s.Do("ops o0 tracer\nfilter o0 reset:mod:alpha -> 0\nfilter o0 -:mod:reset -> 0\n");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter), "-:mod:reset reset:mod:alpha");
}

TEST(CachedFilters, AreRefusedForAModuleThatIsThere) {
  TestSession s;
  s.Do(
      "ops o0 tracer\n"
      "load_begin alpha @0\n"
      "filter o0 absent:mod:alpha -> 0\n"  // UNFORMED is not there yet
      "load_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "filter o0 absent:mod:alpha -> -EINVAL\n"  // COMING
      "load_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "load_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "filter o0 absent:mod:alpha -> -EINVAL\n"  // LIVE
      "filter o0 absent:mod:nosuch -> 0\n");
}

TEST(CachedFilters, MatchWhatIsReadyBeforeTheyWait) {
  // Records of a module that is UNFORMED are DISABLED: nothing is found, so the filter waits.
  TestSession s;
  s.Do(
      "ops o0 tracer\nload_begin alpha @0\n"
      "load_step alpha\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "filter o0 *:mod:alpha -> 0\n");
  EXPECT_EQ(s.Filter(0), "mod");
}

TEST(CachedFilters, ResetDropsThoseOfItsDirection) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfilter o0 *:mod:alpha\nnotrace o0 *:mod:beta\n"
      "filter o0 reset core_read -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read");
  EXPECT_EQ(s.Look().ops[0].cached_filter.size(), 0u);
  EXPECT_EQ(s.Look().ops[0].cached_notrace.size(), 1u);
}

TEST(CachedFilters, AreGoneWhenTheOpsIsANewOne) {
  TestSession s;
  s.Do("ops o0 tracer\nfilter o0 *:mod:alpha\nops o0 tracer save_regs\n");
  EXPECT_EQ(s.Look().ledger.cached, 1u);  // the same tracer
  s.Do("ops o0 kernel\n");
  EXPECT_EQ(s.Look().ledger.cached, 0u);
  EXPECT_EQ(s.Filter(0), "empty");
}

TEST(CachedFilters, AFailingCopyLeavesTheList) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfilter o0 *:mod:alpha\nnotrace o0 *_read:mod:alpha\n"
      "fault hash_copy 1\nload alpha @0 -> 0\n");
  EXPECT_EQ(TestSession::Cached(s.Look().ops[0].cached_filter), "*:mod:alpha");
  EXPECT_EQ(s.Filter(0), "mod");
  EXPECT_EQ(s.Notrace(0), "alpha_read");
}

TEST(CachedFilters, AFailingMoveUsesThemUpAllTheSame) {
  TestSession s;
  s.Do("ops o0 tracer\nfilter o0 *:mod:alpha\nfault hash_move 1\nload alpha @0 -> 0\n");
  EXPECT_EQ(s.Look().ledger.cached, 0u);
  EXPECT_EQ(s.Filter(0), "mod");  // as it was
}

TEST(CachedFilters, AreUsedUpAlsoAfterDeath) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfilter o0 *:mod:alpha\n"
      "fault verify 1\nregister o1 -> -ENODEV\nload alpha @0 -> 0\n");
  EXPECT_EQ(s.Look().ledger.cached, 0u);
  EXPECT_EQ(s.Filter(0), "cleared=1");
}

TEST(CachedFilters, ArePatchedWithTheFilterOfAnotherTracer) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nops o1 tracer\nregister o0\nregister o1\n"
      "filter o1 *_read:mod:alpha\nfilter o0 3:mod:nosuch\n"
      "load alpha @0\n"
      "hit alpha_read -> o1\n"
      "hit core_write -> o0\n");  // a place ignores the module: it was found at once
}

}  // namespace
}  // namespace recount::reference
