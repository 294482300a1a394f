// Ids of a whole Program at once: which it uses, and the Program with others in their place.
#ifndef RECOUNT_HARNESS_SHRINK_RENAMING_H_
#define RECOUNT_HARNESS_SHRINK_RENAMING_H_

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "model/ids.h"
#include "model/notifier.h"
#include "model/op.h"
#include "model/world.h"

namespace recount {

// What becomes what; what is not in a map stays.
struct Renaming {
  std::map<OpsId, OpsId> ops;
  std::map<ModuleId, ModuleId> modules;
  std::map<SlotId, SlotId> slots;
  std::map<FunctionId, FunctionId> functions;
  std::map<NotifierId, NotifierId> notifiers;
  std::map<PatchId, PatchId> patches;
  std::map<KprobeId, KprobeId> kprobes;
  // No ids, but linked in the same way: who is put on a chain, and what it is called with.
  std::map<Chain, Chain> chains;
  std::map<Event, Event> events;
  std::map<std::int32_t, std::int32_t> priorities;
};
std::vector<Op> Renamed(const World& world, std::vector<Op> ops, const Renaming& renaming);

// What a Program names, functions in patterns too.
struct Used {
  std::set<OpsId> ops;
  std::set<ModuleId> modules;
  std::set<SlotId> slots;
  std::set<FunctionId> functions;
  std::set<NotifierId> notifiers;
  std::set<PatchId> patches;
  std::set<KprobeId> kprobes;
  std::set<Event> events;
  std::set<std::int32_t> priorities;
};
Used UsedBy(const World& world, const std::vector<Op>& ops);

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_RENAMING_H_
