/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * kernel/kprobes.c, and the way to its initcall, which is static. There are no kprobes in the
 * language, and so its module notifier has nothing to do; but what a chain answers is what the last
 * on it answers, and that would be its word on a chain of the Program's. So it is taken off.
 */
#include "kernel.h"

#include "kernel/kprobes.c"

int rk_init_kprobes(void) {
  int rc = init_kprobes();
  return rc ? rc : unregister_module_notifier(&kprobe_module_nb);
}
