// Passes for Programs with notifiers, livepatches and kprobes. What these do to a load or to a
// record, plainer operations often do too, but several operations have to change together for it: a
// load that a notifier refuses becomes one that fails by itself, a livepatch an ops with a filter.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "harness/generate/operands.h"
#include "harness/shrink/search.h"
#include "harness/shrink/vocabulary.h"

namespace recount {
namespace {

constexpr std::size_t kMaxForPatches = 8;  // operations, where all places are tried
constexpr std::size_t kMaxWithoutRecord = 16;

bool OfNotifiers(const Op& op) {
  return std::holds_alternative<AddNotifier>(op) || std::holds_alternative<RemoveNotifier>(op) ||
         std::holds_alternative<SetScript>(op) || std::holds_alternative<Notify>(op) ||
         std::holds_alternative<NotifyRobust>(op);
}

bool OfLivepatch(const Op& op) {
  const auto* fault = std::get_if<Fault>(&op);
  return std::holds_alternative<SetPatch>(op) || std::holds_alternative<EnablePatch>(op) ||
         std::holds_alternative<DisablePatch>(op) ||
         (fault != nullptr && fault->point >= FaultPoint::kKlpAlloc &&
          fault->point <= FaultPoint::kKlpCallback);
}

bool OfKprobes(const Op& op) {
  const auto* fault = std::get_if<Fault>(&op);
  return std::holds_alternative<AddKprobe>(op) || std::holds_alternative<RemoveKprobe>(op) ||
         std::holds_alternative<EnableKprobe>(op) || std::holds_alternative<DisableKprobe>(op) ||
         std::holds_alternative<KprobesArmed>(op) || std::holds_alternative<Optimize>(op) ||
         (fault != nullptr && fault->point >= FaultPoint::kKprobeAlloc);
}

// `op` with a failure where it is a load, or a step of one.
std::optional<Op> Failing(const Op& op, Stage stage) {
  if (const auto* load = std::get_if<Load>(&op)) {
    return Load{load->module, load->slot, StageFailure{stage, Errno::kOk}};
  }
  if (const auto* step = std::get_if<LoadStep>(&op)) return LoadStep{step->module, Errno::kOk};
  return std::nullopt;
}

// Tries `candidate` with each of its loads failing, late and early, and with all of them.
bool TryFailing(ShrinkSearch* search, const std::vector<Op>& candidate) {
  for (const Stage stage : {Stage::kInit, Stage::kComing, Stage::kFormation}) {
    std::vector<Op> all = candidate;
    for (std::size_t i = 0; i < candidate.size(); ++i) {
      const std::optional<Op> failing = Failing(candidate[i], stage);
      if (!failing) continue;
      std::vector<Op> one = candidate;
      all[i] = one[i] = *failing;
      if (search->Try(std::move(one))) return true;
    }
    if (search->Try(std::move(all))) return true;
  }
  return false;
}

// One kind after the other: in a Program that needs its livepatch a notifier may still be too much.
template <typename Group>
bool TryWithout(ShrinkSearch* search, Group group) {
  std::vector<Op> rest = search->best();
  if (std::erase_if(rest, group) == 0) return false;
  return TryFailing(search, rest);
}

// What stands for `patch` where it is enabled: an ops that traces one function, or all.
std::vector<Op> Openings(const World& world, const SetPatch& patch, OpsId ops) {
  std::vector<Op> openings = {
      SetOps{ops, User::kKernel, false, false, true},
      SetOps{ops, User::kKernel, false, true, false},
      SetOps{ops, User::kTracer, false, false, false},
  };
  for (std::size_t i = 0; i < patch.count; ++i) {
    const absl::StatusOr<Pattern> name = Pattern::FromText(world.function(patch.functions[i]).name);
    if (name.ok()) openings.push_back(SetFilter{Which::kFilter, ops, false, *name});
    SetFilterIp ip{Which::kFilter, ops, false, false, 1, {}};
    ip.places[0] = {patch.functions[i], 0};
    openings.push_back(ip);
  }
  return openings;
}

// What stands for a kprobe where it is registered: an ops that traces its function, or all; which
// is IPMODIFY where it has a post_handler.
std::vector<Op> Openings(const World& world, const AddKprobe& add, OpsId ops) {
  SetPatch patch{.count = 1, .functions = {add.place.function}};
  std::vector<Op> openings = Openings(world, patch, ops);
  openings.insert(openings.begin(), SetOps{ops, User::kKernel, true, false, false});
  return openings;
}

// The first ops the Program does not name.
OpsId FreeOps(const std::vector<Op>& program) {
  std::set<OpsId> used;
  for (const Op& op : program) {
    VisitOperands(op, [&used](const auto& operand) {
      if constexpr (requires { used.insert(operand); }) used.insert(operand);
    });
  }
  std::size_t free = 0;
  while (free + 1 < kOpsCount && used.contains(static_cast<OpsId>(free))) ++free;
  return static_cast<OpsId>(free);
}

// Enabling and disabling `patch` becomes registering and unregistering `ops`.
std::vector<Op> WithOps(std::vector<Op> program, PatchId patch, OpsId ops) {
  for (Op& op : program) {
    const auto* enable = std::get_if<EnablePatch>(&op);
    const auto* disable = std::get_if<DisablePatch>(&op);
    if (enable != nullptr && enable->patch == patch) op = Register{ops};
    if (disable != nullptr && disable->patch == patch) op = Unregister{ops};
  }
  return program;
}

// Registering and unregistering `kprobe` becomes that of `ops`. Enabled it is registered too.
std::vector<Op> WithOps(std::vector<Op> program, KprobeId kprobe, OpsId ops) {
  for (Op& op : program) {
    const auto* add = std::get_if<AddKprobe>(&op);
    const auto* enable = std::get_if<EnableKprobe>(&op);
    const auto* remove = std::get_if<RemoveKprobe>(&op);
    const auto* disable = std::get_if<DisableKprobe>(&op);
    if (add != nullptr && add->kprobe == kprobe) op = Register{ops};
    if (enable != nullptr && enable->kprobe == kprobe) op = Register{ops};
    if (remove != nullptr && remove->kprobe == kprobe) op = Unregister{ops};
    if (disable != nullptr && disable->kprobe == kprobe) op = Unregister{ops};
  }
  return program;
}

bool HasIpModify(const std::vector<Op>& program) {
  return std::any_of(program.begin(), program.end(), [](const Op& op) {
    const auto* set = std::get_if<SetOps>(&op);
    return set != nullptr && set->ipmodify;
  });
}

}  // namespace

bool ReplaceRefusals(ShrinkSearch* search) {
  if (search->stopped()) return false;
  return TryWithout(search, [](const Op& op) { return OfNotifiers(op) || OfLivepatch(op); }) ||
         TryWithout(search, OfNotifiers) || TryWithout(search, OfLivepatch) ||
         TryWithout(search, OfKprobes);
}

// The loader calls its chain as a Program does the others: COMING, and GOING where it fails.
bool ReplaceCalls(ShrinkSearch* search) {
  if (search->world().modules().empty()) return false;
  const auto calls = [](const Op& op) {
    return std::holds_alternative<Notify>(op) || std::holds_alternative<NotifyRobust>(op);
  };
  for (std::size_t i = 0; i < search->size() && !search->stopped(); ++i) {
    if (!calls(search->best()[i])) continue;
    std::vector<Op> candidate = search->best();
    for (Op& op : candidate) {
      if (auto* add = std::get_if<AddNotifier>(&op)) add->chain = Chain::kModule;
    }
    for (const bool failing : {false, true}) {
      Load load{ModuleId{0}, SlotId{0}, std::nullopt};
      if (failing) load.failure = StageFailure{Stage::kInit, Errno::kOk};
      candidate[i] = load;
      for (const bool scripts : {true, false}) {
        std::vector<Op> rest = candidate;
        std::erase_if(rest, [&](const Op& op) {
          return calls(op) || (!scripts && std::holds_alternative<SetScript>(op));
        });
        if (search->Try(std::move(rest))) return true;
      }
    }
  }
  return false;
}

bool ReplacePatches(ShrinkSearch* search) {
  const OpsId ops = FreeOps(search->best());
  for (std::size_t i = 0; i < search->size() && !search->stopped(); ++i) {
    const auto* patch = std::get_if<SetPatch>(&search->best()[i]);
    if (patch == nullptr) continue;
    std::vector<Op> candidate = WithOps(search->best(), patch->patch, ops);
    for (const Op& opening : Openings(search->world(), SetPatch(*patch), ops)) {
      candidate[i] = opening;
      if (search->Try(candidate)) return true;
    }
    candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
    if (search->Try(std::move(candidate))) return true;
  }
  return false;
}

// Something makes a livepatch or its module be refused: with a function that ftrace has no record
// of it is refused without. Such a function may be in another module.
bool RefusePatches(ShrinkSearch* search) {
  const World& world = search->world();
  std::vector<FunctionId> functions;
  for (std::size_t i = 0; i < world.functions().size() && functions.size() < kMaxWithoutRecord;
       ++i) {
    const FunctionKind kind = world.functions()[i].kind;
    if (kind == FunctionKind::kNull || kind == FunctionKind::kNotrace) {
      functions.push_back(static_cast<FunctionId>(i));
    }
  }
  for (std::size_t drop = 0; drop < search->size() && !search->stopped(); ++drop) {
    std::vector<Op> rest = search->best();
    if (auto* load = std::get_if<Load>(&rest[drop]); load != nullptr && load->failure) {
      load->failure.reset();
    } else {
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(drop));
    }
    for (std::size_t at = 0; at < rest.size(); ++at) {
      const auto* patch = std::get_if<SetPatch>(&rest[at]);
      if (patch == nullptr || patch->count == 0) continue;
      const ModuleId from = world.function(patch->functions[0]).module;
      for (const FunctionId function : functions) {
        const ModuleId to = world.function(function).module;
        if ((from == kCore) != (to == kCore)) continue;
        std::vector<Op> candidate = rest;
        candidate[at] = SetPatch{patch->patch, patch->replace, 1, {function}};
        for (Op& op : candidate) {
          VisitOperands(op, [&](auto& operand) {
            if constexpr (std::is_same_v<std::remove_reference_t<decltype(operand)>, ModuleId>) {
              if (operand == from) operand = to;
            }
          });
        }
        if (search->Try(std::move(candidate))) return true;
      }
    }
  }
  return false;
}

// What a kprobe does to a record, an ops does: registered alone, or made or filtered first.
bool ReplaceKprobes(ShrinkSearch* search) {
  const OpsId ops = FreeOps(search->best());
  for (std::size_t i = 0; i < search->size() && !search->stopped(); ++i) {
    const auto* found = std::get_if<AddKprobe>(&search->best()[i]);
    if (found == nullptr) continue;
    const AddKprobe add = *found;
    const std::vector<Op> candidate = WithOps(search->best(), add.kprobe, ops);
    if (search->Try(candidate)) return true;
    for (const Op& opening : Openings(search->world(), add, ops)) {
      // It takes the place of something, or it would be one operation more.
      for (std::size_t at = 0; at < candidate.size(); ++at) {
        if (at == i) continue;
        std::vector<Op> opened = candidate;
        opened.erase(opened.begin() + static_cast<std::ptrdiff_t>(at));
        opened.insert(opened.begin() + static_cast<std::ptrdiff_t>(at < i ? i - 1 : i), opening);
        if (search->Try(std::move(opened))) return true;
      }
    }
  }
  return false;
}

// Where jumps meet, kprobes move together: each to the instruction in front of its own.
bool LowerOffsets(ShrinkSearch* search) {
  static constexpr std::array<std::uint8_t, 4> kInstructions = {0, 5, 8, 12};
  std::vector<Op> candidate = search->best();
  for (Op& op : candidate) {
    auto* const add = std::get_if<AddKprobe>(&op);
    if (add == nullptr) continue;
    const auto at = std::lower_bound(kInstructions.begin(), kInstructions.end(), add->place.offset);
    if (at != kInstructions.begin()) add->place.offset = *(at - 1);
  }
  return search->Try(std::move(candidate));
}

// An IPMODIFY ops needs to be made, given a filter and registered; a livepatch is one in two.
bool ReplaceIpModify(ShrinkSearch* search) {
  const std::size_t size = search->size();
  if (size < 3 || size > kMaxForPatches || !HasIpModify(search->best())) return false;
  std::set<FunctionId> functions;
  for (const Op& op : search->best()) {
    VisitOperands(op, [&](const auto& operand) {
      if constexpr (requires { functions.insert(operand); }) functions.insert(operand);
      if constexpr (requires { operand.offset; }) functions.insert(operand.function);
      if constexpr (requires { operand.text(); }) {
        const auto named = search->world().FindFunction(operand.text());
        if (named.ok()) functions.insert(*named);
      }
    });
  }
  for (std::size_t k = size; k-- > 2;) {
    for (std::size_t j = k; j-- > 1;) {
      for (std::size_t i = j; i-- > 0;) {
        std::vector<Op> rest = search->best();
        for (const std::size_t at : {k, j, i}) {
          rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
        }
        for (const FunctionId function : functions) {
          for (std::size_t at = 0; at <= rest.size(); ++at) {
            if (search->stopped()) return false;
            std::vector<Op> candidate = rest;
            const Op words[] = {SetPatch{PatchId{0}, false, 1, {function}}, EnablePatch{}};
            candidate.insert(candidate.begin() + static_cast<std::ptrdiff_t>(at), std::begin(words),
                             std::end(words));
            if (search->Try(std::move(candidate))) return true;
          }
        }
      }
    }
  }
  return false;
}

bool SortFunctions(ShrinkSearch* search) {
  bool found = false;
  for (std::size_t i = 0; i < search->size() && !search->stopped(); ++i) {
    if (!std::holds_alternative<SetPatch>(search->best()[i])) continue;
    std::vector<Op> candidate = search->best();
    auto& patch = std::get<SetPatch>(candidate[i]);
    std::sort(patch.functions.begin(), patch.functions.begin() + patch.count);
    if (search->Try(std::move(candidate))) found = true;
  }
  return found;
}

}  // namespace recount
