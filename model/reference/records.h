// Records and their page groups (SEMANTICS 4 "Creating records", "Removing a range", "Releasing a
// module") and finding a record by address (SEMANTICS 7).
//
// The two ways records vanish return the addresses that are gone, ascending: what becomes of filter
// entries that name them is said in filters.h.
#ifndef RECOUNT_MODEL_REFERENCE_RECORDS_H_
#define RECOUNT_MODEL_REFERENCE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "model/ids.h"
#include "model/outcome.h"
#include "model/reference/state.h"

namespace recount::reference {

// Records that fit a block of 2^order pages.
constexpr std::uint32_t Capacity(std::uint8_t order) {
  return static_cast<std::uint32_t>(World::kRecordsPerPage) << order;
}
// The order to try first for `remaining` entries: floor(log2(ceil(remaining / 256))).
// REQUIRES: remaining > 0.
std::uint8_t FirstOrder(std::uint32_t remaining);

// Where the image is: nullopt for a module that is absent.
std::optional<Address> BaseOf(const State& state, ModuleId image);
std::optional<Address> AddressOf(const State& state, FunctionId function);

// The core's records, as boot leaves them: no fault point is passed.
void CreateCoreRecords(State& state);
// The core's records as ftrace_init() makes them, each site as it is. False when there was no
// memory for them.
bool CreateUnconvertedRecords(State& state);
// Stage `records` of a module that is placed.
void CreateModuleRecords(State& state, ModuleId module);

// Every record in [begin, end) vanishes, whoever owns it.
std::vector<Address> RemoveRange(State& state, Address begin, Address end);
// Every group that `module` owns vanishes; nothing when dead.
std::vector<Address> ReleaseGroups(State& state, ModuleId module);

// The record at exactly `ip`, or nullptr.
const Record* RecordAt(const State& state, Address ip);
// The record whose call site covers `address`, or nullptr.
const Record* RecordCovering(const State& state, Address address);

Outcome Apply(State& state, const Locate& op);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_RECORDS_H_
