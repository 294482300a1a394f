#include "harness/shrink/renaming.h"

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "harness/generate/operands.h"
#include "harness/generate/pattern_maker.h"

namespace recount {
namespace {

template <typename Id>
Id Mapped(const std::map<Id, Id>& map, Id id) {
  const auto found = map.find(id);
  return found == map.end() ? id : found->second;
}

// "name", "!name" and a module part are renamed where they are a name in full.
Pattern RenamePattern(const World& world, const Renaming& renaming, const Pattern& pattern) {
  if (pattern.null()) return pattern;
  PatternBuffer out;
  std::string_view rest = pattern.text();
  while (true) {
    if (!rest.empty() && rest.front() == '!') {
      out.Add('!');
      rest.remove_prefix(1);
    }
    const std::size_t colon = rest.find(':');
    std::string_view part = rest.substr(0, colon);
    for (const auto& [from, to] : renaming.functions) {
      if (part != world.function(from).name) continue;
      part = world.function(to).name;
      break;
    }
    for (const auto& [from, to] : renaming.modules) {
      if (part != world.module(from).name) continue;
      part = world.module(to).name;
      break;
    }
    out.Add(part);
    if (colon == std::string_view::npos) break;
    out.Add(':');
    rest.remove_prefix(colon + 1);
  }
  const Pattern renamed = out.Take();
  return renamed.null() ? pattern : renamed;
}

template <typename T>
void RenameWords(const Renaming& renaming, T* op) {
  if constexpr (requires { op->chain; }) op->chain = Mapped(renaming.chains, op->chain);
  if constexpr (requires { op->event; }) op->event = Mapped(renaming.events, op->event);
  if constexpr (requires { op->up; }) {
    op->up = Mapped(renaming.events, op->up);
    op->down = Mapped(renaming.events, op->down);
  }
  if constexpr (requires { op->priority; }) {
    op->priority = Mapped(renaming.priorities, op->priority);
  }
}

}  // namespace

std::vector<Op> Renamed(const World& world, std::vector<Op> ops, const Renaming& renaming) {
  for (Op& op : ops) {
    VisitOperands(op, [&](auto& operand) {
      using T = std::remove_reference_t<decltype(operand)>;
      if constexpr (std::is_same_v<T, OpsId>) operand = Mapped(renaming.ops, operand);
      if constexpr (std::is_same_v<T, ModuleId>) operand = Mapped(renaming.modules, operand);
      if constexpr (std::is_same_v<T, SlotId>) operand = Mapped(renaming.slots, operand);
      if constexpr (std::is_same_v<T, FunctionId>) operand = Mapped(renaming.functions, operand);
      if constexpr (std::is_same_v<T, Place>) {
        operand.function = Mapped(renaming.functions, operand.function);
      }
      if constexpr (std::is_same_v<T, Pattern>) operand = RenamePattern(world, renaming, operand);
      if constexpr (std::is_same_v<T, NotifierId>) operand = Mapped(renaming.notifiers, operand);
      if constexpr (std::is_same_v<T, PatchId>) operand = Mapped(renaming.patches, operand);
      if constexpr (std::is_same_v<T, KprobeId>) operand = Mapped(renaming.kprobes, operand);
    });
    std::visit([&](auto& o) { RenameWords(renaming, &o); }, op);
    DropRepeated(&op);
  }
  return ops;
}

Used UsedBy(const World& world, const std::vector<Op>& ops) {
  Used used;
  const auto add_named = [&](std::string_view name) {
    const auto functions = world.functions();
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (functions[i].name == name) {
        used.functions.insert(static_cast<FunctionId>(i));
        break;
      }
    }
  };
  for (const Op& op : ops) {
    VisitOperands(op, [&](const auto& operand) {
      using T = std::remove_cvref_t<decltype(operand)>;
      if constexpr (std::is_same_v<T, OpsId>) used.ops.insert(operand);
      if constexpr (std::is_same_v<T, ModuleId>) used.modules.insert(operand);
      if constexpr (std::is_same_v<T, SlotId>) used.slots.insert(operand);
      if constexpr (std::is_same_v<T, FunctionId>) used.functions.insert(operand);
      if constexpr (std::is_same_v<T, Place>) used.functions.insert(operand.function);
      if constexpr (std::is_same_v<T, Pattern>) {
        std::string_view text = operand.text();
        if (text.starts_with('!')) text.remove_prefix(1);
        add_named(text.substr(0, text.find(':')));
      }
      if constexpr (std::is_same_v<T, NotifierId>) used.notifiers.insert(operand);
      if constexpr (std::is_same_v<T, PatchId>) used.patches.insert(operand);
      if constexpr (std::is_same_v<T, KprobeId>) used.kprobes.insert(operand);
    });
    std::visit(
        [&used](const auto& o) {
          if constexpr (requires { o.event; }) used.events.insert(o.event);
          if constexpr (requires { o.up; }) used.events.insert({o.up, o.down});
          if constexpr (requires { o.priority; }) used.priorities.insert(o.priority);
        },
        op);
  }
  return used;
}

}  // namespace recount
