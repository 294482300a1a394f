/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* kernel/notifier.c. Its functions are callable as they are. */
#include "kernel/notifier.c"
