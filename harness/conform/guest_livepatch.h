// The guest's livepatch modules as p0 and p1 of a Program.
//
// tklp (p0) and tklq (p1) patch fn0 and fn1 of the module obj; what replaces fn0 returns 1000, what
// replaces fn1 2000. Their init enables the patch, so it happens between COMING and LIVE of the
// livepatch module itself, which is a module like any other.
#ifndef RECOUNT_HARNESS_CONFORM_GUEST_LIVEPATCH_H_
#define RECOUNT_HARNESS_CONFORM_GUEST_LIVEPATCH_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/conform/universe.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/view.h"

namespace recount {

// The patch that is enabled by loading `module`; nullopt when it is no livepatch module.
std::optional<PatchId> PatchOfModule(std::string_view module);
// The patch whose file `enabled` is `file`, "/sys/kernel/livepatch/tklp/enabled".
std::optional<PatchId> PatchOfFile(std::string_view file);

// `insmod MODULE obj=M fn0=F [fn1=G]` that was answered 0: the load, stage by stage, with the patch
// enabled in its stage `init`. False when `parameters` ask for something else, or for a function
// that the recording does not show.
bool LoadLivepatch(const Universe& universe, ModuleId module, SlotId slot, PatchId patch,
                   std::span<const std::string> parameters, std::vector<Op>* ops);

// The stage that ops[index] of such a load runs: kLayout for all that is no `load_step`.
Stage StageOf(std::span<const Op> ops, std::size_t index);

// What a call of `function` that was answered `outcome` adds to the returned values beyond what the
// function itself returns: 0, 1000 or 2000.
std::int64_t Redirection(const View& view, FunctionId function, const Outcome& outcome);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_GUEST_LIVEPATCH_H_
