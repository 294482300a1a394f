#include "impl/fast/machine.h"

#include <utility>

#include "impl/fast/load_path.h"
#include "impl/fast/repair.h"

namespace recount::fast {

void Machine::Reset(WorldPtr new_world, const Profile& new_profile) {
  if (world != new_world) {
    world = std::move(new_world);
    layout = Layout(*world);
    names = NameIndex(*world);
  }
  profile = new_profile;
  faults = Faults();
  globals = Globals();
  ops.Reset();
  index.Reset(layout.cells());
  records.Reset(bugs);
  modules.assign(world->modules().size(), LoadedModule());
  notifiers.Reset(modules.size(), bugs);
  livepatch.Reset();
  kprobes.Reset(kKprobeCount);
  SetUpModuleChain(*this);
  SetUpTryFixChain(*this);
  call_sites.Clear();
  touched.clear();
  touched_all = false;
  leaked.clear();
  listed_at_sysctl_off = 0;

  if (profile.start == Profile::Start::kBoot) {
    globals.phase = Phase::kStart;
    call_sites.Link(CoreImage().functions);
    return;
  }
  // Nothing is armed while booting, so the core's records always come to be.
  records.Create(CoreImage(), /*disabled=*/false, &faults);
}

PlacedImage Machine::CoreImage() const {
  const Module& core = world->core();
  return {.owner = kCore,
          .base = 0,
          .first = core.first,
          .functions = world->functions().subspan(core.first, core.count)};
}

bool Machine::CellOf(FunctionId function, Cell* cell) const {
  const Function& f = world->function(function);
  if (f.module == kCore) {
    *cell = f.position;
    return true;
  }
  const LoadedModule& module = modules[Index(f.module)];
  *cell = module.base + f.position;
  return module.state != ModuleState::kAbsent;
}

bool Machine::Gone(FunctionId function) const {
  const Function& f = world->function(function);
  const Module& image = world->image(f.module);
  if (f.position < image.init_begin || f.position >= image.init_end) return false;
  if (f.module == kCore) return globals.core_init_freed;
  const LoadedModule& module = modules[Index(f.module)];
  return module.state == ModuleState::kLive && module.next == Stage::kLayout;
}

}  // namespace recount::fast
