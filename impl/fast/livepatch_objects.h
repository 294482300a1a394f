// The objects of a livepatch, the core and the modules it has functions of, and patching one of
// them (SEMANTICS 12).
#ifndef RECOUNT_IMPL_FAST_LIVEPATCH_OBJECTS_H_
#define RECOUNT_IMPL_FAST_LIVEPATCH_OBJECTS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "impl/fast/machine.h"
#include "model/errno.h"

namespace recount::fast {

// One function of an object of a patch: its own, or a nop.
struct PatchItem {
  static constexpr std::uint8_t kNop = 0xff;
  FunctionId function{};
  std::uint8_t number = kNop;  // in the patch
  OpsId on = kNoOps;           // of a nop: whose stack it is on
};
struct PatchedObject {
  ModuleId module = kCore;
  bool own = false;     // a function of the patch is in it, not only nops
  bool coming = false;  // it is patched because its module comes
  std::vector<PatchItem> items;
};

inline PatchView& PatchOf(Machine& m, PatchId id) { return m.livepatch.view.patches[Index(id)]; }
// The enabled patches, in the order in which they were enabled.
inline std::span<const PatchId> EnabledPatches(const Machine& m) {
  const LivepatchView& view = m.livepatch.view;
  return std::span(view.order).first(view.enabled_count);
}
// A patch binds to the module, once the patch is enabled.
inline bool Bound(const Machine& m, ModuleId module) {
  return module == kCore || m.modules[Index(module)].klp_alive;
}

// In the order of their first functions.
std::vector<PatchedObject> ObjectsOf(const Machine& m, PatchId id);
// That of `module`; without items when the patch has none.
PatchedObject ObjectIn(const Machine& m, PatchId id, ModuleId module);
// Functions of enabled patches that the new one leaves alone go back to what they were: it gets a
// nop for each.
void AddNops(const Machine& m, std::vector<PatchedObject>* objects);

// Each function has a symbol. Error: -ENOENT.
Errno LookUp(Machine& m, const PatchedObject& object);
// Writes the relocations; only the bug klp-reload-relocs can fail.
Errno Relocate(Machine& m, PatchId id, const PatchedObject& object);
// pre_patch.
Errno CallBack(Machine& m);
// All functions of the object, or on an error none.
Errno PatchObject(Machine& m, PatchId id, PatchedObject& object);
// Those functions of it that are patched.
void UnpatchObject(Machine& m, PatchId id, PatchedObject& object);
void UnpatchItem(Machine& m, PatchId id, PatchItem& item);
// A bit for each function of the patch in the object.
std::uint8_t BitsOf(const PatchedObject& object);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_LIVEPATCH_OBJECTS_H_
