/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the kernel's own ftrace code, built into this process, can be asked to do: the only header
 * that both sides read. The kernel side (*.c here) sees the kernel's headers, the other side (*.cc)
 * the project's; between them go plain C types.
 *
 * There is one kernel in a process. All it can write lies in three ranges, so that its state can
 * be saved and put back by copying: its data (all writable sections, contiguous in the link), its
 * heap and its text (an arena below 2 GB each, so that a call can reach from any to any).
 *
 * Returns are the kernel's: 0 or -errno. A path that the stubs do not serve ends the process, with
 * its name (host.h, host_die). Notifier chains, livepatch and kprobes have headers of their own,
 * read with this one.
 */
#ifndef RECOUNT_IMPL_LINUX_KERNEL_H_
#define RECOUNT_IMPL_LINUX_KERNEL_H_

#ifdef __cplusplus
extern "C" {
#endif

enum {
  RK_OPS = 8,
  /* Those of livepatch stand behind: RK_OPS + n is that of klp_ops n. Then the two of kprobes. */
  RK_KLP_OPS = 16,
  RK_KPROBE_OPS = 2,
  RK_FIRST_KPROBE_OPS = RK_OPS + RK_KLP_OPS,
  RK_ALL_OPS = RK_FIRST_KPROBE_OPS + RK_KPROBE_OPS
};

/* --- life ------------------------------------------------------------------------------------- */

/* "6.1.192": the release this was built from. */
const char *rk_release(void);
/* True when this was compiled with AddressSanitizer. */
int rk_has_asan(void);
/* True when kprobes are told of ftrace's death (kprobe_ftrace_kill()). */
int rk_tells_kprobes_of_death(void);
/*
 * Maps the arenas. Call once, first in main() if it can be: the addresses must still be free.
 */
void rk_map(void);
/* Where the World's functions go. */
unsigned char *rk_text(void);
unsigned long rk_text_capacity(void);
/*
 * Where the core's text ends, and its init text lies. Once, before rk_boot().
 */
void rk_core_text(unsigned long end, unsigned long init_begin, unsigned long init_end);
/*
 * Boots. REQUIRES: the kernel's data is as linked, its heap empty. `sites` is the core's table of
 * call sites in ascending order, null entries first; each holds what rk_write_call() makes.
 */
void rk_boot(const unsigned long *sites, unsigned count);
/*
 * All the memory that is the kernel's state, with `text_used` bytes of World text. Whoever puts it
 * back calls rk_restored() then, with the heap's size (RK_HEAP) from before.
 */
enum { RK_DATA, RK_ENTRIES, RK_HEAP, RK_TRAMPOLINES, RK_TEXT, RK_RANGES };
struct rk_range {
  unsigned char *begin;
  unsigned long size;
};
void rk_ranges(unsigned long text_used, struct rk_range ranges[RK_RANGES]);
void rk_restored(unsigned long heap_was_used);
/*
 * A function of 16 bytes, four instructions: `call __fentry__` as the compiler leaves it, two NOPs
 * and a return. They begin at 0, 5, 8 and 12.
 */
void rk_write_call(unsigned long address);
/* The same without a call site: a NOP is in its place. */
void rk_write_plain(unsigned long address);

/* --- faults ----------------------------------------------------------------------------------- */

enum rk_fault_point {
  RK_RECORD_ALLOC,
  RK_HASH_COPY,
  RK_HASH_MOVE,
  RK_VERIFY,
  RK_KLP_ALLOC,
  RK_KLP_SYMBOL,
  RK_KLP_CALLBACK,
  RK_KPROBE_ALLOC,
  RK_KPROBE_SLOT,
  RK_FAULT_POINTS
};
/*
 * The n-th passing from now on fails, once; 0 takes the fault away. `error` (-errno, or 0) is what
 * a callback that is somebody's own answers then.
 */
void rk_fault(enum rk_fault_point point, unsigned nth, int error);

/* --- modules: what kernel/module/main.c calls, one by one ------------------------------------- */

struct rk_module;
/*
 * A module at [base, base + size), its init text in it, state UNFORMED. `number` is what host.h
 * calls it.
 */
struct rk_module *rk_module_create(int number, const char *name, unsigned long base,
                                   unsigned long size, unsigned long init_begin,
                                   unsigned long init_end);
/* ftrace_module_init(), with a table of call sites as rk_boot() takes it, in any order. */
void rk_module_init(struct rk_module *module, const unsigned long *sites, unsigned count);
/* State COMING. */
void rk_module_coming(struct rk_module *module);
void rk_module_enable(struct rk_module *module);
/* State LIVE. */
void rk_module_live(struct rk_module *module);
/* Init text goes: kprobes (the core's) and ftrace_free_mem(). `module` is null for the core. */
void rk_free_mem(struct rk_module *module, unsigned long begin, unsigned long end);
/* State GOING. */
void rk_module_going(struct rk_module *module);
void rk_module_release(struct rk_module *module);
/* Frees it. */
void rk_module_destroy(struct rk_module *module);

/* --- ops, 0 .. RK_OPS - 1 --------------------------------------------------------------------- */

enum { RK_SAVE_REGS = 1, RK_IPMODIFY = 2, RK_PERMANENT = 4 };
/*
 * A new ops, without filters, in place of the old one: allocated, as that of a module or of a trace
 * instance is. A tracer gets a trace array. REQUIRES: it is not registered.
 */
void rk_ops_renew(int ops, int tracer);
/* REQUIRES: it is not registered. */
void rk_ops_set_flags(int ops, unsigned flags);
int rk_register(int ops);
int rk_unregister(int ops);
/*
 * `ops` gives up its filters and uses those of `with`. The kernel knows one shared pair, that of
 * its global tracer; the pair of `with` becomes that. Returns 0 when there is another already.
 */
int rk_share(int ops, int with);

enum { RK_FILTER, RK_NOTRACE }; /* which hash of the pair */
/* ftrace_set_filter() or ftrace_set_notrace(). `pattern` may be null. */
int rk_set_filter(int ops, int which, const char *pattern, int length, int reset);
/* open, write, close of set_ftrace_filter or set_ftrace_notrace; `pattern` null: no write. */
int rk_write_filter_file(int ops, int which, const char *pattern, int length, int reset);
/* ftrace_set_filter_ip(), for several ftrace_set_filter_ips(), or their counterpart. */
int rk_set_filter_ips(int ops, int which, unsigned long *ips, unsigned count, int remove,
                      int reset);
/* Writes kernel.ftrace_enabled. */
int rk_set_enabled(int on);
/* ftrace_location(). */
unsigned long rk_location(unsigned long address);
/*
 * Calls the function at `address`; who was called back goes to `called`. Returns how many.
 * `redirected` gets the livepatch whose replacement ran, -1 for none.
 */
unsigned rk_hit(unsigned long address, unsigned char called[16], int *redirected);

/* --- what can be seen --------------------------------------------------------------------------
 */

/* As View: count, wanted and current bits, and what stands at the site. */
enum rk_record_flag {
  RK_REC_DISABLED = 1 << 0,
  RK_REC_REGS = 1 << 1,
  RK_REC_TRAMP = 1 << 2,
  RK_REC_IPMODIFY = 1 << 3,
  RK_REC_ENABLED = 1 << 4,
  RK_REC_REGS_EN = 1 << 5,
  RK_REC_TRAMP_EN = 1 << 6,
  RK_REC_OTHER = 1 << 7, /* DIRECT, CALL_OPS: nothing here asks for them */
};
enum rk_site { RK_SITE_NOP, RK_SITE_CALL, RK_SITE_CALL_REGS, RK_SITE_TRAMPOLINE, RK_SITE_OTHER };
struct rk_record {
  unsigned long ip;
  unsigned count;
  unsigned char flags;
  unsigned char site;
  unsigned char owner; /* of the trampoline: one of RK_ALL_OPS */
};
struct rk_group {
  unsigned long first; /* its first record's address, 0 when it has none */
  unsigned used;
  unsigned order;
};
/* What is linked, in list order. Each fills at most `capacity` and returns how many there are. */
unsigned rk_records(struct rk_record *records, unsigned capacity);
unsigned rk_groups(struct rk_group *groups, unsigned capacity);

int rk_is_registered(int ops);
/* The lowest ops with the same pair. */
int rk_pair(int ops);
struct rk_hash_info {
  unsigned count;   /* entries of functions */
  unsigned cleared; /* entries without */
  int mod;          /* FTRACE_HASH_FL_MOD */
};
struct rk_ops_info {
  int registered;
  int pair; /* rk_pair() */
  /* By RK_FILTER, RK_NOTRACE. */
  struct rk_hash_info hashes[2];
  int has_cached[2]; /* rk_cached() has something */
};
/*
 * All ops in one call, as it is made after each operation. The addresses in their hashes, one hash
 * behind the other but each in no order, go to `ips`; returns how many there are.
 */
unsigned rk_ops_infos(struct rk_ops_info ops[RK_OPS], unsigned long *ips, unsigned capacity);
/* The n-th cached module filter, newest first; 0 when there is none. */
int rk_cached(int ops, int which, unsigned n, const char **function, const char **module);
/* The registered ops as they are called; RK_ALL_OPS for one that is nobody's. */
unsigned rk_order(unsigned char order[RK_ALL_OPS]);

struct rk_globals {
  int dead;
  int enabled;
  /* Allocated, as the allocator counts them. */
  unsigned groups;
  unsigned pages;
  unsigned hash_entries;
  unsigned cached;
  /* As ftrace counts them. */
  unsigned long records;
};
void rk_get_globals(struct rk_globals *globals);

/*
 * The kernel's own text of it: tracefs files. One is open at a time, for reading. `ops` says whose
 * set_ftrace_* it is, a tracer; the others are the core's own.
 */
enum rk_file {
  RK_SET_FTRACE_FILTER,
  RK_SET_FTRACE_NOTRACE,
  RK_ENABLED_FUNCTIONS,
  RK_AVAILABLE_FILTER_FUNCTIONS,
  RK_AVAILABLE_FILTER_FUNCTIONS_ADDRS,
  RK_TOUCHED_FUNCTIONS,
};
int rk_open_file(enum rk_file file, int ops); /* -ENOENT: this kernel has no such file */
/* As read(): 0 at the end. */
long rk_read_file(char *text, unsigned long size);
void rk_rewind_file(void); /* as lseek() to 0 */
void rk_close_file(void);

/*
 * Warnings since the kernel booted, WARN_ON_ONCE() counted once. The newest are kept: the n-th at
 * place n % RK_KEPT_WARNINGS.
 */
enum { RK_KEPT_WARNINGS = 16 };
struct rk_warning {
  const char *file; /* in the kernel's tree */
  int line;
};
unsigned rk_warnings(const struct rk_warning **newest);

/* --- between the kernel-side files -------------------------------------------------------------
 */

int rk_passes_fault(enum rk_fault_point point); /* true: fail now */
int rk_fault_error(enum rk_fault_point point);  /* what the fault was armed with last */
int rk_init_kprobes(void);                      /* their initcalls: 0 or -errno */
int rk_init_livepatch(void);
void rk_grace_period(void); /* runs what call_rcu() was given */

#ifdef __cplusplus
}
#endif

#endif /* RECOUNT_IMPL_LINUX_KERNEL_H_ */
