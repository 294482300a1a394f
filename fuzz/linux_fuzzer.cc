// lockstep_fuzzer with a kernel in it (ci/linux-subject --fuzz).
#include <cstdlib>
#include <string>
#include <string_view>

#include "fuzz/feedback.h"
#include "fuzz/lockstep_fuzzer.h"
#include "impl/linux/linux_subject.h"
#include "impl/roster.h"

namespace recount {

Fuzzed WhomToFuzz() {
  const std::string name = InstalledSubjectName();
  const char* const known = std::getenv("RECOUNT_KNOWN");
  if (known != nullptr && std::string_view(known) == "1") KeepWhatIsFreedTooEarly();
  AddSubject(name, [name] { return MakeLinux(name); });
  // The kernel's own coverage says what is new. With a quarter of the counters as much is found,
  // and libFuzzer, which spends its time on what is rare, has a corpus of a third.
  return {.subject = name, .state_counters = Feedback::kCounters / 4};
}

}  // namespace recount
