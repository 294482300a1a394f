// The addresses that are probed: their flags, arming and disarming (SEMANTICS 14).
#ifndef RECOUNT_MODEL_REFERENCE_KPROBE_TABLE_H_
#define RECOUNT_MODEL_REFERENCE_KPROBE_TABLE_H_

#include "model/errno.h"
#include "model/ids.h"
#include "model/reference/state.h"

namespace recount::reference {

// Where instructions begin in every function: the call site, and three behind it.
constexpr bool InstructionBegins(std::uint8_t offset) {
  return offset == 0 || offset == 5 || offset == 8 || offset == 12;
}
// What a jump takes, and the last place of a function from which it does not reach into the next.
inline constexpr Address kJumpSize = 5;
inline constexpr Address kLastJump = World::kFunctionStride - kJumpSize;

// The entry of `address`; nullptr when nobody probes it.
ProbedAddress* FindProbed(State& state, Address address);
const ProbedAddress* FindProbed(const State& state, Address address);

// Flags of an entry: its own when it is an aggregator, else those of its only probe.
bool IsGone(const State& state, const ProbedAddress& entry);
bool IsDisabled(const State& state, const ProbedAddress& entry);
bool HasPost(const State& state, const ProbedAddress& entry);
inline bool IsOff(const State& state, const ProbedAddress& entry) {
  return IsGone(state, entry) || IsDisabled(state, entry);
}
inline bool IsOff(const Kprobe& probe) { return probe.gone || probe.disabled; }
void SetDisabled(State& state, ProbedAddress* entry, bool disabled);

// A probe alone becomes an aggregator of it.
void MakeAggregate(State& state, ProbedAddress* entry);

// Armed on kp or kpi, or by a breakpoint, which a jump may replace later (optprobes.h).
Errno Arm(State& state, ProbedAddress* entry);
Errno Disarm(State& state, ProbedAddress* entry);
// An entry that is armed on kp is armed on kpi instead. On an error nothing has changed.
Errno MoveToIpmodify(State& state, ProbedAddress* entry);

// The code at its address goes. An unused one stays until DropUnused().
void Kill(State& state, ProbedAddress* entry);

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_KPROBE_TABLE_H_
