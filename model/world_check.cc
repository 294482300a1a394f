#include "model/world_check.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "model/strings.h"

namespace recount::internal {
namespace {

using Part = DefinitionFault::Part;

constexpr std::size_t kMaxImage = std::size_t{1} << 24;
// Addresses of functions, the core's and those of the longest module at each slot: what keeps an
// array over them below a gigabyte or two.
constexpr std::size_t kMaxPlaces = std::size_t{1} << 26;

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameChar(char c) { return IsAlpha(c) || (c >= '0' && c <= '9') || c == '.'; }

// Empty when `name` may name a function or a module; `noun` is which of the two.
std::string NameFault(std::string_view name, std::string_view noun) {
  if (name.empty()) return Cat({"a ", noun, " without a name"});
  if (name.size() > kMaxNameSize) {
    return Cat({noun, " name of ", std::to_string(name.size()), " characters, ",
                std::to_string(kMaxNameSize), " is the most"});
  }
  bool good = IsAlpha(name[0]);
  for (const char c : name) good = good && IsNameChar(c);
  if (!good) {
    return Cat({"bad ", noun, " name ", Quote(name), ": [A-Za-z_][A-Za-z0-9_.]* is asked for"});
  }
  // Keywords of the text form that stand where a function may stand.
  if (name == "reset" || name == "remove" || name == "replace") {
    return Cat({Quote(name), " is a keyword, not a ", noun, " name"});
  }
  return "";
}

std::string ModuleFault(std::string_view name) {
  if (name == "vmlinux" || name == "kernel") {
    return Cat({Quote(name), " names the core, not a module"});
  }
  return NameFault(name, "module");
}

std::optional<DefinitionFault> CheckImage(const World::Definition::Image& image,
                                          std::size_t number) {
  if (image.functions.size() > kMaxImage) {
    return DefinitionFault{Part::kModule, number, 0,
                           Cat({"an image of ", std::to_string(image.functions.size()),
                                " functions, 2^24 is the most"})};
  }
  std::unordered_set<std::string_view> names;
  bool init_ended = false;
  bool in_init = false;
  for (std::size_t i = 0; i < image.functions.size(); ++i) {
    const auto& [name, kind] = image.functions[i];
    std::string what = NameFault(name, "function");
    if (what.empty() && !names.insert(name).second) {
      what = Cat({"function ", Quote(name), " twice in ", number == 0 ? "the core" : "module ",
                  number == 0 ? "" : image.name});
    }
    // free_mem() takes one range away, so init text is one run (SEMANTICS 4).
    const bool init = kind == FunctionKind::kInit;
    if (what.empty() && init && init_ended) {
      what = Cat({"init text is not contiguous: ", Quote(name),
                  " lies behind a function that is not init text"});
    }
    init_ended = init_ended || (in_init && !init);
    in_init = init;
    // A module's own list comes and goes with it, which nothing here needs.
    if (what.empty() && kind == FunctionKind::kNoKprobe && number != 0) {
      what = Cat({Quote(name), " of a module cannot be nokprobe: only the core's functions can"});
    }
    if (!what.empty()) return DefinitionFault{Part::kFunction, number, i, std::move(what)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<DefinitionFault> CheckDefinition(const World::Definition& definition) {
  const auto world_fault = [](std::string what) {
    return DefinitionFault{Part::kWorld, 0, 0, std::move(what)};
  };
  // The name stands in the header of a program, as one word.
  bool word = !definition.name.empty() && definition.name[0] != '#';
  for (const char c : definition.name) {
    word = word && static_cast<unsigned char>(c) > ' ' && c != '\x7f';
  }
  if (!word) {
    return world_fault(Cat({"bad world name ", Quote(definition.name),
                            ": one word that does not begin with '#' is asked for"}));
  }
  if (definition.core.functions.empty()) return world_fault("no core function");
  if (definition.slots.empty()) return world_fault("no slot");
  if (definition.slots.size() > kMaxSlots) {
    return world_fault(std::string(kTooManySlots));
  }
  if (definition.modules.size() > kMaxModules) {
    return world_fault(std::string(kTooManyModules));
  }

  if (auto fault = CheckImage(definition.core, 0)) return fault;
  std::size_t total = definition.core.functions.size();
  std::size_t longest = 0;
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < definition.modules.size(); ++i) {
    const auto& module = definition.modules[i];
    std::string what = ModuleFault(module.name);
    if (what.empty() && !names.insert(module.name).second) {
      what = Cat({"module ", Quote(module.name), " twice"});
    }
    if (!what.empty()) return DefinitionFault{Part::kModule, i + 1, 0, std::move(what)};
    if (auto fault = CheckImage(module, i + 1)) return fault;
    longest = std::max(longest, module.functions.size());
    total += module.functions.size();
  }
  if (total > kMaxPlaces ||
      definition.core.functions.size() + definition.slots.size() * longest > kMaxPlaces) {
    return world_fault(Cat({"too big: ", std::to_string(definition.slots.size()),
                            " slots for modules of up to ", std::to_string(longest), " functions, ",
                            std::to_string(total), " functions in all, 2^26 is the most"}));
  }
  return std::nullopt;
}

}  // namespace recount::internal
