// Renames an id through the whole Program. The operations of a reproducer are linked by the ids
// they share (the module that is loaded, filtered and loaded again), so changing one place at a
// time breaks every one of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "harness/shrink/rename_ops.h"
#include "harness/shrink/renaming.h"
#include "harness/shrink/search.h"

namespace recount {
namespace {

// In a big world only so many functions of an image are tried as a new name.
constexpr std::size_t kMaxTargets = 24;
// Slots are tried two at a time up to so many.
constexpr std::size_t kMaxSlots = 8;

class Renamer {
 public:
  explicit Renamer(ShrinkSearch* search) : search_(search), world_(search->world()) { Look(); }

  bool Run() {
    bool found = false;
    // One kind after the other, each until nothing more comes of it; then what only works together.
    while (Ops()) found = true;
    while (Slots()) found = true;
    while (Modules()) found = true;
    while (Functions()) found = true;
    while (Directions()) found = true;
    while (Notifiers()) found = true;
    while (Patches()) found = true;
    while (Kprobes()) found = true;
    while (Then(OntoInitText(search_))) found = true;
    while (SlotPairs() || FunctionPairs()) found = true;
    return found;
  }

 private:
  void Look() { used_ = UsedBy(world_, search_->best()); }
  bool Try(const Renaming& renaming) {
    if (search_->stopped()) return false;
    if (!search_->Try(Renamed(world_, search_->best(), renaming))) return false;
    Look();
    return true;
  }
  bool Then(bool changed) {
    if (changed) Look();
    return changed;
  }
  // Makes `from` the name `to`; where `to` is taken, the two merge.
  template <typename Id>
  bool TryMerge(std::map<Id, Id> Renaming::* map, Id from, Id to) {
    Renaming renaming;
    (renaming.*map)[from] = to;
    return Try(renaming);
  }
  template <typename Id>
  bool TrySwap(std::map<Id, Id> Renaming::* map, Id from, Id to) {
    Renaming renaming;
    (renaming.*map)[from] = to;
    (renaming.*map)[to] = from;
    return Try(renaming);
  }
  template <typename Id>
  bool TryEach(std::map<Id, Id> Renaming::* map, const std::set<Id>& used, std::size_t count) {
    const std::vector<Id> ids(used.begin(), used.end());
    for (const Id from : ids) {
      for (std::size_t to = 0; to < count; ++to) {
        const Id target = static_cast<Id>(to);
        if (target == from) continue;
        if (TryMerge(map, from, target) || TrySwap(map, from, target)) return true;
      }
    }
    return false;
  }

  bool Ops() { return TryEach(&Renaming::ops, used_.ops, kOpsCount); }
  bool Slots() {
    // Slots of a big world are many; those past the first dozen are tried only where used.
    return TryEach(&Renaming::slots, used_.slots,
                   std::min<std::size_t>(world_.slot_count(), 2 * kMaxSlots));
  }

  // A chain that nobody calls may as well be the loader's, which a Program cannot call.
  bool ToTheLoadersChain() {
    const std::vector<Op>& best = search_->best();
    if (std::any_of(best.begin(), best.end(), [](const Op& op) {
          return std::holds_alternative<Notify>(op) || std::holds_alternative<NotifyRobust>(op);
        })) {
      return false;
    }
    return std::any_of(kFreeChains.begin(), kFreeChains.end(), [this](Chain chain) {
      return TryMerge(&Renaming::chains, chain, Chain::kModule);
    });
  }
  // Each to the simplest that it can be.
  bool FreeChains() {
    for (const Chain from : kFreeChains) {
      for (const Chain to : kFreeChains) {
        if (to < from && TryMerge(&Renaming::chains, from, to)) return true;
      }
    }
    return false;
  }
  // Who is told, on which chain, of what, and in which order.
  bool Notifiers() {
    if (TryEach(&Renaming::notifiers, used_.notifiers, kNotifierCount) || FreeChains() ||
        ToTheLoadersChain() || TryEach(&Renaming::events, used_.events, kEventCount)) {
      return true;
    }
    // Priorities count only among each other: the highest takes the place of the next, and so on.
    const std::vector<std::int32_t> priorities(used_.priorities.begin(), used_.priorities.end());
    for (const std::int32_t from : priorities) {
      for (const std::int32_t to : {0, 1, -1, 2, -2}) {
        if (to != from && TryMerge(&Renaming::priorities, from, to)) return true;
      }
    }
    return false;
  }
  bool Patches() {
    return TryEach(&Renaming::patches, used_.patches, kPatchCount) || Then(TradePatches(search_));
  }
  bool Kprobes() {
    return TryEach(&Renaming::kprobes, used_.kprobes, kKprobeCount) ||
           Then(TradeKprobes(search_)) || Then(ProbesOntoCallSites(search_));
  }
  // notrace -> filter everywhere, or for one ops.
  bool Directions() {
    std::vector<std::optional<OpsId>> whose = {std::nullopt};
    whose.insert(whose.end(), used_.ops.begin(), used_.ops.end());
    for (const std::optional<OpsId> only : whose) {
      std::vector<Op> candidate = search_->best();
      for (Op& op : candidate) {
        std::visit(
            [&](auto& o) {
              if constexpr (requires { o.which; }) {
                if (!only || o.ops == *only) o.which = Which::kFilter;
              }
            },
            op);
      }
      if (search_->Try(std::move(candidate))) return true;
    }
    return false;
  }

  // The functions of the image that holds `function`, or of the one named.
  std::vector<FunctionId> Targets(ModuleId module) const {
    const Module& image = world_.image(module);
    std::vector<FunctionId> targets;
    for (std::size_t i = 0; i < std::min<std::size_t>(image.count, kMaxTargets); ++i) {
      targets.push_back(static_cast<FunctionId>(image.first + i));
    }
    return targets;
  }
  std::vector<FunctionId> AllTargets() const {
    std::vector<FunctionId> targets = Targets(kCore);
    std::set<ModuleId> modules = used_.modules;
    // The first modules are where renaming wants to go.
    for (std::size_t i = 0; i < std::min<std::size_t>(world_.modules().size(), 4); ++i) {
      modules.insert(static_cast<ModuleId>(i));
    }
    for (const ModuleId module : modules) {
      const std::vector<FunctionId> more = Targets(module);
      targets.insert(targets.end(), more.begin(), more.end());
    }
    return targets;
  }

  // A module with its functions: place by place, or the functions used to any of the new module's;
  // at the slots there are, or with one slot changed, because images differ in length.
  bool Modules() {
    const std::vector<ModuleId> used(used_.modules.begin(), used_.modules.end());
    const std::size_t count = std::min<std::size_t>(world_.modules().size(), 2 * kMaxSlots);
    for (const ModuleId from : used) {
      for (std::size_t i = 0; i < count; ++i) {
        const auto to = static_cast<ModuleId>(i);
        if (to == from) continue;
        for (const bool swap : {false, true}) {
          for (const auto& functions : FunctionMaps(from, to)) {
            Renaming renaming;
            renaming.modules[from] = to;
            if (swap) renaming.modules[to] = from;
            renaming.functions = functions;
            if (swap) {
              for (const auto& [f, g] : functions) renaming.functions.try_emplace(g, f);
            }
            if (Try(renaming) || TryWithSlots(renaming)) return true;
          }
        }
      }
    }
    return false;
  }
  bool TryWithSlots(const Renaming& renaming) {
    const std::vector<SlotId> slots(used_.slots.begin(), used_.slots.end());
    for (const SlotId slot : slots) {
      for (std::size_t i = 0; i < std::min(world_.slot_count(), kMaxSlots); ++i) {
        Renaming with = renaming;
        with.slots[slot] = static_cast<SlotId>(i);
        if (Try(with)) return true;
      }
    }
    return false;
  }
  // Ways for the functions of `from` that the Program names to become functions of `to`.
  std::vector<std::map<FunctionId, FunctionId>> FunctionMaps(ModuleId from, ModuleId to) const {
    const Module& old_image = world_.module(from);
    const std::vector<FunctionId> targets = Targets(to);
    std::vector<FunctionId> named;
    for (const FunctionId function : used_.functions) {
      if (world_.function(function).module == from) named.push_back(function);
    }
    if (named.empty() || targets.empty()) return {{}};
    std::map<FunctionId, FunctionId> by_place;
    for (const FunctionId function : named) {
      const std::size_t position = Index(function) - old_image.first;
      by_place[function] = targets[std::min(position, targets.size() - 1)];
    }
    std::vector<std::map<FunctionId, FunctionId>> maps = {by_place};
    for (const FunctionId target : targets) {
      std::map<FunctionId, FunctionId> map = by_place;
      map[named[0]] = target;
      maps.push_back(map);
      if (named.size() < 2) continue;
      for (const FunctionId second : targets) {
        map[named[1]] = second;
        maps.push_back(map);
      }
    }
    return maps;
  }

  bool Functions() {
    const std::vector<FunctionId> used(used_.functions.begin(), used_.functions.end());
    const std::vector<FunctionId> targets = AllTargets();
    for (const FunctionId from : used) {
      for (const FunctionId to : targets) {
        if (to != from && TryMerge(&Renaming::functions, from, to)) return true;
      }
    }
    return false;
  }
  bool FunctionPairs() {
    const std::vector<FunctionId> used(used_.functions.begin(), used_.functions.end());
    std::vector<FunctionId> targets = AllTargets();
    targets.resize(std::min(targets.size(), kMaxTargets));
    for (std::size_t i = 0; i < used.size(); ++i) {
      for (std::size_t j = i + 1; j < used.size(); ++j) {
        for (const FunctionId a : targets) {
          for (const FunctionId b : targets) {
            Renaming renaming;
            renaming.functions[used[i]] = a;
            renaming.functions[used[j]] = b;
            if (Try(renaming)) return true;
          }
        }
      }
    }
    return false;
  }
  bool SlotPairs() {
    const std::vector<SlotId> used(used_.slots.begin(), used_.slots.end());
    const std::size_t count = std::min(world_.slot_count(), kMaxSlots);
    for (std::size_t i = 0; i < used.size(); ++i) {
      for (std::size_t j = i + 1; j < used.size(); ++j) {
        for (std::size_t a = 0; a < count; ++a) {
          for (std::size_t b = 0; b < count; ++b) {
            Renaming renaming;
            renaming.slots[used[i]] = static_cast<SlotId>(a);
            renaming.slots[used[j]] = static_cast<SlotId>(b);
            if (Try(renaming)) return true;
          }
        }
      }
    }
    return false;
  }

  ShrinkSearch* search_;
  const World& world_;
  Used used_;
};

}  // namespace

bool RenameIds(ShrinkSearch* search) {
  // While the Program is long its ids are many, and most are about to go.
  constexpr std::size_t kMaxForRenaming = 40;
  if (search->size() > kMaxForRenaming) return false;
  return Renamer(search).Run();
}

}  // namespace recount
