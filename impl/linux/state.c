/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The armed faults, and which memory is the kernel's state. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <generated/utsrelease.h>

#include "kernel.h"
#include "memory.h"
#include "text.h"

int rk_no_faults;      /* while booting */
int rk_making_records; /* while a module's calls become NOPs, which are checked too */
static unsigned armed[RK_FAULT_POINTS];
static int armed_with[RK_FAULT_POINTS];

const char *rk_release(void) { return UTS_RELEASE; }

/* Asked of the code, not of the version: a tree may have it from elsewhere. */
extern char kprobe_ftrace_kill[] __attribute__((weak));
int rk_tells_kprobes_of_death(void) { return kprobe_ftrace_kill != NULL; }

void rk_fault(enum rk_fault_point point, unsigned nth, int error) {
  armed[point] = nth;
  armed_with[point] = error;
}
int rk_fault_error(enum rk_fault_point point) { return armed_with[point]; }

int rk_passes_fault(enum rk_fault_point point) {
  if (rk_no_faults || (rk_making_records && point == RK_VERIFY)) return 0;
  return armed[point] && !--armed[point];
}

void rk_map(void) {
  rk_text_map();
  rk_memory_map();
}

void rk_ranges(unsigned long text_used, struct rk_range ranges[RK_RANGES]) {
  extern char __start_rk_data[], __stop_rk_data[], __start_rk_text[], __stop_rk_text[];
  ranges[RK_DATA].begin = (unsigned char *)__start_rk_data;
  ranges[RK_DATA].size = __stop_rk_data - __start_rk_data;
  ranges[RK_ENTRIES].begin = (unsigned char *)__start_rk_text;
  ranges[RK_ENTRIES].size = __stop_rk_text - __start_rk_text;
  ranges[RK_HEAP].begin = rk_memory_begin();
  ranges[RK_HEAP].size = rk_memory_used();
  ranges[RK_TRAMPOLINES].begin = rk_tramps();
  ranges[RK_TRAMPOLINES].size = rk_tramps_used();
  ranges[RK_TEXT].begin = rk_text();
  ranges[RK_TEXT].size = text_used;
}

void rk_restored(unsigned long heap_was_used) {
  rk_memory_reset(rk_memory_used(), heap_was_used);
}
