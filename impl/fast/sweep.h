// What is wanted of a record and what follows from it, for one record and for a stretch of them.
//
// The one-record forms are the rules (SEMANTICS 2, `desired`); the sweeps are the same rules
// without branches, over bytes that lie one after another, so that the compiler turns them into
// vector code: trace-all costs what it costs to read and write the columns once.
#ifndef RECOUNT_IMPL_FAST_SWEEP_H_
#define RECOUNT_IMPL_FAST_SWEEP_H_

#include <cstdint>

#include "impl/fast/record_table.h"
#include "model/view.h"

namespace recount::fast {

// A count that reaches this is an error (S 1.2); nobody has that many ops.
inline constexpr std::uint8_t kRefMax = kCountMask;
static_assert(kAllOpsCount < kRefMax);

inline constexpr std::uint8_t kCountedBits = kRegs | kTramp;
inline constexpr std::uint8_t kCurrentBits = kEnabled | kRegsEn | kTrampEn;
// A wanted bit and its current twin are this far apart.
inline constexpr int kCurrentShift = 4;
static_assert(kRegs << kCurrentShift == kRegsEn && kTramp << kCurrentShift == kTrampEn);

// The wanted bits that follow from who traces the record.
inline std::uint8_t CountedBits(std::uint8_t users, std::uint8_t tally, std::uint8_t regs_ops) {
  const bool regs = ((users & regs_ops) | (tally & kHiddenRegs)) != 0;
  return static_cast<std::uint8_t>((regs ? kRegs : 0) | ((tally & kCountMask) == 1 ? kTramp : 0));
}

// Flags with the current bits the record should have; `on` is the sysctl.
inline std::uint8_t DesiredFlags(std::uint8_t flags, std::uint8_t tally, bool on) {
  const auto idle = static_cast<std::uint8_t>(flags & ~kCurrentBits);
  if (!on || (tally & kCountMask) == 0) return idle;
  return static_cast<std::uint8_t>(idle | kEnabled | (flags & kCountedBits) << kCurrentShift);
}

inline std::uint8_t DesiredSite(std::uint8_t flags, std::uint8_t users, std::uint8_t tally,
                                bool on) {
  if (!on || (tally & kCountMask) == 0) return kSiteNop;
  if ((flags & kTramp) != 0) {
    const auto hidden = static_cast<std::uint8_t>(tally & kHiddenMask);
    // One of them, so one bit, and its trampoline.
    return static_cast<std::uint8_t>(users | hidden | (hidden != 0 ? kSiteHidden : 0));
  }
  return (flags & kRegs) != 0 ? kSiteRegs : kSitePlain;
}

struct Columns {
  std::uint8_t* users;
  std::uint8_t* tally;
  std::uint8_t* flags;
  std::uint8_t* site;
  std::uint32_t size;
};

// The ops `bit` begins (stops) to trace every record that is not DISABLED. Returns `size`, or the
// first record whose count would reach kRefMax (is 0 already): the walk stopped there.
std::uint32_t SweepCount(const Columns& columns, std::uint8_t bit, std::uint8_t regs_ops);
std::uint32_t SweepUncount(const Columns& columns, std::uint8_t bit, std::uint8_t regs_ops);
// Every record gets what it should have.
void SweepPatch(const Columns& columns, bool on);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_SWEEP_H_
