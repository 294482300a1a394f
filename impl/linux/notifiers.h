// The callbacks of the kernel's notifiers: what each answers and does when it is called, who was
// called, and the memory that they take and give back (SEMANTICS 10). The chains are the kernel's.
#ifndef RECOUNT_IMPL_LINUX_NOTIFIERS_H_
#define RECOUNT_IMPL_LINUX_NOTIFIERS_H_

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "model/notifier.h"
#include "model/op_chain.h"
#include "model/outcome.h"
#include "model/view.h"

namespace recount {

class Notifiers {
 public:
  // No script, nothing held. REQUIRES: the kernel has just booted.
  void Reset();

  // Each returns 0 or -errno.
  int Add(const AddNotifier& op);
  int Remove(NotifierId notifier);
  void Set(const SetScript& op);
  // The answer of the chain.
  Answer Call(const Notify& op);
  Answer Call(const NotifyRobust& op);

  // The kernel calls one of them.
  Answer Heard(NotifierId notifier, Event event, ModuleId module);
  // Who was called since this was asked last.
  std::vector<NotifierCall> TakeLog() { return std::exchange(log_, {}); }

  void Observe(NotifiersView* view) const;

 private:
  struct Script {
    Answer answer = kNotifyDone;
    Act act = Act::kNone;
    NotifierId other{};
  };

  std::array<std::array<Script, kEventCount>, kNotifierCount> scripts_;
  std::array<std::map<ModuleId, std::uint16_t>, kNotifierCount> held_;
  std::uint32_t bad_frees_ = 0;
  std::vector<NotifierCall> log_;
  bool calling_raw_ = false;
  bool any_ = false;  // one has been on a chain: before that there is nothing to be seen
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_NOTIFIERS_H_
