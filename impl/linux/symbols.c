/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* kernel/kallsyms.c and the look-ups of kernel/module/kallsyms.c: the World knows all symbols. */
#include "features.h"

#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/string.h>

#include "host.h"
#include "kernel.h"
#include "kernel_livepatch.h"
#include "modules.h"

const char *kallsyms_lookup(unsigned long address, unsigned long *size, unsigned long *offset,
                            char **module, char *name) {
  struct host_symbol symbol;
  if (module) *module = NULL;
  if (!host_find_symbol(address, &symbol)) {
    /* The kernel leaves these as they are; who reads them then decides by chance. */
    return NULL;
  }
  if (size) *size = symbol.size;
  if (offset) *offset = address - symbol.start;
  if (module) *module = (char *)symbol.module;
  strscpy(name, symbol.name, KSYM_NAME_LEN);
  return name;
}

int kallsyms_lookup_size_offset(unsigned long address, unsigned long *size, unsigned long *offset) {
  struct host_symbol symbol;
  /* That a replacement has a symbol is all that livepatch asks of it. */
  if (rk_is_replacement(address)) {
    if (size) *size = 1;
    if (offset) *offset = 0;
    return 1;
  }
  if (!host_find_symbol(address, &symbol)) return 0;
  if (size) *size = symbol.size;
  if (offset) *offset = address - symbol.start;
  return 1;
}

/* The core's symbols: each is shown, or each of one name. */
#if RK_HAS_NARROW_SYMBOL_WALKS
int kallsyms_on_each_match_symbol(int (*call)(void *, unsigned long), const char *name,
                                  void *data) {
#else
int kallsyms_on_each_symbol(int (*call)(void *, const char *, struct module *, unsigned long),
                            void *data) {
#endif
  struct host_symbol symbol;
  unsigned n;
  if (rk_passes_fault(RK_KLP_SYMBOL)) return 0;
  for (n = 0; host_next_symbol(-1, &n, &symbol);) {
#if RK_HAS_NARROW_SYMBOL_WALKS
    int rc = strcmp(symbol.name, name) ? 0 : call(data, symbol.start);
#else
    int rc = call(data, symbol.name, NULL, symbol.start);
#endif
    if (rc) return rc;
  }
  return 0;
}

int lookup_symbol_name(unsigned long address, char *name) {
  struct host_symbol symbol;
  if (!host_find_symbol(address, &symbol)) return -ERANGE;
  strscpy(name, symbol.name, KSYM_NAME_LEN);
  return 0;
}

/* "symbol" of the core, or "module:symbol" of one that is formed. */
unsigned long kallsyms_lookup_name(const char *name) {
  const char *colon = strchr(name, ':');
  struct host_symbol symbol;
  int number = -1;
  unsigned n;
  if (colon) {
    char text[MODULE_NAME_LEN];
    struct module *module;
    if (colon - name >= sizeof(text)) return 0;
    strscpy(text, name, colon - name + 1);
    module = find_module(text);
    if (!module) return 0;
    number = rk_module_number(module);
    name = colon + 1;
  }
  for (n = 0; host_next_symbol(number, &n, &symbol);)
    if (!strcmp(symbol.name, name)) return symbol.start;
  return 0;
}

/* "module:symbol": each module has __this_module, which is what ftrace asks for. */
unsigned long module_kallsyms_lookup_name(const char *name) {
  const char *colon = strchr(name, ':');
  if (!colon || strcmp(colon + 1, "__this_module")) return 0;
  return host_module_present(name, colon - name);
}

/* How %pS and its like show an address in the log. */
static int show(char *text, unsigned long address) {
  struct host_symbol symbol;
  if (!host_find_symbol(address, &symbol)) return sprintf(text, "0x%lx", address);
  return sprintf(text, "%s+0x%lx/0x%lx", symbol.name, address - symbol.start, symbol.size);
}
int sprint_symbol(char *text, unsigned long address) { return show(text, address); }
int sprint_symbol_build_id(char *text, unsigned long address) { return show(text, address); }
int sprint_symbol_no_offset(char *text, unsigned long address) { return show(text, address); }
int sprint_backtrace(char *text, unsigned long address) { return show(text, address); }
int sprint_backtrace_build_id(char *text, unsigned long address) { return show(text, address); }
