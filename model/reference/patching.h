// Derived values (SEMANTICS 2), and the pass that makes the call sites follow them (SEMANTICS 3).
#ifndef RECOUNT_MODEL_REFERENCE_PATCHING_H_
#define RECOUNT_MODEL_REFERENCE_PATCHING_H_

#include <cstdint>
#include <optional>

#include "model/ids.h"
#include "model/reference/state.h"
#include "model/view.h"

namespace recount::reference {

// match(o, r): only what the hashes say.
inline bool Matches(const HashPair& pair, Address ip) {
  return (pair.filter.empty() || Contains(pair.filter, ip)) && !Contains(pair.notrace, ip);
}

// owner(r): which IPMODIFY ops owns the record.
std::optional<OpsId> Owner(const State& state, const Record& record);

// traces(o, r). `owner` is Owner(state, record).
bool Traces(const State& state, OpsId ops, const Record& record, std::optional<OpsId> owner);

// What the registered ops want of a record.
struct Wanted {
  std::uint32_t count = 0;
  bool regs = false;
  std::optional<OpsId> owner;
  OpsId last{};  // some ops that traces it: the only one when count is 1

  bool tramp() const { return count == 1; }
};
Wanted WantedOf(const State& state, const Record& record);

// What the record's current bits and its site ought to be: desired(r).
struct Desired {
  std::uint8_t current = 0;
  Site site;
};
// `wanted` is WantedOf(state, r).
Desired DesiredOf(const State& state, const Wanted& wanted);

// The way there is no way back from (S 2.7).
void Die(State& state);

// Brings every record to what is desired of it, or kills ftrace on the way.
// REQUIRES: ftrace is alive.
void PatchPass(State& state);

// One record alone, as stage `enable` does it: flags first, but in profile `repairable`. False when
// that killed. REQUIRES: ftrace is alive.
bool PatchOne(State& state, Record& record, const Desired& desired);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_PATCHING_H_
