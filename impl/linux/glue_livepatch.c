/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* kernel/livepatch/core.c, and the way to its initcall, which is static. */
#include "kernel.h"

#include "kernel/livepatch/core.c"

int rk_init_livepatch(void) { return klp_init(); }
