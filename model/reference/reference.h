// The reference as a Subject. Slow, dull, obviously right: derived state is recomputed from its
// definition at every look, never maintained.
#ifndef RECOUNT_MODEL_REFERENCE_REFERENCE_H_
#define RECOUNT_MODEL_REFERENCE_REFERENCE_H_

#include <memory>

#include "model/subject.h"

namespace recount {

std::unique_ptr<Subject> MakeReference();

}  // namespace recount

#endif  // RECOUNT_MODEL_REFERENCE_REFERENCE_H_
