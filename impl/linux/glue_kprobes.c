/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * kernel/kprobes.c, unmodified, and the probes of kernel_kprobe.h.
 *
 * Its table is one bucket here. The kernel kills, arms and disarms in the order of a hash of real
 * addresses, which decides which allocation a fault meets; in one bucket that is newest first
 * (SEMANTICS 14, choice).
 */
#include <linux/ftrace.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <asm/sections.h>

#include "kernel.h"
#include "kernel_kprobe.h"
#include "memory.h"
#include "text.h"

#define hash_ptr(address, bits) 0

/* The fault point kprobe_alloc: what an aggregator, or a jump, would be kept in. */
static inline void *rk_kprobe_alloc(const char *function, size_t size) {
  if (!__builtin_strcmp(function, "alloc_aggr_kprobe") && rk_passes_fault(RK_KPROBE_ALLOC))
    return NULL;
  return rk_alloc(size, 16, 1, RK_TAG_OTHER);
}
#undef kzalloc
#define kzalloc(size, flags) rk_kprobe_alloc(__func__, size)

static int rk_kprobe_register_ops(struct ftrace_ops *ops);
#define register_ftrace_function(ops) rk_kprobe_register_ops(ops)

/* The core's init text lies where the World has it. */
static inline char (*rk_init_edge(int end))[1] {
  return (char (*)[1])(end ? rk_core_init_end() : rk_core_init_begin());
}
#define __init_begin (*rk_init_edge(0))
#define __init_end (*rk_init_edge(1))

#include "kernel/kprobes.c"

int rk_init_kprobes(void) {
  int rc = init_kprobes();
  /* Nothing is ever prepared to be optimised (kprobes.c), so this only allows it. */
  return rc ? rc : init_optprobes();
}

int rk_kprobes_forbid(unsigned long begin, unsigned long end) {
  return kprobe_add_area_blacklist(begin, end);
}

void rk_kprobes_free_init(void) { kprobe_free_init_mem(); }

struct ftrace_ops *rk_kprobe_ops(int which) {
  return which ? &kprobe_ipmodify_ops : &kprobe_ftrace_ops;
}

#undef register_ftrace_function
static int rk_kprobe_register_ops(struct ftrace_ops *ops) {
  int rc = register_ftrace_function(ops);
  rk_tramp_is_of(ops->trampoline, RK_FIRST_KPROBE_OPS + (ops == &kprobe_ipmodify_ops));
  return rc;
}

/* --- probes ------------------------------------------------------------------------------------ */

static struct kprobe rk_kprobes[RK_KPROBES];
static char rk_symbols[RK_KPROBES][128];
static unsigned char rk_fires[RK_FIRED];
static unsigned rk_fire_count;

static int rk_pre_handler(struct kprobe *p, struct pt_regs *regs) {
  if (rk_fire_count < RK_FIRED) rk_fires[rk_fire_count++] = p - rk_kprobes;
  return 0;
}
static void rk_post_handler(struct kprobe *p, struct pt_regs *regs, unsigned long flags) {}

static int rk_is_probe(const struct kprobe *p) {
  return p >= rk_kprobes && p < rk_kprobes + RK_KPROBES;
}
static int rk_is_valid(struct kprobe *p) { return p->addr && __get_valid_kprobe(p); }

int rk_kprobe_add(int k, const char *symbol, unsigned offset, int post, int disabled) {
  struct kprobe *p = &rk_kprobes[k];
  int rc;
  if (!rk_is_valid(p)) {
    strscpy(rk_symbols[k], symbol, sizeof(rk_symbols[k]));
    memset(p, 0, sizeof(*p));
    p->symbol_name = rk_symbols[k];
    p->offset = offset;
    p->pre_handler = rk_pre_handler;
    if (post) p->post_handler = rk_post_handler;
    if (disabled) p->flags = KPROBE_FLAG_DISABLED;
  }
  rc = register_kprobe(p);
  rk_grace_period();
  return rc;
}

int rk_kprobe_remove(int k) {
  struct kprobe *p = &rk_kprobes[k];
  kprobe_opcode_t *at = p->addr;
  if (!rk_is_valid(p)) return -EINVAL;
  unregister_kprobe(p);
  rk_grace_period();
  if (p->addr) return 0;
  p->addr = at;
  return -EBUSY;
}

/* One that is not registered has no address, or that of where it was. */
int rk_kprobe_enable(int k) {
  int rc = enable_kprobe(&rk_kprobes[k]);
  rk_grace_period();
  return rc;
}
int rk_kprobe_disable(int k) {
  int rc = disable_kprobe(&rk_kprobes[k]);
  rk_grace_period();
  return rc;
}

int rk_kprobes_arm(int on) {
  loff_t position = 0;
  ssize_t rc = write_enabled_file_bool(NULL, on ? "1" : "0", 1, &position);
  rk_grace_period();
  return rc < 0 ? rc : 0;
}

/* --- hits -------------------------------------------------------------------------------------- */

static unsigned rk_lifted; /* a bit a byte */

void rk_lift_breakpoints(unsigned long address) {
  unsigned i;
  rk_lifted = rk_fire_count = 0;
  if (hlist_empty(&kprobe_table[0])) return;
  for (i = 0; i < 16; i++) {
    struct kprobe *p = get_kprobe((void *)(address + i));
    if (!p || kprobe_ftrace(p) || *p->addr != INT3_INSN_OPCODE) continue;
    *p->addr = p->opcode;
    rk_lifted |= 1u << i;
  }
}

void rk_run_breakpoints(unsigned long address, int passed) {
  struct pt_regs regs = {};
  unsigned i;
  for (i = 0; rk_lifted; i++, rk_lifted >>= 1) {
    struct kprobe *p;
    if (!(rk_lifted & 1)) continue;
    p = get_kprobe((void *)(address + i));
    *p->addr = INT3_INSN_OPCODE;
    /* One that was killed stands in init text that is about to go; nobody runs that any more. */
    if (!passed || kprobe_disabled(p)) continue;
    regs.ip = address + i + INT3_INSN_SIZE;
    p->pre_handler(p, &regs);
  }
}

unsigned rk_fired(unsigned char fired[RK_FIRED]) {
  memcpy(fired, rk_fires, sizeof(rk_fires));
  return rk_fire_count;
}

/* --- what can be seen -------------------------------------------------------------------------- */

void rk_kprobe_infos(struct rk_kprobe_info infos[RK_KPROBES]) {
  int k;
  memset(infos, 0, RK_KPROBES * sizeof(*infos));
  for (k = 0; k < RK_KPROBES; k++) {
    struct kprobe *p = &rk_kprobes[k];
    if (!rk_is_valid(p)) continue;
    infos[k].registered = 1;
    infos[k].post = p->post_handler != NULL;
    infos[k].gone = kprobe_gone(p) != 0;
    infos[k].disabled = (p->flags & KPROBE_FLAG_DISABLED) != 0;
    infos[k].address = (unsigned long)p->addr;
  }
}

static void rk_probed_of(struct kprobe *p, struct rk_probed *out) {
  struct kprobe *child;
  memset(out, 0, sizeof(*out));
  out->address = (unsigned long)p->addr;
  out->aggregate = kprobe_aggrprobe(p);
  out->on_ftrace = kprobe_ftrace(p) != 0;
  out->post = p->post_handler != NULL;
  out->gone = kprobe_gone(p) != 0;
  out->disabled = (p->flags & KPROBE_FLAG_DISABLED) != 0;
  if (!out->aggregate) {
    if (rk_is_probe(p)) out->probes[out->count++] = p - rk_kprobes;
    return;
  }
  list_for_each_entry(child, &p->list, list) {
    if (out->count < RK_KPROBES && rk_is_probe(child))
      out->probes[out->count++] = child - rk_kprobes;
  }
}

unsigned rk_probed_infos(struct rk_probed entries[RK_KPROBES]) {
  struct kprobe *p;
  unsigned count = 0;
  hlist_for_each_entry(p, &kprobe_table[0], hlist) {
    if (count < RK_KPROBES) rk_probed_of(p, &entries[count++]);
  }
  return count;
}

int rk_kprobes_are_disarmed(void) { return kprobes_all_disarmed; }
