// Changing one call site where it may fail, be repaired, and be tried once more (SEMANTICS 15,
// "Changing a site").
#ifndef RECOUNT_IMPL_FAST_REPAIR_H_
#define RECOUNT_IMPL_FAST_REPAIR_H_

#include <cstdint>

#include "impl/fast/machine.h"

namespace recount::fast {

// Whether changing a site can fail now; else it need not be asked for each.
inline bool MayFail(const Machine& m) {
  return m.faults.armed(FaultPoint::kVerify) ||
         (m.repairable() &&
          (m.faults.armed(FaultPoint::kWrite) || m.kprobes.table.armed(ArmedOn::kJump) != 0));
}

// Kprobes' own entry comes on the chain `tryfix`.
void SetUpTryFixChain(Machine& m);

// Whose code it is that changes a site: ftrace_init()'s, or that of a pass and of a module's
// records.
enum class Changer : std::uint8_t { kBoot, kPass };

// The site of `record` becomes `site`, a value of RecordTable::site(). False: it could not be
// changed, is what it was, and the caller lets ftrace die.
bool ChangeSite(Machine& m, RecordId record, std::uint8_t site, Changer changer);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_REPAIR_H_
