#include "harness/cli/command.h"

#include <cstdio>
#include <memory>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/linux_program.h"
#include "harness/known/declared_table.h"
#include "impl/roster.h"
#include "model/check.h"

namespace recount {

int Complain(const absl::Status& status) {
  std::fflush(stdout);
  std::fprintf(stderr, "recount: %s\n", std::string(status.message()).c_str());
  return kExitBadInput;
}

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

absl::StatusOr<SubjectFactory> SubjectNamed(std::string_view text) {
  const std::string name = IsKernel(text) ? CanonicalKernel(text) : std::string(text);
  absl::StatusOr<std::unique_ptr<Subject>> subject = MakeSubject(name);
  if (!subject.ok()) return subject.status();
  return SubjectFactory([name]() -> std::unique_ptr<Subject> {
    absl::StatusOr<std::unique_ptr<Subject>> made = MakeSubject(name);
    RECOUNT_CHECK(made.ok());
    return *std::move(made);
  });
}

SubjectFactory Reference() { return *SubjectNamed("reference"); }

std::string FollowedBy(const Subject& subject) {
  std::string names;
  for (const NamedProfile& profile : Profiles()) {
    if (!subject.Follows(profile.profile)) continue;
    absl::StrAppend(&names, names.empty() ? "" : ", ", std::string(profile.name));
  }
  return names;
}

absl::StatusOr<const NamedProfile*> ProfileNamed(std::string_view name) {
  if (const NamedProfile* profile = FindProfile(name)) return profile;
  std::string known;
  for (const NamedProfile& profile : Profiles()) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", std::string(profile.name));
  }
  const bool switches = name.find(',') != std::string_view::npos;
  return absl::NotFoundError(
      absl::StrCat("unknown profile '", std::string(name), "'; there are: ", known,
                   switches ? " (single switches are for the sides of `recount equiv`)" : ""));
}

absl::StatusOr<std::vector<const KnownDefect*>> MaskedBy(const std::string& subject) {
  std::vector<const KnownDefect*> known =
      KnownDefectsOf(IsKernel(subject) ? CanonicalKernel(subject) : subject);
  if (known.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--known: no defect of subject ", subject, " is known (recount known)"));
  }
  return known;
}

std::string KnownLine(const KnownCounts& counts) {
  std::string line;
  for (const std::span<const KnownDefect> table : {KnownDefects(), DeclaredDifferences()}) {
    for (const KnownDefect& known : table) {
      const auto at = counts.find(&known);
      if (at == counts.end()) continue;
      absl::StrAppend(&line, line.empty() ? "known: " : ", ", std::string(known.name), " ",
                      at->second);
    }
  }
  return line.empty() ? line : line + "\n";
}

}  // namespace recount
