/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The code arenas, for who saves and restores them. */
#ifndef RECOUNT_IMPL_LINUX_TEXT_H_
#define RECOUNT_IMPL_LINUX_TEXT_H_

void rk_text_map(void);
/* Trampolines, in [rk_tramps(), + rk_tramps_used()). */
unsigned char *rk_tramps(void);
unsigned long rk_tramps_used(void);
/* Which ops has, or had, the trampoline at `address`; -1 for none. Freeing does not change it. */
void rk_tramp_is_of(unsigned long address, int owner);
int rk_tramp_owner(unsigned long address);

/* The core's init text. */
unsigned long rk_core_init_begin(void);
unsigned long rk_core_init_end(void);
void rk_core_init_is_gone(void);

#endif /* RECOUNT_IMPL_LINUX_TEXT_H_ */
