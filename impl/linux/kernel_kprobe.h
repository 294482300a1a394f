/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The part of kernel.h for kprobes: four probes, the kernel's table of what is probed, and the two
 * ops that all probes on ftrace share.
 */
#ifndef RECOUNT_IMPL_LINUX_KERNEL_KPROBE_H_
#define RECOUNT_IMPL_LINUX_KERNEL_KPROBE_H_

#ifdef __cplusplus
extern "C" {
#endif

enum { RK_KPROBES = 4 };

/*
 * register_kprobe() by symbol ("symbol" or "module:symbol") and offset. A probe that is registered
 * is handed over as it is, for the kernel to refuse.
 */
int rk_kprobe_add(int k, const char *symbol, unsigned offset, int post, int disabled);
/*
 * unregister_kprobe(), which answers nothing. -EINVAL: it is not registered. -EBUSY: it could not
 * be disarmed; the kernel forgets its address then, and here it gets it back.
 */
int rk_kprobe_remove(int k);
int rk_kprobe_enable(int k);
int rk_kprobe_disable(int k);
/* Writes to debugfs kprobes/enabled. */
int rk_kprobes_arm(int on);
/*
 * Whether breakpoints may become jumps; if not, none is ever prepared. As the kernel has booted.
 */
void rk_kprobes_jump(int on);
/* The worker that puts jumps in, and takes them off, runs once if it was kicked. */
void rk_kprobes_optimize(void);

/* Puts text that kprobes must keep out of on the kernel's list. For good: as the kernel boots. */
int rk_kprobes_forbid(unsigned long begin, unsigned long end);

struct rk_kprobe_info {
  int registered; /* all below: only then */
  int post;
  int gone;
  int disabled;
  unsigned long address;
};
void rk_kprobe_infos(struct rk_kprobe_info infos[RK_KPROBES]);
enum rk_jump { RK_JUMP_NONE, RK_JUMP_QUEUED, RK_JUMP_INSTALLED, RK_JUMP_LEAVING };
/* An entry of the table: one probe, or the aggregator of several. */
struct rk_probed {
  unsigned long address;
  int aggregate;
  int on_ftrace;
  int post;
  int gone;
  int disabled;
  enum rk_jump jump;
  unsigned count;
  unsigned char probes[RK_KPROBES]; /* newest first */
};
/* Newest first; returns how many there are. */
unsigned rk_probed_infos(struct rk_probed entries[RK_KPROBES]);
/* Where there are aggregators of nobody, in table order; returns how many there are. */
unsigned rk_unused_probed(unsigned long *addresses, unsigned capacity);
int rk_kprobes_are_disarmed(void);
/* `which`: 0 the ops without, 1 the ops with post_handlers. */
int rk_kprobe_ops_registered(int which);
/* The addresses in its filter, in no order; returns how many there are. */
unsigned rk_kprobe_ops_filter(int which, unsigned long *ips, unsigned capacity);
/* Whose pre_handlers ran in the last rk_hit(), in order. */
enum { RK_FIRED = 2 * RK_KPROBES };
unsigned rk_fired(unsigned char fired[RK_FIRED]);

/* Between the kernel-side files. */
struct ftrace_ops;
struct ftrace_ops *rk_kprobe_ops(int which);
void rk_kprobes_free_init(void); /* kprobe_free_init_mem() */
/*
 * What int3 does, without the trap: the bytes of the function at `address` are put back before it
 * is called, and afterwards each that was a probe's is run, in their order, if it was passed. Jumps
 * likewise, so that the order is one: of these the detour runs.
 */
void rk_lift_breakpoints(unsigned long address);
void rk_run_breakpoints(unsigned long address, int passed);

#ifdef __cplusplus
}
#endif

#endif /* RECOUNT_IMPL_LINUX_KERNEL_KPROBE_H_ */
