#include "impl/linux/loader.h"

#include <algorithm>
#include <cstddef>

#include "impl/linux/kernel_livepatch.h"
#include "impl/linux/kernel_notifier.h"
#include "model/check.h"

namespace recount {
namespace {

struct Range {
  Address begin = 0;
  Address end = 0;
};

// A module without functions takes the room of one.
Range ImageRange(const World& world, ModuleId id, SlotId slot) {
  const Address begin = world.SlotAddress(slot);
  return {begin, begin + Address{std::max(world.module(id).count, 1u)} * World::kFunctionStride};
}

bool IsDead() {
  rk_globals globals;
  rk_get_globals(&globals);
  return globals.dead != 0;
}

// prepare_coming_module(), behind ftrace's part. While a refused module is told off by livepatch it
// is COMING still.
int AnnounceComing(rk_module* module) {
  const int refused = rk_module_klp_coming(module);
  if (refused != 0) return refused;
  const int rc = rk_module_announce_coming(module);
  if (rc != 0) rk_module_klp_going(module);
  return rc;
}

}  // namespace

void Loader::Reset() {
  modules_.assign(space_->world().modules().size(), {});
  kernel_modules_.assign(modules_.size(), nullptr);
  core_init_freed_ = false;
  stage_fault_left_ = 0;
}

void Loader::Arm(const Fault& fault) {
  stage_fault_left_ = fault.nth;
  stage_fault_error_ = fault.error;
}

std::optional<Address> Loader::AddressOf(FunctionId id) const {
  const World& world = space_->world();
  const ModuleId module = world.function(id).module;
  if (module == kCore) return world.AddressOf(id, World::kCoreBase);
  if (modules_[Index(module)].state == ModuleState::kAbsent) return std::nullopt;
  return world.AddressOf(id, BaseOf(module));
}

bool Loader::IsOverInitText(FunctionId id) const {
  const Function& function = space_->world().function(id);
  if (function.kind != FunctionKind::kInit) return false;
  if (function.module == kCore) return core_init_freed_;
  return modules_[Index(function.module)].state == ModuleState::kLive;
}

Errno Loader::StageResult(Stage stage, std::optional<Errno> asked) {
  const bool fault = stage_fault_left_ != 0 && --stage_fault_left_ == 0;
  if (!fault && !asked) return Errno::kOk;
  if (asked.value_or(Errno::kOk) != Errno::kOk) return *asked;
  if (fault && stage_fault_error_ != Errno::kOk) return stage_fault_error_;
  return StageErrno(stage);
}

bool Loader::Overlaps(ModuleId id, SlotId slot) const {
  const World& world = space_->world();
  const Range mine = ImageRange(world, id, slot);
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    if (modules_[i].state == ModuleState::kAbsent) continue;
    const Range other = ImageRange(world, static_cast<ModuleId>(i), modules_[i].slot);
    if (mine.begin < other.end && other.begin < mine.end) return true;
  }
  return false;
}

int Loader::Begin(const LoadBegin& op) {
  const Errno laid_out = StageResult(Stage::kLayout, op.failure);
  if (laid_out != Errno::kOk) return Rc(laid_out);
  ModuleView& module = modules_[Index(op.module)];
  if (module.state == ModuleState::kLive) return Rc(Errno::kExist);
  if (module.state != ModuleState::kAbsent) return Rc(Errno::kRestartSys);
  if (Overlaps(op.module, op.slot)) return Rc(Errno::kNoMem);
  module = {.state = ModuleState::kUnformed, .slot = op.slot, .next = Stage::kPercpu};

  const Module& image = space_->world().module(op.module);
  const Range range = ImageRange(space_->world(), op.module, op.slot);
  space_->WriteText(image, range.begin, IsDead());
  space_->AddSymbols(image, range.begin);
  kernel_modules_[Index(op.module)] = rk_module_create(
      static_cast<int>(Index(op.module)), image.name.c_str(), space_->Real(range.begin),
      range.end - range.begin,
      space_->Real(range.begin + Address{image.init_begin} * World::kFunctionStride),
      space_->Real(range.begin + Address{image.init_end} * World::kFunctionStride));
  return 0;
}

void Loader::FreeInit(const Module& image, Address base, rk_module* module) {
  if (image.init_begin == image.init_end) return;
  const Address begin = base + Address{image.init_begin} * World::kFunctionStride;
  const Address end = base + Address{image.init_end} * World::kFunctionStride;
  rk_free_mem(module, space_->Real(begin), space_->Real(end));
  if (!IsDead()) space_->WipeText(begin, end);
  // The core's table of symbols is written when it is linked, and loses nothing.
  if (module != nullptr) space_->DropInitSymbols(image, base);
}

int Loader::FreeCoreInit() {
  if (core_init_freed_) return 0;
  core_init_freed_ = true;
  FreeInit(space_->world().core(), World::kCoreBase, nullptr);
  return 0;
}

int Loader::RunStage(ModuleId id, Stage stage) {
  ModuleView& module = modules_[Index(id)];
  rk_module* const kernel = kernel_modules_[Index(id)];
  const Module& image = space_->world().module(id);
  switch (stage) {
    case Stage::kRecords: {
      const std::vector<unsigned long>& sites = space_->CallSites(image, BaseOf(id));
      if (!IsDead()) space_->NoteRecords(image, BaseOf(id));
      rk_module_init(kernel, sites.data(), static_cast<unsigned>(sites.size()));
      return 0;
    }
    case Stage::kFormation:
      module.state = ModuleState::kComing;
      rk_module_coming(kernel);
      return 0;
    case Stage::kEnable:
      rk_module_enable(kernel);
      return 0;
    case Stage::kComing:
      return AnnounceComing(kernel);
    case Stage::kLive:
      module.state = ModuleState::kLive;
      rk_module_live(kernel);
      rk_module_announce_live(kernel);
      return 0;
    case Stage::kFreeInit:
      FreeInit(image, BaseOf(id), kernel);
      return 0;
    case Stage::kLayout:
    case Stage::kUnformed:
      RECOUNT_CHECK(false && "Begin() runs these");
      return 0;
    case Stage::kPercpu:
    case Stage::kSymbols:
    case Stage::kArgs:
    case Stage::kParams:
    case Stage::kSysfs:
    case Stage::kElf:
    case Stage::kInitAlloc:
    case Stage::kInit:
      return 0;  // nothing that anybody here hears of
  }
  return 0;
}

// The labels of load_module(), do_init_module() and delete_module(), as far as somebody here hears
// of them. Who heard COMING hears GOING; a refusal of stage `coming` has been taken back already.
// ftrace_release_mod() stands at ddebug_cleanup: a load that fails before its calls were recorded
// does not come by.
void Loader::Remove(ModuleId id, Stage failed) {
  rk_module* const kernel = kernel_modules_[Index(id)];
  const Module& image = space_->world().module(id);
  const Range range = ImageRange(space_->world(), id, modules_[Index(id)].slot);
  if (modules_[Index(id)].state != ModuleState::kUnformed) rk_module_going(kernel);
  if (failed > Stage::kComing) {
    rk_module_announce_going(kernel);
    rk_module_klp_going(kernel);
  }
  if (failed > Stage::kRecords) rk_module_release(kernel);
  rk_module_destroy(kernel);
  if (!IsDead()) space_->WipeText(range.begin, range.end);
  space_->DropSymbols(image, range.begin);
  kernel_modules_[Index(id)] = nullptr;
  modules_[Index(id)] = {};
}

int Loader::RunNextStage(ModuleId id, std::optional<Errno> asked) {
  ModuleView& module = modules_[Index(id)];
  const Stage stage = module.next;
  int rc = CanFail(stage) ? Rc(StageResult(stage, asked)) : 0;
  if (rc == 0) rc = RunStage(id, stage);
  if (rc != 0) {
    Remove(id, stage);
    return rc;
  }
  module.next =
      stage == Stage::kFreeInit ? Stage::kLayout : static_cast<Stage>(static_cast<int>(stage) + 1);
  return 0;
}

int Loader::Step(const LoadStep& op) {
  const ModuleView& module = modules_[Index(op.module)];
  if (module.state == ModuleState::kAbsent) return Rc(Errno::kNoEnt);
  if (module.next == Stage::kLayout) return Rc(Errno::kExist);
  return RunNextStage(op.module, op.failure);
}

int Loader::Load(const recount::Load& op) {
  const auto asked = [&op](Stage stage) -> std::optional<Errno> {
    if (op.failure && op.failure->stage == stage) return op.failure->error;
    return std::nullopt;
  };
  const int rc = Begin({.module = op.module, .slot = op.slot, .failure = asked(Stage::kLayout)});
  if (rc != 0) return rc;
  const ModuleView& module = modules_[Index(op.module)];
  while (module.next != Stage::kLayout) {
    const int failed = RunNextStage(op.module, asked(module.next));
    if (failed != 0) return failed;
  }
  return 0;
}

int Loader::Unload(ModuleId id) {
  const ModuleView& module = modules_[Index(id)];
  switch (module.state) {
    case ModuleState::kAbsent:
    case ModuleState::kUnformed:
      return Rc(Errno::kNoEnt);
    case ModuleState::kComing:
      return Rc(Errno::kBusy);
    case ModuleState::kLive:
      if (module.next != Stage::kLayout) return Rc(Errno::kAgain);
      break;
  }
  Remove(id, Stage::kFreeInit);
  return 0;
}

void Loader::Observe(std::vector<ModuleView>* modules) const {
  *modules = modules_;
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    const rk_module* const kernel = kernel_modules_[i];
    if (kernel != nullptr) (*modules)[i].klp_alive = rk_module_klp_alive(kernel) != 0;
  }
}

}  // namespace recount
