// Every operand of an operation, in one visit, for what works on the operands of a whole Program.
#ifndef RECOUNT_HARNESS_OPERANDS_H_
#define RECOUNT_HARNESS_OPERANDS_H_

#include <cstddef>
#include <variant>

#include "model/op.h"

namespace recount {

// Calls `visit(operand)` for each ModuleId, SlotId, OpsId, Place, FunctionId and Pattern in `op`:
// a reference, constant when `op` is. Flags, errnos and numbers are left out.
template <typename AnyOp, typename Visit>
void VisitOperands(AnyOp& op, Visit&& visit) {
  std::visit(
      [&visit](auto& o) {
        if constexpr (requires { o.module; }) visit(o.module);
        if constexpr (requires { o.slot; }) visit(o.slot);
        if constexpr (requires { o.ops; }) visit(o.ops);
        if constexpr (requires { o.with; }) visit(o.with);
        if constexpr (requires { o.pattern; }) visit(o.pattern);
        if constexpr (requires { o.function; }) visit(o.function);
        if constexpr (requires { o.place; }) visit(o.place);
        if constexpr (requires { o.places; }) {
          for (std::size_t i = 0; i < o.count; ++i) visit(o.places[i]);
        }
      },
      op);
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_OPERANDS_H_
