// The built-in world `kernel`: the size of a distribution kernel.
#ifndef RECOUNT_MODEL_WORLDS_KERNEL_H_
#define RECOUNT_MODEL_WORLDS_KERNEL_H_

#include "model/world.h"

namespace recount::internal {

World::Definition KernelDefinition();

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_WORLDS_KERNEL_H_
