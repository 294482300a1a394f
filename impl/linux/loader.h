// The part of kernel/module/main.c: which module is in which state, and what loading and unloading
// it calls, stage by stage (SEMANTICS 4).
#ifndef RECOUNT_IMPL_LINUX_LOADER_H_
#define RECOUNT_IMPL_LINUX_LOADER_H_

#include <optional>
#include <vector>

#include "impl/linux/address_space.h"
#include "impl/linux/kernel.h"
#include "model/op.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

class Loader {
 public:
  explicit Loader(AddressSpace* space) : space_(space) {}
  // Nothing is loaded. REQUIRES: the kernel has just booted.
  void Reset();

  // Each returns 0 or -errno; who hears of it, the kernel's notifiers tell.
  int Load(const recount::Load& op);
  int Begin(const LoadBegin& op);
  int Step(const LoadStep& op);
  int Unload(ModuleId module);
  int FreeCoreInit();
  // A fault of the point kStage.
  void Arm(const Fault& fault);

  // But for klp_alive, which the kernel knows.
  const std::vector<ModuleView>& modules() const { return modules_; }
  void Observe(std::vector<ModuleView>* modules) const;
  bool core_init_freed() const { return core_init_freed_; }
  // Where `function` is; nullopt while its module is absent.
  std::optional<Address> AddressOf(FunctionId function) const;
  // Init text that is gone, or of a module that is live: its init is over.
  bool IsOverInitText(FunctionId function) const;

 private:
  Errno StageResult(Stage stage, std::optional<Errno> asked);
  int RunNextStage(ModuleId id, std::optional<Errno> asked);
  int RunStage(ModuleId id, Stage stage);
  bool Overlaps(ModuleId id, SlotId slot) const;
  void Remove(ModuleId id, Stage failed);
  void FreeInit(const Module& image, Address base, rk_module* module);
  Address BaseOf(ModuleId id) const {
    return space_->world().SlotAddress(modules_[Index(id)].slot);
  }

  AddressSpace* space_;
  std::vector<ModuleView> modules_;
  std::vector<rk_module*> kernel_modules_;
  bool core_init_freed_ = false;
  unsigned stage_fault_left_ = 0;
  Errno stage_fault_error_ = Errno::kOk;
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_LOADER_H_
