#include "harness/cli/rules.h"

#include <cstddef>
#include <set>

#include "absl/strings/str_cat.h"
#include "harness/cli/command.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Quote;

// Sets `*field` to that of its first `count` values which is called `text`.
template <typename Value>
absl::Status SetTo(std::string_view name, std::string_view text, Value* field, int count = 2) {
  std::string values;
  for (int i = 0; i < count; ++i) {
    const Value value{static_cast<std::uint8_t>(i)};
    if (text == ToText(value)) {
      *field = value;
      return absl::OkStatus();
    }
    absl::StrAppend(&values,
                    i == 0           ? ""
                    : i + 1 == count ? " or "
                                     : ", ",
                    std::string(ToText(value)));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(name), " is ", values, ", not ", Quote(text)));
}

absl::Status Switch(std::string_view name, std::string_view value, Profile* rules) {
  if (name == "reload") return SetTo(name, value, &rules->reload);
  if (name == "patch_failure") return SetTo(name, value, &rules->patch_failure, 3);
  if (name == "load_path") return SetTo(name, value, &rules->load_path);
  if (name == "rollback") return SetTo(name, value, &rules->rollback);
  if (name == "early_kprobes") return SetTo(name, value, &rules->early_kprobes);
  if (name == "optprobes") return SetTo(name, value, &rules->optprobes);
  if (name == "dead_disarm") return SetTo(name, value, &rules->dead_disarm);
  return absl::NotFoundError(
      absl::StrCat("a profile has no switch ", Quote(name),
                   "; there are: reload, patch_failure, load_path, rollback, early_kprobes, "
                   "optprobes, dead_disarm"));
}

}  // namespace

absl::StatusOr<Rules> RulesNamed(std::string_view text) {
  std::size_t end = text.find(',');
  const absl::StatusOr<const NamedProfile*> profile = ProfileNamed(text.substr(0, end));
  if (!profile.ok()) return profile.status();
  Rules rules{*profile, (*profile)->profile};
  std::set<std::string_view> set;
  for (std::string_view rest = text; end != rest.npos; end = rest.find(',')) {
    rest.remove_prefix(end + 1);
    const std::string_view word = rest.substr(0, rest.find(','));
    const std::size_t equals = word.find('=');
    if (equals == word.npos) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quote(text), ": expected SWITCH=VALUE behind a comma, not ", Quote(word)));
    }
    const std::string_view name = word.substr(0, equals);
    const absl::Status done = Switch(name, word.substr(equals + 1), &rules.switched);
    if (!done.ok()) {
      return absl::Status(done.code(),
                          absl::StrCat(Quote(text), ": ", std::string(done.message())));
    }
    if (!set.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quote(text), ": ", std::string(name), " is set twice"));
    }
  }
  return rules;
}

bool BeginsWithProfile(std::string_view text) {
  return FindProfile(text.substr(0, text.find(','))) != nullptr;
}

}  // namespace recount
