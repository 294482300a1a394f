/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * arch/x86/kernel/kprobes/core.c, unmodified: it decides where an instruction begins, with the
 * kernel's own decoder (arch/x86/lib). Where it takes room for a copy of the instruction is the fault
 * point kprobe_slot.
 */
#include <linux/kprobes.h>

#include "kernel.h"

static inline kprobe_opcode_t *rk_kprobe_slot(void) {
  return rk_passes_fault(RK_KPROBE_SLOT) ? NULL : get_insn_slot();
}
#define get_insn_slot() rk_kprobe_slot()

#include "arch/x86/kernel/kprobes/core.c"
