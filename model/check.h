// RECOUNT_CHECK: our own bug, stop here. Not for bad input (absl::Status) and not for what a
// subject answers (Outcome).
#ifndef RECOUNT_MODEL_CHECK_H_
#define RECOUNT_MODEL_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace recount::internal {

[[noreturn]] inline void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "recount: internal error: %s:%d: %s\n", file, line, what);
  std::abort();
}

}  // namespace recount::internal

#define RECOUNT_CHECK(condition) \
  (static_cast<bool>(condition)  \
       ? static_cast<void>(0)    \
       : ::recount::internal::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // RECOUNT_MODEL_CHECK_H_
