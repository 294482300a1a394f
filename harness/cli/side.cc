#include "harness/cli/side.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/cli/command.h"
#include "harness/cli/linux_program.h"
#include "harness/cli/rules.h"
#include "harness/cli/serve.h"
#include "harness/under_rules.h"
#include "impl/bugs/bugs.h"
#include "impl/roster.h"

namespace recount {
namespace {

constexpr std::string_view kKernel = "linux:";
constexpr std::string_view kBug = "fast+bug:";
constexpr char kDefaultSubject[] = "fast";

bool IsInThisProgram(const std::string& subject) {
  const std::vector<std::string> names = SubjectNames();
  return std::find(names.begin(), names.end(), subject) != names.end();
}

absl::StatusOr<Side> KernelSide(std::string_view name, const std::string& programs) {
  Side side = SideOf(CanonicalKernel(name), nullptr);
  side.profile = FindProfile(kKernelProfile);
  side.rules = side.profile->profile;
  side.limits = kLimitsOfKernels;
  if (IsInThisProgram(side.name)) {
    side.serve = SideOf(side.name, *SubjectNamed(side.name)).serve;
    return side;
  }
  const absl::StatusOr<std::string> program = LinuxProgram(name, programs);
  if (!program.ok()) return program.status();
  side.serve = [program = *program, subject = side.subject] {
    const char* const words[] = {"recount", "serve", "--subject", subject.c_str(), nullptr};
    ::execv(program.c_str(), const_cast<char* const*>(words));
    std::fprintf(stderr, "recount: %s: %s\n", program.c_str(), std::strerror(errno));
  };
  return side;
}

}  // namespace

Side SideOf(std::string name, SubjectFactory make) {
  Side side;
  side.subject = side.name = std::move(name);
  side.make = std::move(make);
  side.serve = [make = side.make] { Serve(make().get(), STDIN_FILENO, STDOUT_FILENO); };
  return side;
}

void HoldTo(const Profile& rules, Side* side) {
  side->rules = rules;
  side->serve = [make = side->make, rules] {
    UnderRules subject(make(), rules);
    Serve(&subject, STDIN_FILENO, STDOUT_FILENO);
  };
}

absl::StatusOr<Side> SideNamed(std::string_view name, const std::string& programs) {
  std::string subject(name);
  std::string_view text;  // of its rules
  if (BeginsWithProfile(name)) {
    text = name;
    subject = kDefaultSubject;
  } else if (const std::size_t at = name.rfind('@');
             at != name.npos &&
             (!name.starts_with(kKernel) || BeginsWithProfile(name.substr(at + 1)))) {
    text = name.substr(at + 1);
    subject = std::string(name.substr(0, at));
  }
  Rules rules;
  if (!text.empty() || subject.size() < name.size()) {
    const absl::StatusOr<Rules> named = RulesNamed(text);
    if (!named.ok()) return named.status();
    rules = *named;
  }
  if (subject.starts_with(kKernel) && subject.size() > kKernel.size()) {
    // The path of a tree may have a comma in it.
    if (const std::size_t comma = subject.find(','); subject.find('/') == subject.npos) {
      subject = subject.substr(0, comma);
    }
    if (rules.profile != nullptr || (text.empty() && subject.size() < name.size())) {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(name), ": a kernel has rules of its own; write ", subject));
    }
    return KernelSide(subject, programs);
  }
  const absl::StatusOr<SubjectFactory> make = SubjectNamed(subject);
  if (!make.ok()) {
    // An unknown bug is said best by who knows the others.
    if (subject.starts_with(kBug)) return make.status();
    std::string profiles;
    for (const NamedProfile& known : Profiles()) {
      absl::StrAppend(&profiles, std::string(known.name), ", ");
    }
    return absl::NotFoundError(absl::StrCat(
        "unknown side '", std::string(name), "'; a side is a profile (", profiles,
        "played by fast), a subject (fast, reference, fast+bug:ID, linux:6.1, linux:PATH), or "
        "SUBJECT@PROFILE; a profile's switches stand behind it: linux-6.1,load_path=chain"));
  }
  Side side = SideOf(std::string(name), *make);
  side.subject = subject;
  side.profile = rules.profile;
  if (rules.profile == nullptr) return side;
  side.rules = rules.switched;
  if (rules.switched != rules.profile->profile) HoldTo(rules.switched, &side);
  return side;
}

}  // namespace recount
