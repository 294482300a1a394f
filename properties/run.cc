#include "properties/run.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/compare.h"
#include "impl/roster.h"
#include "model/check.h"
#include "model/errno.h"

namespace recount {

Run::Run(std::string_view name, const Program& program) : program_(program) {
  absl::StatusOr<std::unique_ptr<Subject>> made = MakeSubject(name);
  RECOUNT_CHECK(made.ok());
  subject_ = *std::move(made);
  subject_->Reset(program.world, program.Rules());
  subject_->Observe(&view_);
}

Outcome Run::Apply(const Op& op) {
  const Outcome outcome = subject_->Apply(op);
  subject_->Observe(&view_);
  return outcome;
}

void Run::ApplyAll() {
  for (const Op& op : program_.ops) subject_->Apply(op);
  subject_->Observe(&view_);
}

std::optional<Broken> ViewsDiffer(std::string_view law, const World& world, const View& expected,
                                  const View& actual) {
  if (expected == actual) return std::nullopt;
  const std::optional<Difference> difference = CompareViews(world, expected, actual);
  RECOUNT_CHECK(difference.has_value());
  return Broken{absl::StrCat(std::string(law), ":view"),
                absl::StrCat(std::string(law), ": ", difference->field, " is ", difference->actual,
                             ", expected ", difference->expected)};
}

std::optional<Broken> LogsDiffer(std::string_view law, const World& world, const Op& op,
                                 const Outcome& expected, const Outcome& actual) {
  if (expected.log == actual.log) return std::nullopt;
  return Broken{absl::StrCat(std::string(law), ":log"),
                absl::StrCat(std::string(law), ": told ", OutcomeText(world, op, actual),
                             ", expected ", OutcomeText(world, op, expected))};
}

std::optional<Broken> RcDiffers(std::string_view law, int expected, int actual) {
  if (expected == actual) return std::nullopt;
  return Broken{absl::StrCat(std::string(law), ":rc"),
                absl::StrCat(std::string(law), ": returned ", RcText(actual), ", expected ",
                             RcText(expected))};
}

bool IsAboutNotifiers(const Op& op) {
  return std::holds_alternative<AddNotifier>(op) || std::holds_alternative<RemoveNotifier>(op) ||
         std::holds_alternative<SetScript>(op) || std::holds_alternative<Notify>(op) ||
         std::holds_alternative<NotifyRobust>(op);
}

bool IsAboutLivepatches(const Op& op) {
  return std::holds_alternative<SetPatch>(op) || std::holds_alternative<EnablePatch>(op) ||
         std::holds_alternative<DisablePatch>(op);
}

bool IsAboutKprobes(const Op& op) {
  return std::holds_alternative<AddKprobe>(op) || std::holds_alternative<RemoveKprobe>(op) ||
         std::holds_alternative<EnableKprobe>(op) || std::holds_alternative<DisableKprobe>(op) ||
         std::holds_alternative<KprobesArmed>(op) || std::holds_alternative<Optimize>(op);
}

Program Without(Program program, bool (*unwanted)(const Op& op)) {
  std::erase_if(program.ops, unwanted);
  return program;
}

ProgramProperty ForReferenceAndFast(LawOfOneSubject law) {
  return [law](const Program& program) -> std::optional<Broken> {
    for (const std::string_view subject : {"reference", "fast"}) {
      std::optional<Broken> broken = law(subject, program);
      if (broken.has_value()) {
        broken->what = absl::StrCat(std::string(subject), ": ", broken->what);
        return broken;
      }
    }
    return std::nullopt;
  };
}

}  // namespace recount
