#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/known/records.h"
#include "harness/known/undo.h"

namespace recount {
namespace {

using internal::CachedOf;
using internal::HashOf;
using internal::SetHash;

// A cached list that stage `enable` of a module applied, and what became of its hash.
struct Applied {
  OpsId ops;
  Which which;
  const OpsView& before;
  const HashView& old;
  const HashView& wanted;  // the oracle's
  const HashView& got;     // the subject's
};

// Calls `visit` with each list that the step applied and that came out differently.
void ForEachApplied(const DivergingStep& step, const View& shown,
                    const std::function<void(const Applied&)>& visit) {
  if (!EnabledBy(step)) return;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsView& before = step.before.ops[i];
    for (const Which which : {Which::kFilter, Which::kNotrace}) {
      if (before.user != User::kTracer || CachedOf(before, which).empty()) continue;
      const Applied applied{OpsId{static_cast<std::uint8_t>(i)},
                            which,
                            before,
                            HashOf(before, which),
                            HashOf(step.after.ops[i], which),
                            HashOf(shown.ops[i], which)};
      if (applied.wanted != applied.got) visit(applied);
    }
  }
}

bool Has(const HashView& hash, Address ip) {
  return std::binary_search(hash.ips.begin(), hash.ips.end(), ip);
}

// What a list comes to that matches nothing.
HashView NothingFound(const DivergingStep& step, const Applied& applied, bool intent) {
  HashView hash = applied.old;
  if (applied.which == Which::kNotrace) return hash;
  if (!step.after.ops[Index(applied.ops)].cached_filter.empty()) return hash;
  hash.mod = false;
  if (intent && hash.empty()) hash.cleared = 1;
  return hash;
}

// Whether `hash` has no more and no less than `old`, and functions of the module that came.
bool IsOldWithModule(const DivergingStep& step, const HashView& old, const HashView& hash) {
  if (!std::includes(hash.ips.begin(), hash.ips.end(), old.ips.begin(), old.ips.end())) {
    return false;
  }
  return std::all_of(hash.ips.begin(), hash.ips.end(), [&](Address ip) {
    if (Has(old, ip)) return true;
    return std::any_of(step.before.records.begin(), step.before.records.end(),
                       [&](const RecordView& record) {
                         return record.ip == ip && record.function != kNoFunction &&
                                step.world.function(record.function).module == *EnabledBy(step);
                       });
  });
}

// Whether the filter of `ops` was applied and has no entry still, where it should have got a
// cleared one, if not more: there was no memory for that. An empty filter takes none, or is
// refused.
bool IsStruckUnseen(const DivergingStep& step, std::size_t ops) {
  const OpsView& after = step.after.ops[ops];
  return !step.before.ops[ops].cached_filter.empty() && after.cached_filter.empty() &&
         after.filter.ips.empty() && after.filter.cleared == 0;
}

// Whether that is so of a filter that is applied before this list.
bool OneBeforeIsStruckUnseen(const DivergingStep& step, const Applied& applied) {
  const std::size_t end = Index(applied.ops) + (applied.which == Which::kNotrace ? 1 : 0);
  for (std::size_t ops = 0; ops < end; ++ops) {
    if (IsStruckUnseen(step, ops)) return true;
  }
  return false;
}

// Whether a side that has `stayed`, and shows `records`, may have refused `other`: somebody else
// has a function of it.
bool IsRefused(const Applied& applied, const HashView& stayed, const HashView& other,
               const std::vector<RecordView>& records) {
  if (stayed != applied.old) return false;
  return std::any_of(records.begin(), records.end(), [&](const RecordView& record) {
    return (record.flags & kIpModify) != 0 && Has(other, record.ip) && !Has(applied.old, record.ip);
  });
}

}  // namespace

// The cleared entry that stands for "asked for, and matched nothing".
bool UndoUnmatchedCachedFilter(const DivergingStep& step, View* shown, Outcome*) {
  const bool armed = step.armed[static_cast<std::size_t>(FaultPoint::kHashMove)] != 0;
  bool undone = false;
  // The entry takes memory, and an empty filter takes none: from then on the subject is one passing
  // behind, and the fault strikes it a list later than the oracle, or not any more.
  bool struck_oracle = false;
  bool struck_subject = false;
  ForEachApplied(step, *shown, [&](const Applied& applied) {
    const OpsView& ops = applied.before;
    const bool emptied =
        applied.which == Which::kFilter && step.after.ops[Index(applied.ops)].cached_filter.empty();
    // An IPMODIFY ops may not trace everything: the empty hash is refused, and the old one stays.
    const bool refused =
        ops.ipmodify && ops.registered && applied.old.ips.empty() && applied.got == applied.old;
    bool explained = emptied && applied.wanted == HashView{.cleared = 1} &&
                     (applied.got == HashView{} || refused);
    if (!explained && armed && !struck_oracle && applied.wanted == applied.old) {
      struck_oracle =
          (emptied && applied.old == HashView{.mod = true} && applied.got == HashView{}) ||
          (undone && IsOldWithModule(step, applied.old, applied.got));
      explained = struck_oracle;
    } else if (!explained && armed && !struck_subject && applied.got == applied.old &&
               (undone || OneBeforeIsStruckUnseen(step, applied))) {
      explained = struck_subject = IsOldWithModule(step, applied.old, applied.wanted);
    }
    if (!explained) return;
    const HashView wanted = applied.wanted;
    SetHash(shown, applied.ops, applied.which, wanted);
    undone = true;
  });
  return undone;
}

bool UnmatchedCachedFilterLeavesFault(const DivergingStep& step) {
  if (step.armed[static_cast<std::size_t>(FaultPoint::kHashMove)] == 0 || !EnabledBy(step)) {
    return false;
  }
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (IsStruckUnseen(step, i)) return true;
  }
  return false;
}

void TakeBackMatches(const DivergingStep& step, std::uint8_t records, View* shown) {
  // Both may have died, and not at the same site.
  const bool one_died =
      !step.before.globals.dead && (step.after.globals.dead || step.shown.globals.dead);
  if (records == 0 && step.after.globals.dead == step.shown.globals.dead) return;
  ForEachApplied(step, *shown, [&](const Applied& applied) {
    const bool ipmodify = applied.before.ipmodify && applied.before.registered;
    const auto is_nothing = [&](const HashView& hash) {
      return hash == NothingFound(step, applied, false) ||
             hash == NothingFound(step, applied, true) || (ipmodify && hash == applied.old);
    };
    const auto is_something = [&](const HashView& hash) {
      return is_nothing(hash) || IsOldWithModule(step, applied.old, hash);
    };
    if (!is_something(applied.wanted) || !is_something(applied.got)) return;
    const bool refused = (records & kIpModifyReload) != 0 && ipmodify &&
                         (IsRefused(applied, applied.wanted, applied.got, step.after.records) ||
                          IsRefused(applied, applied.got, applied.wanted, step.shown.records));
    if (!one_died && !refused) return;
    // Without a defect of the records the one that died did not come to this list.
    const bool came_to = (step.shown.globals.dead ? applied.got : applied.wanted) != applied.old;
    if (records == 0 && came_to) return;
    const HashView wanted = applied.wanted;
    SetHash(shown, applied.ops, applied.which, wanted);
  });
}

namespace internal {

bool UndoCachedMatches(
    const DivergingStep& step, View* shown,
    const std::function<bool(std::string_view function, Address ip)>& explained) {
  bool undone = false;
  ForEachApplied(step, *shown, [&](const Applied& applied) {
    const std::string_view module = step.world.module(*EnabledBy(step)).name;
    std::vector<Address> extra;
    std::set_symmetric_difference(applied.wanted.ips.begin(), applied.wanted.ips.end(),
                                  applied.got.ips.begin(), applied.got.ips.end(),
                                  std::back_inserter(extra));
    const bool all = std::all_of(extra.begin(), extra.end(), [&](Address ip) {
      for (const CachedFilter& item : CachedOf(applied.before, applied.which)) {
        if (item.module.text() == module && explained(item.function.text(), ip)) return true;
      }
      return false;
    });
    const bool same =
        applied.got.cleared == applied.wanted.cleared || applied.wanted == HashView{.cleared = 1};
    if (extra.empty() || !all || !same || applied.got.mod != applied.wanted.mod) return;
    const HashView wanted = applied.wanted;
    SetHash(shown, applied.ops, applied.which, wanted);
    undone = true;
  });
  return undone;
}

}  // namespace internal
}  // namespace recount
