/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* kernel/kallsyms.c and the look-ups of kernel/module/kallsyms.c: the World knows all symbols. */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/string.h>

#include "host.h"

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
  if (!host_find_symbol(address, &symbol)) return 0;
  if (size) *size = symbol.size;
  if (offset) *offset = address - symbol.start;
  return 1;
}

int lookup_symbol_name(unsigned long address, char *name) {
  struct host_symbol symbol;
  if (!host_find_symbol(address, &symbol)) return -ERANGE;
  strscpy(name, symbol.name, KSYM_NAME_LEN);
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
