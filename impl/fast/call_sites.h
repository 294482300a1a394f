// The raw table of call sites, which the compiler leaves behind: what is known of them before there
// are records (SEMANTICS 15, "Phases" and "Lookup").
//
// The linker puts the tables of the object files one after another, so the table is in nobody's
// order until boot sorts it. From then on a look-up is a binary search; in a table that is not
// sorted it would miss sites that are there. With ftrace_init() the records take over: what the
// table knew, which of its sites have been made a NOP, is theirs then, and it goes, as init data
// does.
#ifndef RECOUNT_IMPL_FAST_CALL_SITES_H_
#define RECOUNT_IMPL_FAST_CALL_SITES_H_

#include <cstddef>
#include <span>
#include <vector>

#include "impl/fast/layout.h"
#include "model/world.h"

namespace recount::fast {

class CallSites {
 public:
  struct Entry {
    Cell cell = 0;
    bool nop = false;  // not a call of mcount any more
  };

  // Those of the core, as the linker left them; null entries are no sites.
  void Link(std::span<const Function> core);
  void Sort();
  void Clear() { entries_.clear(); }

  // The call site that begins at `cell`, or nullptr. REQUIRES: it is sorted.
  Entry* Find(Cell cell);
  bool Has(Cell cell) const { return const_cast<CallSites*>(this)->Find(cell) != nullptr; }
  std::span<const Entry> entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_CALL_SITES_H_
