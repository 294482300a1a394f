// The process side of host.h, but for symbols and modules (address_space.cc).
#include "impl/linux/host.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

extern "C" {

// Keeps what was counted of the kernel's lines (ci/linux-coverage); null in other builds.
void __gcov_dump() __attribute__((weak));  // NOLINT: libgcov's name

// Read by AddressSanitizer's runtime where that is linked. A report ends the process by a signal,
// as any crash does; the kernel's own heap has no leaks to look for (the View counts what is
// allocated), and is not malloc()'s. What is, is not watched, so that what is freed need not rest
// and nobody asks where it came from: a tenth of the time.
const char* __asan_default_options() {  // NOLINT: the sanitizer's name
  return "abort_on_error=1:detect_leaks=0:malloc_context_size=0:quarantine_size_mb=0:"
         "thread_local_quarantine_size_kb=0";
}

void host_die(const char* reason) {
  std::fprintf(stderr, "recount: the kernel code died: %s\n", reason);
  if (__gcov_dump != nullptr) __gcov_dump();
  std::abort();
}

int host_wants_log() {
  static const bool wanted = std::getenv("RECOUNT_LINUX_LOG") != nullptr;
  return wanted ? 1 : 0;
}

void host_log(const char* text) {
  if (host_wants_log() != 0) std::fputs(text, stderr);
}

void* host_map(unsigned long address, unsigned long size, int executable) {
  const int protection = PROT_READ | PROT_WRITE | (executable != 0 ? PROT_EXEC : 0);
  void* const wanted = reinterpret_cast<void*>(address);  // NOLINT: the address is the point
  void* const got =
      ::mmap(wanted, size, protection,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (got != wanted) host_die("the addresses for the kernel are taken");
  return got;
}

void host_unprotect(void* begin, void* end) {
  const auto size = static_cast<std::size_t>(static_cast<char*>(end) - static_cast<char*>(begin));
  if (::mprotect(begin, size, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
    host_die("code cannot be made writable");
  }
}

}  // extern "C"
