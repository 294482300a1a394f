// One step on which two peers differ, while it is being explained (declared.h).
#ifndef RECOUNT_HARNESS_KNOWN_DECLARED_STEP_H_
#define RECOUNT_HARNESS_KNOWN_DECLARED_STEP_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "harness/known/declared.h"
#include "harness/known/declared_table.h"
#include "harness/known/declared_teller.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"

namespace recount {

// What has been made of a step so far.
struct DeclaredFindings {
  std::uint32_t engaged = 0;  // bits of DeclaredId
  bool explained = true;      // the logs are
  // The sides take two courses: answers and what belongs to the module are not compared.
  bool part = false;
  // Kprobes that lie where the module does were told GOING on one side only.
  bool kprobes = false;
  void Engage(DeclaredId id) { engaged |= 1u << id; }
  bool Has(DeclaredId id) const { return (engaged >> id & 1u) != 0; }
};

// An operation of the loader on `module`.
struct LoaderStep {
  const Declared::Step& step;
  ModuleId module;
  const Teller& teller;
  const Profile& left;
  const Profile& right;
  bool stage_armed;  // a `fault stage` of the program may strike
  bool patched;      // an enabled livepatch has a function of `module`
  bool probed;       // a kprobe that is not gone lies where `module` does
};
// What the loader's chain was told: each side's log is written anew by its rules from what
// happened, and must be the same.
void ExplainLoader(const LoaderStep& step, DeclaredFindings* found);

inline constexpr std::int32_t kLivepatchPriority = std::numeric_limits<std::int32_t>::max() - 1;

inline bool ByChain(const Profile& rules) { return rules.load_path == Profile::LoadPath::kChain; }
// Whether `op` may run `stage`.
bool MayRun(const Op& op, Stage stage, const View& before);
// Who was told `event`, in order.
Notifiers ToldIn(const std::vector<NotifierCall>& log, Event event);
void AddCalls(const Notifiers& told, Event event, ModuleId module, std::vector<NotifierCall>* log);
bool SameButLogs(const Outcome& left, Outcome right);

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DECLARED_STEP_H_
