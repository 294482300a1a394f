// Every id an operation names, in one visit: what retargeting and fitting to another world share.
#ifndef RECOUNT_FUZZ_OP_IDS_H_
#define RECOUNT_FUZZ_OP_IDS_H_

#include <cstddef>
#include <variant>

#include "model/op.h"

namespace recount {

// Calls `visit(id)` for each id in `op`, with `id` a reference to ModuleId, SlotId, OpsId or
// FunctionId; constant when `op` is. `visit` must take all four.
template <typename AnyOp, typename Visit>
void VisitIds(AnyOp& op, Visit&& visit) {
  std::visit(
      [&visit](auto& o) {
        if constexpr (requires { o.module; }) visit(o.module);
        if constexpr (requires { o.slot; }) visit(o.slot);
        if constexpr (requires { o.ops; }) visit(o.ops);
        if constexpr (requires { o.with; }) visit(o.with);
        if constexpr (requires { o.function; }) visit(o.function);
        if constexpr (requires { o.place; }) visit(o.place.function);
        if constexpr (requires { o.places; }) {
          for (std::size_t i = 0; i < o.count; ++i) visit(o.places[i].function);
        }
      },
      op);
}

}  // namespace recount

#endif  // RECOUNT_FUZZ_OP_IDS_H_
