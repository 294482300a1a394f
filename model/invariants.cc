#include "model/invariants.h"

#include "model/invariants_internal.h"

namespace recount {
namespace {

using namespace internal;
using Of = Invariant::Of;

constexpr std::array kInvariants = {
    Invariant{"I1", Of::kView,
              "A record's count is the number of registered ops whose hashes trace it.",
              CountsAreRecounted},
    Invariant{"I2", Of::kView, "No count exceeds the number of registered ops, or reaches 2^23-1.",
              CountsAreInRange},
    Invariant{"I3", Of::kView,
              "While ftrace is alive, current bits and call site are what the recount asks for.",
              SitesAreAsDesired},
    Invariant{"I4", Of::kView,
              "REGS is wanted where a tracing ops saves registers, IPMODIFY where one owns the "
              "record; REGS_EN implies ENABLED.",
              RegsFollowTheTracers},
    Invariant{"I5", Of::kView,
              "TRAMP is wanted where exactly one ops traces; TRAMP_EN implies ENABLED and, alive, "
              "a site that calls that ops.",
              TrampolinesHaveOneTracer},
    Invariant{"I6", Of::kView,
              "The records are the call sites of the core and the loaded modules, ascending, in "
              "groups that fit.",
              RecordsAreTheCallSites},
    Invariant{"I7", Of::kView, "The ledger counts what the View shows.", LedgerIsTheView},
    Invariant{"I8", Of::kStep,
              "A chain is in the order of priorities and called so; GOING is told those that were "
              "told COMING, all of them, and in the order the profile says.",
              GoingFollowsComing},
    Invariant{"I9", Of::kStep, "An operation that fails, and one that only asks, changes nothing.",
              ErrorsChangeNothing},
    Invariant{"I10", Of::kStep, "An operation returns only errors and payloads it can return.",
              ErrnosArePossible},
    Invariant{"I11", Of::kStep, "`locate` finds what a linear scan of the records finds.",
              LocateIsALinearScan},
    Invariant{"I12", Of::kStep,
              "A pattern selects the records whose names fnmatch(3) says it matches.",
              PatternsMatchAsFnmatch},
    Invariant{
        "I13", Of::kView,
        "A function is patched while its patch is enabled and its image there, and then on "
        "one stack, the newest patch on top; the stack's ops is registered and owns the record.",
        PatchesAreOnTheirStacks},
    Invariant{
        "I14", Of::kStep,
        "Each registered kprobe is in the one entry of its address; while ftrace is alive, kp "
        "and kpi trace exactly the entries on ftrace that are armed, and are registered while "
        "there are any.",
        ProbesAreArmedWhereTheyAre},
    Invariant{
        "I15", Of::kStep,
        "A jump stands only for the breakpoint of kprobes that are on and run no post_handler, "
        "and over nothing else that is probed; one that is to be taken off for none that is "
        "on; none waits when the worker has run.",
        JumpsAreWhereTheyMayBe},
    Invariant{"I16", Of::kStep,
              "A hit calls back exactly who traces the record, newest first, and runs the kprobes "
              "that are on.",
              HitsCallTheTracers},
    Invariant{"I17", Of::kView, "Hashes are strictly ascending, and shared by all of their pair.",
              HashesAreWellFormed},
    Invariant{
        "I18", Of::kStep,
        "A module's state, slot, next stage and klp_alive fit together, images do not overlap, "
        "and what is announced of a module suits its state.",
        ModulesAreInAState},
};

}  // namespace

std::span<const Invariant> Invariants() { return kInvariants; }

}  // namespace recount
