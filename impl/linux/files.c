/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Files and user memory, as far as the tracefs files and the sysctl need them. */
#include "features.h"

#include <linux/fs.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "host.h"

/* arch/x86/lib/getuser.S: user memory is our memory. Address in rax, value to rdx, 0 to eax. */
asm(".pushsection .text\n"
    ".globl __get_user_1\n"
    "__get_user_1: movzbl (%rax), %edx\n"
    "xorl %eax, %eax\n"
    "ret\n"
    ".popsection\n");

/* arch/x86/lib/copy_user_64.S */
unsigned long _copy_from_user(void *to, const void __user *from, unsigned long size) {
  memcpy(to, from, size);
  return 0;
}

/* lib/iov_iter.c: where a read goes. One is under way at a time, into one piece of memory. */
static char *read_into;
void iov_iter_init(struct iov_iter *iter, unsigned direction, const struct iovec *pieces,
                   unsigned long count, size_t size) {
  read_into = pieces->iov_base;
  iter->count = size;
}
size_t _copy_to_iter(const void *from, size_t size, struct iov_iter *iter) {
  size = min(size, iter->count);
  memcpy(read_into, from, size);
  read_into += size;
  iter->count -= size;
  return size;
}

#if RK_HAS_CONST_SYSCTL
typedef const struct ctl_table rk_ctl_table;
#else
typedef struct ctl_table rk_ctl_table;
#endif

/* kernel/sysctl.c: the caller passes an int, not its digits. */
int proc_dointvec(rk_ctl_table *table, int write, void *buffer, size_t *size, loff_t *position) {
  if (write)
    *(int *)table->data = *(int *)buffer;
  else
    *(int *)buffer = *(int *)table->data;
  return 0;
}

/* fs/proc/proc_sysctl.c: ftrace's table is used directly. */
#if RK_HAS_SIZED_SYSCTL
void __register_sysctl_init(const char *path, struct ctl_table *table, const char *name,
                            size_t size) {}
#else
void __register_sysctl_init(const char *path, struct ctl_table *table, const char *name) {}
#endif
