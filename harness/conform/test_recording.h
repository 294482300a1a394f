// Recordings for tests: what was done, one line a step.
#ifndef RECOUNT_HARNESS_CONFORM_TEST_RECORDING_H_
#define RECOUNT_HARNESS_CONFORM_TEST_RECORDING_H_

#include <string>
#include <vector>

#include "harness/conform/recording.h"

namespace recount {

struct Done {
  std::string op;
  int rc = 0;
  std::string place;  // base address of tgA afterwards; empty: not loaded
};

// A recording of `steps` after one in which tgA was loaded at 0x1000 and showed its records.
inline Recording Record(const std::vector<Done>& steps, const std::string& kernel = "6.1.0") {
  Recording recording;
  recording.path = "f.jsonl";
  recording.kernel = kernel;
  Sequence& sequence = recording.sequences.emplace_back();
  sequence.id = "id";
  sequence.description = "what";
  sequence.kernel = kernel;
  RecordedStep& first = sequence.steps.emplace_back();
  first.op = "insmod tgA";
  first.mods = {{"tgA", 0x1000}};
  first.recs = {{"tgA",
                 {{"tg_shared", 0, "-"},
                  {"tgA_f0", 0, "-"},
                  {"tgA_f1", 0, "-"},
                  {"tgA_f2", 0, "-"},
                  {"tgA_f3", 0, "-"}}}};
  for (const Done& done : steps) {
    RecordedStep& step = sequence.steps.emplace_back();
    step.op = done.op;
    step.rc = done.rc;
    if (!done.place.empty()) step.mods = {{"tgA", std::stoull(done.place, nullptr, 16)}};
  }
  return recording;
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_TEST_RECORDING_H_
