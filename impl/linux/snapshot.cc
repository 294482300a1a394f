#include "impl/linux/snapshot.h"

#include <cstring>

namespace recount {
namespace {

// memcpy, unseen by a sanitizer: what is put back includes blocks that it holds to be freed.
__attribute__((no_sanitize("address"))) void Copy(unsigned char* to, const unsigned char* from,
                                                  std::size_t size) {
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

}  // namespace

void Snapshot::Save(std::size_t text_size) {
  rk_range now[RK_RANGES];
  rk_ranges(text_size, now);
  for (std::size_t i = 0; i < RK_RANGES; ++i) {
    ranges_[i].begin = now[i].begin;
    ranges_[i].bytes.resize(now[i].size);
    Copy(ranges_[i].bytes.data(), now[i].begin, now[i].size);
  }
}

void Snapshot::Restore() const {
  rk_range now[RK_RANGES];
  rk_ranges(0, now);
  for (const Range& range : ranges_) Copy(range.begin, range.bytes.data(), range.bytes.size());
  rk_restored(now[RK_HEAP].size);
}

}  // namespace recount
