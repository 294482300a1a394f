// A crash of the kernel code, caught: the process lives on, and the next Reset() puts the kernel
// back as it was.
#ifndef RECOUNT_IMPL_LINUX_CRASH_H_
#define RECOUNT_IMPL_LINUX_CRASH_H_

#include <csetjmp>
#include <csignal>

namespace recount {

// While one is alive a memory fault, or a breakpoint that is nobody's, jumps to it. There is one at
// a time.
//
//   CrashGuard guard;
//   if (sigsetjmp(guard.here(), 0) != 0) return crashed;
class CrashGuard {
 public:
  CrashGuard();
  ~CrashGuard();
  CrashGuard(const CrashGuard&) = delete;
  CrashGuard& operator=(const CrashGuard&) = delete;
  sigjmp_buf& here() { return here_; }

 private:
  sigjmp_buf here_;
};

}  // namespace recount

#endif  // RECOUNT_IMPL_LINUX_CRASH_H_
