#include "impl/linux/crash.h"

#include "model/check.h"

namespace recount {
namespace {

sigjmp_buf* volatile target = nullptr;

void OnFault(int signal) {
  // Not in the kernel's code: a crash of our own, which ends the process with its usual signal.
  if (target == nullptr) {
    ::signal(signal, SIG_DFL);
    return;
  }
  sigjmp_buf* const there = target;
  target = nullptr;
  siglongjmp(*there, 1);
}

// A sanitizer has handlers of its own, and its reports are worth more than what is saved here.
constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__)
    true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

void Install() {
  if (kSanitized) return;
  struct sigaction action = {};
  action.sa_handler = OnFault;
  // It does not return, so the signal must not stay blocked.
  action.sa_flags = SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS}) {
    RECOUNT_CHECK(::sigaction(signal, &action, nullptr) == 0);
  }
}

}  // namespace

CrashGuard::CrashGuard() {
  static const bool installed = (Install(), true);
  (void)installed;
  RECOUNT_CHECK(target == nullptr);
  target = &here_;
}

CrashGuard::~CrashGuard() { target = nullptr; }

}  // namespace recount
