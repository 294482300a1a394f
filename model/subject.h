// Something that claims to obey the rules: an implementation, one with a known bug, later a kernel.
// The reference is driven through the same interface.
#ifndef RECOUNT_MODEL_SUBJECT_H_
#define RECOUNT_MODEL_SUBJECT_H_

#include <string_view>

#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// What a subject cannot do although the language can say it; it answers kUnsupported. A search
// keeps within it, so that a program that agrees has agreed in all of it.
struct Limits {
  // Of all hash pairs at most one is used by several ops.
  bool one_shared_pair = false;
  // Chains are called forward only.
  bool forward_only = false;
  // A Program starts after boot, and there is no chain `tryfix`.
  bool after_boot = false;
};
// Of a kernel's own code: there is one hash pair that others can be told to use, global_ops'.
inline constexpr Limits kLimitsOfKernels = {
    .one_shared_pair = true, .forward_only = true, .after_boot = true};

class Subject {
 public:
  virtual ~Subject() = default;

  // "reference", "fast", "fast+bug:ID".
  virtual std::string_view name() const = 0;
  virtual Limits limits() const { return {}; }
  // Whether it can be held to these rules: a kernel, to those of its era. To others it answers
  // kUnsupported.
  virtual bool Follows(const Profile& /*rules*/) const { return true; }
  // Of those, whether a search holds it to these when nobody says which. A kernel that differs in
  // one rule from the one before it follows both, and is held to its own.
  virtual bool IsHeldTo(const Profile& rules) const { return Follows(rules); }
  // Back to just after boot: core records exist, nothing is loaded or registered. `world` is kept.
  virtual void Reset(WorldPtr world, const Profile& profile) = 0;
  // REQUIRES: Reset() was called, and every id in `op` exists in its world.
  virtual Outcome Apply(const Op& op) = 0;
  // Overwrites `view`, reusing its buffers.
  virtual void Observe(View* view) = 0;
};

}  // namespace recount

#endif  // RECOUNT_MODEL_SUBJECT_H_
