// The scripted notifiers n0..n7, the chains they can be on, and the calls of the two chains
// that belong to nobody (SEMANTICS 10). The module chain is called by load_path.h, `tryfix` by
// repair.h.
#ifndef RECOUNT_IMPL_FAST_NOTIFIERS_H_
#define RECOUNT_IMPL_FAST_NOTIFIERS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "impl/fast/chain.h"
#include "model/ids.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/view.h"

namespace recount::fast {

struct Machine;

// Entries of the module chain that are no notifier of a Program: that of kprobes, and on load path
// `chain` the first two; and of `tryfix`, kprobes' too.
inline constexpr NotifierChain::Entry kFtraceEntry = kNotifierCount;
inline constexpr NotifierChain::Entry kLivepatchEntry = kNotifierCount + 1;
inline constexpr NotifierChain::Entry kKprobeEntry = kNotifierCount + 2;
inline constexpr NotifierChain::Entry kKprobeFixEntry = kNotifierCount + 3;
inline constexpr NotifierChain::Entry kEntryCount = kNotifierCount + 4;
inline constexpr std::int32_t kFtracePriority = 2147483647;
inline constexpr std::int32_t kLivepatchPriority = 2147483646;
inline constexpr std::int32_t kKprobePriority = 0;

class Notifiers {
 public:
  // Nobody is on a chain; nothing is held of any of `modules` modules, nor of the core.
  void Reset(std::size_t modules, BugSet bugs);

  const NotifierChain& chain(Chain chain) const { return chains_[At(chain)]; }
  NotifierChain& chain(Chain chain) { return chains_[At(chain)]; }

  Errno Add(const AddNotifier& op);
  Errno Remove(NotifierId id);
  void Set(const SetScript& op) {
    scripts_[Index(op.notifier)][static_cast<std::size_t>(op.event)] = op;
  }
  // `id`, which is or was on `chain`, is called: logged, its act done, its answer returned.
  Answer Hear(NotifierId id, Chain chain, Event event, ModuleId module);
  // notifier_to_errno().
  Errno ErrnoOf(Answer answer) const;
  // Who was called since the last time.
  std::vector<NotifierCall> TakeLog() { return std::exchange(log_, {}); }
  bool log_empty() const { return log_.empty(); }

  // Kept as it is to be shown: it changes seldom, and is looked at after every operation.
  const NotifiersView& view() const { return view_; }

 private:
  static std::size_t At(Chain chain) { return static_cast<std::size_t>(chain); }
  // What `id` has taken for `module` and not given back.
  std::uint16_t& Held(NotifierId id, ModuleId module) {
    const std::size_t modules = held_.size() / kNotifierCount - 1;
    return held_[Index(id) * (modules + 1) + (module == kCore ? modules : Index(module))];
  }
  void ShowChain(Chain chain);

  BugSet bugs_;
  std::array<NotifierChain, kChainCount> chains_;
  std::array<std::optional<Chain>, kNotifierCount> on_;
  std::array<std::array<SetScript, kEventCount>, kNotifierCount> scripts_;
  std::vector<std::uint16_t> held_;  // by notifier, then module; the core is the last
  std::vector<NotifierCall> log_;
  NotifiersView view_;
};

Outcome CallChain(Notifiers& notifiers, const Notify& op);
Outcome CallChainRobust(Notifiers& notifiers, const NotifyRobust& op, Direction rollback);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_NOTIFIERS_H_
