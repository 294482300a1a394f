// Known defects in the books that a kernel keeps on its records: a model of how the kernel comes to
// what it shows, defects and all.
//
// SEMANTICS says what a record has to be; a kernel gets there by counting up and down, and by
// looking for the owner of a trampoline. Played from the View that both sides agreed on, a step of
// the kernel shows exactly these records, so a defect that is declared predicts, and tolerates
// nothing: what is shown is explained when the model, with the defect, shows the same.
#ifndef RECOUNT_HARNESS_KNOWN_RECORDS_H_
#define RECOUNT_HARNESS_KNOWN_RECORDS_H_

#include <cstdint>
#include <optional>

#include "harness/known/known.h"

namespace recount {

// The defects, of those in `masked` (bits of RecordDefect), with which a kernel shows the records
// of `step.shown`, given the hashes that are shown: as few as it takes, 0 when it takes none.
// nullopt: with none of them. REQUIRES: the subject returned.
std::optional<std::uint8_t> RecordDefectsOf(const DivergingStep& step, std::uint8_t masked);

// What was shown and answered, with everything that RecordDefectsOf() speaks of as the oracle has
// it: records, death, who is registered.
// And, with kStaleRegs in `records`, what follows in the same step when that kept death from one
// side.
void TakeBackRecords(const DivergingStep& step, std::uint8_t records, View* shown, Outcome* actual);

// Whether the model without any defect does what the oracle did. It knows the operations that
// change filters, registrations and the sysctl, and the stages of a load from `enable` on.
bool IsSound(const DivergingStep& step);

// Whether records that keep REGS, and then are gone with their text, were spared a check of their
// site: nothing shows, and a fault that waits for such a check waits on. REQUIRES: both sides
// agree.
bool StaleRegsLeavesFault(const DivergingStep& step);

// The module whose stage `enable` this step is.
std::optional<ModuleId> EnabledBy(const DivergingStep& step);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_RECORDS_H_
