// The kernel's memory, saved and put back: all it can write lies in a few ranges (kernel.h), so
// going back to a state is copying, and nothing that happened since survives, be it the death of
// ftrace or a WARN_ON_ONCE() that was spent.
#ifndef RECOUNT_IMPL_LINUX_SNAPSHOT_H_
#define RECOUNT_IMPL_LINUX_SNAPSHOT_H_

#include <array>
#include <cstddef>
#include <vector>

#include "impl/linux/kernel.h"

namespace recount {

class Snapshot {
 public:
  bool empty() const { return ranges_[RK_DATA].bytes.empty(); }
  // The state now, with `text_size` bytes of World text.
  void Save(std::size_t text_size);
  // REQUIRES: Save() was called.
  void Restore() const;

 private:
  struct Range {
    unsigned char* begin = nullptr;
    std::vector<unsigned char> bytes;
  };
  std::array<Range, RK_RANGES> ranges_;
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_SNAPSHOT_H_
