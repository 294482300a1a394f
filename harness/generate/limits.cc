#include "harness/generate/limits.h"

#include <array>
#include <variant>

#include "absl/strings/str_cat.h"

namespace recount {

bool IsWithin(const Limits& limits, const View& view, const Op& op) {
  if (const auto* add = std::get_if<AddNotifier>(&op)) {
    return !(limits.after_boot && add->chain == Chain::kTryFix);
  }
  if (const auto* notify = std::get_if<Notify>(&op)) {
    return !(limits.forward_only && notify->reverse);
  }
  const auto* share = std::get_if<Share>(&op);
  if (!limits.one_shared_pair || share == nullptr) return true;
  // Who uses which pair when `share->ops` has given up its own.
  std::array<int, kOpsCount> users{};
  for (const OpsView& ops : view.ops) ++users[Index(ops.pair)];
  --users[Index(view.ops[Index(share->ops)].pair)];
  for (std::size_t pair = 0; pair < kOpsCount; ++pair) {
    if (pair != Index(view.ops[Index(share->with)].pair) && users[pair] > 1) return false;
  }
  return true;
}

std::string CannotBegin(std::string_view who, const Limits& limits, const Program& program) {
  if (!program.from_boot || !limits.after_boot) return "";
  return absl::StrCat(std::string(who), " begins after boot, the program at boot");
}

}  // namespace recount
