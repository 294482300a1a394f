/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Code that changes: the World's functions, the trampolines, and the entries of ftrace_64.S. All
 * three are writable here, so poking is copying. The queue of arch/x86/kernel/alternative.c is kept,
 * as ftrace's passes depend on when it is flushed.
 */
#include "features.h"

#include <linux/memory.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/ftrace.h>
#include <asm/nops.h>
#include <asm/set_memory.h>
#include <asm/text-patching.h>
#if RK_HAS_EXECMEM
#include <linux/execmem.h>
#endif

#include "host.h"
#include "kernel.h"
#include "text.h"

#define TEXT_BASE 0x60000000UL
#define TEXT_SIZE 0x04000000UL
#define TRAMP_BASE 0x64000000UL
#define TRAMP_SIZE 0x01000000UL

/* include/asm-generic/sections.h: the core's code is the arena, and all special sections are empty. */
asm(".macro section_is name, begin, end\n"
    ".globl \\begin, \\end\n"
    ".set \\begin, 0\n"
    ".set \\end, 0\n"
    ".endm\n"
    ".globl _stext, _etext\n"
    ".set _stext, 0x60000000\n"
    ".set _etext, 0x64000000\n"
    "section_is inittext, _sinittext, _einittext\n"
    "section_is init, __init_begin, __init_end\n"
    "section_is mcount, __start_mcount_loc, __stop_mcount_loc\n"
    "section_is kprobes, __kprobes_text_start, __kprobes_text_end\n"
    "section_is noinstr, __noinstr_text_start, __noinstr_text_end\n"
    "section_is entry, __entry_text_start, __entry_text_end\n"
    "section_is blacklist, __start_kprobe_blacklist, __stop_kprobe_blacklist\n");

DEFINE_MUTEX(text_mutex);

/* arch/x86/kernel/alternative.c has all lengths; ftrace asks for these. */
static const unsigned char nop1[] = {0x90};
static const unsigned char nop2[] = {0x66, 0x90};
static const unsigned char nop5[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
const unsigned char *const x86_nops[ASM_NOP_MAX + 1] = {
    [1] = nop1,
    [2] = nop2,
    [5] = nop5,
};

static unsigned long tramp_used;

void rk_text_map(void) {
  extern char __start_rk_text[], __stop_rk_text[];
  host_map(TEXT_BASE, TEXT_SIZE, 1);
  host_map(TRAMP_BASE, TRAMP_SIZE, 1);
  host_unprotect(__start_rk_text, __stop_rk_text);
}
unsigned char *rk_text(void) { return (unsigned char *)TEXT_BASE; }
unsigned long rk_text_capacity(void) { return TEXT_SIZE; }
unsigned char *rk_tramps(void) { return (unsigned char *)TRAMP_BASE; }
unsigned long rk_tramps_used(void) { return tramp_used; }

/* The return is `rep ret $0`: nothing begins behind it that could be probed. */
static const unsigned char body[16] = {0x0f, 0x1f, 0x44, 0x00, 0x00, 0x0f, 0x1f, 0x00,
                                       0x0f, 0x1f, 0x40, 0x00, 0xf3, 0xc2, 0x00, 0x00};

void rk_write_plain(unsigned long address) { memcpy((void *)address, body, sizeof(body)); }

void rk_write_call(unsigned long address) {
  unsigned char *at = (unsigned char *)address;
  rk_write_plain(address);
  at[0] = 0xe8;
  *(int *)(at + 1) = (int)((unsigned long)__fentry__ - (address + 5));
}

/*
 * Trampolines never take the place of one before, and their text is gone when they are freed: a call
 * into one that was freed is a trap. In front of each stands how long it is, and whose it was.
 */
struct tramp {
  unsigned magic;
  unsigned size;
  int owner;
};
#define TRAMP_HEAD 64
#define TRAMP_MAGIC 0x54524d50

static struct tramp *tramp_at(unsigned long address) {
  struct tramp *tramp = (struct tramp *)(address - TRAMP_HEAD);
  if (address < TRAMP_BASE + TRAMP_HEAD || address >= TRAMP_BASE + tramp_used) return NULL;
  return tramp->magic == TRAMP_MAGIC ? tramp : NULL;
}
static void *tramp_alloc(unsigned long size) {
  unsigned long at = TRAMP_BASE + tramp_used + TRAMP_HEAD;
  struct tramp *tramp = (struct tramp *)(at - TRAMP_HEAD);
  if (tramp_used + TRAMP_HEAD + size > TRAMP_SIZE) host_die("the memory for trampolines is full");
  tramp_used = ALIGN(tramp_used + TRAMP_HEAD + size, 64);
  tramp->magic = TRAMP_MAGIC;
  tramp->size = size;
  tramp->owner = -1;
  return (void *)at;
}
static void tramp_free(void *memory) {
  struct tramp *tramp = tramp_at((unsigned long)memory);
  if (!memory) return;
  if (!tramp || !tramp->size) host_die("a trampoline is freed that there is not");
  memset(memory, 0xcc, tramp->size);
  tramp->size = 0;
}
#if RK_HAS_EXECMEM
void *execmem_alloc(enum execmem_type type, size_t size) { return tramp_alloc(size); }
void execmem_free(void *memory) { tramp_free(memory); }
#else
void *module_alloc(unsigned long size) { return tramp_alloc(size); }
void module_memfree(void *memory) { tramp_free(memory); }
#endif

void rk_tramp_is_of(unsigned long address, int owner) {
  struct tramp *tramp = tramp_at(address);
  if (tramp) tramp->owner = owner;
}
int rk_tramp_owner(unsigned long address) {
  struct tramp *tramp = tramp_at(address);
  return tramp ? tramp->owner : -1;
}

long copy_from_kernel_nofault(void *to, const void *from, size_t size) {
  memcpy(to, from, size);
  return 0;
}
long strncpy_from_kernel_nofault(char *to, const void *from, long most) {
  return strscpy(to, from, most);
}

/* Done at once: before the code can run. */
void text_poke_early(void *address, const void *opcode, size_t size) {
  memcpy(address, opcode, size);
}
void *text_poke(void *address, const void *opcode, size_t size) {
  return memcpy(address, opcode, size);
}
void text_poke_sync(void) {}
void text_poke_bp(void *address, const void *opcode, size_t size, const void *emulate) {
  memcpy(address, opcode, size);
}

/*
 * Code that was copied elsewhere, with what is relative in it put right. ftrace_64.S, as configured
 * here, has two such places, and create_trampoline() writes both itself: the load of
 * function_trace_op and the call. build.sh checks that there are no more.
 */
void text_poke_apply_relocation(u8 *to, const u8 *const from, size_t size, u8 *origin,
                                size_t origin_size) {}

/* Many sites at a time, and flushed when the queue is full, as there. */
static struct poke {
  void *address;
  unsigned char opcode[8];
  unsigned size;
} queue[PAGE_SIZE / 16];
static unsigned queued;

void text_poke_finish(void) {
  unsigned i;
  for (i = 0; i < queued; i++) memcpy(queue[i].address, queue[i].opcode, queue[i].size);
  queued = 0;
}
void text_poke_queue(void *address, const void *opcode, size_t size, const void *emulate) {
  if (queued == ARRAY_SIZE(queue)) text_poke_finish();
  queue[queued].address = address;
  queue[queued].size = size;
  memcpy(queue[queued++].opcode, opcode, size);
}

/* arch/x86/mm/pat/set_memory.c */
int set_memory_ro(unsigned long address, int pages) { return 0; }
int set_memory_rw(unsigned long address, int pages) { return 0; }
int set_memory_x(unsigned long address, int pages) { return 0; }
int set_memory_rox(unsigned long address, int pages) { return 0; }
int set_memory_nx(unsigned long address, int pages) { return 0; }

/* kernel/extable.c: whether an address is the core's code, and no init text that is gone. */
static unsigned long core_end, init_begin, init_end;
static int init_is_gone;

void rk_core_text(unsigned long end, unsigned long begins, unsigned long ends) {
  core_end = end;
  init_begin = begins;
  init_end = ends;
}
unsigned long rk_core_init_begin(void) { return init_begin; }
unsigned long rk_core_init_end(void) { return init_end; }
void rk_core_init_is_gone(void) { init_is_gone = 1; }

int core_kernel_text(unsigned long address) {
  if (init_is_gone && address >= init_begin && address < init_end) return 0;
  return address >= TEXT_BASE && address < core_end;
}
int kernel_text_address(unsigned long address) {
  return address >= TEXT_BASE && address < TRAMP_BASE;
}

/* kernel/events/core.c: nobody records what code changes. */
void perf_event_ksymbol(u16 type, u64 address, u32 size, bool gone, const char *symbol) {}
void perf_event_text_poke(const void *address, const void *old, size_t old_size, const void *new,
                          size_t new_size) {}

/* arch/x86/lib/hweight.S: called by code that expects all registers but rax to survive. */
asm(".pushsection .text\n"
    ".globl __sw_hweight64\n"
    "__sw_hweight64: popcntq %rdi, %rax\n"
    "ret\n"
    ".popsection\n");
