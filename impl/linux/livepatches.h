// The livepatches of a Program: what each replaces, and what the kernel has made of it
// (SEMANTICS 12). Enabling and disabling, and all that follows, is the kernel's.
#ifndef RECOUNT_IMPL_LINUX_LIVEPATCHES_H_
#define RECOUNT_IMPL_LINUX_LIVEPATCHES_H_

#include <array>
#include <cstdint>

#include "impl/linux/address_space.h"
#include "model/ids.h"
#include "model/op_livepatch.h"
#include "model/view.h"

namespace recount {

class Livepatches {
 public:
  explicit Livepatches(const AddressSpace* space) : space_(space) {}
  // None has a function. REQUIRES: the kernel has just booted.
  void Reset() {
    definitions_.fill({});
    any_ = false;
  }

  // Each returns 0 or -errno.
  int Set(const SetPatch& op);
  int Enable(PatchId patch);
  int Disable(PatchId patch);

  void Observe(LivepatchView* view) const;

 private:
  struct Definition {
    bool replace = false;
    std::uint8_t count = 0;
    std::array<FunctionId, SetPatch::kMaxFunctions> functions{};
  };

  const AddressSpace* space_;
  std::array<Definition, kPatchCount> definitions_;
  bool any_ = false;  // a patch has functions: before that there is nothing to be seen
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_LIVEPATCHES_H_
