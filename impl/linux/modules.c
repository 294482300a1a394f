/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * struct module and its states, as far as ftrace, kprobes and livepatch look at them. Who loads and
 * unloads, in the order of kernel/module/main.c, is loader.cc.
 */
#include "features.h"

#include <linux/ftrace.h>
#include <linux/kallsyms.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"
#include "kernel.h"
#include "kernel_kprobe.h"
#include "kernel_livepatch.h"
#include "kernel_notifier.h"
#include "modules.h"
#include "text.h"

extern int rk_making_records;

struct rk_module {
  struct module module;
  int number;
};

static LIST_HEAD(rk_modules);

struct rk_module *rk_module_create(int number, const char *name, unsigned long base,
                                   unsigned long size, unsigned long init_begin,
                                   unsigned long init_end) {
  struct rk_module *made = kzalloc(sizeof(*made), GFP_KERNEL);
  made->number = number;
  made->module.state = MODULE_STATE_UNFORMED;
  strscpy(made->module.name, name, sizeof(made->module.name));
  /* Init text lies in the image's middle; ftrace asks for either range. Kprobes ask for each. */
#if RK_HAS_MODULE_MEM
  made->module.mem[MOD_TEXT].base = (void *)base;
  made->module.mem[MOD_TEXT].size = size;
  made->module.mem[MOD_INIT_TEXT].base = (void *)init_begin;
  made->module.mem[MOD_INIT_TEXT].size = init_end - init_begin;
#else
  made->module.core_layout.base = (void *)base;
  made->module.core_layout.size = size;
  made->module.core_layout.text_size = size;
  made->module.init_layout.base = (void *)init_begin;
  made->module.init_layout.size = init_end - init_begin;
#endif
  list_add(&made->module.list, &rk_modules);
  return made;
}

void rk_module_init(struct rk_module *module, const unsigned long *sites, unsigned count) {
  unsigned long *table = kmalloc(max(count, 1u) * sizeof(*table), GFP_KERNEL);
  memcpy(table, sites, count * sizeof(*table));
  module->module.ftrace_callsites = table;
  module->module.num_ftrace_callsites = count;
  /* The calls that become NOPs are checked, but that is no fault point; allocating records is. */
  rk_making_records = 1;
  ftrace_module_init(&module->module);
  rk_making_records = 0;
  rk_grace_period();
}

void rk_module_coming(struct rk_module *module) { module->module.state = MODULE_STATE_COMING; }
void rk_module_live(struct rk_module *module) { module->module.state = MODULE_STATE_LIVE; }
void rk_module_going(struct rk_module *module) { module->module.state = MODULE_STATE_GOING; }

void rk_module_enable(struct rk_module *module) {
  ftrace_module_enable(&module->module);
  rk_grace_period();
}

void rk_module_release(struct rk_module *module) {
  ftrace_release_mod(&module->module);
  rk_grace_period();
}

/* do_init_module() and, for the core, kernel_init(). */
void rk_free_mem(struct rk_module *module, unsigned long begin, unsigned long end) {
  if (!module) rk_kprobes_free_init();
  ftrace_free_mem(module ? &module->module : NULL, (void *)begin, (void *)end);
  if (!module) {
    rk_core_init_is_gone();
  } else {
#if RK_HAS_MODULE_MEM
    module->module.mem[MOD_INIT_TEXT].size = 0;
#else
    module->module.init_layout.size = 0;
#endif
  }
  rk_grace_period();
}

void rk_module_destroy(struct rk_module *module) {
  list_del(&module->module.list);
  kfree(module->module.ftrace_callsites);
  kfree(module);
}

int rk_module_number(const struct module *module) {
  /* That of a livepatch is in no list. */
  return module->klp ? -1 : container_of(module, struct rk_module, module)->number;
}

int rk_module_klp_coming(struct rk_module *module) {
  int rc = klp_module_coming(&module->module);
  rk_grace_period();
  return rc;
}

void rk_module_klp_going(struct rk_module *module) {
  klp_module_going(&module->module);
  rk_grace_period();
}

int rk_module_klp_alive(const struct rk_module *module) { return module->module.klp_alive; }

/* kernel/module/main.c: its chain, and its calls of it. */
BLOCKING_NOTIFIER_HEAD(rk_module_chain);
int register_module_notifier(struct notifier_block *block) {
  return blocking_notifier_chain_register(&rk_module_chain, block);
}
int unregister_module_notifier(struct notifier_block *block) {
  return blocking_notifier_chain_unregister(&rk_module_chain, block);
}

int rk_module_announce_coming(struct rk_module *module) {
  int answer = blocking_notifier_call_chain_robust(&rk_module_chain, MODULE_STATE_COMING,
                                                   MODULE_STATE_GOING, &module->module);
  rk_grace_period();
  return notifier_to_errno(answer);
}

void rk_module_announce_live(struct rk_module *module) {
  blocking_notifier_call_chain(&rk_module_chain, MODULE_STATE_LIVE, &module->module);
  rk_grace_period();
}

void rk_module_announce_going(struct rk_module *module) {
  blocking_notifier_call_chain(&rk_module_chain, MODULE_STATE_GOING, &module->module);
  rk_grace_period();
}

struct module *find_module(const char *name) {
  struct module *module;
  list_for_each_entry(module, &rk_modules, list)
    if (module->state != MODULE_STATE_UNFORMED && !strcmp(module->name, name)) return module;
  return NULL;
}
struct module *__module_address(unsigned long address) {
  struct module *module;
  list_for_each_entry(module, &rk_modules, list)
    if (module->state != MODULE_STATE_UNFORMED && within_module(address, module)) return module;
  return NULL;
}
struct module *__module_text_address(unsigned long address) { return __module_address(address); }
/* Livepatch counts, in the modules of its patches; a probe while it is being registered. */
bool try_module_get(struct module *module) {
  if (module && module->state == MODULE_STATE_GOING) return false;
  if (module) atomic_inc(&module->refcnt);
  return true;
}
void module_put(struct module *module) {
  if (module) atomic_dec(&module->refcnt);
}

/* kernel/module/kallsyms.c: the symbols of all modules that are formed, or of one of them. */
#if RK_HAS_NARROW_SYMBOL_WALKS
int module_kallsyms_on_each_symbol(const char *name,
                                   int (*call)(void *, const char *, unsigned long), void *data) {
#else
int module_kallsyms_on_each_symbol(int (*call)(void *, const char *, struct module *,
                                               unsigned long),
                                   void *data) {
#endif
  struct module *module;
  if (rk_passes_fault(RK_KLP_SYMBOL)) return 0;
  list_for_each_entry(module, &rk_modules, list) {
    struct host_symbol symbol;
    unsigned n;
    if (module->state == MODULE_STATE_UNFORMED) continue;
#if RK_HAS_NARROW_SYMBOL_WALKS
    if (name && strcmp(module->name, name)) continue;
#endif
    for (n = 0; host_next_symbol(rk_module_number(module), &n, &symbol);) {
#if RK_HAS_NARROW_SYMBOL_WALKS
      int rc = call(data, symbol.name, symbol.start);
#else
      int rc = call(data, symbol.name, module, symbol.start);
#endif
      if (rc) return rc;
    }
  }
  return 0;
}
