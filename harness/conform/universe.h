// The World a recording was made in, derived from the recording itself.
//
// Modules are those the recording names, with the functions seen in `recs` in address order, as far
// as most sequences that show the module agree on them: a sequence with a record that the others do
// not have differs, and it alone. What
// never shows there is added from two sources: functions that an operation names and the kernel
// could resolve although they have no record (kind notrace), and what is known of the guest's own
// target modules tgA..tgZ (a notrace function and two in init text, whose records are gone before
// the state is looked at). Core functions are those seen in filter lists. Every base address is a
// slot, far enough from the others that images never overlap.
#ifndef RECOUNT_HARNESS_CONFORM_UNIVERSE_H_
#define RECOUNT_HARNESS_CONFORM_UNIVERSE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harness/conform/recording.h"
#include "model/ids.h"
#include "model/world.h"

namespace recount {

class Universe {
 public:
  // `world_name` becomes World::name(), and so the header of programs. Error: InvalidArgument
  // "PATH:LINE: makes no world: why", with the line of the first sequence that makes none alone.
  static absl::StatusOr<Universe> Derive(const Recording& recording, std::string_view world_name);

  const WorldPtr& world() const { return world_; }
  // REQUIRES: `base` stands in a `mods` of the recording.
  SlotId SlotOf(std::uint64_t base) const;
  // A slot where no recorded module ever was: for loads that fail, whose place nobody saw.
  SlotId spare_slot() const { return spare_slot_; }
  // A core function without a call site: stands for any address where there is none.
  FunctionId no_call_site() const { return no_call_site_; }

  std::optional<FunctionId> FindFunction(ModuleId module, std::string_view name) const;

 private:
  static absl::StatusOr<Universe> DeriveFrom(std::span<const Sequence> sequences,
                                             std::string_view world_name);

  WorldPtr world_;
  std::vector<std::uint64_t> bases_;  // ascending; index is the slot
  SlotId spare_slot_{};
  FunctionId no_call_site_{};
};

// 6.12 is built with IBT: a function begins with an ENDBR of so many bytes, and the call site is
// behind it (S 1.4, 1.5). A World's call site is at the function's first byte. 0: there is none.
int EndbrSize(std::string_view kernel);

// What is known of the guest's target modules: empty for any other module.
struct TargetFunctions {
  std::vector<std::string> callable;  // `call M N`: by N
  std::string notrace;
  std::vector<std::string> init;
};
TargetFunctions TargetsOf(std::string_view module);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_UNIVERSE_H_
