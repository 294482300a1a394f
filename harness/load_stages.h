// A `load` as the operations it consists of (SEMANTICS 4): a `load_begin`, and then a `load_step`
// for each stage until it is complete or fails. The failure that it asks for goes to its stage.
#ifndef RECOUNT_HARNESS_LOAD_STAGES_H_
#define RECOUNT_HARNESS_LOAD_STAGES_H_

#include <optional>

#include "model/op.h"

namespace recount {

// The first and the last stage that a `load_step` runs.
inline constexpr Stage kFirstStep = Stage::kPercpu;
inline constexpr Stage kLastStep = Stage::kFreeInit;

namespace internal {
inline std::optional<Errno> FailureAt(const Load& load, Stage stage) {
  if (load.failure && load.failure->stage == stage) return load.failure->error;
  return std::nullopt;
}
}  // namespace internal

inline LoadBegin BeginOf(const Load& load) {
  return {load.module, load.slot, internal::FailureAt(load, Stage::kLayout)};
}
inline LoadStep StepOf(const Load& load, Stage stage) {
  return {load.module, internal::FailureAt(load, stage)};
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_LOAD_STAGES_H_
