// Livepatch's ops l0..l15, and the stack of replacements of each (SEMANTICS 12, "klp ops").
#ifndef RECOUNT_IMPL_FAST_LIVEPATCH_STACKS_H_
#define RECOUNT_IMPL_FAST_LIVEPATCH_STACKS_H_

#include <array>
#include <cstdint>

#include "impl/fast/layout.h"
#include "model/errno.h"
#include "model/ids.h"
#include "model/view.h"

namespace recount::fast {

struct Machine;

// No ops.
inline constexpr OpsId kNoOps{0xffu};

// What livepatch knows, in the shape in which it is shown: it changes seldom, and is looked at
// after every operation.
struct Livepatch {
  LivepatchView view;
  // Where the ops of view.ops stand, while they are not free.
  std::array<Cell, kLivepatchOpsCount> cell{};
  // On whose stack each function of a patch is; kNoOps where it is not patched.
  std::array<std::array<OpsId, SetPatch::kMaxFunctions>, kPatchCount> on{};

  // For the bugs klp-coming-fail-obj-mod and klp-reload-relocs: a bit for each function of a patch
  // that keeps the module it was bound to, resp. the relocations written for it.
  std::array<std::uint8_t, kPatchCount> stuck{};
  std::array<std::uint8_t, kPatchCount> relocated{};

  // Each bit of view.patches[].patched says that there is one in `on`.
  void Reset() {
    view = {};
    for (auto& functions : on) functions.fill(kNoOps);
    stuck = relocated = {};
  }
  LivepatchOpsView& at(OpsId ops) { return view.ops[Index(ops) - kOpsCount]; }
  const LivepatchOpsView& at(OpsId ops) const { return view.ops[Index(ops) - kOpsCount]; }
};

// `patch` goes on top of the stack of the function at `cell`; `ops` gets whose stack that is.
Errno Push(Machine& m, PatchId patch, Cell cell, OpsId* ops);
// It is taken out of the stack of `ops`; the last one frees the ops.
void Pull(Machine& m, PatchId patch, OpsId ops);
// The ops with a stack of the function at `cell`; kNoOps when there is none. One that outlived its
// stack does not count.
OpsId StackAt(const Machine& m, Cell cell);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_LIVEPATCH_STACKS_H_
