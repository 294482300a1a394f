/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Stands before arch/x86/include/asm/irqflags.h, whose cli and sti a process may not execute. The
 * flag is a variable; nothing interrupts.
 */
#ifndef _X86_IRQFLAGS_H_
#define _X86_IRQFLAGS_H_

#include <asm/processor-flags.h>

#ifndef __ASSEMBLY__

extern unsigned long rk_irq_flags;

#define arch_local_irq_save arch_local_irq_save
static __always_inline unsigned long arch_local_save_flags(void) { return rk_irq_flags; }
static __always_inline void arch_local_irq_restore(unsigned long flags) { rk_irq_flags = flags; }
static __always_inline void arch_local_irq_disable(void) { rk_irq_flags &= ~X86_EFLAGS_IF; }
static __always_inline void arch_local_irq_enable(void) { rk_irq_flags |= X86_EFLAGS_IF; }
static __always_inline int arch_irqs_disabled_flags(unsigned long flags) {
  return !(flags & X86_EFLAGS_IF);
}
static __always_inline int arch_irqs_disabled(void) {
  return arch_irqs_disabled_flags(rk_irq_flags);
}
static __always_inline unsigned long arch_local_irq_save(void) {
  unsigned long flags = rk_irq_flags;
  arch_local_irq_disable();
  return flags;
}
static __always_inline void native_safe_halt(void) {}
static __always_inline void native_halt(void) {}
static __always_inline void arch_safe_halt(void) {}
static __always_inline void halt(void) {}

#endif /* __ASSEMBLY__ */
#endif
