// Every operand of an operation, in one visit, for what works on the operands of a whole Program.
#ifndef RECOUNT_HARNESS_GENERATE_OPERANDS_H_
#define RECOUNT_HARNESS_GENERATE_OPERANDS_H_

#include <algorithm>
#include <cstddef>
#include <variant>

#include "model/op.h"

namespace recount {

// Calls `visit(operand)` for each ModuleId, SlotId, OpsId, NotifierId, PatchId, KprobeId, Place,
// FunctionId and Pattern in `op`: a reference, constant when `op` is. Flags, errnos and numbers are
// left out.
//
// Where `visit` changes the functions of a patch, two may become one: DropRepeated() then.
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
        if constexpr (requires { o.notifier; }) visit(o.notifier);
        if constexpr (requires { o.act; }) {
          if (o.act == Act::kUnregister) visit(o.other);
        }
        if constexpr (requires { o.patch; }) visit(o.patch);
        if constexpr (requires { o.kprobe; }) visit(o.kprobe);
        if constexpr (requires { o.functions; }) {
          for (std::size_t i = 0; i < o.count; ++i) visit(o.functions[i]);
        }
      },
      op);
}

// Takes function number `i` out of a patch. REQUIRES: it is not the only one.
inline void DropFunction(SetPatch* patch, std::size_t i) {
  std::move(patch->functions.begin() + i + 1, patch->functions.end(), patch->functions.begin() + i);
  patch->functions.back() = FunctionId{};
  --patch->count;
}

// A patch names no function twice: the first of equal ones stays.
inline void DropRepeated(Op* op) {
  auto* const patch = std::get_if<SetPatch>(op);
  if (patch == nullptr) return;
  for (std::size_t i = patch->count; i-- > 1;) {
    const auto end = patch->functions.begin() + i;
    if (std::find(patch->functions.begin(), end, *end) != end) DropFunction(patch, i);
  }
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_GENERATE_OPERANDS_H_
