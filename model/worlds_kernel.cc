// 60,000 core functions and 150 modules with names as a kernel has them: subsystem, verb, object,
// now and then two leading underscores or a compiler's suffix. Functions of one subsystem lie
// together, as the linker leaves them, so prefix patterns hit runs and infix patterns hit strides.
#include "model/worlds_kernel.h"

#include <array>
#include <string>
#include <string_view>

#include "model/strings.h"

namespace recount::internal {
namespace {

using Image = World::Definition::Image;

constexpr std::uint32_t kCoreFunctions = 60000;
constexpr std::uint32_t kCoreInit = 2400;  // the last ones
constexpr std::uint32_t kModuleCount = 150;
// The longest module has 300 functions, so slots 320 apart do not meet. A few more lie between.
constexpr std::uint32_t kSlotDistance = 320;
constexpr std::uint32_t kSlots = 176;
constexpr std::uint32_t kSlotsBetween = 16;

constexpr auto kSubsystems = std::to_array<std::string_view>({
    "acpi", "aio",     "audit",   "bdev", "bio",   "blk",   "bpf",      "btrfs", "cgroup",  "clk",
    "cpu",  "crypto",  "dev",     "dma",  "drm",   "efi",   "ext4",     "fat",   "fib",     "futex",
    "hid",  "hrtimer", "hugetlb", "inet", "inode", "input", "io_uring", "ipc",   "ipv6",    "irq",
    "jbd2", "kmem",    "ksm",     "lru",  "mem",   "mmc",   "mmu",      "net",   "netlink", "nfs",
    "page", "pci",     "perf",    "pid",  "pm",    "proc",  "rcu",      "sched", "tcp",     "vfs",
});
constexpr auto kVerbs = std::to_array<std::string_view>({
    "add",    "alloc", "attach", "bind",    "check",  "clear",  "commit", "copy",
    "create", "del",   "detach", "do",      "enable", "exit",   "fill",   "find",
    "finish", "flush", "free",   "get",     "handle", "insert", "lookup", "map",
    "mark",   "move",  "notify", "prepare", "probe",  "put",    "queue",  "read",
    "reap",   "start", "set",    "update",  "unmap",  "wait",   "wake",   "write",
});
constexpr auto kObjects = std::to_array<std::string_view>({
    "attr",   "bitmap", "block", "buffer", "cache", "chunk", "context", "desc",
    "device", "entry",  "event", "extent", "fd",    "flags", "folio",   "group",
    "handle", "info",   "iter",  "key",    "list",  "lock",  "mask",    "node",
    "object", "page",   "path",  "queue",  "range", "ref",   "request", "ring",
    "slot",   "state",  "stats", "table",  "task",  "timer", "tree",    "vector",
});
constexpr auto kDrivers = std::to_array<std::string_view>({
    "snd",
    "usb",
    "nf",
    "iwl",
    "mlx5",
    "ath",
    "nvme",
    "scsi",
    "xfs",
    "kvm",
    "i2c",
    "spi",
    "v4l2",
    "bt",
    "can",
});
constexpr auto kParts = std::to_array<std::string_view>(
    {"core", "hda", "hub", "codec", "mgmt", "tx", "rx", "fw", "mux", "debug"});

static_assert(kDrivers.size() * kParts.size() == kModuleCount);
static_assert(kCoreFunctions / kSubsystems.size() <= kVerbs.size() * kObjects.size());

// A fixed scramble (the finaliser of splitmix64): which function is odd in what way.
std::uint32_t Scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return static_cast<std::uint32_t>((x ^ (x >> 31)) >> 8);
}

// The n-th name of a family. The step is prime to the 1600 pairs, so no two are alike; decorations
// cannot make them so, as no plain name begins with "__" or has a dot.
std::string NameOf(std::string_view family, std::uint32_t n, std::uint32_t chance) {
  const std::uint32_t pair = n * 1009 % static_cast<std::uint32_t>(kVerbs.size() * kObjects.size());
  const std::string_view verb = kVerbs[pair / kObjects.size()];
  const std::string_view object = kObjects[pair % kObjects.size()];
  const std::string_view front = chance % 16 == 0 ? "__" : "";
  const std::string_view back = chance / 16 % 32 == 0   ? ".isra.0"
                                : chance / 16 % 32 == 1 ? ".part.0"
                                                        : "";
  return Cat({front, family, "_", verb, "_", object, back});
}

// About 4 % without a call site, 1 % weak, 0.5 % null.
FunctionKind KindOf(std::uint32_t chance) {
  const std::uint32_t share = chance / 512 % 1000;
  if (share < 40) return FunctionKind::kNotrace;
  if (share < 50) return FunctionKind::kWeak;
  if (share < 55) return FunctionKind::kNull;
  return FunctionKind::kText;
}

Image Core() {
  Image core;
  core.functions.reserve(kCoreFunctions);
  const std::uint32_t family_size = kCoreFunctions / static_cast<std::uint32_t>(kSubsystems.size());
  for (std::uint32_t i = 0; i < kCoreFunctions; ++i) {
    const std::uint32_t chance = Scramble(i + 1);
    const bool init = i >= kCoreFunctions - kCoreInit;
    core.functions.emplace_back(NameOf(kSubsystems[i / family_size], i % family_size, chance),
                                init ? FunctionKind::kInit : KindOf(chance));
  }
  return core;
}

Image Driver(std::uint32_t number) {
  Image image;
  image.name = Cat({kDrivers[number / kParts.size()], "_", kParts[number % kParts.size()]});
  const std::uint32_t size = 10 + Scramble(1000003 + number) % 291;
  // Init text lies at the end, in every fourth module in the middle.
  const std::uint32_t init_size = 1 + number % 3;
  const std::uint32_t init = number % 4 == 3 ? size / 2 : size - init_size;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t chance = Scramble((std::uint64_t{number} + 1) << 32 | i);
    image.functions.emplace_back(NameOf(image.name, i, chance), i >= init && i < init + init_size
                                                                    ? FunctionKind::kInit
                                                                    : KindOf(chance));
  }
  return image;
}

}  // namespace

World::Definition KernelDefinition() {
  World::Definition definition;
  definition.name = "kernel";
  definition.core = Core();
  for (std::uint32_t i = 0; i < kModuleCount; ++i) definition.modules.push_back(Driver(i));
  for (std::uint32_t i = 0; i < kSlots; ++i) definition.slots.push_back(i * kSlotDistance);
  for (std::uint32_t i = 0; i < kSlotsBetween; ++i) {
    definition.slots.push_back(i * 2 * kSlotDistance + 100);
  }
  return definition;
}

}  // namespace recount::internal
