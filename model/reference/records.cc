#include "model/reference/records.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "model/check.h"
#include "model/reference/early_kprobes.h"
#include "model/reference/faults.h"

namespace recount::reference {
namespace {

// The orders of the blocks for `entries` table entries, null ones too. nullopt when an attempt at
// order 0 failed: then nothing is kept. `attempt_fails()` is asked once for each attempt.
template <typename AttemptFails>
std::optional<std::vector<std::uint8_t>> AllocateBlocks(std::uint32_t entries,
                                                        AttemptFails attempt_fails) {
  std::vector<std::uint8_t> orders;
  std::uint32_t remaining = entries;
  while (remaining > 0) {
    std::uint8_t order = FirstOrder(remaining);
    while (attempt_fails()) {
      if (order == 0) return std::nullopt;
      --order;
    }
    orders.push_back(order);
    remaining -= std::min(Capacity(order), remaining);
  }
  return orders;
}

std::uint32_t TableEntries(const World& world, const Module& image) {
  std::uint32_t entries = 0;
  for (std::uint32_t i = 0; i < image.count; ++i) {
    entries += World::HasEntry(world.functions()[image.first + i].kind) ? 1 : 0;
  }
  return entries;
}

// Fills the blocks with the records of the image, which stands at `base`, and appends them.
void AppendRecords(State& state, ModuleId owner, Address base,
                   const std::vector<std::uint8_t>& orders) {
  const World& world = *state.world;
  const Module& image = world.image(owner);
  std::size_t block = 0;
  std::uint32_t used = 0;
  for (std::uint32_t i = 0; i < image.count; ++i) {
    const FunctionId id{image.first + i};
    const FunctionKind kind = world.function(id).kind;
    if (!World::HasRecord(kind)) continue;
    if (used == Capacity(orders[block])) {
      state.groups.push_back({.owner = owner, .order = orders[block], .used = used});
      ++block;
      used = 0;
    }
    Record record;
    record.ip = world.AddressOf(id, base);
    record.function = id;
    // A module's records wait for stage `enable`; the core's are ready, but for weak leftovers.
    record.disabled = owner != kCore || kind == FunctionKind::kWeak;
    state.records.push_back(record);
    ++used;
  }
  // Null entries were allocated for but fill nothing: what is left of the blocks is freed.
  if (used > 0) state.groups.push_back({.owner = owner, .order = orders[block], .used = used});
}

// Removes the records that `vanishes(group, record)` names, and the groups this leaves empty.
template <typename Vanishes>
std::vector<Address> RemoveRecords(State& state, Vanishes vanishes) {
  std::vector<Address> gone;
  std::size_t from = 0;
  std::size_t to = 0;
  for (GroupView& group : state.groups) {
    const std::uint32_t before = group.used;
    for (std::uint32_t i = 0; i < before; ++i) {
      const Record record = state.records[from++];
      if (vanishes(group, record)) {
        gone.push_back(record.ip);
        --group.used;
      } else {
        state.records[to++] = record;
      }
    }
  }
  RECOUNT_CHECK(from == state.records.size());
  state.records.resize(to);
  std::erase_if(state.groups, [](const GroupView& group) { return group.used == 0; });
  std::sort(gone.begin(), gone.end());
  return gone;
}

}  // namespace

std::uint8_t FirstOrder(std::uint32_t remaining) {
  RECOUNT_CHECK(remaining > 0);
  const auto page = static_cast<std::uint32_t>(World::kRecordsPerPage);
  const std::uint32_t pages = (remaining + page - 1) / page;
  return static_cast<std::uint8_t>(std::bit_width(pages) - 1);
}

std::optional<Address> BaseOf(const State& state, ModuleId image) {
  if (image == kCore) return World::kCoreBase;
  const ModuleView& module = state.modules[Index(image)];
  if (module.state == ModuleState::kAbsent) return std::nullopt;
  return state.world->SlotAddress(module.slot);
}

std::optional<Address> AddressOf(const State& state, FunctionId function) {
  const std::optional<Address> base = BaseOf(state, state.world->function(function).module);
  if (!base) return std::nullopt;
  return state.world->AddressOf(function, *base);
}

void CreateCoreRecords(State& state) {
  const auto never = [] { return false; };
  const auto orders = AllocateBlocks(TableEntries(*state.world, state.world->core()), never);
  AppendRecords(state, kCore, World::kCoreBase, *orders);
}

bool CreateUnconvertedRecords(State& state) {
  const auto fails = [&state] { return Fails(state, FaultPoint::kRecordAlloc); };
  const auto orders = AllocateBlocks(TableEntries(*state.world, state.world->core()), fails);
  if (!orders) return false;
  AppendRecords(state, kCore, World::kCoreBase, *orders);
  for (Record& record : state.records) {
    if (!IsEarlyNop(state, record.function)) record.site.kind = SiteKind::kMcount;
  }
  return true;
}

void CreateModuleRecords(State& state, ModuleId module) {
  if (state.globals.dead) return;
  const auto fails = [&state] { return Fails(state, FaultPoint::kRecordAlloc); };
  const auto orders =
      AllocateBlocks(TableEntries(*state.world, state.world->module(module)), fails);
  if (orders) AppendRecords(state, module, *BaseOf(state, module), *orders);
}

std::vector<Address> RemoveRange(State& state, Address begin, Address end) {
  return RemoveRecords(state, [=](const GroupView&, const Record& record) {
    return begin <= record.ip && record.ip < end;
  });
}

std::vector<Address> ReleaseGroups(State& state, ModuleId module) {
  // Dead: the groups stay linked although the module goes (S 1.6).
  if (state.globals.dead) return {};
  return RemoveRecords(
      state, [=](const GroupView& group, const Record&) { return group.owner == module; });
}

const Record* RecordAt(const State& state, Address ip) {
  for (const Record& record : state.records) {
    if (record.ip == ip) return &record;
  }
  return nullptr;
}

const Record* RecordCovering(const State& state, Address address) {
  for (const Record& record : state.records) {
    if (record.ip <= address && address < record.ip + World::kCallSize) return &record;
  }
  return nullptr;
}

Outcome Apply(State& state, const Locate& op) {
  const std::optional<Address> address = AddressOf(state, op.place.function);
  if (!address) return Outcome::Error(Errno::kNoEnt);
  Outcome outcome;
  if (state.globals.phase == Phase::kSorted) {
    outcome.located = SiteInTable(state, op.place);
    return outcome;
  }
  const Record* record = RecordCovering(state, *address + op.place.offset);
  if (record != nullptr) outcome.located = record->function;
  return outcome;
}

}  // namespace recount::reference
