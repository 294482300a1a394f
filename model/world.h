// The immutable universe a Program plays in: the kernel's own functions, the modules that can be
// loaded, and the address slots they can be loaded at.
//
// Layout. Each function takes kFunctionStride bytes; its call site, if it has one, is the first
// kCallSize bytes. The core starts at kCoreBase. A module's functions lie one after another from
// its slot's address, in the order the World lists them, so slots may overlap in part: what was
// alpha's third function may be beta's first. A module's init functions are one contiguous run.
#ifndef RECOUNT_MODEL_WORLD_H_
#define RECOUNT_MODEL_WORLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/ids.h"

namespace recount {

enum class FunctionKind : std::uint8_t {
  kText,  // an ordinary traceable function
  kInit,  // init text: gone after the module is live (or after free_init, for the core)
  kNull,  // a function whose entry in the call-site table is zero: counted, never a record
  kWeak,  // a leftover entry of an overridden weak function: a record without a symbol (SPEC 1.5)
  kNotrace,   // a function with a symbol and no call site
  kNoKprobe,  // the same, and kprobes must keep out: NOKPROBE_SYMBOL(), noinstr, and the area where
              // early kprobes have their slots
};

struct Function {
  std::string name;  // [A-Za-z_][A-Za-z0-9_.]*; the same name may occur in several modules
  FunctionKind kind = FunctionKind::kText;
  ModuleId module = kCore;
  std::uint32_t position = 0;  // place in its image; address = base + position * kFunctionStride
};

struct Module {
  std::string name;
  std::uint32_t first = 0;  // index of its first function in World::functions()
  std::uint32_t count = 0;
  // Init text, as positions [init_begin, init_end); equal when there is none.
  std::uint32_t init_begin = 0;
  std::uint32_t init_end = 0;
};

class World {
 public:
  static constexpr Address kCoreBase = 0x1000000;
  static constexpr Address kModuleBase = 0x80000000;
  static constexpr Address kFunctionStride = 16;
  static constexpr Address kCallSize = 5;
  static constexpr std::size_t kRecordsPerPage = 256;  // 4096 / sizeof(struct dyn_ftrace)

  struct Definition {
    std::string name;  // built-in name, or the path as the program's header gives it
    struct Image {
      std::string name;  // ignored for the core
      std::vector<std::pair<std::string, FunctionKind>> functions;
    };
    Image core;
    std::vector<Image> modules;
    // In functions after kModuleBase: slot k is at kModuleBase + slots[k] * kFunctionStride.
    std::vector<std::uint32_t> slots;
  };

  // Error: InvalidArgument (bad or duplicate name inside one image, init text not contiguous,
  // nokprobe in a module, no core function, no slot, more than 2^16-2 modules or slots, an image
  // past 2^24 functions, more than 2^26 functions or places for them).
  static absl::StatusOr<std::shared_ptr<const World>> Make(Definition definition);
  World(const World&) = delete;  // by_name_ points into functions_
  World& operator=(const World&) = delete;

  const std::string& name() const { return name_; }
  std::span<const Function> functions() const { return functions_; }
  const Function& function(FunctionId id) const { return functions_[Index(id)]; }
  std::span<const Module> modules() const { return modules_; }
  const Module& module(ModuleId id) const { return modules_[Index(id)]; }
  // The core, in the shape of a module without a name.
  const Module& core() const { return core_; }
  // The image `id` names; kCore gives core().
  const Module& image(ModuleId id) const { return id == kCore ? core_ : modules_[Index(id)]; }
  std::size_t slot_count() const { return slots_.size(); }
  Address SlotAddress(SlotId slot) const {
    return kModuleBase + Address{slots_[Index(slot)]} * kFunctionStride;
  }
  // Address of `id` when its image is at `base` (kCoreBase for the core).
  Address AddressOf(FunctionId id, Address base) const {
    return base + Address{function(id).position} * kFunctionStride;
  }
  // True when the kind has an entry in the raw call-site table .
  static bool HasEntry(FunctionKind kind) {
    return kind != FunctionKind::kNotrace && kind != FunctionKind::kNoKprobe;
  }
  // True when the kind becomes a record (an entry that is not zero).
  static bool HasRecord(FunctionKind kind) { return HasEntry(kind) && kind != FunctionKind::kNull; }

  std::optional<ModuleId> FindModule(std::string_view name) const;
  // `text` is "name", "module:name" or "vmlinux:name". Error: NotFound "unknown function 'x'",
  // InvalidArgument "'x' is in alpha and beta: write alpha:x".
  absl::StatusOr<FunctionId> FindFunction(std::string_view text) const;
  // The shortest text FindFunction() maps back to `id`.
  std::string FunctionText(FunctionId id) const;
  // "alpha"; "vmlinux" for kCore.
  std::string_view ImageName(ModuleId id) const;

  const Definition& definition() const { return definition_; }

 private:
  World() = default;
  std::string name_;
  Definition definition_;
  std::vector<Function> functions_;
  std::vector<Module> modules_;
  Module core_;
  std::vector<std::uint32_t> slots_;
  // Sorted (name, id): the same name may stand several times.
  std::vector<std::pair<std::string_view, FunctionId>> by_name_;
};

using WorldPtr = std::shared_ptr<const World>;

// The built-in worlds, in the order of their numbers in the binary form:
// * tiny: 2 modules x 2 functions, 2 slots: for the explorer
// * small: 4 modules with names that overlap, all function kinds, 6 slots that overlap: the default
// * paged: modules with 0, 1, 255, 256, 257, 700 and 1040 call sites, some of them null: page
// groups
// * kernel: 60,000 core functions, 150 modules: scale
std::span<const std::string_view> BuiltinWorldNames();
// Built once and shared. Error: NotFound that lists the names there are.
absl::StatusOr<WorldPtr> BuiltinWorld(std::string_view name);

// A world written in a file (`.world`); grammar in world_text.cc. Errors: InvalidArgument with
// "LINE:COLUMN: what"; `name` becomes World::name().
absl::StatusOr<WorldPtr> ParseWorld(std::string_view text, std::string_view name);
// Canonical text: ParseWorld(PrintWorld(w)) prints the same.
std::string PrintWorld(const World& world);

}  // namespace recount

#endif  // RECOUNT_MODEL_WORLD_H_
