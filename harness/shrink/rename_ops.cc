#include "harness/shrink/rename_ops.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "harness/shrink/renaming.h"

namespace recount {
namespace {

// In Programs of up to so many operations a load is made one of a module with init text,
constexpr std::size_t kMaxForInitText = 8;
// of the first so many.
constexpr std::size_t kMaxModules = 8;

// The load at `i` becomes `load`, and what is said of module `moved.first` is said of the other,
// whose function is the one at `place`; with the slots there are, or all loads at that of `load`.
bool TryOnto(ShrinkSearch* search, const Used& used, std::size_t i, const Load& load,
             std::uint32_t place, std::pair<ModuleId, ModuleId> moved) {
  const World& world = search->world();
  const auto [from, to] = moved;
  const Module& image = world.module(to);
  if (search->stopped() || place >= image.count) return false;
  Renaming renaming;
  renaming.modules[from] = to;
  for (const FunctionId function : used.functions) {
    if (world.function(function).module != from) continue;
    renaming.functions[function] = static_cast<FunctionId>(image.first + place);
  }
  if (renaming.functions.empty()) return false;
  std::vector<Op> candidate = Renamed(world, search->best(), renaming);
  candidate[i] = load;
  std::vector<Op> at_one_slot = candidate;
  for (Op& op : at_one_slot) {
    if (auto* before = std::get_if<Load>(&op); before != nullptr) before->slot = load.slot;
  }
  return search->Try(std::move(candidate)) || search->Try(std::move(at_one_slot));
}

}  // namespace

bool TradePatches(ShrinkSearch* search) {
  const std::set<PatchId> patches = UsedBy(search->world(), search->best()).patches;
  const std::vector<PatchId> used(patches.begin(), patches.end());
  for (std::size_t i = 0; i + 1 < used.size(); ++i) {
    Renaming renaming;
    renaming.patches = {{used[i], used[i + 1]}, {used[i + 1], used[i]}};
    std::vector<Op> candidate = Renamed(search->world(), search->best(), renaming);
    for (std::size_t at = 1; at < candidate.size(); ++at) {
      const auto* before = std::get_if<SetPatch>(&candidate[at - 1]);
      const auto* after = std::get_if<SetPatch>(&candidate[at]);
      if (before == nullptr || after == nullptr || before->patch <= after->patch) continue;
      std::swap(candidate[at - 1], candidate[at]);
      if (search->Try(std::move(candidate))) return true;
      break;
    }
  }
  return false;
}

bool TradeKprobes(ShrinkSearch* search) {
  const std::set<KprobeId> kprobes = UsedBy(search->world(), search->best()).kprobes;
  const std::vector<KprobeId> used(kprobes.begin(), kprobes.end());
  for (std::size_t i = 0; i + 1 < used.size(); ++i) {
    Renaming renaming;
    renaming.kprobes = {{used[i], used[i + 1]}, {used[i + 1], used[i]}};
    const std::vector<Op> renamed = Renamed(search->world(), search->best(), renaming);
    for (std::size_t at = 1; at < renamed.size(); ++at) {
      const auto* after = std::get_if<AddKprobe>(&renamed[at]);
      if (after == nullptr) continue;
      for (std::size_t from = 0; from < at; ++from) {
        const auto* before = std::get_if<AddKprobe>(&renamed[from]);
        if (before == nullptr || before->kprobe <= after->kprobe) continue;
        const auto first = static_cast<std::ptrdiff_t>(from);
        const auto last = static_cast<std::ptrdiff_t>(at);
        std::vector<Op> swapped = renamed, up = renamed, down = renamed;
        std::swap(swapped[from], swapped[at]);
        std::rotate(up.begin() + first, up.begin() + last, up.begin() + last + 1);
        std::rotate(down.begin() + first, down.begin() + first + 1, down.begin() + last + 1);
        for (std::vector<Op>* candidate : {&swapped, &up, &down}) {
          if (search->Try(std::move(*candidate))) return true;
        }
      }
    }
  }
  return false;
}

bool ProbesOntoCallSites(ShrinkSearch* search) {
  std::set<Place> places;
  for (const Op& op : search->best()) {
    const auto* add = std::get_if<AddKprobe>(&op);
    if (add != nullptr && add->place.offset > 0) places.insert(add->place);
  }
  for (const Place& place : places) {
    for (const std::uint8_t offset : {0, 5, 8}) {
      if (offset >= place.offset) break;
      std::vector<Op> candidate = search->best();
      for (Op& op : candidate) {
        auto* add = std::get_if<AddKprobe>(&op);
        if (add != nullptr && add->place == place) add->place.offset = offset;
      }
      if (search->Try(std::move(candidate))) return true;
    }
  }
  return false;
}

bool OntoInitText(ShrinkSearch* search) {
  const World& world = search->world();
  if (search->size() > kMaxForInitText) return false;
  const Used used = UsedBy(world, search->best());
  const std::size_t count = std::min<std::size_t>(world.modules().size(), kMaxModules);
  for (std::size_t i = 0; i < search->size(); ++i) {
    const auto* found = std::get_if<Load>(&search->best()[i]);
    if (found == nullptr) continue;
    Load load = *found;
    load.failure.reset();
    for (std::size_t next = 0; next < count; ++next) {
      load.module = static_cast<ModuleId>(next);
      const Module& image = world.module(load.module);
      for (std::uint32_t place = image.init_begin; place < image.init_end; ++place) {
        for (const ModuleId from : used.modules) {
          for (std::size_t to = 0; to < count; ++to) {
            if (TryOnto(search, used, i, load, place, {from, static_cast<ModuleId>(to)}))
              return true;
          }
        }
      }
    }
  }
  return false;
}

}  // namespace recount
