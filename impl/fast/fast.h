// The optimised implementation as a Subject, optionally with known bugs switched on.
#ifndef RECOUNT_IMPL_FAST_FAST_H_
#define RECOUNT_IMPL_FAST_FAST_H_

#include <memory>

#include "impl/bugs/bugs.h"
#include "model/subject.h"

namespace recount {

std::unique_ptr<Subject> MakeFast(BugSet bugs = {});

}  // namespace recount

#endif  // RECOUNT_IMPL_FAST_FAST_H_
