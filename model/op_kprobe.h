// The operations on kprobes.
#ifndef RECOUNT_MODEL_OP_KPROBE_H_
#define RECOUNT_MODEL_OP_KPROBE_H_

#include <compare>
#include <cstdint>

#include "model/ids.h"

namespace recount {

// A place in a function, up to kFunctionStride - 1 bytes in.
struct Place {
  FunctionId function{};
  std::uint8_t offset = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct AddKprobe {  // `kprobe`: register_kprobe() by symbol and offset
  KprobeId kprobe{};
  Place place;
  bool post = false;      // with a post_handler
  bool disabled = false;  // with KPROBE_FLAG_DISABLED
  friend auto operator<=>(const AddKprobe&, const AddKprobe&) = default;
};
struct RemoveKprobe {  // `unkprobe`
  KprobeId kprobe{};
  friend auto operator<=>(const RemoveKprobe&, const RemoveKprobe&) = default;
};
struct EnableKprobe {  // `enable_kprobe`
  KprobeId kprobe{};
  friend auto operator<=>(const EnableKprobe&, const EnableKprobe&) = default;
};
struct DisableKprobe {  // `disable_kprobe`
  KprobeId kprobe{};
  friend auto operator<=>(const DisableKprobe&, const DisableKprobe&) = default;
};
struct KprobesArmed {  // `kprobes_armed`: writing to debugfs kprobes/enabled
  bool on = true;
  friend auto operator<=>(const KprobesArmed&, const KprobesArmed&) = default;
};

struct Optimize {  // `optimize`: the worker that puts jumps in, and takes them off, runs once
  friend auto operator<=>(const Optimize&, const Optimize&) = default;
};

}  // namespace recount

#endif  // RECOUNT_MODEL_OP_KPROBE_H_
