/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* printk, warnings and the panic. */
#include <linux/kernel.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/refcount.h>
#include <linux/string.h>

#include "host.h"
#include "kernel.h"

static struct rk_warning warnings[RK_KEPT_WARNINGS];
static unsigned warning_count;

unsigned rk_warnings(const struct rk_warning **newest) {
  *newest = warnings;
  return warning_count;
}

int _printk(const char *format, ...) {
  char line[512];
  va_list arguments;
  if (!host_wants_log()) return 0;
  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  host_log(printk_skip_level(line));
  return 0;
}

/* kernel/panic.c: WARN() with or without a text. */
void warn_slowpath_fmt(const char *file, int line, unsigned taint, const char *format, ...) {
  char text[512];
  warnings[warning_count % ARRAY_SIZE(warnings)].file = file;
  warnings[warning_count++ % ARRAY_SIZE(warnings)].line = line;
  if (!host_wants_log()) return;
  snprintf(text, sizeof(text), "WARNING: %s:%d\n", file, line);
  host_log(text);
}

void panic(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  host_die(text);
}

int ___ratelimit(struct ratelimit_state *state, const char *function) { return 1; }

/* lib/refcount.c: what it warns of is a bug in who counts. */
void refcount_warn_saturate(refcount_t *count, enum refcount_saturation_type type) {
  host_die("a reference count is saturated");
}

/* What %p shows instead of an address is not to depend on chance. */
bool rng_is_initialized(void) { return true; }
void get_random_bytes(void *to, size_t size) { memset(to, 0, size); }
