#include "model/reference/cached_filters.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/reference/faults.h"
#include "model/reference/filters.h"

namespace recount::reference {
namespace {

bool IsPresent(const State& state, std::string_view module) {
  const std::optional<ModuleId> id = state.world->FindModule(module);
  if (!id) return false;
  const ModuleState found = state.modules[Index(*id)].state;
  return found == ModuleState::kComing || found == ModuleState::kLive;
}

// A "!function:mod:module" that matched nothing takes cached items back.
Errno RemoveCached(std::vector<CachedFilter>* list, std::string_view function,
                   std::string_view module) {
  const auto removed = std::erase_if(*list, [&](const CachedFilter& item) {
    return item.module.text() == module && (function == "*" || item.function.text() == function);
  });
  return removed > 0 ? Errno::kOk : Errno::kInval;
}

// One token, written to the open file: edits the copy, or the cached list.
Errno WriteToken(State& state, const SetFilter& op, HashView* copy) {
  constexpr auto npos = std::string_view::npos;
  const std::string_view text = op.pattern.text();
  const std::size_t first = text.find(':');
  if (first == npos) {
    return EditByPattern(state, text, std::nullopt, copy) ? Errno::kOk : Errno::kInval;
  }
  const std::size_t second = text.find(':', first + 1);
  if (second == npos || text.substr(first + 1, second - first - 1) != "mod") return Errno::kInval;

  const std::string_view function = text.substr(0, first);
  const std::string_view module = text.substr(second + 1);
  if (EditByPattern(state, function, module, copy)) return Errno::kOk;

  std::vector<CachedFilter>& list = state[op.ops].cached(op.which);
  if (function.starts_with('!')) return RemoveCached(&list, function.substr(1), module);
  if (IsPresent(state, module)) return Errno::kInval;
  // Newest first, as list_add() puts it.
  list.insert(list.begin(),
              {.function = op.pattern.Piece(0, first), .module = op.pattern.Piece(second + 1)});
  return Errno::kOk;
}

void ApplyCachedList(State& state, OpsId ops, Which which, ModuleId module) {
  std::vector<CachedFilter>& list = state[ops].cached(which);
  if (list.empty()) return;
  if (Fails(state, FaultPoint::kHashCopy)) return;
  HashView copy = state.PairOf(ops).of(which);
  const std::string& name = state.world->module(module).name;
  std::erase_if(list, [&](const CachedFilter& item) {
    if (item.module.text() != name) return false;
    EditByPattern(state, item.function.text(), name, &copy);
    return true;
  });
  if (which == Which::kFilter && list.empty()) {
    copy.mod = false;
    // A filter that was asked for and matched nothing traces nothing (S C3.2, intent).
    if (copy.empty()) copy.cleared = 1;
  }
  Install(state, ops, which, std::move(copy));  // errors are ignored
}

}  // namespace

Errno SetByTracer(State& state, const SetFilter& op) {
  RECOUNT_CHECK(state[op.ops].user == User::kTracer);
  // Open.
  if (state.globals.dead) return Errno::kNoDev;
  if (Fails(state, FaultPoint::kHashCopy)) return Errno::kNoMem;
  HashView copy;
  if (op.reset) {
    state[op.ops].cached(op.which).clear();
  } else {
    copy = state.PairOf(op.ops).of(op.which);
  }
  // Write.
  const Errno written = op.pattern.null() ? Errno::kOk : WriteToken(state, op, &copy);
  // Close: installs also after an error, and its own error is lost.
  if (op.which == Which::kFilter) copy.mod = !state[op.ops].cached_filter.empty();
  Install(state, op.ops, op.which, std::move(copy));
  return written;
}

void ApplyCachedFilters(State& state, ModuleId module) {
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsId ops{static_cast<std::uint8_t>(i)};
    if (state[ops].user != User::kTracer) continue;
    ApplyCachedList(state, ops, Which::kFilter, module);
    ApplyCachedList(state, ops, Which::kNotrace, module);
  }
}

}  // namespace recount::reference
