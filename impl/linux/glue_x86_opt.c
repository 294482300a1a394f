/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * arch/x86/kernel/kprobes/opt.c, unmodified: where a jump fits, the detour that it goes to, and how it
 * is put in and taken off. The jump is really in the text, and the detour is code that runs.
 *
 * Whether there are jumps at all is for the profile to say. Without them none is ever prepared, which
 * is what all else asks for.
 */
#include <linux/kprobes.h>
#include <asm/cpufeature.h>

#include "kernel_kprobe.h"

/* All that is asked for is SMAP, and a process may not run CLAC. */
#undef boot_cpu_has
#define boot_cpu_has(feature) 0

#define arch_prepare_optimized_kprobe rk_prepare_jump
#include "arch/x86/kernel/kprobes/opt.c"
#undef arch_prepare_optimized_kprobe

static int rk_jumps;
void rk_kprobes_jump(int on) { rk_jumps = on; }

int arch_prepare_optimized_kprobe(struct optimized_kprobe *op, struct kprobe *p) {
  return rk_jumps ? rk_prepare_jump(op, p) : -EILSEQ;
}
