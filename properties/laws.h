// Laws: what must hold of one subject whatever was done before, said without an oracle. They are
// the second opinion: reference and fast could agree and both be wrong.
//
// Each runs the Program first and then asks its question of the state that this led to.
#ifndef RECOUNT_PROPERTIES_LAWS_H_
#define RECOUNT_PROPERTIES_LAWS_H_

#include <optional>
#include <string_view>

#include "model/program.h"
#include "properties/for_all.h"

namespace recount {

// load_laws.cc
std::optional<Broken> LoadIsItsSteps(std::string_view subject, const Program& program);
std::optional<Broken> ReloadRestores(std::string_view subject, const Program& program);
std::optional<Broken> DetourLeavesNoTrace(std::string_view subject, const Program& program);
std::optional<Broken> FailedLoadLeavesNoRecords(std::string_view subject, const Program& program);
std::optional<Broken> TracersForgetTheGone(std::string_view subject, const Program& program);

// tracing_laws.cc
std::optional<Broken> UnregisterUndoesRegister(std::string_view subject, const Program& program);
std::optional<Broken> SysctlOffAndOnRestores(std::string_view subject, const Program& program);
std::optional<Broken> OrderOfUpdatesIsForgotten(std::string_view subject, const Program& program);
std::optional<Broken> RefusedMeansUnchanged(std::string_view subject, const Program& program);
std::optional<Broken> RecordsDoNotDependOnTracing(std::string_view subject, const Program& program);

// chain_laws.cc
std::optional<Broken> ReverseMirrorsForward(std::string_view subject, const Program& program);
std::optional<Broken> RobustUndoesThoseBefore(std::string_view subject, const Program& program);
std::optional<Broken> EqualsKeepTheirOrder(std::string_view subject, const Program& program);
std::optional<Broken> LoadAndUnloadGiveBack(std::string_view subject, const Program& program);
std::optional<Broken> RefusedLoadGivesBack(std::string_view subject, const Program& program);

// livepatch_laws.cc
std::optional<Broken> DisableUndoesEnable(std::string_view subject, const Program& program);
std::optional<Broken> PatchingTwiceCountsOnce(std::string_view subject, const Program& program);
std::optional<Broken> WhenItWasEnabledIsForgotten(std::string_view subject, const Program& program);

// kprobe_laws.cc
std::optional<Broken> UnprobingUndoesProbing(std::string_view subject, const Program& program);
std::optional<Broken> ASecondProbeIsOnlyInTheTable(std::string_view subject,
                                                   const Program& program);
std::optional<Broken> BreakpointsAreNoConcernOfFtrace(std::string_view subject,
                                                      const Program& program);
std::optional<Broken> AnEnabledKprobeRuns(std::string_view subject, const Program& program);
std::optional<Broken> ARegisteredKprobeIsRefused(std::string_view subject, const Program& program);
std::optional<Broken> AFailedKprobeChangesNothing(std::string_view subject, const Program& program);
std::optional<Broken> KprobesGoWithTheirModule(std::string_view subject, const Program& program);

// early_laws.cc
std::optional<Broken> ARepairLeavesNoTrace(std::string_view subject, const Program& program);
std::optional<Broken> EarlyKprobesThatGoLeaveNoTrace(std::string_view subject,
                                                     const Program& program);
std::optional<Broken> EarlyKprobesAreNotCounted(std::string_view subject, const Program& program);

// optprobe_laws.cc
std::optional<Broken> TheOptimizerIsNotHeard(std::string_view subject, const Program& program);

}  // namespace recount

#endif  // RECOUNT_PROPERTIES_LAWS_H_
