#include "impl/fast/livepatch.h"

#include <algorithm>
#include <span>
#include <vector>

#include "impl/fast/livepatch_objects.h"

namespace recount::fast {
namespace {

void List(Machine& m, PatchId id) {
  LivepatchView& view = m.livepatch.view;
  view.order[view.enabled_count++] = id;
  PatchOf(m, id).enabled = true;
}

void Unlist(Machine& m, PatchId id) {
  LivepatchView& view = m.livepatch.view;
  const auto end = view.order.begin() + view.enabled_count;
  std::fill(std::remove(view.order.begin(), end, id), end, PatchId{});
  --view.enabled_count;
  PatchOf(m, id).enabled = false;
}

void ShowBound(Machine& m) {
  for (PatchView& patch : m.livepatch.view.patches) {
    patch.bound = 0;
    if (!patch.enabled) continue;
    for (unsigned i = 0; i < patch.count; ++i) {
      const ModuleId module = m.world->function(patch.functions[i]).module;
      if (Bound(m, module)) patch.bound |= static_cast<std::uint8_t>(1u << i);
    }
  }
  if (!m.bugs.has(Bug::kKlpComingFailObjMod)) return;
  for (std::size_t i = 0; i < kPatchCount; ++i) {
    m.livepatch.view.patches[i].bound |= m.livepatch.stuck[i];
  }
}

Errno PatchObjects(Machine& m, PatchId id, std::span<PatchedObject> objects) {
  for (PatchedObject& object : objects) {
    if (!Bound(m, object.module)) continue;
    Errno error = object.own ? CallBack(m) : Errno::kOk;
    if (error == Errno::kOk) error = PatchObject(m, id, object);
    if (error == Errno::kOk) continue;
    for (PatchedObject& patched : objects) UnpatchObject(m, id, patched);
    return error;
  }
  return Errno::kOk;
}

// A patch that is unpatched is out of the list.
void DropPatch(Machine& m, PatchId id) {
  Unlist(m, id);
  m.livepatch.stuck[Index(id)] = m.livepatch.relocated[Index(id)] = 0;
  if (!m.bugs.has(Bug::kKlpNopLeft)) return;
  // With it go the nops that were left.
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i)
    Pull(m, id, static_cast<OpsId>(kOpsCount + i));
}

// The patches before the newest go, and with them its nops.
void Replace(Machine& m, PatchId id, std::span<PatchedObject> objects) {
  while (EnabledPatches(m).front() != id) {
    const PatchId old = EnabledPatches(m).front();
    for (PatchedObject& object : ObjectsOf(m, old)) UnpatchObject(m, old, object);
    DropPatch(m, old);
  }
  if (m.bugs.has(Bug::kKlpNopLeft)) return;
  for (PatchedObject& object : objects) {
    for (PatchItem& item : object.items) {
      if (item.number == PatchItem::kNop) UnpatchItem(m, id, item);
    }
  }
}

Errno ApplyTo(Machine& m, PatchId id, PatchedObject& object) {
  if (object.items.empty()) return Errno::kOk;
  if (const Errno error = LookUp(m, object); error != Errno::kOk) return error;
  if (const Errno error = Relocate(m, id, object); error != Errno::kOk) return error;
  if (const Errno error = CallBack(m); error != Errno::kOk) return error;
  return PatchObject(m, id, object);
}

}  // namespace

Errno DefinePatch(Machine& m, const SetPatch& op) {
  PatchView& patch = PatchOf(m, op.patch);
  if (patch.enabled) return Errno::kBusy;
  patch.count = op.count;
  patch.replace = op.replace;
  patch.functions = op.functions;
  return Errno::kOk;
}

Errno EnableLivepatch(Machine& m, PatchId id) {
  const PatchView& patch = PatchOf(m, id);
  if (patch.enabled) return Errno::kExist;
  if (patch.count == 0) return Errno::kInval;
  std::vector<PatchedObject> objects = ObjectsOf(m, id);
  if (patch.replace) AddNops(m, &objects);
  for (const PatchedObject& object : objects) {
    if (!Bound(m, object.module)) continue;
    if (const Errno error = LookUp(m, object); error != Errno::kOk) {
      m.livepatch.relocated[Index(id)] = 0;
      return error;
    }
    Relocate(m, id, object);
  }
  List(m, id);
  const Errno error = PatchObjects(m, id, objects);
  if (error != Errno::kOk) {
    DropPatch(m, id);
  } else if (patch.replace) {
    Replace(m, id, objects);
  }
  ShowBound(m);
  return error;
}

Errno DisableLivepatch(Machine& m, PatchId id) {
  if (!PatchOf(m, id).enabled) return Errno::kNoEnt;
  for (PatchedObject& object : ObjectsOf(m, id)) UnpatchObject(m, id, object);
  DropPatch(m, id);
  ShowBound(m);
  return Errno::kOk;
}

Errno LivepatchComing(Machine& m, ModuleId id) {
  m.modules[Index(id)].klp_alive = true;
  if (EnabledPatches(m).empty()) return Errno::kOk;
  std::vector<PatchId> patches(EnabledPatches(m).begin(), EnabledPatches(m).end());
  if (m.bugs.has(Bug::kKlpDeferredOrder)) std::reverse(patches.begin(), patches.end());
  Errno error = Errno::kOk;
  for (std::size_t i = 0; i < patches.size() && error == Errno::kOk; ++i) {
    PatchedObject object = ObjectIn(m, patches[i], id);
    object.coming = true;
    m.livepatch.stuck[Index(patches[i])] &= static_cast<std::uint8_t>(~BitsOf(object));
    error = ApplyTo(m, patches[i], object);
    if (error == Errno::kOk) continue;
    m.livepatch.stuck[Index(patches[i])] |= BitsOf(object);
    m.modules[Index(id)].klp_alive = false;
    for (const PatchId earlier : std::span(patches).first(i)) {
      PatchedObject applied = ObjectIn(m, earlier, id);
      UnpatchObject(m, earlier, applied);
    }
  }
  ShowBound(m);
  return error;
}

void LivepatchGoing(Machine& m, ModuleId id) {
  m.modules[Index(id)].klp_alive = false;
  if (EnabledPatches(m).empty()) return;
  for (const PatchId patch : EnabledPatches(m)) {
    PatchedObject object = ObjectIn(m, patch, id);
    UnpatchObject(m, patch, object);
  }
  ShowBound(m);
}

}  // namespace recount::fast
