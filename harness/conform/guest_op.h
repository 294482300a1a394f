// The words of a recorded operation: whether they are one that the guest's agent could have been
// given at all (corpus/kernel/README.md, "Operations").
//
// A recording that is damaged must not pass for one that goes beyond the language: what the guest
// would not have understood is bad input, here; what the language has no word for is out of scope,
// in translate.h. A first word that is not known here may be an operation of a later guest.
#ifndef RECOUNT_HARNESS_CONFORM_GUEST_OP_H_
#define RECOUNT_HARNESS_CONFORM_GUEST_OP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recount {

// Why `op` cannot have been done; empty when it can.
std::string GuestOpFault(std::string_view op);

// "COMING" and the like: a state of a module, as `nb` and the recorder's `log` spell it.
bool IsModuleState(std::string_view word);

// I of `ops I ...`. REQUIRES: GuestOpFault(op).empty().
std::optional<std::uint32_t> GuestOpsIndex(std::string_view op);

// I of `kp I ...`. REQUIRES: as above.
std::optional<std::uint32_t> GuestKprobeIndex(std::string_view op);

// Steps that read a file of which a replay knows what stands in it.
inline constexpr std::string_view kReadKprobes = "read /sys/kernel/debug/kprobes/list";
inline constexpr std::string_view kReadSysctl = "read /proc/sys/kernel/ftrace_enabled";

// Whether it is about notifiers: `nb ...`, `ch ...`. REQUIRES: as above.
bool IsGuestNotifierOp(std::string_view op);

// Whether a chain is called: `ch CHAIN call ...`, `ch CHAIN robust ...`. REQUIRES: as above.
bool IsGuestChainCall(std::string_view op);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_GUEST_OP_H_
