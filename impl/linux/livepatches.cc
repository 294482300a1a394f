#include "impl/linux/livepatches.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "impl/linux/kernel.h"
#include "impl/linux/kernel_livepatch.h"
#include "model/errno.h"
#include "model/world.h"

namespace recount {
namespace {

static_assert(kPatchCount == RK_PATCHES && kLivepatchOpsCount == RK_KLP_OPS);
static_assert(SetPatch::kMaxFunctions == RK_PATCH_FUNCTIONS);

int Number(PatchId id) { return static_cast<int>(Index(id)); }

}  // namespace

int Livepatches::Set(const SetPatch& op) {
  if (rk_patch_is_loaded(Number(op.patch)) != 0) return Rc(Errno::kBusy);
  definitions_[Index(op.patch)] = {op.replace, op.count, op.functions};
  any_ = true;
  return 0;
}

int Livepatches::Enable(PatchId patch) {
  const Definition& definition = definitions_[Index(patch)];
  if (rk_patch_is_loaded(Number(patch)) != 0) return Rc(Errno::kExist);
  if (definition.count == 0) return Rc(Errno::kInval);
  const World& world = space_->world();
  rk_patch_function functions[RK_PATCH_FUNCTIONS];
  for (std::size_t i = 0; i < definition.count; ++i) {
    const Function& function = world.function(definition.functions[i]);
    functions[i].name = function.name.c_str();
    functions[i].module =
        function.module == kCore ? nullptr : world.module(function.module).name.c_str();
  }
  return rk_patch_enable(Number(patch), functions, definition.count, definition.replace ? 1 : 0);
}

int Livepatches::Disable(PatchId patch) {
  if (rk_patch_is_loaded(Number(patch)) == 0) return Rc(Errno::kNoEnt);
  return rk_patch_disable(Number(patch));
}

void Livepatches::Observe(LivepatchView* view) const {
  *view = {};
  if (!any_) return;
  for (std::size_t i = 0; i < kPatchCount; ++i) {
    const Definition& definition = definitions_[i];
    rk_patch_info info;
    rk_patch_info_of(static_cast<int>(i), &info);
    view->patches[i] = {.count = definition.count,
                        .replace = definition.replace,
                        .enabled = info.enabled != 0,
                        .functions = definition.functions,
                        .bound = static_cast<std::uint8_t>(info.bound),
                        .patched = static_cast<std::uint8_t>(info.patched)};
  }
  unsigned char order[RK_PATCHES];
  view->enabled_count = static_cast<std::uint8_t>(rk_patch_order(order));
  for (std::size_t i = 0; i < view->enabled_count; ++i) view->order[i] = PatchId{order[i]};
  rk_klp_info infos[RK_KLP_OPS];
  rk_klp_infos(infos);
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
    const rk_klp_info& info = infos[i];
    LivepatchOpsView& ops = view->ops[i];
    if (info.ip != 0) ops.ip = space_->Fictitious(info.ip);
    ops.registered = info.registered != 0;
    ops.depth = static_cast<std::uint8_t>(info.depth);
    for (std::size_t j = 0; j < info.depth; ++j) ops.stack[j] = PatchId{info.stack[j]};
  }
}

}  // namespace recount
