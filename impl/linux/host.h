/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the kernel side asks of the process that it runs in. */
#ifndef RECOUNT_IMPL_LINUX_HOST_H_
#define RECOUNT_IMPL_LINUX_HOST_H_

#ifdef __cplusplus
extern "C" {
#endif

/* The end: `reason` to stderr, and abort(). */
void host_die(const char *reason) __attribute__((noreturn));
/* A line of the kernel's log, on stderr. Only when it is wanted: RECOUNT_LINUX_LOG is set. */
int host_wants_log(void);
void host_log(const char *text);

/* Memory at exactly `address`, readable, writable and, when asked for, executable; or the end. */
void *host_map(unsigned long address, unsigned long size, int executable);
/* Makes [begin, end) writable and executable. */
void host_unprotect(void *begin, void *end);

/*
 * The symbol that covers `address`; 0 when there is none. `module` is null for the core. What has
 * no symbol of its own belongs to the one before it, as in the kernel: `start` lies lower.
 */
struct host_symbol {
  const char *name;
  const char *module;
  unsigned long start;
  unsigned long size;
};
int host_find_symbol(unsigned long address, struct host_symbol *symbol);
/*
 * The symbols of a module (by its number; -1 for the core), one after the other: `next` is 0 at
 * first. 0 behind the last.
 */
int host_next_symbol(int module, unsigned *next, struct host_symbol *symbol);
/* True when a module of that name is COMING or LIVE. */
int host_module_present(const char *name, unsigned long length);

/*
 * A notifier (0 .. RK_NOTIFIERS - 1) is called: `event` is one of enum module_state, `module` a
 * module's number, -1 for none. Returns what it answers.
 */
int host_notified(int notifier, unsigned long event, int module);

#ifdef __cplusplus
}
#endif

#endif /* RECOUNT_IMPL_LINUX_HOST_H_ */
