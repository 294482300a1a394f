// Each field of outcome.h has its line here; those of view.h are in compare_view.cc.
#include "harness/compare.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "harness/compare_said.h"
#include "model/check.h"

namespace recount {
namespace {

using internal::Collected;
using internal::Text;

// "n0:coming n1:coming"; with the module where it is one.
std::string LogText(const World& world, const std::vector<NotifierCall>& log) {
  if (log.empty()) return "nobody";
  return absl::StrJoin(log, " ", [&world](std::string* out, const NotifierCall& call) {
    absl::StrAppend(out, "n", Index(call.notifier), ":", std::string(EventName(call.event)));
    if (call.module == kCore) return;
    absl::StrAppend(out, "(",
                    Index(call.module) < world.modules().size()
                        ? std::string(world.ImageName(call.module))
                        : absl::StrCat("#", Index(call.module)),
                    ")");
  });
}

}  // namespace

std::optional<Difference> CompareOutcomes(const World& world, const Op& /*op*/,
                                          const Outcome& expected, const Outcome& actual) {
  if (expected == actual) return std::nullopt;
  Collected first(1);
  if (expected.fate != actual.fate) {
    first.Say("outcome.fate", std::string(FateText(expected.fate)),
              std::string(FateText(actual.fate)));
  }
  if (expected.rc != actual.rc) first.Say("outcome.rc", RcText(expected.rc), RcText(actual.rc));
  const auto called = [](const Outcome& outcome) {
    return std::span<const OpsId>(outcome.called)
        .first(std::min<std::size_t>(outcome.called_count, kOpsCount));
  };
  if (expected.called_count != actual.called_count || expected.called != actual.called) {
    first.Say("outcome.called", Text(called(expected)), Text(called(actual)));
  }
  const auto located = [&](const Outcome& outcome) {
    return outcome.located == kNoFunction ? std::string("nothing")
                                          : world.FunctionText(outcome.located);
  };
  if (expected.located != actual.located) {
    first.Say("outcome.located", located(expected), located(actual));
  }
  if (expected.fired_count != actual.fired_count || expected.fired != actual.fired) {
    const auto fired = [](const Outcome& outcome) {
      const auto list =
          std::span(outcome.fired)
              .first(std::min<std::size_t>(outcome.fired_count, outcome.fired.size()));
      if (list.empty()) return std::string("none");
      return absl::StrJoin(
          list, " ", [](std::string* out, KprobeId id) { absl::StrAppend(out, "k", Index(id)); });
    };
    first.Say("outcome.fired", fired(expected), fired(actual));
  }
  if (expected.redirected != actual.redirected) {
    const auto patch = [](PatchId id) {
      return id == kNoPatch ? std::string("none") : absl::StrCat("p", Index(id));
    };
    first.Say("outcome.redirected", patch(expected.redirected), patch(actual.redirected));
  }
  if (expected.log != actual.log) {
    first.Say("outcome.log", LogText(world, expected.log), LogText(world, actual.log));
  }
  if (expected.answer != actual.answer) {
    first.Say("outcome.answer", AnswerText(expected.answer), AnswerText(actual.answer));
  }
  RECOUNT_CHECK(first.full());
  return first.Take().front();
}

}  // namespace recount
