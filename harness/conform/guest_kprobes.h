// The guest's kprobes as k0..k3 of a Program: `kp I` is kI.
//
// The guest names a symbol, the language a function. What a symbol means is what the kernel finds:
// among the modules that are there the one that came last, which stands first in /proc/modules.
// Some answers are the guest's own and never reached the kernel (its slot I is in use, or free).
#ifndef RECOUNT_HARNESS_CONFORM_GUEST_KPROBES_H_
#define RECOUNT_HARNESS_CONFORM_GUEST_KPROBES_H_

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/conform/recording.h"
#include "harness/conform/universe.h"
#include "model/ids.h"
#include "model/op.h"

namespace recount {

// A `kp` step. Without `op` nothing is asked of a subject.
struct GuestKprobeCall {
  std::string_view out_of_scope;  // why the language has no word for it; empty when it has
  std::optional<Op> op;
  KprobeId kprobe{};
  std::optional<int> rc;           // without `op`: what a kernel answers, whatever its state
  std::optional<bool> registered;  // without `op`: what the guest's own answer says of kI
  bool behind_endbr = false;       // the place was moved to where a World has the call site
};

class GuestKprobes {
 public:
  // `kernel` is the recorded one: it says where a function's first instruction ends.
  GuestKprobes(const Universe& universe, std::string_view kernel)
      : universe_(universe), endbr_(EndbrSize(kernel)) {}

  GuestKprobeCall Apply(std::span<const std::string> words, const RecordedStep& step);

 private:
  GuestKprobeCall Register(KprobeId kprobe, std::span<const std::string> words,
                           const RecordedStep& step);
  std::optional<FunctionId> Resolve(std::string_view symbol, const RecordedStep& step) const;

  const Universe& universe_;
  int endbr_;
  std::array<std::optional<AddKprobe>, kKprobeCount> last_;  // what kI was registered with
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_GUEST_KPROBES_H_
