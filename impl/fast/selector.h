// Which records a filter token means.
#ifndef RECOUNT_IMPL_FAST_SELECTOR_H_
#define RECOUNT_IMPL_FAST_SELECTOR_H_

#include <optional>
#include <string_view>
#include <vector>

#include "impl/fast/machine.h"

namespace recount::fast {

// Cells of the records that `function` (without a leading `!`) matches, within what the module part
// allows when there is one; ascending, in place of what `cells` held. Nothing when dead. Rules and
// names are those of SEMANTICS 5, "Matching a token".
void Select(const Machine& m, std::string_view function, std::optional<std::string_view> module,
            std::vector<Cell>* cells);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_SELECTOR_H_
