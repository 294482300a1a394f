/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What ftrace uses of kernel/trace/trace.c. The parser of user input is the kernel's: the build cuts
 * these functions out of the file, into the build directory. The rest is the list of
 * trace arrays and their reference counts, which nobody contends for here.
 */
#include <linux/ctype.h>
#include <linux/ring_buffer.h>
#include <linux/uaccess.h>

#include "trace.h"
#include "trace_cut.h"

LIST_HEAD(ftrace_trace_arrays);
DEFINE_MUTEX(trace_types_lock);
DEFINE_MUTEX(event_mutex);

int tracing_check_open_get_tr(struct trace_array *tr) { return 0; }
void trace_array_put(struct trace_array *tr) {}
struct dentry *trace_create_file(const char *name, umode_t mode, struct dentry *parent, void *data,
                                 const struct file_operations *operations) {
  return NULL;
}
u64 ftrace_now(int cpu) { return 0; }
void ftrace_boot_snapshot(void) {}
