// The functions of a World sorted by name: an exact pattern or a prefix asks two binary searches
// where a walk would ask every record.
#ifndef RECOUNT_IMPL_FAST_NAME_INDEX_H_
#define RECOUNT_IMPL_FAST_NAME_INDEX_H_

#include <span>
#include <string_view>
#include <vector>

#include "model/world.h"

namespace recount::fast {

class NameIndex {
 public:
  NameIndex() = default;
  // `world` outlives this. Functions without a record, or without a name in it (weak), are left
  // out: no pattern finds them.
  explicit NameIndex(const World& world);

  // Functions whose name is `name`, by FunctionId.
  std::span<const FunctionId> Exact(std::string_view name) const;
  // Functions whose name begins with `prefix`.
  std::span<const FunctionId> Prefix(std::string_view prefix) const;

 private:
  const World* world_ = nullptr;
  std::vector<FunctionId> by_name_;
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_NAME_INDEX_H_
