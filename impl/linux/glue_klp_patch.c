/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * kernel/livepatch/patch.c, unmodified. Each klp_ops gets a number when it is allocated, the lowest
 * that is free, and gives it back when it is freed.
 *
 * Unless it is registered still: when ftrace died, unregistering fails, and livepatch frees the ops
 * that stands in ftrace's list. What ftrace believes is to be seen, so what the ops was when it was
 * freed is kept.
 */
#include <linux/ftrace.h>
#include <linux/livepatch.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/printk.h>
#include "core.h"
#include "patch.h"
#include "transition.h"

#include "kernel.h"
#include "kernel_livepatch.h"
#include "memory.h"
#include "text.h"

static struct rk_klp {
  struct klp_ops *ops; /* null: free */
  unsigned long ip;
  /* When it was freed registered: */
  int is_freed;
  struct ftrace_ops *next;
} rk_klps[RK_KLP_OPS];

int rk_klp_number(const struct ftrace_ops *fops) {
  int n;
  for (n = 0; n < RK_KLP_OPS; n++)
    if (rk_klps[n].ops && &rk_klps[n].ops->fops == fops) return n;
  return RK_KLP_OPS;
}

struct ftrace_ops *rk_next_listed(struct ftrace_ops *fops) {
  int n = rk_klp_number(fops);
  return n < RK_KLP_OPS && rk_klps[n].is_freed ? rk_klps[n].next : fops->next;
}

static struct klp_ops *rk_klp_alloc(size_t size) {
  struct klp_ops *ops;
  int n;
  if (rk_passes_fault(RK_KLP_ALLOC)) return NULL;
  ops = rk_alloc(size, 16, 1, RK_TAG_OTHER);
  for (n = 0; n < RK_KLP_OPS && rk_klps[n].ops; n++) {
  }
  if (n < RK_KLP_OPS) rk_klps[n] = (struct rk_klp){.ops = ops};
  return ops;
}

static int rk_klps_are_kept;

void rk_klp_keep_listed(void) { rk_klps_are_kept = 1; }

static void rk_klp_free(struct klp_ops *ops) {
  int n = rk_klp_number(&ops->fops);
  if (n < RK_KLP_OPS) {
    if (ops->fops.flags & FTRACE_OPS_FL_ENABLED) {
      rk_klps[n].is_freed = 1;
      rk_klps[n].next = ops->fops.next;
      if (rk_klps_are_kept) return;
    } else {
      rk_klps[n] = (struct rk_klp){};
    }
  }
  kfree(ops);
}

static int rk_klp_register(struct ftrace_ops *fops) {
  int rc = register_ftrace_function(fops);
  rk_tramp_is_of(fops->trampoline, RK_OPS + rk_klp_number(fops));
  return rc;
}

static int rk_klp_set_filter_ip(struct ftrace_ops *fops, unsigned long ip, int remove, int reset) {
  int n = rk_klp_number(fops);
  if (n < RK_KLP_OPS && !remove) rk_klps[n].ip = ip;
  return ftrace_set_filter_ip(fops, ip, remove, reset);
}

#undef kzalloc
#define kzalloc(size, flags) rk_klp_alloc(size)
#define kfree(ops) rk_klp_free(ops)
#define register_ftrace_function(fops) rk_klp_register(fops)
#define ftrace_set_filter_ip(fops, ip, remove, reset) rk_klp_set_filter_ip(fops, ip, remove, reset)

#include "kernel/livepatch/patch.c"

/* The memory of a replacement that is on a stack may be gone: what is linked behind it is lost. */
static unsigned rk_stack(struct klp_ops *ops, unsigned char stack[RK_PATCHES]) {
  struct list_head *node;
  unsigned depth = 0;
  list_for_each(node, &ops->func_stack) {
    int patch = rk_patch_number(list_entry(node, struct klp_func, stack_node));
    if (patch < 0 || depth == RK_PATCHES) break;
    stack[depth++] = patch;
  }
  return depth;
}

void rk_klp_infos(struct rk_klp_info infos[RK_KLP_OPS]) {
  int n;
  memset(infos, 0, RK_KLP_OPS * sizeof(*infos));
  for (n = 0; n < RK_KLP_OPS; n++) {
    const struct rk_klp *klp = &rk_klps[n];
    if (!klp->ops) continue;
    infos[n].ip = klp->ip;
    infos[n].registered = klp->is_freed || (klp->ops->fops.flags & FTRACE_OPS_FL_ENABLED) != 0;
    if (!klp->is_freed) infos[n].depth = rk_stack(klp->ops, infos[n].stack);
  }
}
