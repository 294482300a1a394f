/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * kernel/trace/ftrace.c, unmodified, and what needs to be in its file: its allocations get the name
 * of the function that makes them (some are fault points, some are counted), and its statics are
 * reached from the functions at the end.
 *
 * Where the two fault points of a hash lie: the copy that an update edits is allocated before
 * ftrace_lock is taken, the hash that is moved in is allocated under it.
 */
#include "features.h"

#include <linux/ftrace.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"
#include "kernel.h"
#include "kernel_kprobe.h"
#include "kernel_livepatch.h"
#include "kernel_notifier.h"
#include "memory.h"
#include "text.h"

static inline int rk_is(const char *a, const char *b) { return !__builtin_strcmp(a, b); }

extern struct mutex ftrace_lock;
static inline void *rk_ftrace_alloc(const char *function, size_t size, gfp_t flags) {
  enum rk_tag tag = RK_TAG_OTHER;
  if (rk_is(function, "alloc_ftrace_hash") &&
      rk_passes_fault(mutex_is_locked(&ftrace_lock) ? RK_HASH_MOVE : RK_HASH_COPY)) {
    return NULL;
  }
  if (rk_is(function, "add_hash_entry")) tag = RK_TAG_HASH_ENTRY;
  if (rk_is(function, "ftrace_allocate_pages")) tag = RK_TAG_GROUP;
  if (rk_is(function, "ftrace_add_mod")) tag = RK_TAG_CACHED;
  return rk_alloc(size, 16, (flags & __GFP_ZERO) != 0, tag);
}
#undef kmalloc
#undef kzalloc
#define kmalloc(size, flags) rk_ftrace_alloc(__func__, size, flags)
#define kzalloc(size, flags) rk_ftrace_alloc(__func__, size, (flags) | __GFP_ZERO)

#include "kernel/trace/ftrace.c"

/* --- boot -------------------------------------------------------------------------------------- */

extern int rk_no_faults;

void rk_boot(const unsigned long *sites, unsigned count) {
  unsigned long *table = kmalloc(max(count, 1u) * sizeof(*table), GFP_KERNEL);
  memcpy(table, sites, count * sizeof(*table));
  rk_no_faults = 1;
  ftrace_process_locs(NULL, table, table + count);
  rk_no_faults = 0;
  last_ftrace_enabled = ftrace_enabled = 1;
  ftrace_mod_cmd_init();
  seq_file_init();
  /* The work that marks the records of overridden weak functions. */
  ftrace_check_work_func(NULL);
  rk_init_notifiers();
  if (rk_init_kprobes() || rk_init_livepatch()) host_die("kprobes or livepatch do not start");
  rk_grace_period();
}

/* vmlinux.lds.h makes this an alias. */
void ftrace_ops_list_func(unsigned long ip, unsigned long parent, struct ftrace_ops *ops,
                          struct ftrace_regs *regs) {
  arch_ftrace_ops_list_func(ip, parent, ops, regs);
}

/* --- ops --------------------------------------------------------------------------------------- */

static struct ftrace_ops *rk_ops[RK_OPS];
static struct trace_array *rk_tracers[RK_OPS]; /* null: a kernel user */
static unsigned char rk_calls[16];
static unsigned rk_call_count;

static int rk_index(const struct ftrace_ops *ops) {
  int i;
  for (i = 0; i < RK_OPS; i++)
    if (rk_ops[i] == ops) return i;
  return RK_OPS;
}

static void rk_callback(unsigned long ip, unsigned long parent, struct ftrace_ops *ops,
                        struct ftrace_regs *regs) {
  if (rk_call_count < ARRAY_SIZE(rk_calls)) rk_calls[rk_call_count] = rk_index(ops);
  rk_call_count++;
}

static int rk_shares(int o) { return rk_ops[o]->func_hash == &global_ops.local_hash; }

static int rk_others_share(int o) {
  int i;
  for (i = 0; i < RK_OPS; i++)
    if (i != o && rk_ops[i] && rk_shares(i)) return 1;
  return 0;
}

/* Frees the filters that `o` uses, when nobody else does. */
static void rk_drop_filters(int o) {
  struct ftrace_ops *ops = rk_ops[o];
  struct ftrace_ops_hash *pair = ops->func_hash;
  if (!(ops->flags & FTRACE_OPS_FL_INITIALIZED)) return;
  if (rk_shares(o) && rk_others_share(o)) {
    ops->func_hash = &ops->local_hash;
    return;
  }
  ftrace_free_filter(ops);
  pair->filter_hash = pair->notrace_hash = NULL;
  ops->func_hash = &ops->local_hash;
}

void rk_ops_renew(int o, int tracer) {
  struct trace_array *array = rk_tracers[o];
  if (rk_ops[o]) {
    rk_drop_filters(o);
    if (array) {
      clear_ftrace_mod_list(&array->mod_trace);
      clear_ftrace_mod_list(&array->mod_notrace);
      list_del(&array->list);
      kfree(array);
    }
    kfree(rk_ops[o]);
  }
  rk_tracers[o] = NULL;
  rk_ops[o] = kzalloc(sizeof(struct ftrace_ops), GFP_KERNEL);
  rk_ops[o]->func = rk_callback;
  if (tracer) {
    struct trace_array *before = NULL;
    struct list_head *place = &ftrace_trace_arrays;
    int i;
    array = kzalloc(sizeof(*array), GFP_KERNEL);
    ftrace_init_trace_array(array);
    array->ops = rk_ops[o];
    rk_ops[o]->private = array;
    /* As the function tracer does when it starts. */
    ftrace_ops_init(rk_ops[o]);
    /* In the order of their numbers. */
    for (i = 0; i < o; i++)
      if (rk_tracers[i]) before = rk_tracers[i];
    if (before) place = &before->list;
    list_add(&array->list, place);
    rk_tracers[o] = array;
  }
  rk_grace_period();
}

void rk_ops_set_flags(int o, unsigned flags) {
  struct ftrace_ops *ops = rk_ops[o];
  ops->flags &= ~(FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT);
  if (flags & RK_SAVE_REGS) ops->flags |= FTRACE_OPS_FL_SAVE_REGS;
  if (flags & RK_IPMODIFY) ops->flags |= FTRACE_OPS_FL_IPMODIFY;
  if (flags & RK_PERMANENT) ops->flags |= FTRACE_OPS_FL_PERMANENT;
}

int rk_register(int o) {
  int rc = register_ftrace_function(rk_ops[o]);
  rk_tramp_is_of(rk_ops[o]->trampoline, o);
  rk_grace_period();
  return rc;
}

int rk_unregister(int o) {
  int rc = unregister_ftrace_function(rk_ops[o]);
  rk_grace_period();
  return rc;
}

/* The global pair, when one ops alone is left with it, becomes that ops' own again. */
static void rk_end_sharing(void) {
  int i, user = RK_OPS, users = 0;
  for (i = 0; i < RK_OPS; i++) {
    if (rk_shares(i)) {
      user = i;
      users++;
    }
  }
  if (users != 1) return;
  rk_ops[user]->local_hash.filter_hash = global_ops.local_hash.filter_hash;
  rk_ops[user]->local_hash.notrace_hash = global_ops.local_hash.notrace_hash;
  rk_ops[user]->func_hash = &rk_ops[user]->local_hash;
  global_ops.local_hash.filter_hash = global_ops.local_hash.notrace_hash = NULL;
}

int rk_share(int o, int with) {
  struct ftrace_ops *owner = rk_ops[with];
  int i;
  ftrace_ops_init(owner);
  ftrace_ops_init(rk_ops[o]);
  if (owner->func_hash == rk_ops[o]->func_hash) return 1;
  if (!rk_shares(with)) {
    int users = 0;
    for (i = 0; i < RK_OPS; i++)
      if (i != o && rk_shares(i)) users++;
    if (users > 1) return 0;
  }
  rk_drop_filters(o);
  rk_end_sharing();
  if (!rk_shares(with)) {
    global_ops.local_hash.filter_hash = owner->local_hash.filter_hash;
    global_ops.local_hash.notrace_hash = owner->local_hash.notrace_hash;
    owner->local_hash.filter_hash = owner->local_hash.notrace_hash = NULL;
    owner->func_hash = &global_ops.local_hash;
  }
  rk_ops[o]->func_hash = &global_ops.local_hash;
  rk_grace_period();
  return 1;
}

/* --- filters ----------------------------------------------------------------------------------- */

int rk_set_filter(int o, int which, const char *pattern, int length, int reset) {
  char buffer[128]; /* the kernel writes into it */
  unsigned char *text = NULL;
  int rc;
  if (pattern) {
    memcpy(buffer, pattern, length);
    buffer[length] = 0;
    text = (unsigned char *)buffer;
  }
  rc = which ? ftrace_set_notrace(rk_ops[o], text, length, reset)
                : ftrace_set_filter(rk_ops[o], text, length, reset);
  rk_grace_period();
  return rc;
}

int rk_write_filter_file(int o, int which, const char *pattern, int length, int reset) {
  const struct file_operations *operations = which ? &ftrace_notrace_fops : &ftrace_filter_fops;
  struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);
  struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);
  loff_t position = 0;
  long rc;
  inode->i_private = rk_tracers[o];
  file->f_mode = FMODE_WRITE;
  file->f_flags = O_WRONLY | (reset ? O_TRUNC : 0);
  rc = operations->open(inode, file);
  if (!rc) {
    if (pattern) {
      char buffer[128];
      memcpy(buffer, pattern, length);
      buffer[length] = '\n';
      rc = operations->write(file, buffer, length + 1, &position);
      if (rc > 0) rc = 0;
    }
    operations->release(inode, file);
  }
  kfree(file);
  kfree(inode);
  rk_grace_period();
  return rc;
}

int rk_set_filter_ips(int o, int which, unsigned long *ips, unsigned count, int remove,
                      int reset) {
  int rc;
  if (which == RK_FILTER) {
    rc = count == 1 ? ftrace_set_filter_ip(rk_ops[o], ips[0], remove, reset)
                    : ftrace_set_filter_ips(rk_ops[o], ips, count, remove, reset);
  } else {
    /* The kernel has the function for it, but no exported name. */
    ftrace_ops_init(rk_ops[o]);
    rc = ftrace_set_addr(rk_ops[o], ips, count, remove, reset, 0);
  }
  rk_grace_period();
  return rc;
}

int rk_set_enabled(int on) {
  size_t size = sizeof(on);
  loff_t position = 0;
  int rc = ftrace_enable_sysctl(ftrace_sysctls, 1, &on, &size, &position);
  rk_grace_period();
  return rc;
}

unsigned long rk_location(unsigned long address) { return ftrace_location(address); }

unsigned rk_hit(unsigned long address, unsigned char called[16], int *redirected) {
  rk_call_count = 0;
  rk_take_redirected();
  rk_lift_breakpoints(address);
  ((void (*)(void))address)();
  memcpy(called, rk_calls, sizeof(rk_calls));
  *redirected = rk_take_redirected();
  rk_run_breakpoints(address, *redirected < 0);
  return rk_call_count;
}

#include "glue_ftrace_view.h"
#include "glue_ftrace_files.h"
