// The kprobes of a Program (SEMANTICS 14): names for the kernel's look-up, and what its table
// shows. All else is the kernel's.
#ifndef RECOUNT_IMPL_LINUX_PROBES_H_
#define RECOUNT_IMPL_LINUX_PROBES_H_

#include <vector>

#include "impl/linux/address_space.h"
#include "model/op_kprobe.h"
#include "model/outcome.h"
#include "model/view.h"

namespace recount {

class Probes {
 public:
  explicit Probes(const AddressSpace* space) : space_(space) {}
  // REQUIRES: the kernel has just booted.
  void Reset(bool jumps);

  // Each returns 0 or -errno.
  int Add(const AddKprobe& op);
  int Remove(KprobeId kprobe);
  int Enable(KprobeId kprobe);
  int Disable(KprobeId kprobe);
  int Arm(bool on);
  int Optimize();

  // Whose pre_handlers ran in the last hit.
  void AddFired(Outcome* outcome) const;
  void Observe(KprobesView* view);

 private:
  void ObserveUnused(KprobesView* view) const;

  const AddressSpace* space_;
  bool jumps_ = false;
  bool any_ = false;  // something was asked for: before that there is nothing to be seen
  std::vector<unsigned long> ips_;
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_PROBES_H_
