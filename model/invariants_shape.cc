// I17 and I18: the form of hashes and module states. And the names in messages.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {

Broken HashesAreWellFormed(const Observation& step) {
  const View& view = step.after;
  for (std::size_t i = 0; i < view.kprobes.ops.size(); ++i) {
    const std::vector<Address>& filter = view.kprobes.ops[i].filter;
    const auto bad = std::adjacent_find(filter.begin(), filter.end(),
                                        [](Address a, Address b) { return a >= b; });
    if (bad == filter.end()) continue;
    return Cat({OpsName(Index(kKprobeOps) + i), ": filter is not strictly ascending"});
  }
  for (std::size_t i = 0; i < view.ops.size(); ++i) {
    const OpsView& ops = view.ops[i];
    for (const HashView* hash : {&ops.filter, &ops.notrace}) {
      const auto bad = std::adjacent_find(hash->ips.begin(), hash->ips.end(),
                                          [](Address a, Address b) { return a >= b; });
      if (bad != hash->ips.end()) {
        return Cat({OpsName(i), hash == &ops.filter ? ": filter" : ": notrace",
                    " is not strictly ascending"});
      }
    }
    if (ops.notrace.mod) return Cat({OpsName(i), ": the notrace hash has the flag mod"});
    // Only clearing makes a notrace entry a cleared one (SEMANTICS 4).
    if (ops.notrace.cleared != 0 && step.profile.reload == Profile::Reload::kRecounted) {
      return Cat({OpsName(i), ": the notrace hash has cleared entries in a profile without"});
    }
    if (ops.user == User::kKernel && !(ops.cached_filter.empty() && ops.cached_notrace.empty())) {
      return Cat({OpsName(i), ": a kernel user with cached module filters"});
    }
    if (ops.registered && ops.ipmodify && ops.filter.empty()) {
      return Cat({OpsName(i), ": IPMODIFY is registered with an empty filter"});
    }
    const std::size_t pair = Index(ops.pair);
    if (pair == i) continue;
    if (pair > i || Index(view.ops[pair].pair) != pair) {
      return Cat({OpsName(i), ": its pair ", OpsName(pair), " is not the lowest of the pair"});
    }
    const OpsView& lowest = view.ops[pair];
    if (ops.filter != lowest.filter || ops.notrace != lowest.notrace) {
      return Cat({OpsName(i), ": shares with ", OpsName(pair), ", but the hashes differ"});
    }
    if (ops.ipmodify || lowest.ipmodify) {
      return Cat({OpsName(i), ": shares with ", OpsName(pair), ", and one is IPMODIFY"});
    }
  }
  return std::nullopt;
}

Broken ModulesAreInAState(const Observation& step) {
  const World& world = step.world;
  const View& view = step.after;
  if (view.modules.size() != world.modules().size()) return "not one entry a module of the world";
  const auto range = [&](std::size_t i) {
    const Address begin = world.SlotAddress(view.modules[i].slot);
    const Address count = std::max<Address>(world.modules()[i].count, 1);
    return std::pair(begin, begin + count * World::kFunctionStride);
  };
  for (std::size_t i = 0; i < view.modules.size(); ++i) {
    const ModuleView& module = view.modules[i];
    const Stage next = module.next;
    bool good = false;
    switch (module.state) {
      case ModuleState::kAbsent:
        good = module.slot == kNoSlot && next == Stage::kLayout;
        break;
      case ModuleState::kUnformed:
        good = next >= Stage::kPercpu && next <= Stage::kFormation;
        break;
      case ModuleState::kComing:
        good = next >= Stage::kEnable && next <= Stage::kLive;
        break;
      case ModuleState::kLive:
        good = next == Stage::kFreeInit || next == Stage::kLayout;
        break;
    }
    if (module.state != ModuleState::kAbsent && Index(module.slot) >= world.slot_count()) {
      good = false;
    }
    if (!good) return Cat({world.modules()[i].name, ": state, slot and next stage do not fit"});
    // By chain somebody may stop the call ahead of livepatch, or have it rolled back, and the load
    // goes on (SEMANTICS 11).
    const bool by_chain = step.profile.load_path == Profile::LoadPath::kChain;
    if (module.klp_alive != PastComing(module) && (module.klp_alive || !by_chain)) {
      return Cat({world.modules()[i].name,
                  module.klp_alive ? ": klp_alive before its stage" : ": not klp_alive"});
    }
    if (module.state == ModuleState::kAbsent) continue;
    const auto [begin, end] = range(i);
    for (std::size_t j = 0; j < i; ++j) {
      if (view.modules[j].state == ModuleState::kAbsent) continue;
      const auto [other_begin, other_end] = range(j);
      if (begin < other_end && other_begin < end) {
        return Cat({world.modules()[i].name, " overlaps ", world.modules()[j].name});
      }
    }
  }
  return step.outcome.log.empty() ? std::nullopt : AnnouncementFault(step);
}

std::optional<Address> AddressNow(const World& world, const View& view, FunctionId function) {
  const ModuleId module = world.function(function).module;
  if (module == kCore) return world.AddressOf(function, World::kCoreBase);
  if (Index(module) >= view.modules.size()) return std::nullopt;
  const ModuleView& state = view.modules[Index(module)];
  if (state.state == ModuleState::kAbsent || Index(state.slot) >= world.slot_count()) {
    return std::nullopt;
  }
  return world.AddressOf(function, world.SlotAddress(state.slot));
}

std::string FunctionName(const World& world, FunctionId function) {
  if (Index(function) >= world.functions().size()) {
    return Cat({"function ", std::to_string(Index(function))});
  }
  return world.FunctionText(function);
}

std::string ImageName(const World& world, ModuleId module) {
  if (module != kCore && Index(module) >= world.modules().size()) {
    return Cat({"module ", std::to_string(Index(module))});
  }
  return std::string(world.ImageName(module));
}

std::string OpsName(std::size_t index) { return OpsText(static_cast<OpsId>(index)); }

}  // namespace recount::internal
