// The names a Program uses for things. All are indices into the World or into a fixed set of slots,
// so deleting one operation never changes the meaning of another.
#ifndef RECOUNT_MODEL_IDS_H_
#define RECOUNT_MODEL_IDS_H_

#include <cstddef>
#include <cstdint>

namespace recount {

// Index into World::functions(): core functions first, then each module's, in image order.
enum class FunctionId : std::uint32_t {};
// Index into World::modules(). kCore stands for the kernel itself.
enum class ModuleId : std::uint16_t {};
// Index into World::slots().
enum class SlotId : std::uint16_t {};
// One of the eight ftrace_ops a Program has: o0..o7. They exist from the start, unregistered.
// Behind them stand those that livepatch keeps, one for each function it has patched, l0..l15, and
// the two that all kprobes on ftrace share: kp, and kpi for those with a post_handler.
enum class OpsId : std::uint8_t {};
// One of the eight notifier blocks: n0..n7. They exist from the start, on no chain.
enum class NotifierId : std::uint8_t {};
// One of the four livepatches: p0..p3. They exist from the start, disabled and without functions.
enum class PatchId : std::uint8_t {};

// One of the four kprobes: k0..k3. They exist from the start, not registered.
enum class KprobeId : std::uint8_t {};

inline constexpr FunctionId kNoFunction{0xffffffffu};
inline constexpr ModuleId kCore{0xffffu};
inline constexpr SlotId kNoSlot{0xffffu};
inline constexpr PatchId kNoPatch{0xffu};
inline constexpr std::size_t kOpsCount = 8;  // a Program's own
inline constexpr std::size_t kNotifierCount = 8;
inline constexpr std::size_t kPatchCount = 4;
inline constexpr std::size_t kKprobeCount = 4;
// How many early kprobes there can be: their slots are a fixed area. Few, so that they run out.
inline constexpr std::size_t kEarlySlotCount = 2;
// As many as four patches of four functions can need.
inline constexpr std::size_t kLivepatchOpsCount = 16;
// The first of livepatch's: OpsId{kOpsCount + n} is l<n>.
inline constexpr OpsId kKprobeOps{kOpsCount + kLivepatchOpsCount};
inline constexpr OpsId kKprobeIpmodifyOps{kOpsCount + kLivepatchOpsCount + 1};
inline constexpr std::size_t kAllOpsCount = kOpsCount + kLivepatchOpsCount + 2;

constexpr std::size_t Index(FunctionId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t Index(ModuleId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t Index(SlotId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t Index(OpsId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t Index(NotifierId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t Index(PatchId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t Index(KprobeId id) { return static_cast<std::size_t>(id); }

// A virtual address. Fictitious: computed from the World, never from real memory.
using Address = std::uint64_t;

}  // namespace recount

#endif  // RECOUNT_MODEL_IDS_H_
