/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* arch/x86/kernel/ftrace.c. Its check of a call site is where the fault point `verify` lies. */
#include <linux/uaccess.h>
#include <asm/nospec-branch.h>

#include "kernel.h"

static inline long rk_read_text(const char *function, void *to, const void *from, size_t size) {
  if (!__builtin_strcmp(function, "ftrace_verify_code") && rk_passes_fault(RK_VERIFY)) return -EFAULT;
  return copy_from_kernel_nofault(to, from, size);
}
#define copy_from_kernel_nofault(to, from, size) rk_read_text(__func__, to, from, size)

#include "arch/x86/kernel/ftrace.c"
