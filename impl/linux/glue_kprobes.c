/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* kernel/kprobes.c, and the way to its initcall, which is static. */
#include "kernel.h"

#include "kernel/kprobes.c"

int rk_init_kprobes(void) { return init_kprobes(); }
