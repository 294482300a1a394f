#include "harness/conform/left_out.h"

namespace recount {

LeftOutText Describe(LeftOut what) {
  switch (what) {
    case LeftOut::kInitRecord:
      return {"records of init text", "when they go, beside the moment of recording, is open"};
    case LeftOut::kLongHash:
      return {"filters of more than 40 entries", "only their size was recorded"};
    case LeftOut::kLongFile:
      return {"filter files of more than 60 lines", "the lines behind were not recorded"};
    case LeftOut::kEnabledNotRead:
      return {"enabled_functions of more than 600 lines", "not read; the records are compared"};
    case LeftOut::kHitsOfAll:
      return {"hits of ops that trace everything", "they count what the kernel did on its own"};
    case LeftOut::kHitsOfInit:
      return {"hits behind an init function that calls", "its own calls are in the count"};
    case LeftOut::kOptimized:
      return {"kprobes that show OPT", "when the kernel's optimiser runs is open"};
    case LeftOut::kOtherRead:
      return {"files that were read", "the language has nothing that answers them"};
    case LeftOut::kStepsBehind:
      return {"steps behind a defect or an operation out of scope", "the state is another one"};
  }
  return {};
}

}  // namespace recount
