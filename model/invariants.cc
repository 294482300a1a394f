#include "model/invariants.h"

#include "model/invariants_internal.h"

namespace recount {
namespace {

using namespace internal;

constexpr std::array kInvariants = {
    Invariant{"I1", "A record's count is the number of registered ops whose hashes trace it.",
              CountsAreRecounted},
    Invariant{"I2", "No count exceeds the number of registered ops, or reaches 2^23-1.",
              CountsAreInRange},
    Invariant{"I3",
              "While ftrace is alive, current bits and call site are what the recount asks for.",
              SitesAreAsDesired},
    Invariant{"I4",
              "REGS is wanted where a tracing ops saves registers, IPMODIFY where one owns the "
              "record; REGS_EN implies ENABLED.",
              RegsFollowTheTracers},
    Invariant{"I5",
              "TRAMP is wanted where exactly one ops traces; TRAMP_EN implies ENABLED and, alive, "
              "a site that calls that ops.",
              TrampolinesHaveOneTracer},
    Invariant{"I6",
              "The records are the call sites of the core and the loaded modules, ascending, in "
              "groups that fit.",
              RecordsAreTheCallSites},
    Invariant{"I7", "The ledger counts what the View shows.", LedgerIsTheView},
    Invariant{"I9", "An operation that fails, and one that only asks, changes nothing.",
              ErrorsChangeNothing},
    Invariant{"I10", "An operation returns only errors and payloads it can return.",
              ErrnosArePossible},
    Invariant{"I11", "`locate` finds what a linear scan of the records finds.",
              LocateIsALinearScan},
    Invariant{"I12", "A pattern selects the records whose names fnmatch(3) says it matches.",
              PatternsMatchAsFnmatch},
    Invariant{"I16", "A hit calls back exactly who traces the record, newest first.",
              HitsCallTheTracers},
    Invariant{"I17", "Hashes are strictly ascending, and shared by all of their pair.",
              HashesAreWellFormed},
    Invariant{"I18", "A module's state, slot and next stage fit together; images do not overlap.",
              ModulesAreInAState},
};

}  // namespace

std::span<const Invariant> Invariants() { return kInvariants; }

}  // namespace recount
