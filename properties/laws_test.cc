#include "properties/laws.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "impl/roster.h"
#include "properties/run.h"

namespace recount {
namespace {

Programs WithFaults() { return {.worlds = {"small", "tiny"}, .cases = 1000}; }
Programs WithoutFaults() { return {.worlds = {"small", "tiny"}, .cases = 1000, .faults = false}; }

TEST(Laws, LoadIsLoadBeginAndLoadSteps) {
  ForAllPrograms(WithFaults(), ForReferenceAndFast(LoadIsItsSteps));
}

TEST(Laws, UnloadAndReloadAtTheSameSlotRestoresEveryCountWhereEntriesSurvive) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(ReloadRestores));
}

TEST(Laws, UnloadThenLoadElsewhereForgetsTheOldSlot) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(DetourLeavesNoTrace));
}

TEST(Laws, ATracerNamesOnlyFunctionsThatAreThereWhereEntriesAreCleared) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(TracersForgetTheGone));
}

TEST(Laws, AFailedLoadLeavesRecordsAndModulesAsTheyWere) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(FailedLoadLeavesNoRecords));
}

TEST(Laws, UnregisterAfterRegisterRestoresEveryCount) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(UnregisterUndoesRegister));
}

TEST(Laws, FtraceEnabled0Then1RestoresEverySite) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(SysctlOffAndOnRestores));
}

TEST(Laws, EqualFiltersGiveEqualCountsHoweverTheyCameToBe) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(OrderOfUpdatesIsForgotten));
}

TEST(Laws, ARefusedOperationLeavesTheViewUnchanged) {
  ForAllPrograms(WithFaults(), ForReferenceAndFast(RefusedMeansUnchanged));
}

TEST(Laws, WhichRecordsThereAreDoesNotDependOnWhoTraces) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(RecordsDoNotDependOnTracing));
}

TEST(Laws, NotifyReverseIsTheMirrorOfNotify) {
  ForAllPrograms(WithFaults(), ForReferenceAndFast(ReverseMirrorsForward));
}

TEST(Laws, ARobustCallUndoesThoseBeforeTheOneThatStopped) {
  ForAllPrograms(WithFaults(), ForReferenceAndFast(RobustUndoesThoseBefore));
}

TEST(Laws, WhoComesAgainToAChainStandsBehindItsEquals) {
  ForAllPrograms(WithFaults(), ForReferenceAndFast(EqualsKeepTheirOrder));
}

TEST(Laws, AModuleThatComesAndGoesLeavesNotifiersAndLivepatchAsTheyWere) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(LoadAndUnloadGiveBack));
}

TEST(Laws, AModuleThatANotifierRefusesLeavesThemAsTheyWere) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(RefusedLoadGivesBack));
}

TEST(Laws, DisablingAPatchRestoresEveryCount) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(DisableUndoesEnable));
}

TEST(Laws, ASecondPatchOfAFunctionIsOnlyOnItsStack) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(PatchingTwiceCountsOnce));
}

TEST(Laws, APatchMayBeEnabledBeforeItsModuleIsThere) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(WhenItWasEnabledIsForgotten));
}

TEST(Laws, UnregisteringAKprobeRestoresEveryCount) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(UnprobingUndoesProbing));
}

TEST(Laws, ASecondKprobeAtAnAddressIsNotSeenByFtrace) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(ASecondProbeIsOnlyInTheTable));
}

TEST(Laws, AKprobeBehindTheCallSiteIsNotSeenByFtrace) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(BreakpointsAreNoConcernOfFtrace));
}

TEST(Laws, AnEnabledKprobeInTheCoreRunsTheNewestFirst) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(AnEnabledKprobeRuns));
}

TEST(Laws, AKprobeThatIsRegisteredIsRefused) {
  ForAllPrograms(WithFaults(), ForReferenceAndFast(ARegisteredKprobeIsRefused));
}

TEST(Laws, AKprobeThatIsRefusedMemoryChangesNothing) {
  Programs fewer = WithoutFaults();
  fewer.cases = 300;  // it tries everything in each
  ForAllPrograms(fewer, ForReferenceAndFast(AFailedKprobeChangesNothing));
}

TEST(Laws, AModuleThatGoesTakesItsKprobesWithIt) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(KprobesGoWithTheirModule));
}

TEST(Laws, ARepairedPassEndsAsOneThatNeverFailed) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(ARepairLeavesNoTrace));
}

TEST(Laws, EarlyKprobesThatAreRemovedBeforeConversionLeaveNoTrace) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(EarlyKprobesThatGoLeaveNoTrace));
}

TEST(Laws, EarlyKprobesCountForNoRecord) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(EarlyKprobesAreNotCounted));
}

TEST(Laws, WhenJumpsArePutInAndTakenOffIsNotHeard) {
  ForAllPrograms(WithoutFaults(), ForReferenceAndFast(TheOptimizerIsNotHeard));
}

// A law that no bug breaks may be a law that never asks. Each is shown one that it must convict.
struct Conviction {
  std::string_view name;
  LawOfOneSubject law;
  std::string_view bug;
  std::string_view profile;

  // Without it GoogleTest names a test by the bytes of the struct, addresses among them.
  friend void PrintTo(const Conviction& conviction, std::ostream* out) { *out << conviction.name; }
};

class LawConvicts : public testing::TestWithParam<Conviction> {
#ifdef RECOUNT_NO_BUGS
 protected:
  void SetUp() override { GTEST_SKIP() << "the bugs are compiled out"; }
#endif
};

TEST_P(LawConvicts, ItsBugWithin1000Programs) {
  const std::string subject = absl::StrCat("fast+bug:", std::string(GetParam().bug));
  const std::unique_ptr<Subject> oracle = *MakeSubject("reference");
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    RandomChooser chooser(seed);
    Program program = GenerateProgram(*BuiltinWorld("small"), *FindProfile(GetParam().profile), {},
                                      &chooser, oracle.get());
    std::erase_if(program.ops, [](const Op& op) { return std::holds_alternative<Fault>(op); });
    ASSERT_FALSE(GetParam().law("fast", program).has_value());
    if (GetParam().law(subject, program).has_value()) return;
  }
  ADD_FAILURE() << subject << " obeys it";
}

INSTANTIATE_TEST_SUITE_P(
    Laws, LawConvicts,
    testing::Values(
        Conviction{"ReloadRestores", ReloadRestores, "reload-refcount-lost", "linux-3.2"},
        Conviction{"TracersForgetTheGone", TracersForgetTheGone, "stale-hash-traces-other-module",
                   "linux-6.1"},
        Conviction{"FailedLoadLeavesNoRecords", FailedLoadLeavesNoRecords,
                   "release-mod-missing-on-early-fail", "linux-6.1"},
        Conviction{"UnregisterUndoesRegister", UnregisterUndoesRegister, "hash-move-balance",
                   "linux-6.1"},
        Conviction{"SysctlOffAndOnRestores", SysctlOffAndOnRestores,
                   "permanent-ops-disabled-by-sysctl", "linux-6.1"},
        Conviction{"OrderOfUpdatesIsForgotten", OrderOfUpdatesIsForgotten, "hash-move-balance",
                   "linux-6.1"},
        Conviction{"RefusedMeansUnchanged", RefusedMeansUnchanged, "unregister-accounting-order",
                   "linux-6.1"},
        Conviction{"UnprobingUndoesProbing", UnprobingUndoesProbing, "hash-move-balance",
                   "linux-6.1"},
        Conviction{"ASecondProbeIsOnlyInTheTable", ASecondProbeIsOnlyInTheTable,
                   "aggr-posthandler-ftrace", "linux-6.1"},
        Conviction{"AnEnabledKprobeRuns", AnEnabledKprobeRuns, "kill-kprobe-twice", "linux-6.1"},
        Conviction{"ARegisteredKprobeIsRefused", ARegisteredKprobeIsRefused,
                   "kprobe-double-register", "linux-6.1"},
        Conviction{"AFailedKprobeChangesNothing", AFailedKprobeChangesNothing,
                   "arm-fail-flags-left", "linux-6.1"},
        Conviction{"AFailedKprobeChangesNothingWhenItIsDisarmed", AFailedKprobeChangesNothing,
                   "disarm-error-ignored", "linux-6.1"},
        Conviction{"KprobesGoWithTheirModule", KprobesGoWithTheirModule,
                   "kprobe-ftrace-null-on-module-free", "linux-6.1"},
        Conviction{"KprobesGoWithTheirModuleWhichAskedTooLate", KprobesGoWithTheirModule,
                   "kill-kprobe-flag-order", "linux-6.1"},
        Conviction{"RecordsDoNotDependOnTracing", RecordsDoNotDependOnTracing,
                   "module-load-trace-all-not-counted", "linux-6.1"},
        Conviction{"ARepairLeavesNoTrace", ARepairLeavesNoTrace, "early-missing-tryfix",
                   "early-kprobe"},
        Conviction{"EarlyKprobesThatGoLeaveNoTrace", EarlyKprobesThatGoLeaveNoTrace,
                   "early-slots-exhausted", "early-kprobe"},
        Conviction{"EarlyKprobesAreNotCounted", EarlyKprobesAreNotCounted, "early-missing-make-nop",
                   "early-kprobe"},
        Conviction{"TheOptimizerIsNotHeard", TheOptimizerIsNotHeard, "optprobe-unused-not-revived",
                   "early-kprobe"}),
    [](const testing::TestParamInfo<Conviction>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace recount
