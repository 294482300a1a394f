/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What kprobes ask of the rest of the kernel.
 */
#include <linux/kprobes.h>
#include <linux/static_call.h>
#include <linux/bug.h>
#include <linux/extable.h>

/* kernel/static_call_inline.c, lib/bug.c: neither has any. */
int static_call_text_reserved(void *begin, void *end) { return 0; }
struct bug_entry *find_bug(unsigned long address) { return NULL; }
/* kernel/extable.c: no instruction there may fault. */
const struct exception_table_entry *search_exception_tables(unsigned long address) { return NULL; }
