/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What tracefs shows of ftrace (kernel.h): the end of glue_ftrace.c, which has the operations of
 * these files in reach. The seq_file below them is the kernel's.
 */

static struct inode rk_inode;
static struct file rk_file;
static const struct file_operations *rk_file_operations;
static loff_t rk_file_position;

int rk_open_file(enum rk_file file, int o) {
  int rc;
  memset(&rk_file, 0, sizeof(rk_file));
  rk_file_position = 0;
  rk_file.f_mode = FMODE_READ;
  rk_file.f_flags = O_RDONLY;
  rk_inode.i_private = NULL;
  switch (file) {
    case RK_SET_FTRACE_FILTER:
    case RK_SET_FTRACE_NOTRACE:
      rk_inode.i_private = rk_tracers[o];
      rk_file_operations =
          file == RK_SET_FTRACE_FILTER ? &ftrace_filter_fops : &ftrace_notrace_fops;
      break;
    case RK_ENABLED_FUNCTIONS:
      rk_file_operations = &ftrace_enabled_fops;
      break;
    case RK_AVAILABLE_FILTER_FUNCTIONS:
      rk_file_operations = &ftrace_avail_fops;
      break;
#if RK_HAS_TOUCHED
    case RK_AVAILABLE_FILTER_FUNCTIONS_ADDRS:
      rk_file_operations = &ftrace_avail_addrs_fops;
      break;
    case RK_TOUCHED_FUNCTIONS:
      rk_file_operations = &ftrace_touched_fops;
      break;
#endif
    default:
      return -ENOENT;
  }
  /* Who looks is no part of the program: the copy of the hash is none of its fault points. */
  rk_no_faults = 1;
  rc = rk_file_operations->open(&rk_inode, &rk_file);
  rk_no_faults = 0;
  return rc;
}

long rk_read_file(char *text, unsigned long size) {
  return rk_file_operations->read(&rk_file, text, size, &rk_file_position);
}

void rk_rewind_file(void) {
  rk_file_operations->llseek(&rk_file, 0, SEEK_SET);
  rk_file_position = rk_file.f_pos;
}

void rk_close_file(void) {
  rk_file_operations->release(&rk_inode, &rk_file);
  rk_grace_period();
}
