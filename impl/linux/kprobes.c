/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What kprobes ask of the rest of the kernel. Nothing is ever prepared to be optimised, so no probe
 * becomes a jump; what would work on jumps is not here, and traps.
 */
#include <linux/kprobes.h>
#include <linux/static_call.h>
#include <linux/bug.h>
#include <linux/extable.h>

/* arch/x86/kernel/kprobes/opt.c */
int arch_prepare_optimized_kprobe(struct optimized_kprobe *op, struct kprobe *probe) {
  return -EILSEQ;
}
void arch_remove_optimized_kprobe(struct optimized_kprobe *op) {}
unsigned long __recover_optprobed_insn(kprobe_opcode_t *buffer, unsigned long address) {
  return address;
}
int setup_detour_execution(struct kprobe *probe, struct pt_regs *regs, int reenter) { return 0; }
kprobe_opcode_t optprobe_template_entry[1], optprobe_template_end[1];

/* kernel/static_call_inline.c, lib/bug.c: neither has any. */
int static_call_text_reserved(void *begin, void *end) { return 0; }
struct bug_entry *find_bug(unsigned long address) { return NULL; }
/* kernel/extable.c: no instruction there may fault. */
const struct exception_table_entry *search_exception_tables(unsigned long address) { return NULL; }
