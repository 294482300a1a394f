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
#include <linux/workqueue.h>
#include <asm/sections.h>
#include <asm/text-patching.h>

#include "host.h"
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

/*
 * The worker for jumps (SEMANTICS 16): that it was kicked is remembered, and its five ticks are as long
 * as the Program wants them to be. Who waits for it has it run at once, if it was kicked.
 */
static int rk_kicked;
static void kprobe_optimizer(struct work_struct *work);
static void rk_flush_optimizer(void) {
  if (!rk_kicked) host_die("kprobes wait for a worker that nobody has kicked");
  rk_kicked = 0;
  kprobe_optimizer(NULL);
}
#define schedule_delayed_work(work, delay) (rk_kicked = 1)
#define flush_delayed_work(work) rk_flush_optimizer()

#include "kernel/kprobes.c"

int rk_init_kprobes(void) {
  int rc = init_kprobes();
  /* Nothing is there yet that could be optimised, so this only allows it. */
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

void rk_kprobes_optimize(void) {
  if (rk_kicked) rk_flush_optimizer();
  rk_grace_period();
}

/* --- hits -------------------------------------------------------------------------------------- */

/* What stood at each byte of the function: nothing of a probe's (0), a breakpoint or a jump. */
static struct {
  unsigned size;
  unsigned char bytes[JMP32_INSN_SIZE];
} rk_lifted[16];
static int rk_any_lifted;

static struct optimized_kprobe *rk_optimized(struct kprobe *p) {
  return container_of(p, struct optimized_kprobe, kp);
}
static int rk_is_listed(const struct optimized_kprobe *op, const struct list_head *list) {
  const struct optimized_kprobe *other;
  list_for_each_entry(other, list, list)
    if (other == op) return 1;
  return 0;
}
/*
 * A jump is there, or was: who is armed again before it is taken off puts a breakpoint over its first
 * byte, and the kernel still counts that as a jump. That of one that was killed stays, in init text that
 * is about to go.
 */
static int rk_has_jump(struct kprobe *p) {
  static const unsigned char never[DISP32_SIZE];
  if (!kprobe_aggrprobe(p)) return 0;
  if (*p->addr != JMP32_INSN_OPCODE && *p->addr != INT3_INSN_OPCODE) return 0;
  if (kprobe_gone(p)) return memcmp(rk_optimized(p)->optinsn.copied_insn, never, sizeof(never)) != 0;
  return kprobe_optimized(p) && !rk_is_listed(rk_optimized(p), &optimizing_list);
}

void rk_lift_breakpoints(unsigned long address) {
  unsigned i;
  rk_any_lifted = rk_fire_count = 0;
  if (hlist_empty(&kprobe_table[0])) return;
  for (i = 0; i < 16; i++) {
    struct kprobe *p = get_kprobe((void *)(address + i));
    rk_lifted[i].size = 0;
    if (!p || kprobe_ftrace(p)) continue;
    if (*p->addr != INT3_INSN_OPCODE && !rk_has_jump(p)) continue;
    rk_any_lifted = 1;
    rk_lifted[i].size = rk_has_jump(p) ? JMP32_INSN_SIZE : INT3_INSN_SIZE;
    memcpy(rk_lifted[i].bytes, p->addr, rk_lifted[i].size);
    if (rk_has_jump(p))
      memcpy(p->addr + INT3_INSN_SIZE, rk_optimized(p)->optinsn.copied_insn, DISP32_SIZE);
    *p->addr = p->opcode;
  }
}

static void rk_run_probe(struct kprobe *p, unsigned char first) {
  struct pt_regs regs = {};
  if (first == JMP32_INSN_OPCODE) {
    /* Through the detour, what it displaced, and the rest of the function, where nothing stands now. */
    if (kprobe_optimized(p)) ((void (*)(void))rk_optimized(p)->optinsn.insn)();
    return;
  }
  /* One that was killed stands in init text that is about to go; nobody runs that any more. */
  if (kprobe_disabled(p)) return;
  regs.ip = (unsigned long)p->addr + INT3_INSN_SIZE;
  p->pre_handler(p, &regs);
}

void rk_run_breakpoints(unsigned long address, int passed) {
  unsigned i;
  if (!rk_any_lifted) return;
  for (i = 0; i < 16 && passed; i++)
    if (rk_lifted[i].size) rk_run_probe(get_kprobe((void *)(address + i)), rk_lifted[i].bytes[0]);
  for (i = 16; i-- > 0;) memcpy((void *)(address + i), rk_lifted[i].bytes, rk_lifted[i].size);
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

/* Of one that nobody told that its text is gone there is no jump any more. */
static enum rk_jump rk_jump_of(struct kprobe *p) {
  struct optimized_kprobe *op = rk_optimized(p);
  if (!kprobe_aggrprobe(p) || !kprobe_optimized(p)) return RK_JUMP_NONE;
  if (rk_is_listed(op, &optimizing_list)) return RK_JUMP_QUEUED;
  if (!rk_has_jump(p)) return RK_JUMP_NONE;
  if (optprobe_queued_unopt(op)) return RK_JUMP_LEAVING;
  return list_empty(&op->list) ? RK_JUMP_INSTALLED : RK_JUMP_NONE;
}
static int rk_is_nobodys(struct kprobe *p) { return kprobe_aggrprobe(p) && list_empty(&p->list); }

static void rk_probed_of(struct kprobe *p, struct rk_probed *out) {
  struct kprobe *child;
  memset(out, 0, sizeof(*out));
  out->address = (unsigned long)p->addr;
  out->aggregate = kprobe_aggrprobe(p);
  out->jump = rk_jump_of(p);
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
    if (count < RK_KPROBES && !rk_is_nobodys(p)) rk_probed_of(p, &entries[count++]);
  }
  return count;
}

unsigned rk_unused_probed(unsigned long *addresses, unsigned capacity) {
  struct kprobe *p;
  unsigned count = 0;
  hlist_for_each_entry(p, &kprobe_table[0], hlist) {
    if (!rk_is_nobodys(p)) continue;
    if (count < capacity) addresses[count] = (unsigned long)p->addr;
    count++;
  }
  return count;
}

int rk_kprobes_are_disarmed(void) { return kprobes_all_disarmed; }
