/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The architecture's part of kprobes, minimal: a probe that is not on ftrace is an int3 byte. */
#include <linux/kprobes.h>

#include "host.h"

DEFINE_PER_CPU(struct kprobe *, current_kprobe);
DEFINE_PER_CPU(struct kprobe_ctlblk, kprobe_ctlblk);
struct kretprobe_blackpoint kretprobe_blacklist[] = {{NULL, NULL}};
const int kretprobe_blacklist_size = 0;

/* arch/x86/kernel/kprobes/core.c */
int arch_prepare_kprobe(struct kprobe *probe) {
  probe->opcode = *probe->addr;
  return 0;
}
void arch_arm_kprobe(struct kprobe *probe) { *probe->addr = 0xcc; }
void arch_disarm_kprobe(struct kprobe *probe) { *probe->addr = probe->opcode; }
void arch_remove_kprobe(struct kprobe *probe) {}
int arch_init_kprobes(void) { return 0; }
int arch_trampoline_kprobe(struct kprobe *probe) { return 0; }
