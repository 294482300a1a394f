// What a report says.
#include "harness/conform/conform.h"

#include <string>

#include "gtest/gtest.h"

namespace recount {
namespace {

TEST(Report, PrintsOneLineWhereSubjectsAgreeAndOneEachWhereNot) {
  FileReport file{.path = "f.jsonl",
                  .kernel = "6.1",
                  .profile = "linux-6.1",
                  .subjects = {{"a", {}}, {"b", {}}}};
  SequenceReport same{.id = "one", .steps = 3, .compared = 3, .line = "agrees (3 steps)"};
  SequenceReport other{.id = "three", .steps = 2, .compared = 2, .line = "agrees (2 steps)"};
  SequenceReport differs{.id = "three",
                         .result = ConformResult::kDiffers,
                         .steps = 2,
                         .compared = 1,
                         .line = "differs at step 1 (x): rc kernel=0 model=-EINVAL"};
  file.subjects[0].sequences = {same, other};
  file.subjects[1].sequences = {same, differs};
  EXPECT_EQ(ReportText(file),
            "f.jsonl (kernel 6.1, rules of linux-6.1)\n"
            "  one    agrees (3 steps)\n"
            "  three  a: agrees (2 steps)\n"
            "  three  b: differs at step 1 (x): rc kernel=0 model=-EINVAL\n");
  const ConformSummary summary = Summarize({&file, 1});
  EXPECT_FALSE(summary.ok());
  EXPECT_EQ(SummaryText(summary),
            "4 replays: 3 agree, 0 agree up to a defect, 0 agree up to an operation out of scope, "
            "1 differ; 9 of 10 steps compared\n");
}

TEST(Report, NamesWhatWasNotComparedWithItsCountAndTheReason) {
  FileReport file{.path = "f.jsonl", .subjects = {{"a", {}}}};
  SequenceReport& sequence = file.subjects[0].sequences.emplace_back();
  Count(LeftOut::kLongHash, &sequence.left_out);
  Count(LeftOut::kLongHash, &sequence.left_out);
  Count(LeftOut::kOptimized, &sequence.left_out);
  const std::string text = SummaryText(Summarize({&file, 1}));
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "  not compared: 2 filters of more than 40 entries (only their size was recorded)\n"
            "  not compared: 1 kprobes that show OPT (when the kernel's optimiser runs is open)\n");
  for (std::size_t i = 0; i < kLeftOutCount; ++i) {
    EXPECT_FALSE(Describe(static_cast<LeftOut>(i)).why.empty()) << i;
  }
}

}  // namespace
}  // namespace recount
