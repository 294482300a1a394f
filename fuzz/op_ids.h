// Every id an operation names, in one visit: what retargeting and fitting to another world share.
#ifndef RECOUNT_FUZZ_OP_IDS_H_
#define RECOUNT_FUZZ_OP_IDS_H_

#include <type_traits>

#include "harness/generate/operands.h"
#include "model/op.h"

namespace recount {

// Calls `visit(id)` for each id in `op`, with `id` a reference to ModuleId, SlotId, OpsId,
// FunctionId, NotifierId, PatchId or KprobeId; constant when `op` is. `visit` must take all of
// them. Who changes ids calls DropRepeated() behind it.
template <typename AnyOp, typename Visit>
void VisitIds(AnyOp& op, Visit&& visit) {
  VisitOperands(op, [&visit](auto& operand) {
    using Operand = std::remove_const_t<std::remove_reference_t<decltype(operand)>>;
    if constexpr (std::is_same_v<Operand, Place>) {
      visit(operand.function);
    } else if constexpr (!std::is_same_v<Operand, Pattern>) {
      visit(operand);
    }
  });
}

}  // namespace recount

#endif  // RECOUNT_FUZZ_OP_IDS_H_
