#include "model/reference/filters.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

// What `filter o0 reset PATTERN` leaves in F, with alpha, beta and delta loaded.
std::string Chosen(std::string_view pattern, std::string_view user = "kernel") {
  TestSession s;
  s.Do("load alpha @0\nload beta @2\nload delta @3\n");
  s.Do("ops o0 " + std::string(user) + "\nfilter o0 reset " + std::string(pattern) + "\n");
  return s.Filter(0);
}

TEST(Filter, ChoosesRecordsByName) {
  EXPECT_EQ(Chosen("core_read"), "core_read");
  EXPECT_EQ(Chosen("core_*"), "core_setup core_read core_write");  // not the weak one
  EXPECT_EQ(Chosen("*_read"), "core_read alpha_read beta_read delta_read");
  EXPECT_EQ(Chosen("*robe*"), "probe alpha:probe_shared beta:probe_shared");
  EXPECT_EQ(Chosen("*_[ow]*n"), "alpha_open beta_open");
  EXPECT_EQ(Chosen("???ta_*e"), "delta_write");
  EXPECT_EQ(Chosen("core_old"), "empty");
  EXPECT_EQ(Chosen("core_lock"), "empty");
  EXPECT_EQ(Chosen("gamma_open"), "empty");  // not loaded
}

TEST(Filter, ChoosesByPlaceInTheListAlsoWhatIsDisabled) {
  EXPECT_EQ(Chosen("1"), "core_setup");
  EXPECT_EQ(Chosen("5"), "core_old");
  EXPECT_EQ(Chosen("0x6"), "alpha_open");
  EXPECT_EQ(Chosen("012"), "beta_open");
  EXPECT_EQ(Chosen("0"), "empty");
  EXPECT_EQ(Chosen("16"), "delta_write");
  EXPECT_EQ(Chosen("17"), "empty");
  EXPECT_EQ(Chosen("1x"), "empty");
}

TEST(Filter, OfATracerTakesAModulePart) {
  EXPECT_EQ(Chosen("*:mod:alpha", "tracer"),
            "alpha_open alpha_read alpha_write alpha:probe_shared");
  EXPECT_EQ(Chosen(":mod:alpha", "tracer"), "alpha_open alpha_read alpha_write alpha:probe_shared");
  EXPECT_EQ(Chosen("*_read:mod:*ta", "tracer"), "beta_read delta_read");
  EXPECT_EQ(Chosen("*_read:mod:", "tracer"), "alpha_read beta_read delta_read");
  EXPECT_EQ(Chosen("*_read:mod:*", "tracer"), "alpha_read beta_read delta_read");
  EXPECT_EQ(Chosen("*_read:mod:!", "tracer"), "core_read");
  EXPECT_EQ(Chosen("*_read:mod:!*ta", "tracer"), "core_read alpha_read");
  EXPECT_EQ(Chosen(":mod:!beta", "tracer"),
            "core_setup core_read core_write probe alpha_open alpha_read alpha_write "
            "alpha:probe_shared delta_read delta_write");
  // A place ignores the module part; a module part that is a number is no module's name.
  EXPECT_EQ(Chosen("2:mod:alpha", "tracer"), "core_read");
  EXPECT_EQ(Chosen("core_r*:mod:!3", "tracer"), "core_read");
}

TEST(Filter, OfAKernelUserTakesAColonAsItIs) {
  TestSession s;
  s.Do(
      "load alpha @0\n"
      "filter o0 *:mod:alpha -> -EINVAL\n"
      "filter o0 alpha*      -> 0\n");
  EXPECT_EQ(s.Filter(0), "alpha_open alpha_read alpha_write");
}

TEST(Filter, AddsToWhatIsThereAndResetStartsOver) {
  TestSession s;
  s.Do(
      "filter o0 core_read        -> 0\n"
      "filter o0 core_write       -> 0\n"
      "filter o0 core_read        -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read core_write");
  s.Do("filter o0 reset probe      -> 0\n");
  EXPECT_EQ(s.Filter(0), "probe");
  s.Do("filter o0 -                -> 0\n");
  EXPECT_EQ(s.Filter(0), "probe");
  s.Do("filter o0 reset -          -> 0\n");
  EXPECT_EQ(s.Filter(0), "empty");
}

TEST(Filter, RemovingFindsWhatMatchesEvenWhenNothingChanges) {
  TestSession s;
  s.Do("filter o0 !core_read       -> 0\n");
  EXPECT_EQ(s.Filter(0), "empty");
  s.Do(
      "filter o0 core_*           -> 0\n"
      "filter o0 !core_write      -> 0\n"
      "filter o0 !2               -> 0\n"
      "filter o0 !nothing         -> -EINVAL\n");
  EXPECT_EQ(s.Filter(0), "core_setup");
}

TEST(Filter, WithoutEntriesTracesEverything) {
  TestSession s;
  s.Do(
      "filter o0 core_read\nregister o0\n"
      "hit core_write            -> nobody\n"
      "filter o0 !core_read      -> 0\n"
      "hit core_write            -> o0\n");
}

TEST(Filter, NotraceExcludes) {
  TestSession s;
  s.Do(
      "register o0\n"
      "notrace o0 core_*         -> 0\n"
      "hit core_read             -> nobody\n"
      "hit probe                 -> o0\n"
      "filter o0 core_read       -> 0\n"
      "hit core_read             -> nobody\n"
      "hit probe                 -> nobody\n"
      "notrace o0 reset -        -> 0\n"
      "hit core_read             -> o0\n");
}

TEST(Filter, AFailureChangesNothing) {
  TestSession s;
  s.Do(
      "filter o0 core_read\nregister o0\n"
      "filter o0 reset absent    -> -EINVAL\n"
      "fault hash_copy 1\n"
      "filter o0 reset probe     -> -ENOMEM\n"
      "fault hash_move 1\n"
      "filter o0 reset probe     -> -ENOMEM\n"
      "fault hash_move 1\n"
      "notrace o0 core_read      -> -ENOMEM\n");
  EXPECT_EQ(s.Filter(0), "core_read");
  EXPECT_EQ(s.Notrace(0), "empty");
  EXPECT_EQ(s.Count("core_read"), 1);
}

TEST(Filter, AnEmptyHashIsMovedWithoutMemory) {
  TestSession s;
  s.Do(
      "filter o0 core_read\n"
      "fault hash_move 1\n"
      "filter o0 !core_read      -> 0\n"
      "filter o0 core_read       -> -ENOMEM\n");
}

TEST(Filter, OfADeadFtraceIsRefused) {
  TestSession s;
  s.Do(
      "ops o1 tracer\n"
      "fault verify 1\nregister o0 -> -ENODEV\n"
      "fault hash_copy 1\n"
      "filter o1 core_read       -> -ENODEV\n"
      "filter o2 core_read       -> -ENODEV\n"
      "notrace o2 core_read      -> -ENODEV\n"
      "filter_ip o2 core_read    -> -ENODEV\n"
      "filter_ip o2 alpha_read   -> -ESRCH\n");
}

TEST(Filter, SucceedsAlsoWhenThePassItStartsKills) {
  TestSession s;
  s.Do(
      "register o0\nfault verify 1\n"
      "filter o0 core_read       -> 0\n"
      "hit core_read             -> -ENODEV\n");
  EXPECT_EQ(s.Filter(0), "core_read");
  EXPECT_EQ(s.Count("core_read"), 1);
  EXPECT_EQ(s.Count("core_write"), 0);
  EXPECT_EQ(s.Record("core_write"), "0 ----E-t call o0");  // not patched any more
}

TEST(FilterIp, NamesTheRecordThatCoversThePlace) {
  TestSession s;
  s.Do("filter_ip o0 core_read+4 probe       -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read probe");
  s.Do(
      "filter_ip o0 remove probe            -> 0\n"
      "filter_ip o0 core_old                -> 0\n"  // a DISABLED record is one too
      "notrace_ip o0 core_write core_read   -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read core_old");
  EXPECT_EQ(s.Notrace(0), "core_read core_write");
  s.Do("filter_ip o0 reset probe             -> 0\n");
  EXPECT_EQ(s.Filter(0), "probe");
}

TEST(FilterIp, TheFirstErrorUndoesTheWholeCall) {
  TestSession s;
  s.Do(
      "filter_ip o0 core_read               -> 0\n"
      "filter_ip o0 probe core_read+5       -> -EINVAL\n"
      "filter_ip o0 probe core_lock         -> -EINVAL\n"
      "filter_ip o0 probe alpha_read        -> -ESRCH\n"
      "filter_ip o0 core_lock alpha_read    -> -ESRCH\n"
      "filter_ip o0 remove core_read probe  -> -ENOENT\n"
      "filter_ip o0 remove reset core_read  -> -ENOENT\n"
      "filter_ip o0 remove core_read core_read -> -ENOENT\n"
      "fault hash_copy 1\n"
      "filter_ip o0 probe                   -> -ENOMEM\n"
      "fault hash_move 1\n"
      "filter_ip o0 probe                   -> -ENOMEM\n");
  EXPECT_EQ(s.Filter(0), "core_read");
}

TEST(FilterIp, OfATracerKeepsTheModFlag) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nfilter o0 *:mod:alpha -> 0\n"
      "filter_ip o0 core_read               -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read mod");
  s.Do("filter_ip o0 reset core_read         -> 0\n");
  EXPECT_EQ(s.Filter(0), "core_read");
}

TEST(Share, MakesOnePairOfTwo) {
  TestSession s;
  s.Do(
      "filter o0 core_read\nfilter o1 core_write\nfilter o2 probe\n"
      "share o1 o0                          -> 0\n"
      "share o1 o0                          -> 0\n"
      "share o2 o1                          -> 0\n"
      "register o0\nregister o2\n"
      "notrace o1 core_read                 -> 0\n"  // o1 is not registered, the others are
      "hit core_read                        -> nobody\n"
      "notrace o2 reset -                   -> 0\n"
      "hit core_read                        -> o2 o0\n");
  const View view = s.Look();
  EXPECT_EQ(view.ops[2].pair, OpsId{0});
  EXPECT_EQ(view.ops[3].pair, OpsId{3});
  EXPECT_EQ(view.ledger.hash_entries, 1u);  // one pair; the two given up are freed
}

TEST(Share, Refusals) {
  TestSession s;
  s.Do(
      "ops o1 tracer\nops o2 kernel ipmodify\n"
      "share o0 o0 -> -EINVAL\n"
      "share o1 o0 -> -EINVAL\n"
      "share o0 o2 -> -EINVAL\n"
      "share o2 o0 -> -EINVAL\n"
      "share o0 o1 -> 0\n"
      "register o0\n"
      "share o0 o3 -> -EBUSY\n"
      "share o0 o0 -> -EINVAL\n");
}

TEST(Share, APairOutlivesTheOpsThatLeavesIt) {
  TestSession s;
  s.Do(
      "filter o0 core_read\nshare o1 o0\n"
      "ops o0 tracer -> 0\n"  // a new ops
      "filter o0 probe\n");
  EXPECT_EQ(s.Filter(0), "probe");
  EXPECT_EQ(s.Filter(1), "core_read");
  EXPECT_EQ(s.Look().ops[1].pair, OpsId{1});
  EXPECT_EQ(s.Look().ledger.hash_entries, 2u);
}

TEST(Share, AllEightOpsCanLeaveAndComeBack) {
  TestSession s;
  for (int i = 1; i < 8; ++i) s.Do("share o" + std::to_string(i) + " o0 -> 0\n");
  for (int i = 0; i < 8; ++i) {
    s.Do("ops o" + std::to_string(i) + " tracer -> 0\nfilter o" + std::to_string(i) + " probe\n");
  }
  const View view = s.Look();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Index(view.ops[i].pair), static_cast<std::size_t>(i));
  EXPECT_EQ(view.ledger.hash_entries, 8u);
}

// --- clearing --------------------------------------------------------------------------------

TEST(Clearing, ATracersEntriesBecomeClearedOnes) {
  TestSession s("small", "linux-6.1");
  s.Do(
      "ops o0 tracer\nload alpha @0\nload beta @2\n"
      "filter o0 *_read\nnotrace o0 alpha_*\nfilter o1 alpha_read\n"
      "unload alpha\n");
  EXPECT_EQ(s.Filter(0), "core_read beta_read cleared=1");
  EXPECT_EQ(s.Notrace(0), "cleared=3");
  EXPECT_EQ(s.Filter(1), "?");  // a kernel user's entry stays as it is
  EXPECT_EQ(s.Look().ledger.hash_entries, 7u);
  // Copying keeps them, removing does not find them, only reset drops them.
  s.Do("filter o0 !*_read -> 0\nregister o0\nhit probe -> nobody\n");
  EXPECT_EQ(s.Filter(0), "cleared=1");
  s.Do("filter o0 reset - -> 0\nhit probe -> o0\n");
}

TEST(Clearing, ReachesAKernelUserThatSharesATracersPair) {
  TestSession s;
  s.Do("ops o0 tracer\nshare o1 o0\nload alpha @0\nfilter o1 alpha_read\nunload alpha\n");
  EXPECT_EQ(s.Filter(1), "cleared=1");
}

TEST(Clearing, FollowsInitTextToo) {
  TestSession s;
  s.Do("ops o0 tracer\nfilter o0 core_setup\nfilter o1 core_setup\nfree_init\n");
  EXPECT_EQ(s.Filter(0), "cleared=1");
  EXPECT_EQ(s.Filter(1), "?");
}

TEST(Clearing, RecountedKeepsEveryEntry) {
  TestSession s("small", "linux-3.2");
  s.Do("ops o0 tracer\nload alpha @0\nfilter o0 alpha_read\nregister o0\nunload alpha\n");
  EXPECT_EQ(s.Filter(0), "?");
  s.Do(
      "load alpha @0\nhit alpha_read -> o0\nunload alpha\n"
      "load beta @0\nhit beta_init -> -ENOENT\nunload beta\n"
      "load gamma @0\nhit gamma_read -> nobody\nunload gamma\n");
  EXPECT_EQ(s.Count("core_read"), 0);  // the filter is not empty
}

TEST(Clearing, HappensAtAFailingLoad) {
  TestSession s;
  s.Do(
      "ops o0 tracer\nload_begin alpha @0\nload_step alpha\nload_step alpha\nload_step alpha\n"
      "load_step alpha\n"
      "filter_ip o0 alpha_read -> 0\n"
      "load_step alpha fail    -> -ENOEXEC\n");
  EXPECT_EQ(s.Filter(0), "cleared=1");
}

// --- IPMODIFY --------------------------------------------------------------------------------

TEST(IpModify, HasNoNotrace) {
  TestSession s;
  s.Do(
      "ops o0 kernel ipmodify\n"
      "fault hash_move 1\n"
      "notrace o0 core_read     -> -EINVAL\n"
      "notrace o0 reset -       -> -EINVAL\n"
      "notrace_ip o0 core_read  -> -EINVAL\n"
      "filter o0 core_read      -> -ENOMEM\n");  // only this came to the move
}

TEST(IpModify, OnceRegisteredKeepsAFilterAndStaysOffOthers) {
  TestSession s;
  s.Do(
      "ops o0 kernel ipmodify\nops o1 kernel ipmodify\n"
      "register o0                    -> -EINVAL\n"
      "filter o0 core_read\nregister o0 -> 0\n"
      "filter o0 !core_read           -> -EINVAL\n"
      "filter o0 reset -              -> -EINVAL\n"
      "filter o1 core_*               -> 0\n"
      "register o1                    -> -EBUSY\n"
      "filter o1 !core_read           -> 0\n"
      "register o1                    -> 0\n"
      "filter o1 core_read            -> -EBUSY\n"
      "filter o0 core_*               -> -EBUSY\n"
      "filter o0 probe                -> 0\n"
      "hit probe                      -> o0\n"
      "hit core_read                  -> o0\n"
      "hit core_write                 -> o1\n");
  EXPECT_EQ(s.Filter(1), "core_setup core_write");
  EXPECT_EQ(s.Record("core_read"), "1 --TIE-t call o0");
}

TEST(IpModify, OwnsWhatItsNotraceKeepsItFromTracing) {
  // N was set before the ops became IPMODIFY.
  TestSession s;
  s.Do("filter o0 core_read\nnotrace o0 core_read\nops o0 kernel ipmodify\nregister o0 -> 0\n");
  EXPECT_EQ(s.Record("core_read"), "0 ---I--- nop");
}

TEST(IpModify, ADisabledRecordHasNoOwner) {
  TestSession s;
  s.Do(
      "ops o0 kernel ipmodify\nfilter_ip o0 core_old\nregister o0 -> 0\n"
      "ops o1 kernel ipmodify\nfilter_ip o1 core_old\nregister o1 -> 0\n");
  EXPECT_EQ(s.Record("core_old"), "0 D------ nop");
}

TEST(IpModify, WhereAReloadMakesTwoMeetTheLaterOneWaits) {
  TestSession s;
  s.Do(
      "load alpha @0\n"
      "ops o0 kernel ipmodify\nops o1 kernel ipmodify\n"
      "filter o0 alpha_read\nfilter o1 alpha_read\nunload alpha\n"
      "register o1             -> 0\n"
      "register o0             -> 0\n"
      "load alpha @0           -> 0\n"
      "hit alpha_read          -> o1\n");
  EXPECT_EQ(s.Record("alpha_read"), "1 --TIE-t call o1");
  s.Do(
      "register o2\nhit alpha_read -> o2 o1\n"
      "unregister o1\nhit alpha_read -> o2 o0\n");
}

}  // namespace
}  // namespace recount::reference
