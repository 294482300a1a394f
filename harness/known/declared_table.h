// The differences that are declared between two load paths and two directions of GOING, by name
// (SEMANTICS 13).
#ifndef RECOUNT_HARNESS_KNOWN_DECLARED_TABLE_H_
#define RECOUNT_HARNESS_KNOWN_DECLARED_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/known/known.h"
#include "model/profile.h"

namespace recount {

// The place of each in the table.
enum DeclaredId : std::uint32_t {
  kUnformedAnnounced,
  kGoingInReverse,
  kGoingWithoutComing,
  kErrnoTellsGoing,
  kGoingNotStopped,
  kInitFreedAtLive,
  kRecordsGoFirst,
  kStopTakesRecords,
  kUnformedRefused,
  kAheadOfLivepatch,
};

// All, the mildest first. KnownDefect::kernels says which switches of the profile they come from;
// the rest of it has no meaning here. `corpus/seeds/differs_NAME.prog` (with `_`) is the shortest
// program of each.
std::span<const KnownDefect> DeclaredDifferences();
// nullptr when there is none of that name.
const KnownDefect* FindDeclaredDifference(std::string_view name);
// Under `rules` ftrace hears GOING before livepatch and kprobes do.
bool RecordsGoFirst(const Profile& rules);
// Those between the two.
std::vector<const KnownDefect*> DeclaredBetween(const Profile& left, const Profile& right);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DECLARED_TABLE_H_
