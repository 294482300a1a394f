#include "impl/roster.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "impl/bugs/bugs.h"
#include "impl/fast/fast.h"
#include "model/reference/reference.h"

namespace recount {
namespace {

constexpr std::string_view kBugPrefix = "fast+bug:";

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// Edits (insert, delete, replace a character) that lead from `a` to `b`.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

absl::Status UnknownBug(std::string_view id) {
  // Near: what contains it (a part of a name is what people remember), then what is spelt alike.
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const BugInfo& info : Bugs()) {
    const bool part = !id.empty() && info.id.find(id) != info.id.npos;
    near.emplace_back(part ? 0 : Distance(id, info.id), info.id);
  }
  std::sort(near.begin(), near.end());
  std::string ids;
  for (std::size_t i = 0; i < near.size() && i < 3; ++i) {
    absl::StrAppend(&ids, i == 0 ? "" : ", ", ToAbsl(near[i].second));
  }
  return absl::NotFoundError(absl::StrCat("unknown bug '", ToAbsl(id), "' (nearest: ", ids,
                                          "; `recount bugs` lists all)"));
}

struct Added {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
};
std::vector<Added>& AddedSubjects() {
  static auto* const added = new std::vector<Added>();
  return *added;
}

}  // namespace

void AddSubject(std::string name, std::function<std::unique_ptr<Subject>()> make) {
  AddedSubjects().push_back({std::move(name), std::move(make)});
}

absl::StatusOr<std::unique_ptr<Subject>> MakeSubject(std::string_view name) {
  if (name == "reference") return MakeReference();
  if (name == "fast") return MakeFast();
  if (name.starts_with(kBugPrefix)) {
    const std::string_view id = name.substr(kBugPrefix.size());
    const BugInfo* const info = FindBug(id);
    if (info == nullptr) return UnknownBug(id);
    return MakeFast(BugSet(info->bug));
  }
  for (const Added& added : AddedSubjects()) {
    if (name == added.name) return added.make();
  }
  return absl::NotFoundError(absl::StrCat("unknown subject '", ToAbsl(name),
                                          "' (there are: reference, fast, fast+bug:ID)"));
}

std::vector<std::string> SubjectNames() {
  std::vector<std::string> names = {"reference", "fast"};
  for (const Added& added : AddedSubjects()) names.push_back(added.name);
  for (const BugInfo& info : Bugs())
    names.push_back(absl::StrCat(ToAbsl(kBugPrefix), ToAbsl(info.id)));
  return names;
}

}  // namespace recount
