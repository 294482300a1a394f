// For tests of kprobes: the reference and the fast implementation, side by side. Outcomes and Views
// are compared as they are, without a harness in between.
#ifndef RECOUNT_IMPL_FAST_SIDE_BY_SIDE_H_
#define RECOUNT_IMPL_FAST_SIDE_BY_SIDE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "model/outcome.h"
#include "model/program.h"
#include "model/subject.h"
#include "model/text.h"
#include "model/view.h"

namespace recount::fast {

class SideBySide {
 public:
  SideBySide(std::unique_ptr<Subject> reference, std::unique_ptr<Subject> fast)
      : reference_(std::move(reference)), fast_(std::move(fast)) {}

  // Empty when both sides agree on every Outcome and View; and, when `margin`, every Outcome is
  // what the program says of it.
  std::string Disagreement(const Program& program, bool margin = false) {
    reference_->Reset(program.world, program.Rules());
    fast_->Reset(program.world, program.Rules());
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Op& op = program.ops[i];
      const Outcome expected = reference_->Apply(op);
      const Outcome actual = fast_->Apply(op);
      const auto found = [&](const std::string& what) {
        return what + "\nin operation " + std::to_string(i) + ", " + PrintOp(*program.world, op) +
               ", of\n" + PrintProgram(program);
      };
      const auto text = [&](const Outcome& outcome) {
        return OutcomeText(*program.world, op, outcome);
      };
      if (!(expected == actual)) {
        return found("expected " + text(expected) + ", actual " + text(actual));
      }
      if (margin && !program.margin[i].empty() && text(expected) != program.margin[i]) {
        return found("both answer " + text(expected));
      }
      reference_->Observe(&expected_);
      fast_->Observe(&actual_);
      if (expected_ == actual_) continue;
      return found("expected\n" + ViewText(*program.world, expected_) + "actual\n" +
                   ViewText(*program.world, actual_));
    }
    return "";
  }

 private:
  std::unique_ptr<Subject> reference_, fast_;
  View expected_, actual_;
};

// `fast`, with a bug or without, comes to the end of `program`, and counts records as it shows
// them.
inline void ExpectLivesThrough(const Program& program, Subject* fast) {
  View view;
  fast->Reset(program.world, program.Rules());
  for (const Op& op : program.ops) {
    ASSERT_EQ(fast->Apply(op).fate, Fate::kReturned) << PrintProgram(program);
    fast->Observe(&view);
  }
  ASSERT_EQ(view.ledger.records, view.records.size()) << PrintProgram(program);
}

inline Program Parsed(std::string_view text, std::string_view profile = "linux-6.1") {
  const auto program =
      ParseProgram("world small\nprofile " + std::string(profile) + "\n" + std::string(text));
  EXPECT_TRUE(program.ok()) << std::string(program.status().message());
  return program.ok() ? *program : Program();
}

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_SIDE_BY_SIDE_H_
