#include "impl/fast/livepatch_objects.h"

#include <algorithm>

namespace recount::fast {
namespace {

std::vector<PatchItem>& ItemsOf(std::vector<PatchedObject>* objects, ModuleId module, bool own) {
  auto object = std::find_if(objects->begin(), objects->end(),
                             [&](const PatchedObject& one) { return one.module == module; });
  if (object == objects->end()) {
    objects->push_back({.module = module});
    object = objects->end() - 1;
  }
  object->own |= own;
  return object->items;
}

OpsId& OnOf(Machine& m, PatchId id, PatchItem& item) {
  return item.number == PatchItem::kNop ? item.on : m.livepatch.on[Index(id)][item.number];
}

void Show(Machine& m, PatchId id, const PatchItem& item, bool patched) {
  if (item.number == PatchItem::kNop) return;
  std::uint8_t& bits = PatchOf(m, id).patched;
  const unsigned bit = 1u << item.number;
  bits = static_cast<std::uint8_t>(patched ? bits | bit : bits & ~bit);
}

// Whatever is on top of the functions' stacks is taken off.
void UnpatchOthers(Machine& m, std::span<const PatchItem> items) {
  for (const PatchItem& item : items) {
    Cell cell;
    m.CellOf(item.function, &cell);
    const OpsId ops = StackAt(m, cell);
    if (ops != kNoOps) Pull(m, m.livepatch.at(ops).stack[0], ops);
  }
}

}  // namespace

std::vector<PatchedObject> ObjectsOf(const Machine& m, PatchId id) {
  std::vector<PatchedObject> objects;
  const PatchView& patch = m.livepatch.view.patches[Index(id)];
  for (std::uint8_t i = 0; i < patch.count; ++i) {
    const FunctionId function = patch.functions[i];
    ItemsOf(&objects, m.world->function(function).module, true)
        .push_back({.function = function, .number = i});
  }
  return objects;
}

PatchedObject ObjectIn(const Machine& m, PatchId id, ModuleId module) {
  PatchedObject object{.module = module};
  const PatchView& patch = m.livepatch.view.patches[Index(id)];
  for (std::uint8_t i = 0; i < patch.count; ++i) {
    if (m.world->function(patch.functions[i]).module != module) continue;
    object.items.push_back({.function = patch.functions[i], .number = i});
  }
  return object;
}

void AddNops(const Machine& m, std::vector<PatchedObject>* objects) {
  for (const PatchId old : EnabledPatches(m)) {
    for (const PatchedObject& object : ObjectsOf(m, old)) {
      std::vector<PatchItem>& items = ItemsOf(objects, object.module, false);
      for (const PatchItem& item : object.items) {
        const bool known = std::any_of(items.begin(), items.end(), [&](const PatchItem& one) {
          return one.function == item.function;
        });
        if (!known) items.push_back({.function = item.function});
      }
    }
  }
}

Errno LookUp(Machine& m, const PatchedObject& object) {
  for (const PatchItem& item : object.items) {
    if (m.faults.Pass(FaultPoint::kKlpSymbol)) return Errno::kInval;
    const Function& function = m.world->function(item.function);
    // The core keeps the symbols of its init text.
    const bool gone = function.module != kCore && m.Gone(item.function);
    if (gone || function.kind == FunctionKind::kWeak) return Errno::kInval;
  }
  return Errno::kOk;
}

std::uint8_t BitsOf(const PatchedObject& object) {
  unsigned bits = 0;
  for (const PatchItem& item : object.items) {
    if (item.number != PatchItem::kNop) bits |= 1u << item.number;
  }
  return static_cast<std::uint8_t>(bits);
}

// Writing relocations where the last ones still are is refused.
Errno Relocate(Machine& m, PatchId id, const PatchedObject& object) {
  if (!m.bugs.has(Bug::kKlpReloadRelocs) || object.module == kCore) return Errno::kOk;
  std::uint8_t& relocated = m.livepatch.relocated[Index(id)];
  if ((relocated & BitsOf(object)) != 0) return Errno::kNoExec;
  relocated |= BitsOf(object);
  return Errno::kOk;
}

Errno CallBack(Machine& m) {
  Errno error = Errno::kOk;
  if (!m.faults.Pass(FaultPoint::kKlpCallback, &error)) return Errno::kOk;
  return error == Errno::kOk ? Errno::kInval : error;
}

Errno PatchObject(Machine& m, PatchId id, PatchedObject& object) {
  for (std::size_t i = 0; i < object.items.size(); ++i) {
    PatchItem& item = object.items[i];
    Cell cell;
    m.CellOf(item.function, &cell);
    OpsId ops = kNoOps;
    // Patched already: only a bug that forgot to unpatch it gets here.
    Errno error = OnOf(m, id, item) != kNoOps ? Errno::kInval : Errno::kOk;
    // Ahead of ftrace, no record of a module that comes can be filtered on yet.
    if (object.coming && m.bugs.has(Bug::kKlpNotifierOrder)) error = Errno::kInval;
    if (error == Errno::kOk) error = Push(m, id, cell, &ops);
    if (error != Errno::kOk) {
      UnpatchObject(m, id, object);
      if (m.bugs.has(Bug::kKpatchRollbackAll)) UnpatchOthers(m, std::span(object.items).subspan(i));
      return error;
    }
    OnOf(m, id, item) = ops;
    Show(m, id, item, true);
  }
  return Errno::kOk;
}

void UnpatchObject(Machine& m, PatchId id, PatchedObject& object) {
  for (PatchItem& item : object.items) UnpatchItem(m, id, item);
}

void UnpatchItem(Machine& m, PatchId id, PatchItem& item) {
  OpsId& on = OnOf(m, id, item);
  if (on == kNoOps) return;
  Pull(m, id, on);
  on = kNoOps;
  Show(m, id, item, false);
}

}  // namespace recount::fast
