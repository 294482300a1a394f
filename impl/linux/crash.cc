#include "impl/linux/crash.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "model/check.h"

namespace recount {
namespace {

sigjmp_buf* volatile target = nullptr;

// The last is a breakpoint that is nobody's: an oops, too.
constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGTRAP};
// Who would have been told: the default, or a sanitizer, or a fuzzer that keeps the input.
struct sigaction before[std::size(kFaults)];

// A sanitizer's own looks up in /proc/self/maps where the stack is, to forget what it knows of it:
// a twentieth of a run that meets such defects. Nothing that is left here by a jump is watched.
using Jump = void (*)(sigjmp_buf, int);
Jump jump = nullptr;

void OnFault(int signal) {
  // Not in the kernel's code: a crash of our own, which happens again and goes its usual way.
  if (target == nullptr) {
    const auto which = std::find(std::begin(kFaults), std::end(kFaults), signal);
    ::sigaction(signal, &before[which - std::begin(kFaults)], nullptr);
    return;
  }
  sigjmp_buf* const there = target;
  target = nullptr;
  jump(*there, 1);
}

// A sanitizer has handlers of its own for faults of memory, and its reports are worth more than
// what is saved here.
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

// Code that a stale byte broke may have led the stack anywhere, and a handler needs one.
void HaveAnotherStack() {
  constexpr std::size_t kBytes = std::size_t{1} << 16;
  alignas(16) static unsigned char bytes[kBytes];
  stack_t there = {};
  RECOUNT_CHECK(::sigaltstack(nullptr, &there) == 0);
  if ((there.ss_flags & SS_DISABLE) == 0) return;
  stack_t own = {};
  own.ss_sp = bytes;
  own.ss_size = kBytes;
  RECOUNT_CHECK(::sigaltstack(&own, nullptr) == 0);
}

void Install() {
  HaveAnotherStack();
  jump = reinterpret_cast<Jump>(::dlsym(RTLD_NEXT, "siglongjmp"));
  RECOUNT_CHECK(jump != nullptr);
  struct sigaction action = {};
  action.sa_handler = OnFault;
  // It does not return, so the signal must not stay blocked; and it runs when the kernel's code has
  // used up its stack, or lost it.
  action.sa_flags = SA_NODEFER | SA_ONSTACK;
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    if (kSanitized && kFaults[i] != SIGTRAP) continue;
    RECOUNT_CHECK(::sigaction(kFaults[i], &action, &before[i]) == 0);
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
