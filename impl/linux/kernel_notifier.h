/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The part of kernel.h for notifier chains: eight notifier blocks whose callback asks the host
 * (host.h, host_notified), the module loader's chain, and one of each kind that are nobody's.
 */
#ifndef RECOUNT_IMPL_LINUX_KERNEL_NOTIFIER_H_
#define RECOUNT_IMPL_LINUX_KERNEL_NOTIFIER_H_

#ifdef __cplusplus
extern "C" {
#endif

enum { RK_NOTIFIERS = 8 };
enum rk_chain {
  RK_CHAIN_MODULE,
  RK_CHAIN_RAW,
  RK_CHAIN_BLOCKING,
  RK_CHAIN_ATOMIC,
  RK_CHAIN_SRCU,
  RK_CHAINS
};

/* What only runs once: the head of an SRCU chain is made. From rk_boot(). */
void rk_init_notifiers(void);

/* The chain that `notifier` is on; RK_CHAINS when it is on none. */
enum rk_chain rk_notifier_chain(int notifier);
/*
 * Registers it: on the blocking and the atomic chain by *_notifier_chain_register_unique_prio()
 * when it is to be `unique`; the others have no such function. REQUIRES: it is on no other chain.
 * When it is on this one, it keeps its priority.
 */
int rk_notifier_add(int notifier, enum rk_chain chain, int priority, int unique);
int rk_notifier_remove(int notifier);
/* 0 when it is on no chain. */
int rk_notifier_priority(int notifier);
/* Who is on the chain, first to be called first; of the kernel's own nobody is shown. */
unsigned rk_chain_order(enum rk_chain chain, unsigned char order[RK_NOTIFIERS]);

/*
 * Call a chain of nobody's, `limit` notifiers of it at most (all when it is negative); robustly,
 * RK_CHAIN_RAW or RK_CHAIN_BLOCKING, as no other can be. Return what the chain did.
 */
int rk_notify(enum rk_chain chain, unsigned long event, int limit);
int rk_notify_robust(enum rk_chain chain, unsigned long up, unsigned long down);

/* What kernel/module/main.c announces, and where. COMING may be refused: 0 or -errno. */
struct rk_module;
int rk_module_announce_coming(struct rk_module *module);
void rk_module_announce_live(struct rk_module *module);
void rk_module_announce_going(struct rk_module *module);

#ifdef __cplusplus
}
#endif

#endif /* RECOUNT_IMPL_LINUX_KERNEL_NOTIFIER_H_ */
