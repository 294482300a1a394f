#include "harness/conform/guest_kprobes.h"

#include "absl/strings/numbers.h"
#include "model/errno.h"
#include "model/world.h"

namespace recount {
namespace {

// The guest's agent: EUSERS, its slot is in use; ENXIO, it holds no kprobe.
constexpr int kSlotInUse = -87;
constexpr int kSlotFree = -6;

GuestKprobeCall OutOfScope(std::string_view why) { return {.out_of_scope = why}; }

}  // namespace

GuestKprobeCall GuestKprobes::Apply(std::span<const std::string> words, const RecordedStep& step) {
  std::uint32_t index = 0;
  if (words.size() < 3 || !absl::SimpleAtoi(words[1], &index)) return OutOfScope("no kprobe");
  if (index >= kKprobeCount) return OutOfScope("the language has k0..k3");
  const KprobeId kprobe{static_cast<std::uint8_t>(index)};
  if (step.rc == kSlotInUse || step.rc == kSlotFree) {
    return {.kprobe = kprobe, .registered = step.rc == kSlotInUse};
  }
  const std::string& verb = words[2];
  if (verb == "reg" && words.size() >= 4) return Register(kprobe, words.subspan(3), step);
  if (verb == "rereg") {
    if (!last_[index]) return OutOfScope("nobody saw what is registered again");
    return {.op = *last_[index], .kprobe = kprobe};
  }
  if (verb == "unreg") return {.op = RemoveKprobe{kprobe}, .kprobe = kprobe};
  if (verb == "dis") return {.op = DisableKprobe{kprobe}, .kprobe = kprobe};
  if (verb == "en") return {.op = EnableKprobe{kprobe}, .kprobe = kprobe};
  return OutOfScope("nothing that is done with a kprobe");
}

GuestKprobeCall GuestKprobes::Register(KprobeId kprobe, std::span<const std::string> words,
                                       const RecordedStep& step) {
  const std::string& place = words[0];
  const std::size_t plus = place.find('+');
  int offset = 0;
  if (plus != place.npos && !absl::SimpleAtoi(place.substr(plus + 1), &offset)) {
    return OutOfScope("the offset is no number");
  }
  const std::optional<FunctionId> function = Resolve(std::string_view(place).substr(0, plus), step);
  if (!function) {
    // A symbol that there is not. Any other answer is of one that the recording does not show.
    if (step.rc != Rc(Errno::kNoEnt)) return OutOfScope("a function that no recording shows");
    return {.kprobe = kprobe, .rc = Rc(Errno::kNoEnt)};
  }
  GuestKprobeCall call{.kprobe = kprobe};
  // Into the first instruction is the same in the guest and in a World; behind it, where the
  // guest's instructions begin was not recorded.
  const int first = endbr_ > 0 ? endbr_ : static_cast<int>(World::kCallSize);
  if (endbr_ > 0 && offset == endbr_) {
    offset = 0;
    call.behind_endbr = true;
  }
  if (offset < 0 || offset >= first) return OutOfScope("an offset behind the first instruction");
  AddKprobe add{.kprobe = kprobe, .place = {*function, static_cast<std::uint8_t>(offset)}};
  for (const std::string& word : words.subspan(1)) {
    add.post = add.post || word == "post";
    add.disabled = add.disabled || word == "dis";
  }
  if (step.rc == 0) last_[Index(kprobe)] = add;
  call.op = add;
  return call;
}

std::optional<FunctionId> GuestKprobes::Resolve(std::string_view symbol,
                                                const RecordedStep& step) const {
  const World& world = *universe_.world();
  const std::size_t colon = symbol.find(':');
  if (colon != symbol.npos) {
    const std::optional<ModuleId> module = world.FindModule(symbol.substr(0, colon));
    if (!module) return std::nullopt;
    return universe_.FindFunction(*module, symbol.substr(colon + 1));
  }
  if (const auto function = universe_.FindFunction(kCore, symbol)) return function;
  for (const auto& [name, base] : step.mods) {
    const std::optional<ModuleId> module = world.FindModule(name);
    if (!module) continue;
    if (const auto function = universe_.FindFunction(*module, symbol)) return function;
  }
  // Of a module that is away: the symbol is not there, whichever it is.
  for (std::size_t i = 0; i < world.modules().size(); ++i) {
    if (const auto function = universe_.FindFunction(ModuleId(i), symbol)) return function;
  }
  return std::nullopt;
}

}  // namespace recount
