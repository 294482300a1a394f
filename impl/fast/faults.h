// The armed fault points (SEMANTICS 8).
#ifndef RECOUNT_IMPL_FAST_FAULTS_H_
#define RECOUNT_IMPL_FAST_FAULTS_H_

#include <array>
#include <cstdint>

#include "model/errno.h"
#include "model/op.h"

namespace recount::fast {

class Faults {
 public:
  // Replaces what was armed at the point.
  void Arm(const Fault& fault) {
    points_[static_cast<std::size_t>(fault.point)] = {fault.nth, fault.error};
  }
  // The point is passed. True: it fails, this once; `error`, when given, gets the errno asked for.
  bool Pass(FaultPoint point, Errno* error = nullptr) {
    Armed& armed = points_[static_cast<std::size_t>(point)];
    if (armed.left == 0 || --armed.left != 0) return false;
    if (error != nullptr) *error = armed.error;
    return true;
  }
  // False: passing is without effect, so nobody can tell in which order it is done.
  bool armed(FaultPoint point) const { return points_[static_cast<std::size_t>(point)].left != 0; }

 private:
  struct Armed {
    std::uint32_t left = 0;  // passings until it fails; 0: not armed
    Errno error = Errno::kOk;
  };
  std::array<Armed, kFaultPointCount> points_{};
};

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_FAULTS_H_
