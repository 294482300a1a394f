/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel's heap, as the other kernel-side files see it. */
#ifndef RECOUNT_IMPL_LINUX_MEMORY_H_
#define RECOUNT_IMPL_LINUX_MEMORY_H_

#include <linux/types.h>

/* What a block is for, where somebody counts it. */
enum rk_tag { RK_TAG_OTHER, RK_TAG_PAGES, RK_TAG_GROUP, RK_TAG_HASH_ENTRY, RK_TAG_CACHED, RK_TAGS };
/* Blocks that are allocated (pages: pages). */
extern unsigned rk_live[RK_TAGS];

void *rk_alloc(size_t size, size_t align, int zero, enum rk_tag tag);
void rk_free(const void *memory);

void rk_memory_map(void);
void *rk_memory_begin(void);
unsigned long rk_memory_used(void);
/*
 * After the kernel's data and the first `used` bytes were put back: the rest, as far as it was
 * used, is as it was before.
 */
void rk_memory_reset(unsigned long used, unsigned long was_used);

#endif /* RECOUNT_IMPL_LINUX_MEMORY_H_ */
