#include "harness/conform/guest_livepatch.h"

#include <algorithm>
#include <variant>

#include "model/strings.h"

namespace recount {
namespace {

constexpr std::string_view kModules[] = {"tklp", "tklq"};
constexpr std::string_view kFunctions[] = {"fn0", "fn1"};

}  // namespace

std::optional<PatchId> PatchOfModule(std::string_view module) {
  const auto it = std::find(std::begin(kModules), std::end(kModules), module);
  if (it == std::end(kModules)) return std::nullopt;
  return static_cast<PatchId>(it - std::begin(kModules));
}

std::optional<PatchId> PatchOfFile(std::string_view file) {
  for (const std::string_view module : kModules) {
    if (file == internal::Cat({"/sys/kernel/livepatch/", module, "/enabled"})) {
      return PatchOfModule(module);
    }
  }
  return std::nullopt;
}

bool LoadLivepatch(const Universe& universe, ModuleId module, SlotId slot, PatchId patch,
                   std::span<const std::string> parameters, std::vector<Op>* ops) {
  SetPatch set{.patch = patch, .count = 0};
  std::optional<ModuleId> object;
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos) return false;
    const std::string_view name = std::string_view(parameter).substr(0, equals);
    const std::string_view value = std::string_view(parameter).substr(equals + 1);
    if (name == "obj") {
      object = universe.world()->FindModule(value);
      continue;
    }
    // In their order: the place of a function says what its replacement returns.
    if (!object || set.count == std::size(kFunctions) || name != kFunctions[set.count])
      return false;
    const std::optional<FunctionId> function = universe.FindFunction(*object, value);
    if (!function) return false;
    set.functions[set.count++] = *function;
  }
  if (set.count == 0) return false;
  ops->push_back(LoadBegin{.module = module, .slot = slot});
  for (std::size_t stage = static_cast<std::size_t>(Stage::kPercpu); stage < kStageCount; ++stage) {
    if (static_cast<Stage>(stage) == Stage::kInit) {
      ops->push_back(set);
      ops->push_back(EnablePatch{patch});
    }
    ops->push_back(LoadStep{.module = module});
  }
  return true;
}

Stage StageOf(std::span<const Op> ops, std::size_t index) {
  if (!std::holds_alternative<LoadStep>(ops[index])) return Stage::kLayout;
  const auto before =
      std::count_if(ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(index),
                    [](const Op& op) { return std::holds_alternative<LoadStep>(op); });
  return static_cast<Stage>(static_cast<std::ptrdiff_t>(Stage::kPercpu) + before);
}

std::int64_t Redirection(const View& view, FunctionId function, const Outcome& outcome) {
  const std::size_t index = Index(outcome.redirected);
  if (index >= kPatchCount) return 0;
  const PatchView& patch = view.livepatch.patches[index];
  const auto at =
      std::find(patch.functions.begin(), patch.functions.begin() + patch.count, function);
  return 1000 * (at - patch.functions.begin() + 1);
}

}  // namespace recount
