// Which notifier of the module chain has been told what of which module: what I8 has to remember of
// the operations before, because a View does not show it. And what I14 has to: whether anything
// kept kprobes from being told, or their ops from being changed.
#ifndef RECOUNT_MODEL_ANNOUNCEMENTS_H_
#define RECOUNT_MODEL_ANNOUNCEMENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/notifier.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"

namespace recount {

class Announcements {
 public:
  // What is known of one module. A bit for each notifier.
  struct OfModule {
    std::uint8_t up = 0;      // told COMING, or UNFORMED, and since then not GOING
    std::uint8_t coming = 0;  // of these, told COMING
    std::uint8_t late = 0;    // put on the chain when the module was past that
    // Somebody stopped the call without an errno: the load goes on, and who hears GOING at its end
    // need not have heard COMING (SEMANTICS 11).
    bool stopped = false;
  };

  // Nothing was said yet, and no script was set.
  void Reset(std::size_t modules);
  // Takes note of a step that is over.
  void Note(const Profile& profile, const Op& op, const Outcome& outcome, const View& after);

  // What a notifier answers, by the scripts of the operations noted.
  Answer AnswerTo(NotifierId notifier, Event event) const {
    return answers_[Index(notifier) % kNotifierCount]
                   [static_cast<std::size_t>(event) % kEventCount];
  }
  // REQUIRES: the module is one of Reset()'s; none is known before that.
  const OfModule& of(ModuleId module) const { return modules_[Index(module)]; }
  std::size_t modules() const { return modules_.size(); }
  // Something happened after which an address may be left behind in the filter of kp or kpi, or an
  // entry be off its guard (SEMANTICS 14). Nothing takes it back.
  bool kprobes_may_stray() const { return kprobes_may_stray_; }
  // Whether this step is such a thing.
  static bool LetsKprobesStray(const Profile& profile, const Op& op, const Outcome& outcome,
                               const View& after);

  // Takes one call into account. Public so that a step can be followed call by call.
  static void Hear(const NotifierCall& call, Answer answer, OfModule* module);

 private:
  std::array<std::array<Answer, kEventCount>, kNotifierCount> answers_{};
  std::vector<OfModule> modules_;
  bool kprobes_may_stray_ = false;
};

}  // namespace recount

#endif  // RECOUNT_MODEL_ANNOUNCEMENTS_H_
