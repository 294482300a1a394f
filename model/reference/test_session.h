// For tests: a reference that is fed operations in text form and answers in text.
//
//   TestSession s("small", "linux-6.1");
//   s.Do("filter o0 alpha_read -> -EINVAL\n"
//        "load alpha @0         -> 0\n");
//   EXPECT_EQ(s.Record("alpha_read"), "0 ------- nop");
//
// Every margin is checked. Operations may be split over several calls.
#ifndef RECOUNT_MODEL_REFERENCE_TEST_SESSION_H_
#define RECOUNT_MODEL_REFERENCE_TEST_SESSION_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/program.h"
#include "model/reference/state.h"
#include "model/reference/step.h"
#include "model/text.h"
#include "model/view.h"
#include "model/world.h"

namespace recount::reference {

class TestSession {
 public:
  explicit TestSession(std::string_view world = "small", std::string_view profile = "linux-6.1")
      : TestSession(BuiltinWorld(world).value(), profile) {}

  TestSession(WorldPtr world, std::string_view profile)
      : profile_(profile), state_(InitialState(std::move(world), FindProfile(profile)->profile)) {}

  // A Program that says `from boot`.
  static TestSession FromBoot(std::string_view profile = "early-kprobe") {
    TestSession session("small", profile);
    Profile rules = FindProfile(profile)->profile;
    rules.start = Profile::Start::kBoot;
    session.state_ = InitialState(session.state_.world, rules);
    return session;
  }

  TestSession& Do(std::string_view operations) {
    const std::string header = "world " + state_.world->name() + "\nprofile " + profile_ + "\n";
    const auto program =
        ParseProgram(header + std::string(operations),
                     [this](std::string_view) -> absl::StatusOr<WorldPtr> { return state_.world; });
    if (!program.ok()) {
      ADD_FAILURE() << std::string(program.status().message()) << "\n" << header << operations;
      return *this;
    }
    for (std::size_t i = 0; i < program->ops.size(); ++i) {
      const Op& op = program->ops[i];
      const std::string answer = OutcomeText(world(), op, Step(state_, op));
      if (program->margin.empty() || program->margin[i].empty()) continue;
      EXPECT_EQ(answer, program->margin[i]) << "operation " << i << ": " << PrintOp(world(), op);
    }
    return *this;
  }

  const World& world() const { return *state_.world; }
  const State& state() const { return state_; }
  View Look() const {
    View view;
    Observe(state_, &view);
    return view;
  }

  // "2 -R--Er- call regs": count, flags and site of the function's record; "none" without one.
  std::string Record(std::string_view function) const {
    const FunctionId id = world().FindFunction(function).value();
    for (const RecordView& record : Look().records) {
      if (record.function != id) continue;
      return std::to_string(record.count) + " " + FlagsText(record.flags) + " " +
             SiteText(record.site);
    }
    return "none";
  }
  // The count alone; -1 without a record.
  int Count(std::string_view function) const {
    const std::string text = Record(function);
    return text == "none" ? -1 : std::stoi(text);
  }

  // "empty", or the functions whose records it names in ascending order ("?" for an address that
  // has none), then "cleared=N" and "mod".
  std::string Filter(int ops) const { return HashText(Look().ops[ops].filter); }
  std::string Notrace(int ops) const { return HashText(Look().ops[ops].notrace); }

  // "alpha_*:mod:alpha *:mod:beta"
  static std::string Cached(const std::vector<CachedFilter>& items) {
    std::string text;
    for (const CachedFilter& item : items) {
      text += text.empty() ? "" : " ";
      text += std::string(item.function.text()) + ":mod:" + std::string(item.module.text());
    }
    return text;
  }

  // Groups of an image as "512/1" (records / order), in list order.
  std::string Groups(std::string_view image) const {
    std::string text;
    for (const GroupView& group : Look().groups) {
      if (world().ImageName(group.owner) != image) continue;
      text += (text.empty() ? "" : " ") + std::to_string(group.used) + "/" +
              std::to_string(group.order);
    }
    return text;
  }

 private:
  std::string HashText(const HashView& hash) const {
    if (hash.empty()) return "empty";
    std::string text;
    const auto add = [&](std::string_view word) {
      if (!text.empty()) text += " ";
      text += word;
    };
    for (const Address ip : hash.ips) {
      std::string name = "?";
      for (const reference::Record& record : state_.records) {
        if (record.ip == ip) name = world().FunctionText(record.function);
      }
      add(name);
    }
    if (hash.cleared > 0) add("cleared=" + std::to_string(hash.cleared));
    if (hash.mod) add("mod");
    return text;
  }

  std::string profile_;
  State state_;
};

}  // namespace recount::reference

#endif  // RECOUNT_MODEL_REFERENCE_TEST_SESSION_H_
