// The View, read from the kernel's own records, hashes and lists.
#ifndef RECOUNT_IMPL_LINUX_OBSERVE_H_
#define RECOUNT_IMPL_LINUX_OBSERVE_H_

#include <array>
#include <vector>

#include "impl/linux/address_space.h"
#include "impl/linux/kernel.h"
#include "impl/linux/livepatches.h"
#include "impl/linux/loader.h"
#include "impl/linux/notifiers.h"
#include "impl/linux/probes.h"
#include "model/op.h"
#include "model/view.h"

namespace recount {

// What an ops was asked to be.
struct OpsFlags {
  User user = User::kKernel;
  bool save_regs = false;
  bool ipmodify = false;
  bool permanent = false;
};

class Observer {
 public:
  Observer(const AddressSpace* space, const Loader* loader, const Notifiers* notifiers,
           const Livepatches* livepatches, Probes* probes)
      : space_(space),
        loader_(loader),
        notifiers_(notifiers),
        livepatches_(livepatches),
        probes_(probes) {}

  void Observe(const std::array<OpsFlags, kOpsCount>& ops, View* view);
  bool IsDead() const;

 private:
  void ObserveRecords(View* view);
  void ObserveGroups(View* view);
  void ObserveOps(const std::array<OpsFlags, kOpsCount>& flags, View* view);
  // `ips`: the addresses in the hash, as many as it counts.
  void ObserveHash(const rk_hash_info& hash, const unsigned long* ips, HashView* view) const;
  static void ObserveCached(int ops, int which, std::vector<CachedFilter>* cached);

  const AddressSpace* space_;
  const Loader* loader_;
  const Notifiers* notifiers_;
  const Livepatches* livepatches_;
  Probes* probes_;
  std::vector<rk_record> records_;
  std::vector<rk_group> groups_;
  std::vector<unsigned long> ips_;
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_OBSERVE_H_
