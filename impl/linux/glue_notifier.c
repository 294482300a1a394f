/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * kernel/notifier.c, unmodified, and the notifiers and chains of kernel_notifier.h. A limit on how
 * many are called is something that only its static function takes.
 */
#include "kernel.h"
#include "kernel_notifier.h"

#include "kernel/notifier.c"

#include <linux/module.h>

#include "host.h"
#include "modules.h"

static int rk_heard(struct notifier_block *block, unsigned long event, void *data);
static struct notifier_block rk_blocks[RK_NOTIFIERS] = {
    [0 ... RK_NOTIFIERS - 1] = {.notifier_call = rk_heard},
};
static RAW_NOTIFIER_HEAD(rk_raw);
static BLOCKING_NOTIFIER_HEAD(rk_blocking);
static ATOMIC_NOTIFIER_HEAD(rk_atomic);
static struct srcu_notifier_head rk_srcu;

/* It is never cleaned up: with tiny SRCU nothing is allocated, and the next boot starts afresh. */
void rk_init_notifiers(void) { srcu_init_notifier_head(&rk_srcu); }

/* What a chain of nobody's is called with is no module. */
static int rk_heard(struct notifier_block *block, unsigned long event, void *data) {
  return host_notified(block - rk_blocks, event, data ? rk_module_number(data) : -1);
}

static struct notifier_block *rk_first(enum rk_chain chain) {
  switch (chain) {
    case RK_CHAIN_MODULE:
      return rk_module_chain.head;
    case RK_CHAIN_RAW:
      return rk_raw.head;
    case RK_CHAIN_BLOCKING:
      return rk_blocking.head;
    case RK_CHAIN_ATOMIC:
      return atomic_notifier_call_chain_is_empty(&rk_atomic) ? NULL : rk_atomic.head;
    default:
      return rk_srcu.head;
  }
}

unsigned rk_chain_order(enum rk_chain chain, unsigned char order[RK_NOTIFIERS]) {
  struct notifier_block *block;
  unsigned count = 0;
  for (block = rk_first(chain); block && count < RK_NOTIFIERS; block = block->next)
    if (block >= rk_blocks && block < rk_blocks + RK_NOTIFIERS) order[count++] = block - rk_blocks;
  return count;
}

enum rk_chain rk_notifier_chain(int n) {
  struct notifier_block *block;
  int chain;
  for (chain = 0; chain < RK_CHAINS; chain++)
    for (block = rk_first(chain); block; block = block->next)
      if (block == &rk_blocks[n]) return chain;
  return RK_CHAINS;
}

int rk_notifier_priority(int n) {
  return rk_notifier_chain(n) == RK_CHAINS ? 0 : rk_blocks[n].priority;
}

int rk_notifier_add(int n, enum rk_chain chain, int priority, int unique) {
  struct notifier_block *block = &rk_blocks[n];
  /* Who changes it while it is on a list breaks the list. */
  if (rk_notifier_chain(n) == RK_CHAINS) block->priority = priority;
  switch (chain) {
    case RK_CHAIN_MODULE:
      return register_module_notifier(block);
    case RK_CHAIN_RAW:
      return raw_notifier_chain_register(&rk_raw, block);
    case RK_CHAIN_BLOCKING:
      return unique ? blocking_notifier_chain_register_unique_prio(&rk_blocking, block)
                    : blocking_notifier_chain_register(&rk_blocking, block);
    case RK_CHAIN_ATOMIC:
      return unique ? atomic_notifier_chain_register_unique_prio(&rk_atomic, block)
                    : atomic_notifier_chain_register(&rk_atomic, block);
    default:
      return srcu_notifier_chain_register(&rk_srcu, block);
  }
}

int rk_notifier_remove(int n) {
  struct notifier_block *block = &rk_blocks[n];
  switch (rk_notifier_chain(n)) {
    case RK_CHAIN_MODULE:
      return unregister_module_notifier(block);
    case RK_CHAIN_BLOCKING:
      return blocking_notifier_chain_unregister(&rk_blocking, block);
    case RK_CHAIN_ATOMIC:
      return atomic_notifier_chain_unregister(&rk_atomic, block);
    case RK_CHAIN_SRCU:
      return srcu_notifier_chain_unregister(&rk_srcu, block);
    default:
      return raw_notifier_chain_unregister(&rk_raw, block);
  }
}

/* What only the static function knows: a limit. It is handed the head of a chain of any kind. */
static int rk_notify_some(enum rk_chain chain, unsigned long event, int limit) {
  switch (chain) {
    case RK_CHAIN_RAW:
      return notifier_call_chain(&rk_raw.head, event, NULL, limit, NULL);
    case RK_CHAIN_BLOCKING:
      return notifier_call_chain(&rk_blocking.head, event, NULL, limit, NULL);
    case RK_CHAIN_ATOMIC:
      return notifier_call_chain(&rk_atomic.head, event, NULL, limit, NULL);
    default:
      return notifier_call_chain(&rk_srcu.head, event, NULL, limit, NULL);
  }
}

int rk_notify(enum rk_chain chain, unsigned long event, int limit) {
  if (limit >= 0) return rk_notify_some(chain, event, limit);
  switch (chain) {
    case RK_CHAIN_RAW:
      return raw_notifier_call_chain(&rk_raw, event, NULL);
    case RK_CHAIN_BLOCKING:
      return blocking_notifier_call_chain(&rk_blocking, event, NULL);
    case RK_CHAIN_ATOMIC:
      return atomic_notifier_call_chain(&rk_atomic, event, NULL);
    default:
      return srcu_notifier_call_chain(&rk_srcu, event, NULL);
  }
}

int rk_notify_robust(enum rk_chain chain, unsigned long up, unsigned long down) {
  return chain == RK_CHAIN_RAW
             ? raw_notifier_call_chain_robust(&rk_raw, up, down, NULL)
             : blocking_notifier_call_chain_robust(&rk_blocking, up, down, NULL);
}
