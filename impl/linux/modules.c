/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * struct module and its states, as far as ftrace, kprobes and livepatch look at them. Who loads and
 * unloads, in the order of kernel/module/main.c, is linux_subject.cc.
 */
#include "features.h"

#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kernel.h"

extern int rk_making_records;

struct rk_module {
  struct module module;
};

static LIST_HEAD(rk_modules);

struct rk_module *rk_module_create(const char *name, unsigned long base, unsigned long size) {
  struct rk_module *made = kzalloc(sizeof(*made), GFP_KERNEL);
  made->module.state = MODULE_STATE_UNFORMED;
  strscpy(made->module.name, name, sizeof(made->module.name));
  /* Init text lies in the image's middle; ftrace asks for either range. */
#if RK_HAS_MODULE_MEM
  made->module.mem[MOD_TEXT].base = (void *)base;
  made->module.mem[MOD_TEXT].size = size;
#else
  made->module.core_layout.base = (void *)base;
  made->module.core_layout.size = size;
  made->module.core_layout.text_size = size;
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

void rk_free_mem(struct rk_module *module, unsigned long begin, unsigned long end) {
  ftrace_free_mem(module ? &module->module : NULL, (void *)begin, (void *)end);
  rk_grace_period();
}

void rk_module_destroy(struct rk_module *module) {
  list_del(&module->module.list);
  kfree(module->module.ftrace_callsites);
  kfree(module);
}

/* kernel/module/main.c */
static BLOCKING_NOTIFIER_HEAD(module_notify_list);
int register_module_notifier(struct notifier_block *block) {
  return blocking_notifier_chain_register(&module_notify_list, block);
}
int unregister_module_notifier(struct notifier_block *block) {
  return blocking_notifier_chain_unregister(&module_notify_list, block);
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
bool try_module_get(struct module *module) {
  return !module || module->state != MODULE_STATE_GOING;
}
void module_put(struct module *module) {}
