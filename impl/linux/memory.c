/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The allocators: one arena that only grows. Freed memory is not used again before the next reset,
 * so a use after free reads what free() left there (a pattern that is no address), a double free is
 * seen, and addresses depend on nothing but what was allocated before.
 *
 * Large blocks are the exception, where no sanitizer watches: each change of a filter takes and
 * frees a table of 1024 buckets, and would drag ever new memory through the cache. Such a block is
 * used again when QUEUED others of its size have been freed after it.
 */
#include "features.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "memory.h"
#include "host.h"
#include "kernel.h"

#define ARENA_BASE 0x68000000UL
#define ARENA_SIZE 0x08000000UL
#define GUARD 32 /* in front of each block, and so behind the one before */
#define LIVE 0x4c495645
#define FREED 0x46524545

#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(void const volatile *begin, size_t size);
void __asan_unpoison_memory_region(void const volatile *begin, size_t size);
int rk_has_asan(void) { return 1; }
#else
#define RK_REUSES 1
int rk_has_asan(void) { return 0; }
static inline void __asan_poison_memory_region(void const volatile *begin, size_t size) {}
static inline void __asan_unpoison_memory_region(void const volatile *begin, size_t size) {}
#endif

struct block {
  u32 state;
  u32 tag;
  size_t size;
  unsigned long next; /* the block allocated after it */
  char redzone[8];
};

/* All that this file remembers is in the kernel's data, and is put back with it. */
static unsigned long arena_used;
static unsigned long first_block, last_block;
unsigned rk_live[RK_TAGS];

void rk_memory_map(void) {
  host_map(ARENA_BASE, ARENA_SIZE, 0);
  __asan_poison_memory_region((void *)ARENA_BASE, ARENA_SIZE);
}

void *rk_memory_begin(void) { return (void *)ARENA_BASE; }
unsigned long rk_memory_used(void) { return arena_used; }

/* The state of a block is kept out of the kernel's reach, behind the sanitizer's back. */
__attribute__((no_sanitize("address"))) static struct block *header(const void *memory) {
  return (struct block *)((unsigned long)memory - sizeof(struct block));
}

#ifdef RK_REUSES
#define LARGE 2048
#define QUEUED 2 /* blocks that rest, freed */
/* Freed blocks of one size. What does not fit is not used again. */
static struct queue {
  size_t size;
  unsigned count, first;
  unsigned long blocks[8];
} queues[4];

static struct queue *queue_of(size_t size) {
  unsigned i;
  for (i = 0; i < ARRAY_SIZE(queues); i++) {
    if (!queues[i].size) queues[i].size = size;
    if (queues[i].size == size) return &queues[i];
  }
  return NULL;
}

/* 0 when there is none that rested long enough, or it is not aligned so. */
static unsigned long used_again(size_t size, size_t align) {
  struct queue *queue = size < LARGE ? NULL : queue_of(size);
  unsigned long at;
  if (!queue || queue->count <= QUEUED) return 0;
  at = queue->blocks[queue->first];
  if (at & (align - 1)) return 0;
  queue->first = (queue->first + 1) % ARRAY_SIZE(queue->blocks);
  queue->count--;
  return at;
}

static void use_again_later(unsigned long at, size_t size) {
  struct queue *queue = size < LARGE ? NULL : queue_of(size);
  if (!queue || queue->count == ARRAY_SIZE(queue->blocks)) return;
  queue->blocks[(queue->first + queue->count++) % ARRAY_SIZE(queue->blocks)] = at;
}
#else
static unsigned long used_again(size_t size, size_t align) { return 0; }
static void use_again_later(unsigned long at, size_t size) {}
#endif

/* A block at the arena's end. */
__attribute__((no_sanitize("address"))) static unsigned long new_block(size_t size, size_t align) {
  unsigned long at = ALIGN(ARENA_BASE + arena_used + GUARD, align);
  struct block *block = header((void *)at);
  if (at + size > ARENA_BASE + ARENA_SIZE) host_die("the kernel's heap is full");
  arena_used = ALIGN(at + size, 16) - ARENA_BASE;
  block->size = size;
  block->next = 0;
  if (last_block)
    header((void *)last_block)->next = at;
  else
    first_block = at;
  last_block = at;
  return at;
}

__attribute__((no_sanitize("address"))) void *rk_alloc(size_t size, size_t align, int zero,
                                                       enum rk_tag tag) {
  unsigned long at = used_again(size, align);
  struct block *block;
  if (!at) at = new_block(size, align);
  block = header((void *)at);
  block->state = LIVE;
  block->tag = tag;
  __asan_unpoison_memory_region((void *)at, size);
  memset((void *)at, zero ? 0 : 0x5a, size);
  rk_live[tag] += tag == RK_TAG_PAGES ? size >> PAGE_SHIFT : 1;
  return (void *)at;
}

__attribute__((no_sanitize("address"))) void rk_free(const void *memory) {
  struct block *block;
  if (ZERO_OR_NULL_PTR(memory)) return;
  block = header(memory);
  if ((unsigned long)memory < ARENA_BASE || (unsigned long)memory >= ARENA_BASE + arena_used) {
    host_die("kfree() of what was never allocated");
  }
  if (block->state != LIVE) host_die(block->state == FREED ? "double free" : "kfree() inside a block");
  block->state = FREED;
  rk_live[block->tag] -= block->tag == RK_TAG_PAGES ? block->size >> PAGE_SHIFT : 1;
  if (!rk_has_asan()) memset((void *)memory, 0x6b, block->size);
  __asan_poison_memory_region(memory, block->size);
  use_again_later((unsigned long)memory, block->size);
}

#ifdef __SANITIZE_ADDRESS__
/* What the sanitizer knows of a block is not in its bytes, and is told again. */
__attribute__((no_sanitize("address"))) void rk_memory_reset(unsigned long used,
                                                             unsigned long was_used) {
  unsigned long at;
  for (at = first_block; at; at = header((void *)at)->next) {
    if (header((void *)at)->state == LIVE)
      __asan_unpoison_memory_region((void *)at, header((void *)at)->size);
    else
      __asan_poison_memory_region((void *)at, header((void *)at)->size);
  }
  if (was_used > used) __asan_poison_memory_region((void *)(ARENA_BASE + used), was_used - used);
}
#else
void rk_memory_reset(unsigned long used, unsigned long was_used) {
  if (was_used > used) memset((void *)(ARENA_BASE + used), 0, was_used - used);
}
#endif

/* --- the kernel's names ------------------------------------------------------------------------ */

#define plain(size, flags) rk_alloc(size, 16, ((flags) & __GFP_ZERO) != 0, RK_TAG_OTHER)

#if RK_HAS_NOPROF
#define NAME(name) name##_noprof
#undef kmem_cache_alloc
#undef kmem_cache_create
#undef kmemdup_nul
#undef kstrdup
#undef __get_free_pages
kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];
void *__kmalloc_cache_noprof(struct kmem_cache *cache, gfp_t flags, size_t size) {
  return plain(size, flags);
}
void *__kmalloc_large_noprof(size_t size, gfp_t flags) { return plain(size, flags); }
void *__kvmalloc_node_noprof(DECL_BUCKET_PARAMS(size, bucket), gfp_t flags, int node) {
  return plain(size, flags);
}
struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned size,
                                            struct kmem_cache_args *arguments,
                                            slab_flags_t flags) {
  return (struct kmem_cache *)(unsigned long)size;
}
#else
#define NAME(name) name
void *kmalloc_large(size_t size, gfp_t flags) { return plain(size, flags); }
void *kvmalloc_node(size_t size, gfp_t flags, int node) { return plain(size, flags); }
/* A cache is its object's size. */
struct kmem_cache *kmem_cache_create(const char *name, unsigned size, unsigned align,
                                     slab_flags_t flags, void (*constructor)(void *)) {
  return (struct kmem_cache *)(unsigned long)size;
}
#endif

void *NAME(__kmalloc)(size_t size, gfp_t flags) { return plain(size, flags); }
void kfree(const void *memory) { rk_free(memory); }
void kvfree(const void *memory) { rk_free(memory); }
void *NAME(kmem_cache_alloc)(struct kmem_cache *cache, gfp_t flags) {
  return plain((unsigned long)cache, flags);
}
void kmem_cache_free(struct kmem_cache *cache, void *memory) { rk_free(memory); }

/* Only ftrace's records are page blocks here. */
#if RK_HAS_NOPROF
#define __get_free_pages get_free_pages_noprof
#endif
unsigned long __get_free_pages(gfp_t flags, unsigned order) {
  if (rk_passes_fault(RK_RECORD_ALLOC)) return 0;
  return (unsigned long)rk_alloc(PAGE_SIZE << order, 64, (flags & __GFP_ZERO) != 0, RK_TAG_PAGES);
}
void free_pages(unsigned long memory, unsigned order) { rk_free((void *)memory); }

/* mm/util.c */
static char *copy(const char *text, size_t size, gfp_t flags) {
  char *made = plain(size + 1, flags);
  memcpy(made, text, size);
  made[size] = 0;
  return made;
}
char *kmemdup_nul(const char *text, size_t size, gfp_t flags) { return copy(text, size, flags); }
char *kstrdup(const char *text, gfp_t flags) {
  return text ? copy(text, strlen(text), flags) : NULL;
}
char *kstrndup(const char *text, size_t most, gfp_t flags) {
  return text ? copy(text, strnlen(text, most), flags) : NULL;
}
