// Records in page groups, as a structure of arrays.
//
// A record is eight bytes: its cell, and one byte each for the ops that trace it, its tally, its
// flags and its site. Each kind has an array of its own, so that a pass over all records reads and
// writes only the bytes it needs, in a straight line. A group is a run of neighbouring elements;
// a record's number (RecordId) is its place in the arrays. The kernel's page arithmetic decides how
// records are grouped and what the ledger says; the arrays themselves have no padding.
#ifndef RECOUNT_IMPL_FAST_RECORD_TABLE_H_
#define RECOUNT_IMPL_FAST_RECORD_TABLE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "impl/bugs/bugs.h"
#include "impl/fast/address_index.h"
#include "impl/fast/faults.h"
#include "impl/fast/layout.h"
#include "model/world.h"

namespace recount::fast {

// The byte tally(): how many ops trace a record, and which of those that users() has no bit for.
// IPMODIFY ops exclude one another on a record, so of all of livepatch's ops one bit says that one
// traces it; the cell says which. Kprobes' two have a bit each, and save registers.
inline constexpr std::uint8_t kCountMask = 0x1f;
inline constexpr std::uint8_t kHiddenMask = 0xe0;
inline constexpr std::uint8_t kByLivepatch = 0x20;
inline constexpr std::uint8_t kByKprobe = 0x40;
inline constexpr std::uint8_t kByKprobeIpmodify = 0x80;
inline constexpr std::uint8_t kHiddenRegs = kByKprobe | kByKprobeIpmodify;

// What is at a call site, in the byte site(): no bit: a NOP; one bit: the trampoline of that ops of
// users(); the lowest bit and one of kHiddenMask: the trampoline of that hidden one; these two: the
// entry that all share. Until boot is over: a call of mcount, and an early kprobe's jump over a
// NOP.
inline constexpr std::uint8_t kSiteNop = 0x00;
inline constexpr std::uint8_t kSitePlain = 0x03;
inline constexpr std::uint8_t kSiteRegs = 0x07;
inline constexpr std::uint8_t kSiteMcount = 0x0b;
inline constexpr std::uint8_t kSiteJump = 0x0f;
inline constexpr std::uint8_t kSiteHidden = 0x01;
inline constexpr std::uint8_t kSiteLivepatch = kByLivepatch | kSiteHidden;
inline constexpr std::uint8_t kSiteKprobe = kByKprobe | kSiteHidden;
inline constexpr std::uint8_t kSiteKprobeIpmodify = kByKprobeIpmodify | kSiteHidden;

// An image at an address: what creates records.
struct PlacedImage {
  ModuleId owner = kCore;
  Cell base = 0;                        // of position 0
  std::uint32_t first = 0;              // FunctionId of position 0
  std::span<const Function> functions;  // the image's
};

struct Group {
  ModuleId owner = kCore;
  std::uint8_t order = 0;      // 2^order pages
  RecordId first = kNoRecord;  // kNoRecord: never had a record (only a bug leaves such a group)
  std::uint32_t used = 0;
  Cell base = 0;                     // of its image's position 0
  std::uint32_t first_function = 0;  // FunctionId of the same

  RecordId end() const { return first + used; }
};

class RecordTable {
 public:
  explicit RecordTable(AddressIndex* index) : index_(index) {}

  void Reset(BugSet bugs);
  // Appends the image's groups (SEMANTICS 4, creating records), each record idle; DISABLED when
  // `disabled`, and weak ones always. A failing `record_alloc` leaves no record.
  void Create(const PlacedImage& image, bool disabled, Faults* faults);
  // Every record in [begin, end) vanishes; `gone` gets their cells appended.
  void Remove(Cell begin, Cell end, std::vector<Cell>* gone);
  // Every group of `owner` vanishes; `gone` gets the cells of their records appended.
  void Release(ModuleId owner, std::vector<Cell>* gone);

  // For bugs that free the same memory twice: what the last Release(), resp. Remove(), gave back is
  // booked once more.
  void ReleaseAgain() { live_ = live_ - released_; }
  void RemoveAgain() { live_ = live_ - removed_; }

  // In list order.
  std::span<const Group> groups() const { return groups_; }
  FunctionId FunctionOf(RecordId record) const;
  // List order, no duplicates.
  void SortByList(std::vector<RecordId>* records) const;

  // The columns. Elements outside of every group are not records.
  const Cell* cells() const { return cells_.data(); }
  std::uint8_t* users() { return users_.data(); }
  const std::uint8_t* users() const { return users_.data(); }
  std::uint8_t* tally() { return tally_.data(); }
  const std::uint8_t* tally() const { return tally_.data(); }
  std::uint8_t* flags() { return flags_.data(); }
  const std::uint8_t* flags() const { return flags_.data(); }
  std::uint8_t* site() { return site_.data(); }
  const std::uint8_t* site() const { return site_.data(); }

  // What is allocated, counted where it is taken and given back.
  std::uint32_t live_records() const { return live_.records; }
  std::uint32_t live_groups() const { return live_.groups; }
  std::uint32_t live_pages() const { return live_.pages; }
  // Memory of the columns and groups.
  std::size_t bytes() const;

 private:
  struct Run {
    RecordId first;
    std::uint32_t count;
  };
  struct Amounts {
    std::uint32_t records = 0;
    std::uint32_t groups = 0;
    std::uint32_t pages = 0;
    friend Amounts operator-(const Amounts& a, const Amounts& b) {
      return {a.records - b.records, a.groups - b.groups, a.pages - b.pages};
    }
  };

  // `count` neighbouring elements, from a free run when one is long enough.
  RecordId TakeRun(std::uint32_t count);
  void GiveRun(Run run);
  void TakePages(std::uint8_t order);
  void GivePages(std::uint8_t order);
  void FreeGroup(const Group& group);

  AddressIndex* index_;
  BugSet bugs_;
  std::vector<Group> groups_;
  std::vector<Cell> cells_;
  std::vector<std::uint8_t> users_;
  std::vector<std::uint8_t> tally_;
  std::vector<std::uint8_t> flags_;
  std::vector<std::uint8_t> site_;
  std::vector<Run> free_;             // ascending, never adjacent
  std::vector<std::uint8_t> orders_;  // scratch of Create()
  Amounts live_;
  Amounts released_;  // by the last Release()
  Amounts removed_;   // by the last Remove()
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_RECORD_TABLE_H_
