#include "impl/fast/sweep.h"

#include <algorithm>

namespace recount::fast {
namespace {

using Byte = std::uint8_t;

// Records checked ahead of being changed; small enough to stay in the first-level cache.
constexpr std::uint32_t kBlock = 2048;

// All ones when `condition`: selects by masking, which vectorises where a branch does not.
constexpr Byte Mask(bool condition) { return condition ? 0xff : 0x00; }

// True when a record that is not DISABLED has the count `limit`.
bool AnyAt(Byte limit, const Byte* __restrict tally, const Byte* __restrict flags,
           std::uint32_t size) {
  Byte any = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    any |= Mask((tally[i] & kCountMask) == limit) & Mask((flags[i] & kDisabled) == 0);
  }
  return any != 0;
}

template <bool kUp>
void Step(Byte* __restrict users, Byte* __restrict tally, Byte* __restrict flags,
          std::uint32_t size, Byte bit, Byte regs_ops) {
  for (std::uint32_t i = 0; i < size; ++i) {
    const Byte flag = flags[i];
    const Byte live = Mask((flag & kDisabled) == 0);
    // A DISABLED record has no users and no count, and keeps none.
    const Byte user = kUp ? users[i] | (bit & live) : users[i] & ~(bit & live);
    const Byte next = kUp ? tally[i] - live : tally[i] + live;  // live is -1
    users[i] = user;
    tally[i] = next;
    const Byte regs = (user & regs_ops) | (next & kHiddenRegs);
    flags[i] = (flag & ~kCountedBits) | (Mask(regs != 0) & kRegs) |
               (Mask((next & kCountMask) == 1) & kTramp);
  }
}

template <bool kUp>
std::uint32_t Walk(const Columns& columns, Byte bit, Byte regs_ops) {
  constexpr Byte kLimit = kUp ? kRefMax - 1 : 0;
  for (std::uint32_t at = 0; at < columns.size; at += kBlock) {
    std::uint32_t size = std::min(kBlock, columns.size - at);
    const Byte* const flags = columns.flags + at;
    const Byte* const tally = columns.tally + at;
    bool stop = false;
    if (AnyAt(kLimit, tally, flags, size)) {
      std::uint32_t bad = 0;
      while ((tally[bad] & kCountMask) != kLimit || (flags[bad] & kDisabled) != 0) ++bad;
      size = bad;
      stop = true;
    }
    Step<kUp>(columns.users + at, columns.tally + at, columns.flags + at, size, bit, regs_ops);
    if (stop) return at + size;
  }
  return columns.size;
}

void Patch(const Byte* __restrict users, const Byte* __restrict tally, Byte* __restrict flags,
           Byte* __restrict site, std::uint32_t size, Byte on) {
  for (std::uint32_t i = 0; i < size; ++i) {
    const Byte flag = flags[i];
    const Byte live = on & Mask((tally[i] & kCountMask) != 0);
    const Byte hidden = tally[i] & kHiddenMask;
    const Byte regs = Mask((flag & kRegs) != 0);
    const Byte tramp = Mask((flag & kTramp) != 0);
    flags[i] = (flag & ~kCurrentBits) | (live & (kEnabled | (regs & kRegsEn) | (tramp & kTrampEn)));
    const Byte own = users[i] | hidden | (Mask(hidden != 0) & kSiteHidden);
    const Byte shared = (regs & kSiteRegs) | (~regs & kSitePlain);
    site[i] = live & ((tramp & own) | (~tramp & shared));
  }
}

}  // namespace

std::uint32_t SweepCount(const Columns& columns, Byte bit, Byte regs_ops) {
  return Walk<true>(columns, bit, regs_ops);
}

std::uint32_t SweepUncount(const Columns& columns, Byte bit, Byte regs_ops) {
  return Walk<false>(columns, bit, regs_ops);
}

void SweepPatch(const Columns& columns, bool on) {
  Patch(columns.users, columns.tally, columns.flags, columns.site, columns.size, Mask(on));
}

}  // namespace recount::fast
